package coordinator

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A statement is in the journal from the moment it is taken, although nobody waits for that, so that one which is still being
// planned when the coordinator dies begins anew with the next one. Before a statement that is carried out without tasks changes
// anything, the journal says so: what may have been done is not done again.

// Kinds of entries that are the coordinator's own; the scheduler knows the others.
const (
	kindStatement = "statement"       // a statement was taken; side.Query is what is known of it
	kindBegun     = "statement-begun" // it is being carried out; side.Run is its name
)

// begunTimeout bounds how long a statement waits for the journal before it changes something.
const begunTimeout = 30 * time.Second

// announce notes a statement that was taken. One that comes while the journal cannot be written is not noted, so that it need
// not wait for the journal later either.
func (q *query) announce() {
	limit := q.c.cfg.Query.MaxLength
	if !q.c.journaled() || q.c.recorder.log.Away() != nil || limit > 0 && len(q.req.SQL) > limit {
		return
	}
	taken := q.statement()
	q.mu.Lock()
	q.taken = taken
	q.mu.Unlock()
	q.c.loop.add(note{kind: kindStatement, side: side{Query: taken}})
}

// announced reports whether the journal knows of the statement from the beginning.
func (q *query) announced() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken != nil
}

// unplanned is what a snapshot keeps of a statement that the scheduler does not know; nil when it has ended.
func (q *query) unplanned() *querySnapshot {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken == nil || q.endedLocked() {
		return nil
	}
	return &querySnapshot{Query: *q.taken, Begun: q.acting}
}

// statement is what the journal keeps of a statement that has no plan yet.
func (q *query) statement() *queryRecord {
	session := q.req.Session
	session.Password, session.ExtraCredentials = "", nil
	return &queryRecord{Run: q.sid, Before: q.before, ID: q.id, Slug: q.slug, Created: q.created, SQL: q.req.SQL, Session: session}
}

// begun notes that the statement is going to change something, and waits until that is durable.
func (q *query) begun() error {
	if !q.announced() {
		return nil
	}
	if !q.mayAct() {
		<-q.ctx.Done()
		return context.Cause(q.ctx)
	}
	ctx, cancel := context.WithTimeoutCause(q.ctx, begunTimeout, trinoerr.New(trinoerr.GenericInternalError,
		"The coordinator's journal cannot be written; the statement was not carried out"))
	defer cancel()
	q.c.loop.add(note{kind: kindBegun, side: side{Run: q.sid}})
	if err := q.c.written(ctx); err != nil {
		return err
	}
	return q.c.leads(ctx) // writing may have taken long
}

// written waits until all that was decided before is durable. Unlike confirm it writes nothing.
func (c *Coordinator) written(ctx context.Context) error {
	if !c.journaled() {
		return nil
	}
	done := make(chan struct{})
	c.loop.add(note{then: func() { close(done) }})
	select {
	case <-done:
		return nil
	case <-c.ctx.Done():
		return errStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// rememberOwn keeps what an entry of the coordinator's own says.
func (r *recovery) rememberOwn(kind string, s side) error {
	switch kind {
	case kindStatement:
		if s.Query == nil {
			return journal.ErrCorrupt
		}
		r.queries[s.Query.Run] = &querySnapshot{Query: *s.Query}
		delete(r.queries, s.Query.Before) // the entry that it is forgotten may be missing
	case kindBegun:
		if q := r.queries[s.Run]; q != nil {
			q.Begun = true
		}
	case kindCommitting:
		if q := r.queries[s.Run]; q != nil {
			q.Commit = s.Commit
		}
	}
	return nil
}

// unplanned are the statements that were being planned, oldest first.
func (r *recovery) unplanned() (out []*querySnapshot) {
	for _, s := range r.queries {
		if s.Query.Blueprint == nil {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *querySnapshot) int {
		if n := a.Query.Created.Compare(b.Query.Created); n != 0 {
			return n
		}
		return strings.Compare(string(a.Query.Run), string(b.Query.Run))
	})
	return out
}

// reviveStatement takes up a statement that was being planned. It begins anew under another name, for it may have come further
// than the journal knows.
func (c *Coordinator) reviveStatement(s *querySnapshot) {
	rec := &s.Query
	q := newQuery(c, rec.ID, protocol.SubmitRequest{SQL: rec.SQL, Session: rec.Session})
	q.slug, q.created = rec.Slug, rec.Created
	q.before, q.sid = rec.Run, anew(rec.ID, rec.Run)
	if s.Begun {
		q.before, q.sid, q.taken, q.acting = "", rec.Run, rec, true
		q.lost = trinoerr.New(trinoerr.ServerShuttingDown,
			"The coordinator was restarted while the statement was being carried out; it is not known whether it has taken effect")
	}
	q.kept.shelf.query = q.sid
	c.queries[q.id] = q
	c.order = append(c.order, q.id)
	c.recovered = append(c.recovered, q)
}
