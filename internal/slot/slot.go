// Package slot runs task attempts, one at a time, in a process of their own: it binds a task's inputs, runs its statement in
// an embedded DuckDB and writes the result as a bundle, as rendered rows or through a connector's sink.
//
// It knows nothing of plans, scheduling or other attempts; package worker supervises the process. Start with Run.
package slot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config describes a slot.
type Config struct {
	Catalogs map[string]connector.Connector
	// Secret is the cluster's, with which keys of queries are encrypted.
	Secret rpc.Secret
	// Stores opens the stores of bundles.
	Stores *store.Registry
	// ScratchDir belongs to this slot alone; it is emptied at start.
	ScratchDir string
	// ScratchQuota bounds what an attempt has in the scratch directory, in bytes; zero: what the disk has.
	ScratchQuota int64
	Exchange     Exchange
	// MemoryBytes and Threads are the limits of the warm instance: those that most tasks ask for.
	MemoryBytes int64
	Threads     int
	// Fault, when set, is called where tests let things go wrong, with a point and the task's id; its error fails the
	// attempt.
	Fault func(ctx context.Context, point, task string) error
	Log   *slog.Logger
}

// slot is the process's state. One goroutine runs attempts (Run's caller); another reads the connection, so that a
// cancellation reaches a running attempt.
type slot struct {
	cfg     Config
	conn    io.Writer
	writeMu sync.Mutex

	free, ordered, serial *engine.Instance // warm, or nil; see instance

	places exchange.Places // where outputs go

	mu     sync.Mutex
	cancel context.CancelCauseFunc // of the attempt that was received last
	pages  *rowPages               // of the running attempt, while it makes rows for the client
}

// order is a received task. Its context exists before the next message is read, so that no cancellation comes too early.
type order struct {
	task   *rpcv1.Task
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Run serves attempts over the connection until it closes, which is the orderly end and no error.
func Run(cfg Config, conn io.ReadWriter) error {
	s := &slot{cfg: cfg, conn: conn}
	if err := resetScratch(cfg.ScratchDir); err != nil {
		return err
	}
	defer s.closeInstances()
	orders := make(chan order)
	ended := make(chan error, 1)
	go func() {
		defer close(orders)
		ended <- s.receive(bufio.NewReader(conn), orders)
	}()
	s.warm()
	if err := s.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Ready{Ready: true}}); err != nil {
		return err
	}
	for o := range orders {
		err := s.serve(o.ctx, o.task)
		o.cancel(nil)
		if err != nil {
			return err
		}
		s.warm()
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// receive reads messages until the connection closes. The end cancels the running attempt.
func (s *slot) receive(r *bufio.Reader, orders chan<- order) error {
	for {
		m, err := rpc.ReadFrame(r)
		if err != nil {
			s.cancelRunning(trinoerr.New(trinoerr.ServerShuttingDown, "worker ended"))
			return err
		}
		switch k := m.Kind.(type) {
		case *rpcv1.SlotMessage_Run:
			ctx, cancel := context.WithCancelCause(context.Background())
			s.mu.Lock()
			s.cancel = cancel
			s.mu.Unlock()
			orders <- order{k.Run, ctx, cancel}
		case *rpcv1.SlotMessage_Cancel:
			s.cancelRunning(rpc.ErrorOf(k.Cancel))
		case *rpcv1.SlotMessage_Read:
			s.seen(k.Read)
		default:
			return fmt.Errorf("unexpected message %T", k)
		}
	}
}

func (s *slot) cancelRunning(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel(cause)
	}
}

// read says whose pages the client reads; nil: nobody's.
func (s *slot) read(p *rowPages) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = p
}

// seen passes on what the client has read. It may come too late.
func (s *slot) seen(r *rpcv1.PagesRead) {
	s.mu.Lock()
	p := s.pages
	s.mu.Unlock()
	if p != nil && p.a.task.Id == r.Task {
		p.seen(r.Pages)
	}
}

func (s *slot) send(m *rpcv1.SlotMessage) error {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	return rpc.WriteFrame(s.conn, m)
}

// serve runs an attempt and reports its end. The error is for a broken connection.
func (s *slot) serve(ctx context.Context, t *rpcv1.Task) error {
	start := time.Now()
	cpu := cpuTime()
	a := &attempt{slot: s, task: t, live: live{cpu: cpu}}
	stopProgress := a.reportProgress()
	err := a.guarded(ctx)
	stopProgress()
	a.stats.WallMillis = time.Since(start).Milliseconds()
	a.stats.CpuMillis = (cpuTime() - cpu).Milliseconds()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
			err = cause
		}
		s.cfg.Log.Debug("attempt failed", "task", t.Id, "err", err)
		return s.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Failed{Failed: &rpcv1.Failed{
			Task: t.Id, Failure: rpc.FailureOf(err), Stats: &a.stats}}})
	}
	return s.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Finished{Finished: &rpcv1.Finished{
		Task: t.Id, Bundle: a.bundle, Fragment: a.fragment, Facts: a.facts, Stats: &a.stats}}})
}

// guarded runs the attempt; a panic is a bug of ours and becomes an error, and whatever happens the attempt's traces are
// removed.
func (a *attempt) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.slot.cfg.Log.Error("panic in attempt", "task", a.task.Id, "panic", p, "stack", string(debug.Stack()))
			err = trinoerr.New(trinoerr.GenericInternalError, "internal error in task %s: %v", a.task.Id, p)
			a.slot.closeInstances()
		}
		if e := a.cleanUp(); err == nil {
			err = e
		}
	}()
	return a.nameFile(a.withinQuota(ctx, a.run))
}
