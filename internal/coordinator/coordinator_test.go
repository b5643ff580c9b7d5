package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const anyQuery = "SELECT count(*) FROM nation"

func TestQuery(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	q := submit(t, c, anyQuery)
	w := join(t, c, "w") // the query has waited for it
	task := w.next()
	if task.Id != string(q.id)+".0.0.0" || len(task.Key) == 0 || len(task.Inputs) != 1 || task.GetRows() == nil {
		t.Errorf("task %v", task)
	}
	w.finish(task, spool, "[1]", "[2]")
	if rows, err := result(t, q); rows != "[1],[2]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	select {
	case <-q.cleaned:
	case <-time.After(patience):
		t.Error("never cleaned")
	}
	if *q.key != (exchange.QueryKey{}) {
		t.Error("the key is still there")
	}
	if info := q.Info(); info.State != stateFinished {
		t.Errorf("state %s", info.State)
	}
}

// A worker that goes is noticed by its connection: its task runs on another at once, and the loss costs the query nothing.
func TestWorkerDies(t *testing.T) {
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Communication.NodeLossTimeout = time.Hour }) // not by its silence
	first := join(t, c, "a")
	q := submit(t, c, anyQuery)
	first.next()
	second := join(t, c, "b")
	until(t, "the second joins", func() bool { return c.knows("b") })
	first.die()
	task := second.next()
	if !strings.HasSuffix(task.Id, ".0.0.1") {
		t.Errorf("task %s", task.Id)
	}
	second.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// Connections that break are no reason to give up a node that is heard of, or to fail a task.
func TestConnectionBreaks(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	w.mu.Lock()
	w.breaks = 3
	w.mu.Unlock()
	q := submit(t, c, anyQuery)
	task := w.next()
	if want := string(q.id) + ".0.0.0"; task.Id != want || !c.knows("w") {
		t.Errorf("task %s, want %s", task.Id, want)
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// A worker that refuses a task keeps its other ones.
func TestWorkerRefuses(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	w.mu.Lock()
	w.refuses = connect.NewError(connect.CodeInvalidArgument, errors.New("no"))
	w.mu.Unlock()
	_, err := result(t, submit(t, c, anyQuery, "retry_policy=NONE"))
	if err == nil || err.Code != trinoerr.RemoteTaskError || !c.knows("w") {
		t.Errorf("got %v", err)
	}
}

// A node that comes back is told to stop what runs elsewhere by now, and nothing else.
func TestNodeComesBack(t *testing.T) {
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Communication.NodeLossTimeout = 2 * time.Second })
	w := joinAs(t, c, "w", silent)
	q := submit(t, c, anyQuery)
	old := w.next()
	until(t, "the node is lost", func() bool { return !c.knows("w") })
	w.mu.Lock()
	w.stream = nil
	w.mu.Unlock()
	w.register(c, func(req *rpcv1.RegisterRequest) { req.Tasks = []string{old.Id} })
	again := w.next()
	until(t, "the old task is cancelled", func() bool { return w.cancelled(old.Id) })
	if !strings.HasSuffix(again.Id, ".0.0.1") || w.cancelled(again.Id) {
		t.Errorf("started %s, cancelled %v", again.Id, w.canceled)
	}
	w.finish(again, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// A connection that breaks costs nothing: it is made again, and what was heard before is not taken twice.
func TestEventsBreak(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	for range 3 {
		until(t, "the worker is heard", func() bool { return c.heard("w") })
		w.server.CloseClientConnections()
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil || !c.knows("w") {
		t.Errorf("%s, %v", rows, err)
	}
	if len(w.started) != 1 {
		t.Errorf("started %v", w.started)
	}
}

// What an attempt writes after its query has ended, and been cleaned up after, is removed when the attempt ends.
func TestLateAttempts(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	for _, end := range []string{"finished", "failed"} {
		q := submit(t, c, anyQuery)
		task := w.next()
		q.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
		until(t, "the attempt is cancelled", func() bool { return w.cancelled(task.Id) })
		<-q.cleaned
		if end == "finished" {
			w.finish(task, spool, strings.Repeat("x", 100_000))
		} else {
			key := exchange.AttemptPrefix(string(q.id), 0, 0, 0) + "left"
			if err := store.Put(t.Context(), spool, key, []byte("x"), store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			w.fail(task.Id, trinoerr.New(trinoerr.UserCanceled, "x"))
		}
		dir := strings.TrimPrefix(spool.URI(), "file://")
		until(t, end+": nothing is left", func() bool {
			left, err := os.ReadDir(dir)
			return err == nil && len(left) == 0
		})
	}
}

// A bundle of the result that cannot be read is made again, if none of its rows were handed out.
func TestResultLost(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	row := strings.Repeat("x", 100_000)
	w.finish(task, spool, row)
	until(t, "the result is there", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.rows != nil
	})
	if err := os.RemoveAll(filepath.Join(strings.TrimPrefix(spool.URI(), "file://"), string(q.id))); err != nil {
		t.Fatal(err)
	}
	page := make(chan protocol.ResultPage, 1)
	go func() {
		p, _ := q.Next(t.Context(), 1, "", patience, 1)
		page <- p
	}()
	again := w.next()
	w.finish(again, spool, row)
	if p := <-page; p.Err != nil || len(p.Data) != 1 || !p.Last {
		t.Errorf("%d pages, %v", len(p.Data), p.Err)
	}
}

func TestUserErrorsAreFinal(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	w.fail(w.next().Id, trinoerr.New(trinoerr.DivisionByZero, "Division by zero"))
	if _, err := result(t, q); err == nil || err.Code != trinoerr.DivisionByZero {
		t.Errorf("got %v", err)
	}
	if len(w.starts) > 0 {
		t.Error("tried again")
	}
	// Errors of planning have a place.
	_, err := result(t, submit(t, c, "SELECT 1,\n nosuch"))
	if err == nil || err.Code != trinoerr.ColumnNotFound || err.Pos.Line != 2 || err.Pos.Column != 2 {
		t.Errorf("got %#v", err)
	}
}

func TestRegistration(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	for name, change := range map[string]func(*rpcv1.RegisterRequest){
		"version":     func(r *rpcv1.RegisterRequest) { r.Version = "other" },
		"environment": func(r *rpcv1.RegisterRequest) { r.Environment = "other" },
	} {
		req := w.request()
		change(req)
		if _, err := c.nodes.Register(t.Context(), req); err == nil {
			t.Errorf("another %s was let in", name)
		}
	}
	until(t, "the node joins", func() bool { return c.knows("w") })
	if res := w.register(c, nil); res.Drained {
		t.Error("drained without draining")
	}
	until(t, "the idle node may leave", func() bool {
		return w.register(c, func(r *rpcv1.RegisterRequest) { r.Draining = true }).Drained
	})
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Leaving, r.Instance = true, "an older one" })
	if !c.knows("w") {
		t.Error("left because an older instance did")
	}
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Leaving = true })
	until(t, "the node has left", func() bool { return !c.knows("w") })
}

