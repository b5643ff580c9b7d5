// Package worker supervises slots: it accepts task attempts from the coordinator, runs each in a slot process of its own,
// reports their ends and its own health, and serves the bundles that lie on its disk.
//
// It knows nothing of SQL, connectors or DuckDB (package slot does) and decides nothing about retries (package scheduler
// does). Start with Worker; slots.go is its core.
package worker

import (
	"context"
	"log/slog"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// registerInterval is how often a worker announces itself.
const registerInterval = time.Second

// registerTimeout is how long an announcement may go unanswered before it is made again. A coordinator that takes over waits longer
// for the nodes it knows.
const registerTimeout = 5 * time.Second

// quietInterval is how long a coordinator may be away before a worker says so: it may be starting at the same time.
const quietInterval = 3 * time.Second

// drainInterval takes the place of registerInterval while the worker drains: it asks whether it may go.
const drainInterval = 100 * time.Millisecond

// Config describes a worker.
type Config struct {
	NodeID      string
	Environment string
	Version     string
	// URL is where other nodes reach this one.
	URL string
	// Coordinator is the coordinator's URL, Client reaches it; nil: the default one.
	Coordinator string
	Client      *http.Client
	Secret      rpc.Secret
	// MemoryBytes is the memory for all attempts together; Slots how many run at once; ThreadsPerTask what each gets.
	MemoryBytes    int64
	Slots          int
	ThreadsPerTask int
	// BundleDir is where bundles of the direct exchange lie.
	BundleDir string
	// SlotCommand makes the command of a slot process, by the slot's number: below Slots, and Slots for the one of light
	// tasks. One process of a number runs at a time. Its descriptor 3 will be the connection.
	SlotCommand func(slot int) *exec.Cmd
	// Faults are where tests let calls go wrong; nil outside of tests.
	Faults *faultpoint.Points
	// HeartbeatInterval is how often an idle event stream shows that the worker is alive. The coordinator counts one that is
	// silent for some of them as lost; one whose connection closes, at once.
	HeartbeatInterval time.Duration
	// AbandonTimeout is how long the coordinator may be away before the worker ends its attempts: nobody wants them any more.
	AbandonTimeout time.Duration
	// SlotSilence is how long a slot may be silent before it is killed: it hangs. It is some seconds at least.
	SlotSilence time.Duration
	// Metrics is told what happens; nil: nobody is.
	Metrics *metrics.Registry
	Log     *slog.Logger
}

// Worker is one node's supervisor of slots.
type Worker struct {
	cfg       Config
	instance  string
	events    *eventLog
	slots     *slots
	assembly  assembly
	draining  atomic.Bool
	drained   atomic.Bool // the coordinator needs nothing of this node any more
	obedience rpc.Obedience
	unheard   atomic.Bool   // the last registration did not reach the coordinator
	poke      chan struct{} // has a token when the next registration shall not wait
}

// New makes a worker; it does nothing until Run.
func New(cfg Config) *Worker {
	w := &Worker{cfg: cfg, instance: uuid.NewString(), events: newEventLog(), poke: make(chan struct{}, 1)}
	w.assembly.patience = cfg.AbandonTimeout
	w.slots = newSlots(cfg.SlotCommand, cfg.Slots, w.events, cfg.Log)
	w.slots.silence = max(slotSilence, cfg.SlotSilence)
	w.slots.metrics, w.events.metrics = cfg.Metrics, cfg.Metrics
	cfg.Metrics.Read(w.gauges)
	return w
}

// Run keeps the slots and the registration alive until ctx ends, and returns when everything it started has ended.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.slots.run(ctx) })
	wg.Go(func() { w.register(ctx) })
	wg.Wait()
}

// Drain makes the worker tell the coordinator that it takes no more attempts. It returns when none is left and nobody
// needs the outputs that lie here, or ctx ends. A worker whose coordinator is away does not wait for it.
func (w *Worker) Drain(ctx context.Context) {
	w.draining.Store(true)
	select {
	case w.poke <- struct{}{}:
	default:
	}
	tick := time.NewTicker(drainInterval)
	defer tick.Stop()
	for !w.drained.Load() && (w.slots.running() > 0 || !w.unheard.Load()) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Draining reports whether Drain was called.
func (w *Worker) Draining() bool { return w.draining.Load() }

// Handle adds the worker's services to a mux.
func (w *Worker) Handle(mux *http.ServeMux) {
	path, h := rpcv1connect.NewWorkersHandler(service{w}, connect.WithInterceptors(w.obedience.Interceptor()), rpc.Faults(w.cfg.Faults))
	mux.Handle(path, w.cfg.Secret.Require(h))
	bundles := rpc.FaultyObjects(w.cfg.Faults, faultpoint.CallBundle, rpc.TaskOfKey, http.FileServer(http.Dir(w.cfg.BundleDir)))
	mux.Handle("GET /v1/bundle/", w.cfg.Secret.Require(http.StripPrefix("/v1/bundle/", bundles)))
}

// register announces the node until ctx ends, and then that it leaves.
func (w *Worker) register(ctx context.Context) {
	reach := w.cfg.Client
	if reach == nil {
		reach = http.DefaultClient
	}
	client := rpcv1connect.NewCoordinatorsClient(reach, w.cfg.Coordinator, connect.WithInterceptors(w.cfg.Secret.Interceptor()))
	interval := registerInterval / 20 // until the first success: the coordinator may start a moment later
	failing, reached := false, time.Now()
	for {
		err := w.registerOnce(ctx, client, false)
		switch {
		case err == nil:
			if failing {
				w.cfg.Log.Info("coordinator reached again")
			}
			interval, failing, reached = registerInterval, false, time.Now()
			if w.draining.Load() {
				interval = drainInterval
			}
		case ctx.Err() == nil && !failing && time.Since(reached) > quietInterval:
			w.cfg.Log.Warn("coordinator not reached; trying on", "coordinator", w.cfg.Coordinator, "err", err)
			failing = true
		}
		if err != nil && time.Since(reached) > w.cfg.AbandonTimeout {
			w.abandon(time.Since(reached))
		}
		select {
		case <-ctx.Done():
			leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), registerInterval)
			defer cancel()
			if err := w.registerOnce(leave, client, true); err != nil {
				w.cfg.Log.Debug("leaving was not heard", "err", err)
			}
			return
		case <-w.poke:
		case <-time.After(interval):
		}
	}
}

