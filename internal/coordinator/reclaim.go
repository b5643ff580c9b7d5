package coordinator

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// reclaim has outputs removed that lie on a node's own disk and whose queries are over. Deletions are sent when a query ends, to
// the nodes that there are: one that was thought lost then, or did not answer, has not heard of it, and a process that takes
// the place of one that was killed finds what that one left. So nodes say with each registration what lies on their disks, and
// what was missed is made up for at the next. The caller holds the lock.
func (ns *nodes) reclaim(n *node, prefixes []string) {
	if n.reclaiming || len(prefixes) == 0 || ns.c.gone.Load() {
		return
	}
	select {
	case n.commands <- func(ctx context.Context, n *node) { ns.remove(ctx, n, prefixes) }:
		n.reclaiming = true
	default: // it has enough to do; the next registration comes soon
	}
}

// remove deletes outputs on a node, once: what fails is tried again after the next registration.
func (ns *nodes) remove(ctx context.Context, n *node, prefixes []string) {
	defer func() {
		ns.mu.Lock()
		n.reclaiming = false
		ns.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
	defer cancel()
	err := ns.c.leads(ctx) // otherwise a successor may go on with them
	if err == nil {
		_, err = n.client.DeleteOutputs(ctx, &rpcv1.DeleteOutputsRequest{Prefixes: prefixes})
	}
	if err != nil && ctx.Err() == nil {
		ns.c.log.Debug("outputs of ended queries not deleted", "node", n.id, "queries", len(prefixes), "err", err)
	}
}

// stale returns the prefixes of those runs of queries that have ended, or are nobody's.
func (c *Coordinator) stale(runs []string) (prefixes []string) {
	for _, run := range runs {
		q, over := c.query(scheduler.QueryID(run)), true
		if q != nil {
			q.mu.Lock()
			over = q.endedLocked()
			q.mu.Unlock()
		}
		if over {
			prefixes = append(prefixes, exchange.QueryPrefix(run))
		}
	}
	return prefixes
}
