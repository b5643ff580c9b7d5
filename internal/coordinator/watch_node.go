package coordinator

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

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

// watch follows a worker's events until it is gone: nobody listens at its address, another process does, or it is silent for too
// long. A connection that only breaks is made again, and costs nothing.
func (ns *nodes) watch(ctx context.Context, n *node) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(ns.loss, cancel)
	defer silence.Stop()
	var last int64 // the number of the last event
	follow := func() error {
		stream, err := n.client.Events(ctx, &rpcv1.EventsRequest{Coordinator: ns.c.instance})
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }() // the stream's own error counts
		for stream.Receive() {
			e := stream.Msg()
			if h := e.GetHeartbeat(); h.GetInstance() != "" && h.GetInstance() != n.info.Instance {
				return errReplaced
			}
			silence.Reset(ns.loss)
			ns.mu.Lock()
			n.lastSeen = time.Now()
			ns.mu.Unlock()
			if e.Sequence > 0 && e.Sequence <= last { // said again, to a new connection
				continue
			}
			last = max(last, e.Sequence)
			ns.received(n, e)
		}
		return stream.Err()
	}
	for {
		err := follow()
		if ctx.Err() != nil || errors.Is(err, errReplaced) || errors.Is(err, syscall.ECONNREFUSED) {
			ns.lost(n, err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(reconnectPause):
		}
	}
}

// reconnectPause is the time between two connections for a worker's events. The last moments of a process that dies last less.
const reconnectPause = 20 * time.Millisecond

// errReplaced says that another worker has the address of one that was known.
var errReplaced = errors.New("another worker answers at its address")

// received turns a worker's event into the scheduler's.
func (ns *nodes) received(n *node, e *rpcv1.Event) {
	switch k := e.Kind.(type) {
	case *rpcv1.Event_Heartbeat:
		ns.heartbeat(n, k.Heartbeat)
	case *rpcv1.Event_Progress:
		ns.c.progress(k.Progress)
	case *rpcv1.Event_Grown:
		ns.c.taskGrown(n.id, k.Grown)
	case *rpcv1.Event_Finished:
		ns.notStray(n, k.Finished.Task)
		ns.c.taskFinished(k.Finished)
	case *rpcv1.Event_Failed:
		ns.notStray(n, k.Failed.Task)
		ns.c.taskFailed(n.id, k.Failed)
	}
	if e.Sequence > 0 && e.Sequence%64 == 0 {
		seq := e.Sequence
		// Only what is in the journal may be forgotten by the worker.
		ns.c.loop.add(note{then: func() {
			ns.acknowledge(n.id, seq)
		}})
	}
}