// A command for a node that is gone must not make the scheduler's loop wait, however many there are before it.
func TestCommandsForTheGone(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	gone := make(chan struct{})
	n := &node{id: "w", info: &rpcv1.RegisterRequest{}, commands: make(chan command), stop: func() { close(gone) }, gone: gone}
	c.nodes.mu.Lock()
	c.nodes.known["w"] = n
	c.nodes.mu.Unlock()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.nodes.send("w", func(context.Context, *node) {})
	}()
	time.Sleep(10 * time.Millisecond) // send waits now
	c.nodes.lost(n, errors.New("gone"))
	select {
	case <-sent:
	case <-time.After(patience):
		t.Error("send still waits")
	}
}

// slowWriter is a connector whose commit takes until it is told.
type slowWriter struct {
	connector.Writer
	entered, release chan struct{}
	fail             atomic.Int32 // this many commits fail first
	finished         atomic.Int32
	aborted          atomic.Int32
	overlap          atomic.Bool
	busy             atomic.Bool
}

func (w *slowWriter) FinishWrite(context.Context, json.RawMessage, [][]byte) error {
	w.busy.Store(true)
	defer w.busy.Store(false)
	if w.entered != nil {
		close(w.entered)
		<-w.release
	}
	if w.fail.Add(-1) >= 0 {
		return trinoerr.New(trinoerr.GenericInternalError, "not now")
	}
	w.finished.Add(1)
	return nil
}

func (w *slowWriter) AbortWrite(context.Context, json.RawMessage) error {
	w.aborted.Add(1)
	if w.busy.Load() {
		w.overlap.Store(true)
	}
	return nil
}

// A query that is cancelled while it commits does not lose the rows that become visible.
func TestCancelDuringCommit(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := &slowWriter{entered: make(chan struct{}), release: make(chan struct{})}
	q := newQuery(c, "q", protocol.SubmitRequest{})
	q.exec = &execution{write: &writing{connector: w}}
	committed := make(chan error, 1)
	go func() { committed <- q.commit(q.exec, scheduler.QueryFinished{}) }()
	<-w.entered
	cleaned := make(chan struct{})
	go func() {
		defer close(cleaned)
		q.clean()
	}()
	time.Sleep(10 * time.Millisecond)
	close(w.release)
	if err := <-committed; err != nil {
		t.Error(err)
	}
	<-cleaned
	if w.finished.Load() != 1 || w.aborted.Load() != 0 || w.overlap.Load() {
		t.Errorf("finished %d times, aborted %d times, at once: %v", w.finished.Load(), w.aborted.Load(), w.overlap.Load())
	}
}

