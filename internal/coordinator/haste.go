package coordinator

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// haste is how long after its submission a query that only reads does not wait for the journal, so that short queries do
// not pay for it. A query that a crash surprises in that time begins anew.
const haste = time.Second

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
	if q.careful() {
		return false // another coordinator may be about to commit it
	}
	return q.policy != scheduler.RetryTask || time.Since(q.launched) < haste // others are never gone on with
}

// careful reports whether the query's decisions have to be durable before they act from the beginning on: it writes, and
// could not begin anew. The caller holds the lock.
func (q *query) careful() bool { return q.exec != nil && q.exec.Write != nil }

// settled reports whether a coordinator that takes over would go on with the query.
func (q *query) settled() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.c.journaled() && q.submitted && q.policy == scheduler.RetryTask && (q.careful() || time.Since(q.launched) >= haste)
}

// queryOfAction is the query that an action is about.
func queryOfAction(a scheduler.Action) (scheduler.QueryID, bool) {
	switch a := a.(type) {
	case scheduler.StartTask:
		return a.Task.Query, true
	case scheduler.CancelTask:
		return a.Task.Query, true
	case scheduler.FindSplits:
		return a.Query, true
	case scheduler.ResultGrown:
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
