package coordinator

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// abortTimeout bounds the removal of what a failed write left behind.
const abortTimeout = time.Minute

// writing is a write under way: INSERT, CREATE TABLE AS, or a change of rows.
type writing struct {
	connector committer
	handle    []byte

	// mu is held during the commit, its repetitions included, and during the abort: a query that is cancelled while it
	// commits must not have its rows removed under the connector's hands, or after they have become visible.
	mu        sync.Mutex
	committed bool // the rows are visible: there is nothing to abort any more
}

// committer ends a write; connector.Writer says how.
type committer interface {
	FinishWrite(ctx context.Context, write json.RawMessage, fragments [][]byte) error
	AbortWrite(ctx context.Context, write json.RawMessage) error
}

// committer finds who ends a write.
func (q *query) committer(w *writePlan) (committer, error) {
	if w.Statistics {
		c, err := ability[connector.Analyzer](q, w.Catalog, "analyze")
		return gathered{c, w.GroupBy}, err
	}
	return ability[connector.Writer](q, w.Catalog, "inserts")
}

// gathered ends an ANALYZE: the fragments are statistics.
type gathered struct {
	connector connector.Analyzer
	groupBy   int
}

// FinishWrite stores the statistics.
func (g gathered) FinishWrite(ctx context.Context, handle json.RawMessage, fragments [][]byte) error {
	var groups []connector.GroupStatistics
	for _, f := range fragments {
		var rows [][]json.RawMessage
		if err := json.Unmarshal(f, &rows); err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "decode statistics")
		}
		for _, row := range rows {
			s, err := connector.DecodeStatistics(row, g.groupBy)
			if err != nil {
				return trinoerr.Wrap(err, trinoerr.SerializationError, "decode statistics")
			}
			groups = append(groups, s)
		}
	}
	return g.connector.StoreStatistics(ctx, handle, groups)
}

// AbortWrite does nothing: statistics are stored at the end.
func (gathered) AbortWrite(context.Context, json.RawMessage) error { return nil }

// beginWrite tells the connector of a write before anything runs.
func (q *query) beginWrite(t *plan.WriteTarget, s Settings) (*writePlan, error) {
	if a := t.Analysis; a != nil {
		return &writePlan{Catalog: t.Catalog, Handle: a.Handle, Statistics: true, GroupBy: len(a.GroupBy)}, nil
	}
	mode := connector.RetriesEnabled
	if s.RetryPolicy == scheduler.RetryNone {
		mode = connector.NoRetries
	}
	if _, ok := q.c.cfg.Catalogs[t.Catalog].(connector.Repeatable); !ok && mode == connector.RetriesEnabled {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support query retries")
	}
	switch {
	case len(t.RowID) > 0:
		return q.beginChange(t, mode)
	case t.Procedure != "":
		return q.beginRewrite(t, mode)
	}
	what := "inserts"
	if t.Create {
		what = "creating tables with data"
	}
	c, err := ability[connector.Writer](q, t.Catalog, what)
	if err != nil {
		return nil, err
	}
	handle, err := c.BeginWrite(q.ctx, t.Table, t.Create, mode, string(q.id))
	if err != nil {
		return nil, err
	}
	return &writePlan{Catalog: t.Catalog, Handle: handle}, nil
}

// beginChange tells the connector of a change of rows.
func (q *query) beginChange(t *plan.WriteTarget, mode connector.RetryMode) (*writePlan, error) {
	c, err := ability[connector.RowChanger](q, t.Catalog, "modifying table rows")
	if err != nil {
		return nil, err
	}
	handle, err := c.BeginChange(q.ctx, t.Table, mode, string(q.id))
	if err != nil {
		return nil, err
	}
	return &writePlan{Catalog: t.Catalog, Handle: handle, RowID: len(t.RowID), Unique: t.Unique}, nil
}

// beginRewrite tells the connector of a procedure that writes rows anew.
func (q *query) beginRewrite(t *plan.WriteTarget, mode connector.RetryMode) (*writePlan, error) {
	c, err := ability[connector.Rewriter](q, t.Catalog, "table procedures")
	if err != nil {
		return nil, err
	}
	handle, err := c.BeginRewrite(q.ctx, t.Procedure, t.Table, mode, string(q.id))
	if err != nil {
		return nil, err
	}
	return &writePlan{Catalog: t.Catalog, Handle: handle, Silent: true}, nil
}

// commitOnce tries to make the rows of the selected attempts visible. The caller holds the write's lock.
func (q *query) commitOnce(w *writing, fragments [][]byte) error {
	if err := q.c.pass(q.ctx, faultpoint.BeforeCommit, q.id); err != nil {
		return err
	}
	if err := q.mayCommit(); err != nil {
		return err
	}
	if err := w.connector.FinishWrite(q.ctx, w.handle, fragments); err != nil {
		return err
	}
	w.committed = true
	return q.c.pass(q.ctx, faultpoint.AfterCommit, q.id)
}

// pass is where tests let a commit go wrong.
func (c *Coordinator) pass(ctx context.Context, point string, q scheduler.QueryID) error {
	return c.cfg.Faults.Reach(ctx, point, string(q))
}

// settles reports whether something of a write is left after its commit, until its end is known for good.
func (w *writing) settles() bool {
	_, ok := w.connector.(connector.Settler)
	return ok
}

// abort removes what a write left behind, and ends enumerations. It is called when the query's end is in the journal.
func (e *execution) abort(q *query) {
	for _, stage := range e.scans {
		for _, s := range stage {
			s.close()
		}
	}
	if e.write == nil {
		return
	}
	e.write.mu.Lock()
	defer e.write.mu.Unlock()
	end := e.write.connector.AbortWrite
	if e.write.committed {
		s, ok := e.write.connector.(connector.Settler)
		if !ok {
			return
		}
		end = s.SettleWrite
	}
	if !q.mayClean() { // a successor may go on with it
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), abortTimeout)
	defer cancel()
	if err := end(ctx, e.write.handle); err != nil {
		q.c.log.Warn("write not cleaned up", "query", q.id, "err", err)
	}
}
