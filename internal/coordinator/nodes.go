package coordinator

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1/rpcv1connect"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// lossTimeout and startTimeout are what Config.Communication has by default: how long a worker may be silent before it
	// counts as lost, and how long the start of a task on a worker that is not lost is tried.
	lossTimeout  = 3 * time.Second
	startTimeout = time.Minute
	// commandQueue bounds the starts and cancellations that wait for a node. A slow node makes the loop wait, which is
	// the only back-pressure there is.
	commandQueue = 4096
	// rpcTimeout bounds a single call to a worker.
	rpcTimeout = 10 * time.Second
)

// nodes is the registry of workers. Each known worker has two goroutines (watch, which follows its events, and command,
// which sends it starts and cancellations in order); they end when the node is lost or leaves, or the registry closes.
type nodes struct {
	c      *Coordinator
	client *http.Client
	// loss is how long a worker may be silent, patience how long the start of a task is tried.
	loss, patience time.Duration

	mu    sync.Mutex
	known map[scheduler.NodeID]*node
	// expected are the instances of nodes that the coordinator before this one knew and that have not come back yet.
	expected map[scheduler.NodeID]string
	wg       sync.WaitGroup
}

// node is a registered worker.
type node struct {
	id       scheduler.NodeID
	info     *rpcv1.RegisterRequest
	joined   time.Time
	lastSeen time.Time
	client   rpcv1connect.WorkersClient
	commands chan command
	drained  bool                 // nothing of it is needed any more
	memory   scheduler.NodeMemory // the last report that the scheduler was told
	stop     context.CancelFunc
	gone     <-chan struct{} // closed when the registry has dropped it
}

// command is a call to a worker; build runs on the node's goroutine.
type command func(ctx context.Context, n *node)

func newNodes(c *Coordinator) *nodes {
	loss := cmp.Or(c.cfg.Communication.NodeLossTimeout, lossTimeout)
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: loss, KeepAlive: loss}).DialContext,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     time.Minute,
	}
	return &nodes{c: c, client: &http.Client{Transport: transport}, loss: loss,
		patience: cmp.Or(c.cfg.Communication.RemoteTaskMaxError, startTimeout), known: map[scheduler.NodeID]*node{}, expected: map[scheduler.NodeID]string{}}
}

// Register implements the Coordinators service.
func (ns *nodes) Register(_ context.Context, req *rpcv1.RegisterRequest) (*rpcv1.RegisterResponse, error) {
	if req.Version != ns.c.cfg.Version {
		return nil, connect.NewError(connect.CodeFailedPrecondition, trinoerr.New(trinoerr.RemoteTaskMismatch,
			"node %s runs version %s, this cluster %s: all nodes of a cluster must run the same", req.NodeId, req.Version, ns.c.cfg.Version))
	}
	if req.Environment != ns.c.cfg.Environment {
		return nil, connect.NewError(connect.CodeFailedPrecondition, trinoerr.New(trinoerr.ConfigurationInvalid,
			"node %s has node.environment=%s, this cluster %s", req.NodeId, req.Environment, ns.c.cfg.Environment))
	}
	id := scheduler.NodeID(req.NodeId)
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.c.ctx.Err() != nil {
		return nil, connect.NewError(connect.CodeUnavailable, trinoerr.New(trinoerr.ServerShuttingDown, "coordinator is shutting down"))
	}
	old := ns.known[id]
	switch {
	case req.Leaving:
		if ns.expected[id] == req.Instance {
			delete(ns.expected, id)
			ns.c.post(scheduler.NodeLeft{At: ns.c.now(), Node: id, Instance: req.Instance})
		}
		if old != nil && old.info.Instance == req.Instance {
			ns.forget(old)
			ns.c.post(scheduler.NodeLeft{At: ns.c.now(), Node: id, Instance: req.Instance})
		}
	case old == nil || old.info.Instance != req.Instance:
		if old != nil {
			ns.forget(old)
		}
		ns.join(id, req)
	default:
		old.lastSeen = time.Now()
		if req.Draining && !old.info.Draining {
			old.info = req
			ns.c.post(scheduler.NodeDraining{At: ns.c.now(), Node: id})
		}
	}
	n := ns.known[id]
	return &rpcv1.RegisterResponse{Coordinator: ns.c.instance, Drained: n != nil && n.drained}, nil
}

// awaitExpected gives up the expected nodes that do not come back.
func (ns *nodes) awaitExpected() {
	select {
	case <-ns.c.ctx.Done():
		return
	case <-time.After(returnTimeout):
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for id, instance := range ns.expected {
		ns.c.log.Warn("node did not come back", "node", id)
		ns.c.post(scheduler.NodeLost{At: ns.c.now(), Node: id, Instance: instance})
	}
	clear(ns.expected)
}

// drained notes that a draining node may leave.
func (ns *nodes) drained(id scheduler.NodeID) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if n := ns.known[id]; n != nil {
		n.drained = true
	}
}

