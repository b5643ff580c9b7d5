package coordinator

import (
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The rows of a result that a single task makes are shown while it runs, where no attempt but this one can ever be selected: a row that the
// client has cannot be taken back. The task publishes its pages from time to time, and is told how far the client has read: it deletes
// those, and waits when too many of the others lie there.

// streamTold is the part of the unread bytes that may be read before the task is told.
const streamTold = 4

// resultStream is what a running task has published of a result. The query's lock guards it.
type resultStream struct {
	node       scheduler.NodeID
	task       scheduler.TaskID
	handle     *exchange.Handle // of all that was published
	read, told int              // the pages that the client has, and of which the task knows
	telling    bool
}

// streams reports whether the tasks of a stage show their rows while they run.
func (q *query) streams(exec *execution, st *stagePlan) bool {
	q.mu.Lock()
	policy := q.policy
	q.mu.Unlock()
	return st.Graph.Root && st.Graph.Distribution == scheduler.Single && exec.Write == nil && !exec.analyzed() &&
		policy != scheduler.RetryTask && !exec.holdBack && // another attempt has other rows, or these in another order
		st.Wide == "" // nor has the wider statement, with which the task begins again
}

// taskGrown shows what a running task has published.
func (c *Coordinator) taskGrown(node scheduler.NodeID, g *rpcv1.Grown) {
	q, id := c.queryOf(g.Task)
	if q == nil || g.Decided != uint64(c.epoch()) {
		return
	}
	more := new(exchange.Handle)
	if err := json.Unmarshal(g.More, more); err != nil {
		q.fail(trinoerr.Wrap(err, trinoerr.SerializationError, "decode the output of task %s", g.Task))
		return
	}
	q.update(func() {
		if q.state != stateRunning || q.exec == nil || q.rows != nil && !isPartial(q.rows) {
			return
		}
		if q.stream == nil {
			q.stream = &resultStream{node: node, task: id, handle: &exchange.Handle{}}
		}
		s := q.stream
		if s.task != id || g.First != int64(len(s.handle.Segments)) {
			return
		}
		s.handle = s.handle.Append(more)
		ref := scheduler.OutputRef{Stage: id.Stage, Partition: id.Partition, Attempt: id.Attempt}
		rows := q.resultRows(q.exec, []resultBundle{{ref: ref, handle: s.handle}})
		rows.partial, rows.open = true, true
		q.rows = rows
	})
}

// noteRead notes that the client has all rows before those that it asks for now.
func (q *query) noteRead(from rowSource) {
	rows, ok := from.(*resultRows)
	if !ok || !rows.open {
		return
	}
	q.mu.Lock()
	if q.stream != nil {
		q.stream.read = max(q.stream.read, rows.page)
	}
	q.mu.Unlock()
	q.tellRead()
}

// tellRead tells the task how far the client is, when that is worth a call. One call is under way at a time.
func (q *query) tellRead() {
	q.mu.Lock()
	s := q.stream
	if s == nil || s.telling || q.endedLocked() || isWhole(q.rows) {
		q.mu.Unlock()
		return
	}
	bytes := int64(0)
	for _, page := range s.handle.Segments[s.told:s.read] {
		bytes += page.Bytes
	}
	if bytes == 0 || bytes < q.c.cfg.Query.ResultUnreadSize/streamTold {
		q.mu.Unlock()
		return
	}
	s.telling = true
	pages := s.read
	q.mu.Unlock()
	q.c.nodes.pagesRead(s.node, &rpcv1.PagesRead{Task: s.task.String(), Pages: int64(pages)}, func(heard bool) {
		q.mu.Lock()
		s.telling = false
		if heard {
			s.told = pages
		}
		q.mu.Unlock()
		if heard { // otherwise with the next page
			q.tellRead()
		}
	})
}

// isWhole reports whether a source has all rows that there will be.
func isWhole(s rowSource) bool { return s != nil && !isPartial(s) }
