package coordinator

import (
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// suffixesKept is how many coordinators of the past are known by the ends of their queries' ids.
const suffixesKept = 32

// sweepOrphans removes what queries have left in the exchange that coordinators before this one ran and that nobody goes on
// with: runs that began anew, and queries that had just begun or just ended when the coordinator died. All ids that a
// coordinator gives end alike, and who writes a journal leaves that end for its successors: so nothing of another cluster
// is taken for an orphan, though it be in the same place.
func (c *Coordinator) sweepOrphans() {
	if len(c.ancestors) > 0 {
		c.sweepRuns(c.orphan)
	}
}

// sweepLeftovers removes what this coordinator's own queries have left that ended while the storage was away.
func (c *Coordinator) sweepLeftovers() { c.sweepRuns(c.leftover) }

// sweepRuns removes what those runs of queries have left that are chosen.
func (c *Coordinator) sweepRuns(chosen func(run scheduler.QueryID) bool) {
	if c.cfg.LeaveOutputs {
		return
	}
	for _, st := range c.spool {
		runs, err := exchange.FindRuns(c.ctx, st)
		orphans := slices.DeleteFunc(runs, func(o *exchange.Orphan) bool { return !chosen(scheduler.QueryID(o.Run)) })
		for _, o := range orphans {
			if err != nil {
				break
			}
			c.proven.Store(0) // a successor that has begun since the listing would be found out
			if err = c.leads(c.ctx); err == nil {
				err = st.DeletePrefix(c.ctx, exchange.QueryPrefix(o.Run))
			}
		}
		if err != nil && c.ctx.Err() == nil {
			c.log.Warn("outputs of earlier queries not swept", "store", st.URI(), "err", err)
		}
		if len(orphans) > 0 {
			c.log.Info("outputs of earlier queries swept", "store", st.URI(), "queries", len(orphans))
		}
	}
}

// orphan reports whether a run of a query was a coordinator's before this one, and is nobody's now.
func (c *Coordinator) orphan(run scheduler.QueryID) bool {
	suffix, _, ok := exchange.RunSuffix(string(run))
	return ok && slices.Contains(c.ancestors, suffix) && c.query(run) == nil
}

// leftover reports whether a run is of a query of this coordinator that has ended and been cleaned up after.
func (c *Coordinator) leftover(run scheduler.QueryID) bool {
	suffix, _, ok := exchange.RunSuffix(string(run))
	if !ok || suffix != c.suffix {
		return false
	}
	q := c.query(run)
	if q == nil { // it is forgotten, or goes on as another run
		return true
	}
	select {
	case <-q.cleaned:
		return true
	default:
		return false
	}
}

// remember reads who wrote the journal before.
func (c *Coordinator) remember(ctx context.Context) {
	o, err := c.cfg.Journal.owner(ctx)
	if err != nil {
		c.log.Warn("not known who wrote the journal before", "err", err)
	}
	if o != nil {
		c.ancestors = append(o.Ancestors, o.Suffix)
		c.ancestors = c.ancestors[max(0, len(c.ancestors)-suffixesKept):]
	}
}

// Abandoned returns those of some queries that this coordinator or one before it began and that are nobody's any more. It makes sure that this coordinator
// leads: a successor may go on with what this one has given up.
func (s *System) Abandoned(ctx context.Context, queryIDs []string) (dead []string, err error) {
	if s.c == nil {
		return nil, nil // not yet known
	}
	for _, id := range queryIDs {
		if s.c.abandoned(scheduler.QueryID(id)) {
			dead = append(dead, id)
		}
	}
	if len(dead) == 0 {
		return nil, nil
	}
	s.c.proven.Store(0) // a successor that has begun meanwhile is found out
	return dead, s.c.leads(ctx)
}

// abandoned reports whether a query is of this coordinator or one before it, and has ended and been cleaned up after, or is not known any more.
func (c *Coordinator) abandoned(id scheduler.QueryID) bool {
	suffix, _, ok := exchange.RunSuffix(string(id))
	if !ok || suffix != c.suffix && !slices.Contains(c.ancestors, suffix) {
		return false
	}
	c.mu.Lock()
	q := c.queries[id]
	c.mu.Unlock()
	if q == nil {
		return true
	}
	select {
	case <-q.cleaned:
		return true
	default:
		return false
	}
}