func (ns *nodes) join(id scheduler.NodeID, req *rpcv1.RegisterRequest) {
	ctx, cancel := context.WithCancel(ns.c.ctx)
	now := time.Now()
	n := &node{id: id, info: req, joined: now, lastSeen: now, stop: cancel, gone: ctx.Done(), commands: make(chan command, commandQueue),
		client: rpcv1connect.NewWorkersClient(ns.client, req.Url, connect.WithInterceptors(ns.c.cfg.Secret.Interceptor(), ns.c.epoch().Interceptor()))}
	ns.known[id] = n
	ns.c.log.Info("node joined", "node", req.NodeId, "url", req.Url, "slots", req.Slots, "memory", req.MemoryBytes)
	back := ns.expected[id] == req.Instance
	delete(ns.expected, id)
	if !back {
		ns.c.post(scheduler.NodeJoined{At: ns.c.now(), Node: id, Instance: req.Instance, MemBytes: req.MemoryBytes,
			Slots: int(req.Slots), Host: hostOf(req.Url), Coordinator: req.NodeId == ns.c.cfg.NodeID})
	}
	if req.Draining {
		ns.c.post(scheduler.NodeDraining{At: ns.c.now(), Node: id})
	}
	ns.wg.Go(func() { ns.watch(ctx, n) })
	ns.wg.Go(func() {
		ns.reconcile(ctx, n, req.Tasks)
		if back {
			ns.c.goWork(func() { ns.c.restart(ctx, id) })
		}
		for {
			select {
			case <-ctx.Done():
				return
			case cmd := <-n.commands:
				cmd(ctx, n)
			}
		}
	})
}

// reconcile cancels what a node runs and nobody waits for any more, because the node was given up in between.
func (ns *nodes) reconcile(ctx context.Context, n *node, tasks []string) {
	var wanted []scheduler.TaskID
	if len(tasks) == 0 || !ns.c.loop.read(ctx, func(s *scheduler.State) { wanted = s.Running(n.id) }) {
		return
	}
	known := map[string]bool{}
	for _, t := range wanted {
		known[t.String()] = true
	}
	stray := slices.DeleteFunc(slices.Clone(tasks), func(t string) bool { return known[t] })
	if len(stray) == 0 {
		return
	}
	ns.c.log.Info("cancelling tasks of a node that is back", "node", n.id, "tasks", len(stray))
	ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
	defer cancel()
	if _, err := n.client.Cancel(ctx, &rpcv1.CancelRequest{Tasks: stray, Reason: "the node was given up"}); err != nil {
		ns.c.log.Debug("cancel not delivered", "node", n.id, "err", err)
	}
}

// forget drops a node; the caller holds the lock and says to the scheduler why.
func (ns *nodes) forget(n *node) {
	n.stop()
	delete(ns.known, n.id)
}

// lost drops a node that does not answer.
func (ns *nodes) lost(n *node, err error) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.known[n.id] != n || ns.c.ctx.Err() != nil {
		return
	}
	ns.forget(n)
	ns.c.log.Warn("node lost", "node", n.id, "err", err)
	ns.c.post(scheduler.NodeLost{At: ns.c.now(), Node: n.id, Instance: n.info.Instance})
}

// watch follows a worker's events until its connection closes or it is silent for too long: then the node is lost.
// Nothing is gained by trying again once the worker was heard: one that is alive registers anew within a second, with the
// attempts it runs.
func (ns *nodes) watch(ctx context.Context, n *node) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(ns.loss, cancel)
	defer silence.Stop()
	heard := false
	follow := func() error {
		stream, err := n.client.Events(ctx, &rpcv1.EventsRequest{Coordinator: ns.c.instance})
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }() // the stream's own error counts
		for stream.Receive() {
			heard = true
			silence.Reset(ns.loss)
			ns.mu.Lock()
			n.lastSeen = time.Now()
			ns.mu.Unlock()
			ns.received(n, stream.Msg())
		}
		return stream.Err()
	}
	err := follow()
	if !heard && ctx.Err() == nil { // a connection of before the node came back, perhaps: it says nothing about the node
		err = follow()
	}
	ns.lost(n, err)
}

// received turns a worker's event into the scheduler's.
func (ns *nodes) received(n *node, e *rpcv1.Event) {
	switch k := e.Kind.(type) {
	case *rpcv1.Event_Heartbeat:
		ns.heartbeat(n, k.Heartbeat)
	case *rpcv1.Event_Progress:
		ns.c.progress(k.Progress)
	case *rpcv1.Event_Finished:
		ns.c.taskFinished(k.Finished)
	case *rpcv1.Event_Failed:
		ns.c.taskFailed(n.id, k.Failed)
	}
	if e.Sequence > 0 && e.Sequence%64 == 0 {
		seq := e.Sequence
		// Only what is in the journal may be forgotten by the worker.
		ns.c.loop.add(note{then: func() {
			ns.send(n.id, func(ctx context.Context, n *node) {
				ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
				defer cancel()
				// Best effort: the worker keeps what was not acknowledged, and the next acknowledgement covers it.
				_, _ = n.client.Acknowledge(ctx, &rpcv1.AcknowledgeRequest{UpTo: seq})
			})
		}})
	}
}

