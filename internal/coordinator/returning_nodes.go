package coordinator

import (
	"context"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// awaitExpected gives up the expected nodes that do not come back, after no less than any silent node gets.
func (ns *nodes) awaitExpected() {
	select {
	case <-ns.c.ctx.Done():
		return
	case <-time.After(max(returnTimeout, ns.loss)):
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for id, instance := range ns.expected {
		ns.c.log.Warn("node did not come back", "node", id)
		ns.c.post(scheduler.NodeLost{At: ns.c.now(), Node: id, Instance: instance})
	}
	clear(ns.expected)
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
	ns.carryOut(ctx, n, func(ctx context.Context, n *node) {
		ns.cancelTasks(ctx, n, stray, "the node was given up")
	})
}
