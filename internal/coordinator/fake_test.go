package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds waiting.
const patience = 20 * time.Second

// testCoordinator runs a coordinator with the catalog tpch and a spool in a directory until the end of the test.
func testCoordinator(t *testing.T, change func(*Config)) (c *Coordinator, spool *local.Store) {
	t.Helper()
	spool, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpch.New(connector.CatalogConfig{Catalog: "tpch"})
	if err != nil {
		t.Fatal(err)
	}
	defaults := config.Defaults(config.Host{MemoryBytes: 8 << 30})
	cfg := Config{NodeID: "coordinator", Version: "v", Environment: "test", URL: "http://coordinator", Catalogs: map[string]connector.Connector{"tpch": tables},
		Stores: &store.Registry{Openers: map[string]store.Opener{"file": local.Open}}, SpoolURIs: []string{spool.URI()}, Encrypt: true,
		Session: defaults.Session, Scheduling: defaults.Scheduling, Query: defaults.Query, Communication: defaults.Communication, Log: slog.New(slog.DiscardHandler)}
	cfg.Session.RetryPolicy = config.RetryTask
	if change != nil {
		change(&cfg)
	}
	return runCoordinator(t, cfg), spool
}

// runCoordinator runs a coordinator until the end of the test.
func runCoordinator(t *testing.T, cfg Config) *Coordinator {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx) // tests of the journal look at the coordinator's failure
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("the coordinator does not end")
		}
		c.nodes.client.CloseIdleConnections()
	})
	return c
}

// eventStream is a worker's side of the stream of events.
type eventStream func(context.Context, *rpcv1.EventsRequest, *connect.ServerStream[rpcv1.Event]) error

// fakeWorker takes tasks and does with them what a test says.
type fakeWorker struct {
	rpcv1connect.UnimplementedWorkersHandler
	t      *testing.T
	id     string
	server *httptest.Server
	events chan *rpcv1.Event // heartbeats
	starts chan *rpcv1.Task
	stream eventStream // nil: heartbeats, and what events has

	mu       sync.Mutex
	breaks   int // this many starts are answered by closing the connection
	refuses  error
	started  map[string]uint64 // the epochs that decided on them
	asked    int               // how often it was asked to start something
	canceled []string
	deaf     bool // cancellations are refused, and counted
	unheard  int
	deleted  []string
	read     map[string]int64 // how many pages of an attempt's rows the client has
	sequence int64
	// reported is what was reported: each stream of events has all of it, as nothing is acknowledged. more is closed and replaced
	// when there is more.
	reported []*rpcv1.Event
	more     chan struct{}
}

// join registers a new worker.
func join(t *testing.T, c *Coordinator, id string) *fakeWorker {
	t.Helper()
	return joinAs(t, c, id, nil)
}

// joinAs registers a new worker whose stream of events is another one.
func joinAs(t *testing.T, c *Coordinator, id string, stream eventStream) *fakeWorker {
	t.Helper()
	w := &fakeWorker{t: t, id: id, stream: stream, events: make(chan *rpcv1.Event, 100), read: map[string]int64{}, more: make(chan struct{}), starts: make(chan *rpcv1.Task, 100)}
	mux := http.NewServeMux()
	path, h := rpcv1connect.NewWorkersHandler(w)
	mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		broken := w.breaks > 0 && strings.HasSuffix(r.URL.Path, "/Start")
		if broken {
			w.breaks--
		}
		w.mu.Unlock()
		if broken {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(rw, r)
	})
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.die)
	w.register(c, nil)
	return w
}

func (w *fakeWorker) request() *rpcv1.RegisterRequest {
	return &rpcv1.RegisterRequest{NodeId: w.id, Instance: "instance of " + w.id, Url: w.server.URL, Version: "v", Environment: "test", MemoryBytes: 4 << 30, Slots: 2, ThreadsPerTask: 1}
}

func (w *fakeWorker) register(c *Coordinator, change func(*rpcv1.RegisterRequest)) *rpcv1.RegisterResponse {
	w.t.Helper()
	req := w.request()
	if change != nil {
		change(req)
	}
	res, err := c.nodes.Register(context.Background(), req)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// die closes all connections at once.
func (w *fakeWorker) die() {
	w.server.CloseClientConnections()
	w.server.Close()
}

func (w *fakeWorker) Start(_ context.Context, req *rpcv1.StartRequest) (*rpcv1.StartResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses != nil {
		return nil, w.refuses
	}
	w.asked++
	if decided, known := w.started[req.Task.Id]; !known || decided < req.Decided { // starting what is known does nothing
		if w.started == nil {
			w.started = map[string]uint64{}
		}
		w.started[req.Task.Id] = req.Decided
		w.starts <- req.Task
	}
	return &rpcv1.StartResponse{}, nil
}

func (w *fakeWorker) Cancel(_ context.Context, req *rpcv1.CancelRequest) (*rpcv1.CancelResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deaf {
		w.unheard++
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("deaf"))
	}
	w.canceled = append(w.canceled, req.Tasks...)
	return &rpcv1.CancelResponse{}, nil
}