// send queues a call to a node; it is dropped when the node is gone, whose loss the scheduler learns anyway.
func (ns *nodes) send(id scheduler.NodeID, cmd command) {
	ns.mu.Lock()
	n := ns.known[id]
	ns.mu.Unlock()
	if n == nil {
		return
	}
	select {
	case n.commands <- cmd:
	case <-n.gone:
	}
}

// start sends an attempt to a node. One that refuses fails the attempt. While a node cannot be reached and is not lost, it is
// tried again: a connection may break for reasons of its own, and workers know what they have been sent.
func (ns *nodes) start(id scheduler.NodeID, task scheduler.TaskID, build func() ([]*rpcv1.StartRequest, error)) {
	ns.send(id, func(ctx context.Context, n *node) {
		parts, err := build()
		if err != nil {
			ns.c.post(scheduler.TaskFailed{At: ns.c.now(), Task: task, Failure: scheduler.FailureOf(err)})
			return
		}
		if len(parts) == 0 { // its query has ended
			return
		}
		for _, part := range parts {
			if err = ns.persist(ctx, func(ctx context.Context) error { return ns.deliver(ctx, n, part) }); err != nil {
				break
			}
		}
		switch {
		case err == nil:
			ns.c.post(scheduler.TaskStarted{At: ns.c.now(), Task: task})
		case ctx.Err() != nil: // the node is lost, and with it its attempts
		default:
			ns.c.post(scheduler.TaskFailed{At: ns.c.now(), Task: task, Failure: scheduler.FailureOf(err)})
		}
	})
}

// deliver tells a node to run an attempt, or a part of what it has to know for that.
func (ns *nodes) deliver(ctx context.Context, n *node, part *rpcv1.StartRequest) error {
	_, err := n.client.Start(ctx, part)
	if connect.IsWireError(err) {
		return trinoerr.Wrap(err, trinoerr.RemoteTaskError, "start task on node %s", n.id)
	}
	return err
}

// startPause is how long persist waits after the first error, startPauses the longest it waits.
const (
	startPause  = 20 * time.Millisecond
	startPauses = time.Second
)

// persist repeats a call until it gets an answer, which may be an error, or patience is at an end: TOO_MANY_REQUESTS_FAILED.
func (ns *nodes) persist(ctx context.Context, call func(ctx context.Context) error) error {
	began, pause := time.Now(), startPause
	for failures := 1; ; failures++ {
		once, cancel := context.WithTimeout(ctx, min(rpcTimeout, ns.patience))
		err := call(once)
		cancel()
		var answer *trinoerr.Error
		if err == nil || ctx.Err() != nil || errors.As(err, &answer) {
			return err
		}
		if took := time.Since(began); took+pause > ns.patience {
			return trinoerr.Wrap(err, trinoerr.TooManyRequestsFailed, "Encountered too many errors talking to a worker node. The node may have "+
				"crashed or be under too much load. This is probably a transient issue, so please retry your query in a few minutes. "+
				"(%d failures, failure duration %s)", failures, durationText(took))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, startPauses)
	}
}

// cancel asks a node to end an attempt.
func (ns *nodes) cancel(id scheduler.NodeID, task scheduler.TaskID, reason string) {
	ns.send(id, func(ctx context.Context, n *node) {
		ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
		defer cancel()
		if _, err := n.client.Cancel(ctx, &rpcv1.CancelRequest{Tasks: []string{task.String()}, Reason: reason}); err != nil {
			ns.c.log.Debug("cancel not delivered", "task", task.String(), "node", n.id, "err", err)
		}
	})
}

// deleteOutputs removes bundles from nodes' own disks: from one node, or from all when id is empty.
func (ns *nodes) deleteOutputs(id scheduler.NodeID, prefixes []string) {
	for _, n := range ns.list() {
		if id != "" && n.id != id {
			continue
		}
		ns.send(n.id, func(ctx context.Context, n *node) {
			ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
			defer cancel()
			if _, err := n.client.DeleteOutputs(ctx, &rpcv1.DeleteOutputsRequest{Prefixes: prefixes}); err != nil {
				ns.c.log.Warn("outputs not deleted", "node", n.id, "err", err)
			}
		})
	}
}

// nodeState is a snapshot of a registered node.
type nodeState struct {
	id       scheduler.NodeID
	info     *rpcv1.RegisterRequest
	lastSeen time.Time
}

// list returns the nodes by id.
func (ns *nodes) list() []nodeState {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	out := make([]nodeState, 0, len(ns.known))
	for _, n := range ns.known {
		out = append(out, nodeState{n.id, n.info, n.lastSeen})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

// url returns where a node is reached; empty when it is gone.
func (ns *nodes) url(id scheduler.NodeID) string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if n := ns.known[id]; n != nil {
		return n.info.Url
	}
	return ""
}

func hostOf(url string) string {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	return req.URL.Hostname()
}
