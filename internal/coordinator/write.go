package coordinator

import (
	"context"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// abortTimeout bounds the removal of what a failed write left behind.
const abortTimeout = time.Minute

// writing is a write under way: INSERT or CREATE TABLE AS.
type writing struct {
	catalog   string
	connector connector.Writer
	handle    []byte
}

// beginWrite tells the connector of a write before anything runs.
func (q *query) beginWrite(t *plan.WriteTarget, s Settings) (*writing, error) {
	what := "inserts"
	if t.Create {
		what = "creating tables with data"
	}
	c, err := ability[connector.Writer](q, t.Catalog, what)
	if err != nil {
		return nil, err
	}
	mode := connector.RetriesEnabled
	if s.RetryPolicy == scheduler.RetryNone {
		mode = connector.NoRetries
	}
	handle, err := c.BeginWrite(q.ctx, t.Table, t.Create, mode, string(q.id))
	if err != nil {
		return nil, err
	}
	return &writing{catalog: t.Catalog, connector: c, handle: handle}, nil
}

// commit makes the rows of the selected attempts visible.
func (w *writing) commit(ctx context.Context, fragments [][]byte) error {
	return w.connector.FinishWrite(ctx, w.handle, fragments)
}

// abort removes what a write left behind, and ends enumerations.
func (e *execution) abort(q *query) {
	for _, f := range e.fragments {
		for _, s := range f.scans {
			s.close()
		}
	}
	if e.write == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), abortTimeout)
	defer cancel()
	if err := e.write.connector.AbortWrite(ctx, e.write.handle); err != nil {
		q.c.log.Warn("write not cleaned up", "query", q.id, "err", err)
	}
}