// abandon ends the attempts of a coordinator that was not heard of for so long.
func (w *Worker) abandon(silence time.Duration) {
	running := w.slots.tasks()
	if len(running) > 0 {
		w.cfg.Log.Warn("coordinator not reached; its tasks are abandoned", "tasks", len(running), "silence", silence.Round(time.Second))
	}
	for _, id := range running {
		w.slots.cancel(id, 0, trinoerr.New(trinoerr.AbandonedTask, "Task %s has not been accessed since %s ago", id, silence.Round(time.Second)))
	}
}

func (w *Worker) registerOnce(ctx context.Context, client rpcv1connect.CoordinatorsClient, leaving bool) error {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	draining := w.draining.Load()
	res, err := client.Register(ctx, &rpcv1.RegisterRequest{
		NodeId: w.cfg.NodeID, Instance: w.instance, Url: w.cfg.URL, Version: w.cfg.Version, Environment: w.cfg.Environment,
		MemoryBytes: w.cfg.MemoryBytes, Slots: int32(w.cfg.Slots), ThreadsPerTask: int32(w.cfg.ThreadsPerTask),
		Draining: draining, Leaving: leaving, Tasks: w.slots.tasks(), Outputs: w.outputs(),
	})
	w.unheard.Store(err != nil)
	w.drained.Store(err == nil && draining && res.Drained)
	return err
}

// service implements the Workers service.
type service struct{ w *Worker }

func (s service) Start(_ context.Context, req *rpcv1.StartRequest) (*rpcv1.StartResponse, error) {
	if req.Task == nil || req.Task.Id == "" {
		return nil, connect.NewError(connect.CodeInvalidArgument, trinoerr.New(trinoerr.GenericInternalError, "task without id"))
	}
	task, err := s.w.assembly.add(req, func() bool { return s.w.slots.knows(req.Task.Id, req.Decided) })
	if err != nil {
		return nil, connect.NewError(connect.CodeFailedPrecondition, err)
	}
	if task != nil {
		s.w.slots.start(task, req.Decided)
	}
	return &rpcv1.StartResponse{}, nil
}

func (s service) Cancel(_ context.Context, req *rpcv1.CancelRequest) (*rpcv1.CancelResponse, error) {
	for _, id := range req.Tasks {
		s.w.assembly.drop(id)
		s.w.slots.cancel(id, req.Decided, trinoerr.New(trinoerr.UserCanceled, "%s", req.Reason))
	}
	return &rpcv1.CancelResponse{}, nil
}

func (s service) Acknowledge(_ context.Context, req *rpcv1.AcknowledgeRequest) (*rpcv1.AcknowledgeResponse, error) {
	s.w.events.acknowledge(req.UpTo)
	for _, r := range req.Read {
		s.w.slots.read(r)
	}
	return &rpcv1.AcknowledgeResponse{}, nil
}

// Events serves the stream of one coordinator until its connection or the worker ends.
func (s service) Events(ctx context.Context, req *rpcv1.EventsRequest, stream *connect.ServerStream[rpcv1.Event]) error {
	last := req.After
	s.w.events.acknowledge(last)
	beat := time.NewTicker(s.w.cfg.HeartbeatInterval)
	defer beat.Stop()
	if err := stream.Send(s.heartbeat()); err != nil {
		return err
	}
	for {
		ends, changed := s.w.events.after(last)
		for _, e := range ends {
			if err := stream.Send(e); err != nil {
				return err
			}
			last = e.Sequence
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-beat.C:
			for _, p := range s.w.events.takeProgress() {
				if err := stream.Send(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: p}}); err != nil {
					return err
				}
			}
			if err := stream.Send(s.heartbeat()); err != nil {
				return err
			}
		}
	}
}

func (s service) heartbeat() *rpcv1.Event {
	h := &rpcv1.Heartbeat{Instance: s.w.instance, Running: int32(s.w.slots.running()), Draining: s.w.draining.Load(), Tasks: s.w.slots.memory()}
	h.MemoryUsedBytes = usedBy(h.Tasks)
	return &rpcv1.Event{Kind: &rpcv1.Event_Heartbeat{Heartbeat: h}}
}

// DeleteOutputs removes bundles of the direct exchange by prefixes of their keys.
func (s service) DeleteOutputs(ctx context.Context, req *rpcv1.DeleteOutputsRequest) (*rpcv1.DeleteOutputsResponse, error) {
	bundles, err := local.New(s.w.cfg.BundleDir)
	if err != nil {
		return nil, err
	}
	for _, prefix := range req.Prefixes {
		if prefix == "" {
			return nil, connect.NewError(connect.CodeInvalidArgument, trinoerr.New(trinoerr.GenericInternalError, "empty prefix"))
		}
		if err := bundles.DeletePrefix(ctx, prefix); err != nil {
			return nil, err
		}
	}
	return &rpcv1.DeleteOutputsResponse{}, nil
}
