package coordinator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

const (
	// collectBytes is how much of a result is read from a worker at a time, and collectReads how many such reads there are
	// at a time, of all queries: together they bound what is in memory on its way.
	collectBytes = 4 << 20
	collectReads = 8
)

// collection is the copying of a run's result from the workers to a buffer (policy QUERY). Nobody sees the rows before the
// scheduler has accepted the whole; those of a run that is given up are dropped.
type collection struct {
	attempt int
	buffer  resultBuffer
	stop    context.CancelFunc
	done    chan struct{} // closed when its goroutine touches the buffer no more
}

// collections are those of a query: one at a time.
type collections struct {
	now   *collection   // of the newest run
	least int           // runs before this one are given up
	over  bool          // the query has been cleaned up
	wrote []store.Store // where buffers that were dropped had written
}

// holdsBack reports whether a run's rows are held back, because a failure may begin another: not where no retry is allowed.
func (s Settings) holdsBack() bool {
	return s.RetryPolicy == scheduler.RetryQuery && s.QueryRetryAttempts > 0
}

// collect copies the result of a run, and offers it to the scheduler when it is complete.
func (q *query) collect(a scheduler.QueryFinished, bundles []resultBundle) {
	ctx, stop := context.WithCancel(q.ctx)
	defer stop()
	col := &collection{attempt: a.Attempt, buffer: q.newBuffer(a.Attempt), stop: stop, done: make(chan struct{})}
	defer close(col.done)
	q.mu.Lock()
	old, late := q.collections.now, q.endedLocked() || q.collections.over || a.Attempt < q.collections.least
	if !late {
		q.collections.now, q.collections.least = col, a.Attempt
	}
	q.mu.Unlock()
	if late {
		return
	}
	if old != nil {
		old.end(q)
	}
	var first error
	for {
		lost, err := q.fill(ctx, &col.buffer, bundles)
		if first == nil {
			first = err
		}
		switch {
		case err == nil:
			q.c.post(scheduler.ResultTaken{At: q.c.now(), Query: q.sid, Attempt: a.Attempt})
		case ctx.Err() != nil:
		case lost != nil:
			q.c.log.Warn("result lost before it was copied", "query", q.id, "output", lost.String(), "err", err)
			q.c.post(scheduler.OutputLost{At: q.c.now(), Query: q.sid, Output: *lost, Reason: err.Error()})
		case col.buffer.reset(q.remove):
			q.c.log.Warn("result copied elsewhere", "query", q.id, "err", err)
			continue
		case errors.Is(first, errFull):
			q.fail(full())
		default:
			q.fail(first)
		}
		return
	}
}

// newBuffer returns an empty buffer and the places that it may use.
func (q *query) newBuffer(attempt int) resultBuffer {
	b := resultBuffer{limit: q.c.cfg.Query.DeduplicationBufferSize, memory: &q.c.resultMemory, name: fmt.Sprintf("%s.result.%d", q.sid, attempt)}
	prefix := fmt.Sprintf("%sresult.%d/", exchange.QueryPrefix(string(q.sid)), attempt)
	n := len(q.c.spool)
	for i := range n {
		b.places = append(b.places, place{store: q.c.spool[(int(q.created.UnixNano()%int64(n))+i)%n], encrypt: q.c.cfg.Encrypt, prefix: prefix,
			max: q.c.cfg.MaxFileBytes})
	}
	if s := q.c.scratch; s != nil && s.quota > 0 {
		b.places = append(b.places, place{store: s.Store, encrypt: true, quota: &s.results, prefix: prefix, max: q.c.cfg.MaxFileBytes})
	}
	return b
}

// fill copies the bundles. When one of them cannot be read it says which.
func (q *query) fill(ctx context.Context, b *resultBuffer, bundles []resultBundle) (lost *scheduler.OutputRef, err error) {
	reader := &exchange.Reader{Open: q.c.cfg.Stores.Open, Key: q.key}
	for _, bundle := range bundles {
		segments := bundle.handle.Segments
		for first := 0; first < len(segments); {
			end, size := first, int64(0)
			for end < len(segments) && (end == first || size+segments[end].Bytes <= collectBytes) {
				size += segments[end].Bytes
				end++
			}
			pages, err := q.readPages(ctx, reader, bundle.handle, first, end)
			if err != nil {
				return &bundle.ref, err
			}
			for _, p := range pages {
				if err := b.add(ctx, p); err != nil {
					return nil, err
				}
			}
			first = end
		}
	}
	return nil, b.finish()
}

// readPages reads pages from a worker, when it is this read's turn.
func (q *query) readPages(ctx context.Context, r *exchange.Reader, h *exchange.Handle, first, end int) (pages []exchange.Page, err error) {
	select {
	case q.c.collecting <- struct{}{}:
		defer func() { <-q.c.collecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return r.Pages(ctx, h, first, end)
}

// accepted shows the rows of a collection to the client.
func (q *query) accepted(a scheduler.ResultAccepted) {
	q.update(func() {
		if col := q.collections.now; col != nil && col.attempt == a.Attempt && q.rows == nil && !q.endedLocked() {
			q.rows = col.buffer.rows(q.c.cfg.Stores.Open)
		}
	})
}

// restarted drops what was collected of a run that is given up.
func (q *query) restarted(a scheduler.QueryRestarted) {
	q.mu.Lock()
	q.collections.least = max(q.collections.least, a.Attempt)
	col := q.collections.now
	if col != nil && col.attempt < a.Attempt {
		q.collections.now = nil
	} else {
		col = nil
	}
	q.mu.Unlock()
	if col != nil {
		col.end(q)
	}
}

// dropCollections drops the collection of a query that has ended.
func (q *query) dropCollections() {
	q.mu.Lock()
	col := q.collections.now
	q.collections.now, q.collections.over = nil, true
	q.mu.Unlock()
	if col != nil {
		col.end(q)
	}
	q.mu.Lock()
	wrote := q.collections.wrote
	q.mu.Unlock()
	for _, st := range wrote { // with the directories above
		q.remove(st, exchange.QueryPrefix(string(q.sid)))
	}
}

// end waits for the goroutine of the collection and drops what it has copied.
func (c *collection) end(q *query) {
	c.stop()
	<-c.done
	c.buffer.drop(q.remove)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, st := range c.buffer.wrote {
		if !slices.Contains(q.collections.wrote, st) {
			q.collections.wrote = append(q.collections.wrote, st)
		}
	}
}
