package coordinator

import (
	"context"
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
	connector connector.Writer
	handle    []byte

	// mu is held during the commit, its repetitions included, and during the abort: a query that is cancelled while it
	// commits must not have its rows removed under the connector's hands, or after they have become visible.
	mu        sync.Mutex
	committed bool // the rows are visible: there is nothing to abort any more
}

// beginWrite tells the connector of a write before anything runs.
func (q *query) beginWrite(t *plan.WriteTarget, s Settings) (*writePlan, error) {
	mode := connector.RetriesEnabled
	if s.RetryPolicy == scheduler.RetryNone {
		mode = connector.NoRetries
	}
	if _, ok := q.c.cfg.Catalogs[t.Catalog].(connector.Repeatable); !ok && mode == connector.RetriesEnabled {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support query retries")
	}
	if len(t.RowID) > 0 {
		return q.beginChange(t, mode)
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

// abort removes what a write left behind, and ends enumerations.
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
	if e.write.committed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), abortTimeout)
	defer cancel()
	if err := e.write.connector.AbortWrite(ctx, e.write.handle); err != nil {
		q.c.log.Warn("write not cleaned up", "query", q.id, "err", err)
	}
}
