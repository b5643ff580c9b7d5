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
	var all duckdb.ExtractedStatements
	defer duckdb.DestroyExtracted(&all)
	n := duckdb.ExtractStatements(i.conn, sql, &all)
	if msg := duckdb.ExtractStatementsError(all); msg != "" {
		return i.fail(ctx, duckdb.ErrorTypeInvalid, msg)
	}
	for k := range n {
		if err := i.exec(ctx, all, k); err != nil {
			return err
		}
	}
	return nil
}

// exec runs one of several statements and discards its result.
func (i *Instance) exec(ctx context.Context, all duckdb.ExtractedStatements, k duckdb.IdxT) error {
	r := &Rows{ctx: ctx, instance: i}
	defer r.release()
	if duckdb.PrepareExtractedStatement(i.conn, all, k, &r.prepared) != duckdb.StateSuccess {
		return i.fail(ctx, duckdb.ErrorTypeInvalid, duckdb.PrepareError(r.prepared))
	}
	return r.run(duckdb.PendingPrepared)
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
	if err := r.run(duckdb.PendingPreparedStreaming); err != nil {
		return err
	}
	for n := range duckdb.ColumnCount(&r.result) {
		t := duckdb.ColumnLogicalType(&r.result, n)
		r.Fields = append(r.Fields, Field{Name: duckdb.ColumnName(&r.result, n), Type: newType(t)})
		duckdb.DestroyLogicalType(&t)
	}
	return nil
}

// run runs what is prepared, until the result is there or, if it is streamed, some of it.
func (r *Rows) run(begin func(duckdb.PreparedStatement, *duckdb.PendingResult) duckdb.State) error {
	if begin(r.prepared, &r.pending) != duckdb.StateSuccess || !drive(r.pending) {
		return r.instance.fail(r.ctx, duckdb.ErrorTypeInvalid, duckdb.PendingError(r.pending))
	}
	if duckdb.ExecutePending(r.pending, &r.result) != duckdb.StateSuccess {
		return r.instance.fail(r.ctx, duckdb.ResultErrorType(&r.result), duckdb.ResultError(&r.result))
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
	r.release()
	r.watch.end()
	r.watch = nil
}

// release frees what DuckDB holds for the query.
func (r *Rows) release() {
	if r.current.Ptr != nil {
		duckdb.DestroyDataChunk(&r.current)
	}
	duckdb.DestroyResult(&r.result)
	duckdb.DestroyPending(&r.pending)
	duckdb.DestroyPrepare(&r.prepared)
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
