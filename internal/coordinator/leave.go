package coordinator

import (
	"context"
	"errors"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ErrLeave, as the cause of the end of Run's context, says that the coordinator shall leave its queries to a successor.
var ErrLeave = errors.New("the coordinator leaves its queries to its successor")

// leaveTimeout bounds how long a coordinator that leaves waits for the queries that end with it, and for its journal.
const leaveTimeout = 5 * time.Second

// leave ends the queries that a successor could not go on with, and sees to it that all is in the journal of those that it
// can.
func (c *Coordinator) leave() {
	left := 0
	c.endQueries(func(q *query) bool {
		stays := q.leavable()
		if stays {
			left++
		}
		return !stays
	})
	ctx, cancel := context.WithTimeout(c.ctx, leaveTimeout)
	defer cancel()
	if err := c.confirm(ctx); err != nil {
		c.log.Error("journal not written at the end: a successor may not know of the last decisions", "err", err)
	}
	c.gone.Store(true)
	c.log.Info("leaving queries to a successor", "queries", left)
}

// leavable reports whether a successor goes on with the query, or begins it anew.
func (q *query) leavable() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.endedLocked():
		return false
	case !q.submitted:
		return q.taken != nil && !q.acting
	case q.policy == scheduler.RetryQuery:
		return !q.careful()
	}
	return q.policy == scheduler.RetryTask
}

// mayAct marks a statement as one that changes something now, unless the coordinator is about to end: then a successor carries
// it out.
func (q *query) mayAct() bool {
	q.c.mu.Lock()
	defer q.c.mu.Unlock()
	if q.c.closing {
		return false
	}
	q.update(func() { q.acting = true })
	return true
}

// shutDown ends all queries.
func (c *Coordinator) shutDown() { c.endQueries(func(*query) bool { return true }) }

// endQueries takes no more queries, ends those that are chosen, and waits a moment for their storage to be cleaned.
func (c *Coordinator) endQueries(chosen func(*query) bool) {
	c.mu.Lock()
	c.closing = true
	var open []*query
	for _, q := range c.queries {
		select {
		case <-q.cleaned:
		default: // running, or ended a moment ago
			open = append(open, q)
		}
	}
	c.mu.Unlock()
	deadline := time.After(leaveTimeout)
	var ending []*query
	for _, q := range open {
		if chosen(q) {
			q.Cancel(trinoerr.New(trinoerr.ServerShuttingDown, "Server is shutting down"))
			ending = append(ending, q)
		}
	}
	for _, q := range ending {
		select {
		case <-q.cleaned:
		case <-c.ctx.Done():
			return
		case <-deadline:
			return
		}
	}
}
