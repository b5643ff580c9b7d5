package coordinator

import (
	"context"
	"net"
	"net/http"
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
	// commandQueue bounds the commands that wait for a node, beside those that are carried out. When it is full the loop waits,
	// which is the only back-pressure there is.
	commandQueue = 4096
	// rpcTimeout bounds a single call to a worker.
	rpcTimeout = 10 * time.Second
)

// nodes is the registry of workers. Each known worker has a goroutine that follows its events (watch), one that begins its
// commands in order (obey), one for each command that is carried out, concurrentCalls at most, and one while it has strays
// (recall); they end when the node is lost or leaves, or the registry closes.
type nodes struct {
	c      *Coordinator
	client *http.Client
	// loss is how long a worker may be silent, patience how long the start of a task is tried.
	loss, patience time.Duration

	mu    sync.Mutex
	known map[scheduler.NodeID]*node
	// expected are the instances of nodes that the coordinator before this one knew and that have not come back yet.
	expected map[scheduler.NodeID]string
	changed  chan struct{} // closed and replaced when a node has joined
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
	calls    chan struct{} // has a token for each call under way
	// starting are the starts that are under way or wait in commands. The registry's lock guards it.
	starting map[scheduler.TaskID]*starting
	// strays are the attempts that it may run and nobody needs, each with the reason: it did not hear of that in time. recalling
	// says that it is being told. The registry's lock guards both.
	strays    map[string]string
	recalling bool
	drained   bool // nothing of it is needed any more
	// reclaiming says that outputs are being removed that nobody needs.
	reclaiming bool
	memory     scheduler.NodeMemory // the last report that the scheduler was told
	stop       context.CancelFunc
	life       context.Context // ends when the registry has dropped it
	gone       <-chan struct{} // life's end
}

func newNodes(c *Coordinator) *nodes {
	loss := c.cfg.Communication.NodeLossTimeout
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: loss, KeepAlive: loss}).DialContext,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     time.Minute,
	}
	return &nodes{c: c, client: &http.Client{Transport: transport}, loss: loss,
		patience: c.cfg.Communication.RemoteTaskMaxError, known: map[scheduler.NodeID]*node{}, expected: map[scheduler.NodeID]string{}, changed: make(chan struct{})}
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
	stale := ns.c.stale(req.Outputs)
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
	if n != nil {
		ns.reclaim(n, stale)
	}
	return &rpcv1.RegisterResponse{Coordinator: ns.c.instance, Drained: n != nil && n.drained}, nil
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
	n := &node{id: id, info: req, joined: now, lastSeen: now, stop: cancel, life: ctx, gone: ctx.Done(), commands: make(chan command, commandQueue),
		calls: make(chan struct{}, concurrentCalls), starting: map[scheduler.TaskID]*starting{}, strays: map[string]string{},
		client: rpcv1connect.NewWorkersClient(ns.client, req.Url, connect.WithInterceptors(ns.c.cfg.Secret.Interceptor(), ns.c.epoch().Interceptor()))}
	ns.known[id] = n
	close(ns.changed)
	ns.changed = make(chan struct{})
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
			ns.c.goWork(func() { ns.c.restart(ctx, id, req.Tasks) })
		}
		ns.obey(ctx, n)
	})
}

// forget drops a node; the caller holds the lock and says to the scheduler why.
func (ns *nodes) forget(n *node) {
	n.stop()
	delete(ns.known, n.id)
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

// active is how many nodes take tasks, and a channel that is closed when another one has joined.
func (ns *nodes) active() (count int, changed <-chan struct{}) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, n := range ns.known {
		if !n.info.Draining {
			count++
		}
	}
	return count, ns.changed
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
