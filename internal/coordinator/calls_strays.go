package coordinator

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// recallPause is how long recall waits before it tells a node of its strays, recallPauses the longest it waits when that fails.
const (
	recallPause  = 500 * time.Millisecond
	recallPauses = 30 * time.Second
)

// cancelTasks asks a node to end attempts. A node that does not hear it while patience lasts, and is not lost, would run them to their
// end, in slots that others wait for: they become its strays.
func (ns *nodes) cancelTasks(ctx context.Context, n *node, tasks []string, reason string) {
	call := func(ctx context.Context) error { return ns.cancelOn(ctx, n, tasks, reason) }
	if ns.insist(ctx, n, "cancel", call) || ctx.Err() != nil {
		return
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, t := range tasks {
		n.strays[t] = reason
	}
	if !n.recalling {
		n.recalling = true
		ns.wg.Go(func() { ns.recall(n) })
	}
}

func (ns *nodes) cancelOn(ctx context.Context, n *node, tasks []string, reason string) error {
	_, err := n.client.Cancel(ctx, &rpcv1.CancelRequest{Tasks: tasks, Reason: reason, Decided: uint64(ns.c.epoch())})
	return err
}

// recall tells a node of its strays, ever more seldom, until it has heard it, they have ended, or it is gone.
func (ns *nodes) recall(n *node) {
	for pause := recallPause; ; pause = min(2*pause, recallPauses) {
		select {
		case <-n.gone:
			return
		case <-time.After(pause):
		}
		for reason, tasks := range ns.straysOf(n) {
			ctx, cancel := context.WithTimeout(n.life, rpcTimeout)
			err := ns.cancelOn(ctx, n, tasks, reason)
			cancel()
			if err == nil {
				ns.notStray(n, tasks...)
			}
		}
		ns.mu.Lock()
		if len(n.strays) == 0 {
			n.recalling = false
			ns.mu.Unlock()
			return
		}
		ns.mu.Unlock()
	}
}

// straysOf lists the strays of a node by reason.
func (ns *nodes) straysOf(n *node) map[string][]string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	out := map[string][]string{}
	for _, t := range slices.Sorted(maps.Keys(n.strays)) {
		out[n.strays[t]] = append(out[n.strays[t]], t)
	}
	return out
}

// notStray notes that attempts have ended, or will as their node has heard that they must.
func (ns *nodes) notStray(n *node, tasks ...string) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, t := range tasks {
		delete(n.strays, t)
	}
}
