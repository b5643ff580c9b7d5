package engine

import (
	"context"
	"sync"
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Exec runs one or more statements and discards their results. When ctx ends, the statement is interrupted and the
// result is the context's cause.
func (i *Instance) Exec(ctx context.Context, sql string) error {
	w, err := i.begin(ctx)
	if err != nil {
		return err
	}
	defer w.end()
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(i.conn, sql, &res) != duckdb.StateSuccess {
		return i.fail(ctx, duckdb.ResultErrorType(&res), duckdb.ResultError(&res))
	}
	return nil
}

// Rows is the result of a query that is still running: DuckDB works while it is being read.
type Rows struct {
	Fields []Field

	ctx      context.Context
	instance *Instance
	watch    *watch
	prepared duckdb.PreparedStatement
	pending  duckdb.PendingResult
	result   duckdb.Result
	chunk    Chunk
	current  duckdb.DataChunk
}

// Query starts one statement. The caller must close the Rows before it uses the instance again; ctx governs the reading
// too.
func (i *Instance) Query(ctx context.Context, sql string) (*Rows, error) {
	w, err := i.begin(ctx)
	if err != nil {
		return nil, err
	}
	r := &Rows{ctx: ctx, instance: i, watch: w}
	if err := r.start(sql); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Rows) start(sql string) error {
	if duckdb.Prepare(r.instance.conn, sql, &r.prepared) != duckdb.StateSuccess {
		return r.instance.fail(r.ctx, duckdb.ErrorTypeInvalid, duckdb.PrepareError(r.prepared))
	}
	if duckdb.PendingPreparedStreaming(r.prepared, &r.pending) != duckdb.StateSuccess {
		return r.instance.fail(r.ctx, duckdb.ErrorTypeInvalid, duckdb.PendingError(r.pending))
	}
	if duckdb.ExecutePending(r.pending, &r.result) != duckdb.StateSuccess {
		return r.instance.fail(r.ctx, duckdb.ResultErrorType(&r.result), duckdb.ResultError(&r.result))
	}
	for n := range duckdb.ColumnCount(&r.result) {
		t := duckdb.ColumnLogicalType(&r.result, n)
		r.Fields = append(r.Fields, Field{Name: duckdb.ColumnName(&r.result, n), Type: newType(t)})
		duckdb.DestroyLogicalType(&t)
	}
	return nil
}

// Next returns the next chunk, valid until the following call, or nil at the end.
func (r *Rows) Next() (*Chunk, error) {
	if r.current.Ptr != nil {
		duckdb.DestroyDataChunk(&r.current)
	}
	r.current = duckdb.FetchChunk(r.result)
	if r.current.Ptr == nil {
		if msg := duckdb.ResultError(&r.result); msg != "" {
			return nil, r.instance.fail(r.ctx, duckdb.ResultErrorType(&r.result), msg)
		}
		return nil, nil
	}
	r.chunk.load(r.current, r.Fields)
	return &r.chunk, nil
}

// Close ends the query, finished or not.
func (r *Rows) Close() {
	if r.watch == nil {
		return
	}
	if r.current.Ptr != nil {
		duckdb.DestroyDataChunk(&r.current)
	}
	duckdb.DestroyResult(&r.result)
	duckdb.DestroyPending(&r.pending)
	duckdb.DestroyPrepare(&r.prepared)
	r.watch.end()
	r.watch = nil
}

// QueryChunks runs a statement and hands its result chunk by chunk to f, whose error ends the query. A chunk is valid
// until f returns.
func (i *Instance) QueryChunks(ctx context.Context, sql string, f func(*Chunk) error) error {
	rows, err := i.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		c, err := rows.Next()
		if c == nil || err != nil {
			return err
		}
		if err := f(c); err != nil {
			return err
		}
	}
}

// begin starts the watch over a statement.
func (i *Instance) begin(ctx context.Context) (*watch, error) {
	if i.unusable.Load() {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "engine: the instance is unusable")
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for _, s := range i.scans {
		s.forget()
	}
	return newWatch(ctx, i.conn, i.monitor.watch()), nil
}

// fail translates the error of a statement. What goes wrong after the context has ended is the context's cause.
func (i *Instance) fail(ctx context.Context, kind duckdb.ErrorType, msg string) error {
	broken, err := classify(kind, msg)
	if broken {
		i.unusable.Store(true)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, s := range i.scans {
		if err := s.failure(); err != nil {
			return err
		}
	}
	return err
}

// watch accompanies a running statement: it interrupts it once its context ends, and samples its memory. It owns up to two
// goroutines, which end waits for.
type watch struct {
	stop    func() bool
	unwatch func()
	done    chan struct{}
	wg      sync.WaitGroup
}

// interruptEvery is how often an interrupt is repeated: DuckDB forgets one that arrives just before a statement starts.
const interruptEvery = 5 * time.Millisecond

func newWatch(ctx context.Context, conn duckdb.Connection, unwatch func()) *watch {
	w := &watch{unwatch: unwatch, done: make(chan struct{})}
	w.wg.Add(1)
	w.stop = context.AfterFunc(ctx, func() {
		defer w.wg.Done()
		t := time.NewTicker(interruptEvery)
		defer t.Stop()
		for {
			duckdb.Interrupt(conn)
			select {
			case <-w.done:
				return
			case <-t.C:
			}
		}
	})
	return w
}

func (w *watch) end() {
	if w.stop() {
		w.wg.Done()
	}
	close(w.done)
	w.wg.Wait()
	w.unwatch()
}