func TestCommitIsRepeated(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	for _, tt := range []struct {
		failures int32
		ok       bool
		aborts   int32
	}{{0, true, 0}, {1, true, 0}, {commitAttempts, false, 1}} {
		w := &slowWriter{}
		w.fail.Store(tt.failures)
		q := newQuery(c, "q", protocol.SubmitRequest{})
		q.exec = &execution{write: &writing{connector: w}}
		if tt.failures == commitAttempts {
			time.AfterFunc(100*time.Millisecond, func() { q.cancel(errors.New("enough")) }) // do not wait for all
		}
		err := q.commit(q.exec, scheduler.QueryFinished{Rows: 3})
		q.clean()
		if (err == nil) != tt.ok || w.aborted.Load() != tt.aborts {
			t.Errorf("%d failures: %v, aborted %d times", tt.failures, err, w.aborted.Load())
		}
		if tt.ok && (q.updateRows == nil || *q.updateRows != 3) {
			t.Errorf("%d failures: %v rows", tt.failures, q.updateRows)
		}
	}
}

// The end of the coordinator ends its queries, cleans up after them, and refuses new ones.
func TestShutDown(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	w.next()
	key := exchange.AttemptPrefix(string(q.id), 0, 0, 0) + "half"
	if err := store.Put(t.Context(), spool, key, []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.shutDown()
	if _, err := store.ReadAll(t.Context(), spool, key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("left in the spool: %v", err)
	}
	if _, err := result(t, q); err == nil || err.Code != trinoerr.ServerShuttingDown {
		t.Errorf("got %v", err)
	}
	if _, err := c.Submit(t.Context(), protocol.SubmitRequest{SQL: "SELECT 1"}); trinoerr.CodeOf(err) != trinoerr.ServerShuttingDown {
		t.Errorf("a new query: %v", err)
	}
}

func TestTexts(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0.00ns", 7: "7.00ns", 1500 * time.Millisecond: "1.50s", 5 * time.Minute: "5.00m", 36 * time.Hour: "1.50d"} {
		if got := durationText(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
	for url, want := range map[string]string{"http://h:8080": "h", "http://[::1]:8080": "::1", "%": ""} {
		if got := hostOf(url); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
	h := &exchange.Handle{Segments: []exchange.Segment{{Partition: 0, Rows: 1, Bytes: 10}, {Partition: 2, Rows: 2, Bytes: 20}, {Partition: 0, Rows: 4, Bytes: 40}, {Partition: 9, Rows: 1}}}
	if rows, bytes := partitionSizes(h, 3); !slices.Equal(rows, []int64{5, 0, 2}) || !slices.Equal(bytes, []int64{50, 0, 20}) {
		t.Errorf("rows %v, bytes %v", rows, bytes)
	}
}

// recordedEvents is a carrier that keeps events and does nothing.
type recordedEvents []scheduler.Event

func (*recordedEvents) round(*scheduler.State, []note) {}

func (r *recordedEvents) record(n note)       { *r = append(*r, n.event) }
func (*recordedEvents) do(scheduler.Action)   {}
func (*recordedEvents) after(f func())        { f() }
func (*recordedEvents) rest(*scheduler.State) {}

// TestLoop checks the loop's promises: events in order, timers as ticks, questions answered between events.
func TestLoop(t *testing.T) {
	l := newLoop(scheduler.New(scheduler.DefaultConfig()), nil)
	ctx, cancel := context.WithCancel(t.Context())
	recorded := new(recordedEvents)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(ctx, func() scheduler.Instant { return scheduler.InstantOf(time.Now()) }, recorded)
	}()
	now := scheduler.InstantOf(time.Now())
	for _, id := range []scheduler.NodeID{"b", "a"} {
		l.post(scheduler.NodeJoined{At: now, Node: id, Instance: "i", Slots: 1, MemBytes: 1})
	}
	nodes := 0
	if !l.read(t.Context(), func(s *scheduler.State) { nodes = len(s.Nodes()) }) || nodes != 2 {
		t.Errorf("%d nodes", nodes)
	}
	cancel()
	<-done
	if len(*recorded) != 2 || (*recorded)[0].(scheduler.NodeJoined).Node != "b" {
		t.Errorf("recorded %v", *recorded)
	}
	if l.read(ctx, func(*scheduler.State) {}) {
		t.Error("an answer from the dead")
	}
}
