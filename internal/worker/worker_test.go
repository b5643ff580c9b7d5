package worker

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
)

// registry is a coordinator as far as a worker sees one.
type registry struct {
	mu      sync.Mutex
	heard   []*rpcv1.RegisterRequest
	drained bool
	away    bool // nobody answers
}

func (r *registry) Register(_ context.Context, req *rpcv1.RegisterRequest) (*rpcv1.RegisterResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away {
		return nil, connect.NewError(connect.CodeUnavailable, nil)
	}
	r.heard = append(r.heard, req)
	return &rpcv1.RegisterResponse{Coordinator: "c", Drained: r.drained}, nil
}

func (r *registry) last() *rpcv1.RegisterRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.heard) == 0 {
		return nil
	}
	return r.heard[len(r.heard)-1]
}

func (r *registry) until(t *testing.T, what string, ok func(*rpcv1.RegisterRequest) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if req := r.last(); req != nil && ok(req) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s; last heard %v", what, r.last())
		}
	}
}

// testWorker runs a worker and a registry until the end of the test, or until stop is called.
func testWorker(t *testing.T, changes ...func(*Config)) (w *Worker, r *registry, client rpcv1connect.WorkersClient, stop func()) {
	t.Helper()
	const secret = rpc.Secret("s")
	r = &registry{}
	path, h := rpcv1connect.NewCoordinatorsHandler(r)
	coordinator := http.NewServeMux()
	coordinator.Handle(path, secret.Require(h))
	cs := httptest.NewServer(coordinator)
	own := http.NewServeMux()
	ws := httptest.NewUnstartedServer(own)
	defaults := config.Defaults(config.Host{})
	cfg := Config{NodeID: "w", Coordinator: cs.URL, URL: "http://w", Secret: secret, MemoryBytes: 1 << 30, Slots: 1, ThreadsPerTask: 1,
		BundleDir: t.TempDir(), SlotCommand: slotCommand, HeartbeatInterval: defaults.Communication.HeartbeatInterval, AbandonTimeout: defaults.Query.ClientTimeout, Log: slog.New(slog.DiscardHandler)}
	for _, change := range changes {
		change(&cfg)
	}
	w = New(cfg)
	w.Handle(own)
	ws.Start()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			<-done
			ws.CloseClientConnections()
			ws.Close()
			cs.Close()
			http.DefaultClient.CloseIdleConnections()
		})
	}
	t.Cleanup(stop)
	return w, r, rpcv1connect.NewWorkersClient(ws.Client(), ws.URL, connect.WithInterceptors(secret.Interceptor())), stop
}

func TestRegisters(t *testing.T) {
	_, r, client, stop := testWorker(t)
	r.until(t, "the worker registers", func(req *rpcv1.RegisterRequest) bool {
		return req.NodeId == "w" && req.Url == "http://w" && req.Slots == 1 && req.MemoryBytes == 1<<30 && req.Instance != "" && !req.Draining
	})
	if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: task("q.0.0.0", "sleep")}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "it tells what it runs", func(req *rpcv1.RegisterRequest) bool { return len(req.Tasks) == 1 && req.Tasks[0] == "q.0.0.0" })
	stop()
	if req := r.last(); !req.Leaving {
		t.Errorf("the last that was heard is %v", req)
	}
}

// TestEvents follows a worker as the coordinator does, and again after the connection broke.
func TestEvents(t *testing.T) {
	_, _, client, _ := testWorker(t)
	follow := func(after int64, n int) (sequences []int64, beats int) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		stream, err := client.Events(ctx, &rpcv1.EventsRequest{After: after, Coordinator: "c"})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		for (len(sequences) < n || beats == 0) && stream.Receive() {
			if e := stream.Msg(); e.Sequence > 0 {
				sequences = append(sequences, e.Sequence)
			} else if e.GetHeartbeat() != nil {
				beats++
			}
		}
		return sequences, beats
	}
	for _, id := range []string{"q.0.0.0", "q.0.1.0", "q.0.2.0"} {
		if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: task(id, "finish")}); err != nil {
			t.Fatal(err)
		}
	}
	if got, beats := follow(0, 3); len(got) != 3 || got[2] != 3 || beats == 0 {
		t.Errorf("got %v, %d heartbeats", got, beats)
	}
	if got, _ := follow(0, 3); len(got) != 3 {
		t.Errorf("again: %v, for nothing was acknowledged", got)
	}
	if _, err := client.Acknowledge(t.Context(), &rpcv1.AcknowledgeRequest{UpTo: 1}); err != nil {
		t.Fatal(err)
	}
	if got, _ := follow(0, 2); len(got) != 2 || got[0] != 2 {
		t.Errorf("after the acknowledgement: %v", got)
	}
	if got, _ := follow(2, 1); len(got) != 1 || got[0] != 3 {
		t.Errorf("after 2: %v", got)
	}
	// A heartbeat comes in time when nothing else does.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	stream, err := client.Events(ctx, &rpcv1.EventsRequest{After: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	beats := 0
	for beats < 3 && stream.Receive() {
		beats++
	}
	if beats < 3 {
		t.Errorf("%d heartbeats: %v", beats, stream.Err())
	}
}

func TestBadRequests(t *testing.T) {
	w, _, client, _ := testWorker(t)
	for _, task := range []*rpcv1.Task{nil, {}} {
		if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: task}); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("start of %v: %v", task, err)
		}
	}
	bundle := filepath.Join(w.cfg.BundleDir, "q", "0", "0.0")
	if err := os.MkdirAll(bundle, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteOutputs(t.Context(), &rpcv1.DeleteOutputsRequest{Prefixes: []string{""}}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("delete everything: %v", err)
	}
	if _, err := client.DeleteOutputs(t.Context(), &rpcv1.DeleteOutputsRequest{Prefixes: []string{"q/"}}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(bundle); !os.IsNotExist(err) {
		t.Errorf("not deleted: %v", err)
	}
}

// A draining worker stays until its attempts have ended and the coordinator lets it go.
func TestDrain(t *testing.T) {
	w, r, client, stop := testWorker(t)
	r.until(t, "the worker registers", func(*rpcv1.RegisterRequest) bool { return true })
	if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: task("q.0.0.0", "sleep")}); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		w.Drain(context.Background())
	}()
	r.until(t, "it says that it drains", func(req *rpcv1.RegisterRequest) bool { return req.Draining })
	if _, err := client.Cancel(t.Context(), &rpcv1.CancelRequest{Tasks: []string{"q.0.0.0"}, Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "it runs nothing", func(req *rpcv1.RegisterRequest) bool { return len(req.Tasks) == 0 })
	select {
	case <-gone:
		t.Error("it left while its outputs were needed")
	case <-time.After(2 * drainInterval):
	}
	r.mu.Lock()
	r.drained = true
	r.mu.Unlock()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("it stays")
	}
	stop()
}

// Without a coordinator there is nobody to wait for.
func TestDrainAlone(t *testing.T) {
	w := New(Config{NodeID: "w", Coordinator: "http://127.0.0.1:1", Slots: 1, BundleDir: t.TempDir(), SlotCommand: slotCommand, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	limit, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	w.Drain(limit)
	if limit.Err() != nil {
		t.Error("it waited as long as it might")
	}
	cancel()
	<-done
	http.DefaultClient.CloseIdleConnections()
}
