package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// haste is how long after its submission a query that only reads does not wait for the journal, so that short queries
	// do not pay for it. A query that a crash surprises in that time begins anew.
	haste = time.Second
	// returnTimeout is how long a coordinator that takes over waits for the nodes that it ought to know: they announce
	// themselves every second.
	returnTimeout = 5 * time.Second
	// againMark separates the id of a query from the number of its new beginnings.
	againMark = "-"
)

func (c *Coordinator) journaled() bool { return c.cfg.Journal != nil }

// hasty reports whether an action need not wait for the journal.
func (c *Coordinator) hasty(a scheduler.Action) bool {
	id, ok := queryOfAction(a)
	if !ok {
		return true // about nodes: nothing is lost with them
	}
	q := c.query(id)
	if q == nil {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.careful() && time.Since(q.launched) < haste
}

// careful reports whether the query's decisions have to be durable before they act from the beginning on: it writes, and
// could not begin anew. The caller holds the lock.
func (q *query) careful() bool { return q.exec != nil && q.exec.Write != nil }

// queryOfAction is the query that an action is about.
func queryOfAction(a scheduler.Action) (scheduler.QueryID, bool) {
	switch a := a.(type) {
	case scheduler.StartTask:
		return a.Task.Query, true
	case scheduler.CancelTask:
		return a.Task.Query, true
	case scheduler.FindSplits:
		return a.Query, true
	case scheduler.QueryFinished:
		return a.Query, true
	case scheduler.QueryFailed:
		return a.Query, true
	case scheduler.ResultAccepted:
		return a.Query, true
	case scheduler.DeleteOutputs:
		return a.Query, true
	case scheduler.DeleteQuery:
		return a.Query, true
	}
	return "", false
}

// record is what the journal keeps of a query.
func (q *query) record() (*queryRecord, error) {
	key, err := q.c.cfg.Secret.WrapKey(q.key, string(q.sid))
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	session := q.req.Session
	session.Password, session.ExtraCredentials = "", nil
	return &queryRecord{Run: q.sid, ID: q.id, Slug: q.slug, Created: q.created, SQL: q.req.SQL, Session: session, Key: key, Kind: q.kind,
		UpdateType: q.updateType, Policy: q.policy, Columns: q.columns, Blueprint: &q.exec.blueprint}, nil
}

// recovery is what the entries of a journal add up to.
type recovery struct {
	state   *scheduler.State
	queries map[scheduler.QueryID]*querySnapshot
	last    scheduler.Instant // of the last event
	entries int
}

// add applies an entry.
func (r *recovery) add(e journal.Entry) error {
	var en entry
	if err := json.Unmarshal(e.Payload, &en); err != nil {
		return fmt.Errorf("journal entry %d: %w", e.Seq, err)
	}
	r.entries++
	state, err := scheduler.Replay(r.state, e.Payload)
	if err != nil {
		return fmt.Errorf("journal entry %d: %w", e.Seq, err)
	}
	r.state = state
	if en.Snapshot != nil {
		r.queries = map[scheduler.QueryID]*querySnapshot{}
		for i := range en.Snapshot {
			r.queries[en.Snapshot[i].Query.Run] = &en.Snapshot[i]
		}
		return nil
	}
	ev, err := scheduler.DecodeEvent(e.Payload)
	if err != nil {
		return fmt.Errorf("journal entry %d: %w", e.Seq, err)
	}
	r.remember(ev, en.side)
	return nil
}

// remember keeps what goes with an event.
func (r *recovery) remember(ev scheduler.Event, s side) {
	switch ev := ev.(type) {
	case scheduler.QuerySubmitted:
		if s.Query != nil {
			r.queries[s.Query.Run] = &querySnapshot{Query: *s.Query, Splits: map[string][]json.RawMessage{},
				Outputs: map[string]*exchange.Handle{}, Fragments: map[string][]byte{}}
		}
	case scheduler.SplitsFound:
		q, key := r.queries[ev.Query], scanKey(ev.Stage, ev.Source)
		if q != nil && ev.Seen <= len(q.Splits[key]) {
			q.Splits[key] = append(q.Splits[key][:ev.Seen:ev.Seen], s.Splits...)
		}
	case scheduler.TaskFinished:
		q := r.queries[ev.Task.Query]
		if q == nil {
			return
		}
		if s.Output != nil {
			q.Outputs[ev.Task.String()] = s.Output
		} else {
			q.Fragments[ev.Task.String()] = s.Fragment
		}
	case scheduler.ForgetQuery:
		delete(r.queries, ev.Query)
	case scheduler.Tick:
		r.last = max(r.last, ev.At)
	}
}

func scanKey(stage scheduler.StageID, source int) string {
	return strconv.Itoa(int(stage)) + "." + strconv.Itoa(source)
}

// takeOver reads the journal, fences off whoever wrote it, and makes the queries that were under way.
func (c *Coordinator) takeOver() error {
	r := &recovery{state: c.loop.state, queries: map[scheduler.QueryID]*querySnapshot{}}
	begun := time.Now()
	log, err := journal.Open(c.ctx, journalStore{c.cfg.Journal.Store}, c.cfg.Journal.Prefix, journal.Config{}, r.add)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	c.recorder = &recorder{c: c, log: log, held: make(chan held, heldLimit), sinceSnapshot: r.entries}
	c.loop.state = r.state
	for _, id := range r.state.QueryIDs() {
		s := r.queries[id]
		if s == nil {
			c.loop.post(scheduler.ForgetQuery{At: c.now(), Query: id})
			continue
		}
		if err := c.revive(s, r.last); err != nil {
			return fmt.Errorf("take up query %s: %w", s.Query.ID, err)
		}
	}
	for _, n := range r.state.Nodes() {
		c.nodes.expected[n.ID] = n.Instance
	}
	if r.entries > 0 {
		c.log.Info("journal replayed", "entries", r.entries, "queries", len(c.queries), "nodes", len(c.nodes.expected), "took", time.Since(begun))
	}
	return nil
}

// revive makes a query of what the journal says. last is the time up to which the journal is known to be whole.
func (c *Coordinator) revive(s *querySnapshot, last scheduler.Instant) error {
	rec := &s.Query
	q := newQuery(c, rec.ID, protocol.SubmitRequest{SQL: rec.SQL, Session: rec.Session})
	q.slug, q.created, q.sid = rec.Slug, rec.Created, rec.Run
	q.kind, q.updateType, q.policy, q.columns = rec.Kind, rec.UpdateType, rec.Policy, rec.Columns
	c.queries[q.id] = q
	c.order = append(c.order, q.id)
	c.recovered = append(c.recovered, q)
	key, err := c.cfg.Secret.UnwrapKey(rec.Key, string(q.sid))
	if err != nil {
		return err
	}
	q.key = key
	if q.exec, err = q.newExecution(*rec.Blueprint); err != nil {
		return err
	}
	info, _ := c.loop.state.Query(q.sid)
	q.submitted, q.launched, q.state = true, time.Unix(0, int64(info.Submitted)), stateRunning
	switch {
	case rec.Policy == scheduler.RetryNone:
		q.lost = trinoerr.New(trinoerr.ServerShuttingDown, "The coordinator was restarted, and the query has retry policy NONE")
	case !q.careful() && (rec.Policy == scheduler.RetryQuery || last < info.Submitted.Add(haste)):
		q.before, q.sid = q.sid, anew(q.id, q.sid)
		q.key = exchange.NewQueryKey()
		q.submitted, q.state, q.columns = false, stateQueued, nil
		return nil
	case rec.Policy == scheduler.RetryQuery:
		q.lost = trinoerr.New(trinoerr.ServerShuttingDown, "The coordinator was restarted, and a query that writes under retry policy QUERY cannot begin anew")
	}
	for stage, scans := range q.exec.scans {
		for source, scan := range scans {
			if splits := s.Splits[scanKey(scheduler.StageID(stage), source)]; len(splits) > 0 {
				scan.resume(splits)
			}
		}
	}
	for task, h := range s.Outputs {
		id, err := scheduler.ParseTaskID(task)
		if err != nil {
			return err
		}
		q.outputs[id] = h
	}
	for task, f := range s.Fragments {
		id, err := scheduler.ParseTaskID(task)
		if err != nil {
			return err
		}
		q.fragments[id] = f
	}
	return nil
}

// Recovered lists the queries of the coordinator before this one, so that the protocol can watch over them.
func (c *Coordinator) Recovered() []protocol.Query {
	out := make([]protocol.Query, len(c.recovered))
	for i, q := range c.recovered {
		out[i] = q
	}
	return out
}

// resume goes on with what the journal says: it does again what was decided and may not have been done, and gives up the
// nodes that do not come back. Attempts are started again when their node has come back.
func (c *Coordinator) resume() {
	c.nodes.mu.Lock()
	expected := len(c.nodes.expected)
	c.nodes.mu.Unlock()
	if expected > 0 {
		c.goWork(c.nodes.awaitExpected)
	}
	for _, q := range c.recovered {
		switch {
		case q.lost != nil:
			q.fail(q.lost)
		case q.before != "":
			q.beginAnew()
		}
	}
	c.loop.read(c.ctx, func(s *scheduler.State) {
		for _, a := range s.Outstanding() {
			switch a := a.(type) {
			case scheduler.StartTask:
			case scheduler.SetTimer:
				c.goWork(func() { c.tickAt(a.At) })
			default:
				c.do(a)
			}
		}
	})
}

// tickAt posts a Tick at the time for which the coordinator before this one had set a timer.
func (c *Coordinator) tickAt(at scheduler.Instant) {
	select {
	case <-c.ctx.Done():
	case <-time.After(at.Sub(c.now())):
		c.post(scheduler.Tick{At: c.now()})
	}
}

// anew is the next name for a query in the scheduler.
func anew(id, sid scheduler.QueryID) scheduler.QueryID {
	n := 1
	if _, count, ok := strings.Cut(string(sid), againMark); ok {
		n, _ = strconv.Atoi(count) // what anew has written
	}
	return id + againMark + scheduler.QueryID(strconv.Itoa(n+1))
}

// beginAnew runs a query that only reads from the start, under another name, so that nothing of its first run is mixed up
// with it.
func (q *query) beginAnew() {
	q.c.post(scheduler.ForgetQuery{At: q.c.now(), Query: q.before})
	prefix, direct := exchange.QueryPrefix(string(q.before)), q.exec.Direct
	q.update(func() { q.exec = nil })
	q.c.goWork(func() {
		if direct {
			q.c.nodes.deleteOutputs("", []string{prefix})
		}
		q.deletePrefix(prefix) // rows that were held back, of a direct one
		q.run()
	})
}

// restart sends a node that has come back the attempts that it is to run: it may have them, or may never have got them.
func (c *Coordinator) restart(ctx context.Context, id scheduler.NodeID) {
	var starts []scheduler.StartTask
	c.loop.read(ctx, func(s *scheduler.State) {
		for _, a := range s.Outstanding() {
			if st, ok := a.(scheduler.StartTask); ok && st.Node == id {
				st.Splits, st.Inputs = slices.Clone(st.Splits), slices.Clone(st.Inputs)
				starts = append(starts, st)
			}
		}
	})
	for _, a := range starts {
		c.do(a)
	}
}