func (w *fakeWorker) DeleteOutputs(_ context.Context, req *rpcv1.DeleteOutputsRequest) (*rpcv1.DeleteOutputsResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deleted = append(w.deleted, req.Prefixes...)
	return &rpcv1.DeleteOutputsResponse{}, nil
}

func (w *fakeWorker) Acknowledge(_ context.Context, req *rpcv1.AcknowledgeRequest) (*rpcv1.AcknowledgeResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range req.Read {
		w.read[r.Task] = r.Pages
	}
	return &rpcv1.AcknowledgeResponse{}, nil
}

func (w *fakeWorker) Events(ctx context.Context, req *rpcv1.EventsRequest, stream *connect.ServerStream[rpcv1.Event]) error {
	w.mu.Lock()
	other := w.stream
	w.mu.Unlock()
	if other != nil {
		return other(ctx, req, stream)
	}
	beat := &rpcv1.Event{Kind: &rpcv1.Event_Heartbeat{Heartbeat: &rpcv1.Heartbeat{}}}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	at := 0
	for e := beat; ; {
		if err := stream.Send(e); err != nil {
			return err
		}
		w.mu.Lock()
		more := w.more
		if at < len(w.reported) {
			e, at = w.reported[at], at+1
			w.mu.Unlock()
			continue
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
			e = beat
		case <-tick.C:
			e = beat
		case e = <-w.events:
		}
	}
}

// next waits for a task.
func (w *fakeWorker) next() *rpcv1.Task {
	w.t.Helper()
	select {
	case task := <-w.starts:
		return task
	case <-time.After(patience):
		w.t.Fatalf("%s gets no task", w.id)
		return nil
	}
}

func (w *fakeWorker) report(e *rpcv1.Event) {
	w.mu.Lock()
	switch k := e.Kind.(type) {
	case *rpcv1.Event_Finished:
		k.Finished.Decided = w.started[k.Finished.Task]
	case *rpcv1.Event_Grown:
		k.Grown.Decided = w.started[k.Grown.Task]
	case *rpcv1.Event_Failed:
		k.Failed.Decided = w.started[k.Failed.Task]
	}
	w.sequence++
	e.Sequence = w.sequence
	w.reported = append(w.reported, e)
	close(w.more)
	w.more = make(chan struct{})
	w.mu.Unlock()
}

// hasRead is how many pages of an attempt's rows the client has, as far as the worker was told.
func (w *fakeWorker) hasRead(task string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.read[task]
}

// fail reports the failure of a task.
func (w *fakeWorker) fail(task string, err error) {
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Failed{Failed: &rpcv1.Failed{Task: task, Failure: &rpcv1.Failure{Code: trinoerr.CodeOf(err).Name, Message: err.Error()}}}})
}

// finish reports a task of a root stage as finished, with pages of rows. Large ones become objects of the spool.
func (w *fakeWorker) finish(task *rpcv1.Task, st store.Store, pages ...string) {
	w.t.Helper()
	cfg := exchange.WriterConfig{Store: st, Prefix: task.GetRows().GetPrefix(), Producer: task.Id}
	if len(task.Key) > 0 {
		cfg.Key = (*exchange.QueryKey)(task.Key)
	}
	writer, err := exchange.NewWriter(context.Background(), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range pages {
		if err := writer.AppendPage(1, []byte(p)); err != nil {
			w.t.Fatal(err)
		}
	}
	h, err := writer.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := json.Marshal(h)
	if err != nil {
		w.t.Fatal(err)
	}
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Bundle: raw, Stats: &rpcv1.Stats{OutputRows: h.Rows()}}}})
}

func (w *fakeWorker) cancelled(task string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.canceled, task)
}

// submit sends a statement.
func submit(t *testing.T, c *Coordinator, sql string, properties ...string) *query {
	t.Helper()
	s := protocol.Session{User: "u", Catalog: "tpch", Schema: "tiny", Properties: map[string]string{}}
	for _, p := range properties {
		name, value, _ := strings.Cut(p, "=")
		s.Properties[name] = value
	}
	q, err := c.Submit(t.Context(), protocol.SubmitRequest{SQL: sql, Session: s})
	if err != nil {
		t.Fatal(err)
	}
	q.(*query).polled.now()
	return q.(*query)
}

// result fetches all rows of a query.
func result(t *testing.T, q *query) (string, *trinoerr.Error) {
	t.Helper()
	var out []string
	at := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		p, err := q.Next(t.Context(), 1, at, time.Second, 1)
		at = p.Next
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range p.Data {
			out = append(out, string(d))
		}
		if p.Last {
			return strings.Join(out, ","), p.Err
		}
	}
	t.Fatalf("query %s does not end", q.id)
	return "", nil
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// heard reports whether a node's events have begun to arrive.
func (c *Coordinator) heard(id scheduler.NodeID) bool {
	c.nodes.mu.Lock()
	defer c.nodes.mu.Unlock()
	n := c.nodes.known[id]
	return n != nil && n.lastSeen.After(n.joined)
}

// knows reports whether the scheduler has a node.
func (c *Coordinator) knows(node string) bool {
	found := false
	c.loop.read(c.ctx, func(s *scheduler.State) {
		for _, n := range s.Nodes() {
			found = found || string(n.ID) == node
		}
	})
	return found
}
