package coordinator

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// concurrentCalls is how many calls to a node run at a time. One that is not answered must not hold back the others.
const concurrentCalls = 32

// command is a call to a worker, and what follows from its answer. Commands of a node begin in the order in which they were
// queued, and then run side by side.
type command func(ctx context.Context, n *node)

// starting is the start of an attempt under way.
type starting struct {
	cancel context.CancelFunc // stops trying
	done   chan struct{}      // closed when the last call has returned
}

// send queues a command for a node; it is dropped when the node is gone, whose loss the scheduler learns anyway.
func (ns *nodes) send(id scheduler.NodeID, cmd command) {
	ns.mu.Lock()
	n := ns.known[id]
	ns.mu.Unlock()
	if n != nil {
		n.queue(cmd)
	}
}

func (n *node) queue(cmd command) {
	select {
	case n.commands <- cmd:
	case <-n.gone:
	}
}

// obey begins the commands of a node in the order in which they were queued.
func (ns *nodes) obey(ctx context.Context, n *node) {
	for {
		select {
		case <-ctx.Done():
			return
		case cmd := <-n.commands:
			ns.carryOut(ctx, n, cmd)
		}
	}
}

// carryOut begins a command.
func (ns *nodes) carryOut(ctx context.Context, n *node, cmd command) {
	select {
	case <-ctx.Done():
		return
	case n.calls <- struct{}{}:
	}
	ns.wg.Go(func() {
		defer func() { <-n.calls }()
		cmd(ctx, n)
	})
}

// start sends an attempt to a node. One that refuses fails the attempt. While a node cannot be reached and is not lost, it is
// tried again: a connection may break for reasons of its own, and workers know what they have been sent.
func (ns *nodes) start(id scheduler.NodeID, task scheduler.TaskID, build func() ([]*rpcv1.StartRequest, error)) {
	ns.mu.Lock()
	n := ns.known[id]
	if n == nil {
		ns.mu.Unlock()
		return
	}
	trying, stop := context.WithCancel(n.life)
	s := &starting{cancel: stop, done: make(chan struct{})}
	n.starting[task] = s
	ns.mu.Unlock()
	n.queue(func(_ context.Context, n *node) {
		defer func() {
			stop()
			ns.mu.Lock()
			delete(n.starting, task)
			ns.mu.Unlock()
			close(s.done)
		}()
		parts, err := build()
		if err != nil {
			ns.c.post(scheduler.TaskFailed{At: ns.c.now(), Task: task, Failure: scheduler.FailureOf(err)})
			return
		}
		if len(parts) == 0 { // its query has ended
			return
		}
		for _, part := range parts {
			if err = ns.persist(trying, func(ctx context.Context) error { return ns.deliver(ctx, n, part) }); err != nil {
				break
			}
		}
		switch {
		case err == nil:
			ns.c.post(scheduler.TaskStarted{At: ns.c.now(), Task: task})
		case trying.Err() != nil: // the attempt is not wanted any more, or the node is lost and with it its attempts
		default:
			ns.c.post(scheduler.TaskFailed{At: ns.c.now(), Task: task, Failure: scheduler.FailureOf(err)})
			if trinoerr.CodeOf(err) == trinoerr.TooManyRequestsFailed { // it may have arrived
				ns.cancel(id, task, "its start was not confirmed")
			}
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
		once, cancel := context.WithTimeout(ctx, min(rpcTimeout, ns.patience/3)) // patience is for several tries
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

// cancel asks a node to end an attempt, until it has heard it or the attempt has ended. A start of the attempt that is under way is given up first.
func (ns *nodes) cancel(id scheduler.NodeID, task scheduler.TaskID, reason string) {
	ns.send(id, func(ctx context.Context, n *node) {
		ns.mu.Lock()
		s := n.starting[task]
		ns.mu.Unlock()
		if s != nil {
			s.cancel()
			select {
			case <-s.done:
			case <-ctx.Done():
				return
			}
		}
		ns.cancelTasks(ctx, n, []string{task.String()}, reason)
	})
}

// deleteOutputs removes bundles from nodes' own disks: from one node, or from all when id is empty.
func (ns *nodes) deleteOutputs(id scheduler.NodeID, prefixes []string) {
	for _, n := range ns.list() {
		if id != "" && n.id != id {
			continue
		}
		ns.send(n.id, func(ctx context.Context, n *node) {
			ns.insist(ctx, n, "delete outputs", func(ctx context.Context) error {
				_, err := n.client.DeleteOutputs(ctx, &rpcv1.DeleteOutputsRequest{Prefixes: prefixes})
				return err
			})
		})
	}
}

// insist repeats a call that may be carried out twice until it succeeds, whatever is answered meanwhile. What is not heard while
// patience lasts is logged: nothing waits for it. It reports whether it was heard.
func (ns *nodes) insist(ctx context.Context, n *node, what string, call func(ctx context.Context) error) (heard bool) {
	err := ns.persist(ctx, func(ctx context.Context) error {
		if err := call(ctx); err != nil {
			return errors.New(err.Error()) // also an answer is no reason to give up
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		ns.c.log.Warn("call not delivered", "call", what, "node", n.id, "err", err)
	}
	return err == nil
}

// pagesRead tells a node how many pages of a running attempt's rows the client has, and then says whether it was heard.
func (ns *nodes) pagesRead(id scheduler.NodeID, r *rpcv1.PagesRead, then func(heard bool)) {
	ns.send(id, func(ctx context.Context, n *node) {
		then(ns.insist(ctx, n, "acknowledge pages", func(ctx context.Context) error {
			_, err := n.client.Acknowledge(ctx, &rpcv1.AcknowledgeRequest{Read: []*rpcv1.PagesRead{r}})
			return err
		}))
	})
}

// acknowledge lets a node forget events. Best effort: it keeps what was not acknowledged, and the next acknowledgement covers it.
func (ns *nodes) acknowledge(id scheduler.NodeID, upTo int64) {
	ns.send(id, func(ctx context.Context, n *node) {
		ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
		defer cancel()
		_, _ = n.client.Acknowledge(ctx, &rpcv1.AcknowledgeRequest{UpTo: upTo})
	})
}
