package coordinator

import (
	"context"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Ages of what dead coordinators have left, and how often it is looked for: a listing of everything costs requests.
const (
	abandonedAfter = 24 * time.Hour
	abandonedEvery = time.Hour
)

// mark says in every base directory, for as long as the coordinator lives, that what its queries have there is in use, and once in a
// while removes what could not be deleted when they ended, and what coordinators of the same environment have left that nobody has seen for
// a day: those that had no journal, or whose journal is gone with their disk.
func (c *Coordinator) mark() {
	renew := time.NewTicker(exchange.MarkEvery)
	defer renew.Stop()
	swept := time.Time{}
	for failing := false; ; {
		failing = c.writeMarks(failing)
		if time.Since(swept) > abandonedEvery && !c.cfg.LeaveOutputs {
			if !swept.IsZero() {
				c.sweepLeftovers()
			}
			swept = time.Now()
			c.sweepAbandoned()
		}
		select {
		case <-renew.C:
		case <-c.ctx.Done():
			c.unmark()
			return
		}
	}
}

// writeMarks writes the mark everywhere, and takes away those of coordinators that this one goes on for. failing says whether it did not succeed
// the last time, so that the log tells once.
func (c *Coordinator) writeMarks(failing bool) (failed bool) {
	m := exchange.OwnerMark{Environment: c.cfg.Environment, Node: c.cfg.NodeID, URL: c.cfg.URL, Suffix: c.suffix, Ancestors: c.ancestors, Seen: time.Now().UTC()}
	for _, st := range c.spool {
		err := c.writeMark(st, m)
		if err == nil || c.ctx.Err() != nil {
			continue
		}
		if failed = true; !failing {
			c.log.Warn("not marked as in use", "store", st.URI(), "err", err)
		}
	}
	return failed
}

// writeMark does not take long: there will be another time.
func (c *Coordinator) writeMark(st store.Store, m exchange.OwnerMark) error {
	ctx, cancel := context.WithTimeout(store.WithPatience(c.ctx, exchange.MarkEvery/4), exchange.MarkEvery/2)
	defer cancel()
	if err := m.Write(ctx, st); err != nil {
		return err
	}
	return exchange.RemoveMarks(ctx, st, m.Ancestors)
}

// unmark takes the marks away when the coordinator ends and leaves nothing: who cleans up after it, if it does, needs them.
func (c *Coordinator) unmark() {
	c.mu.Lock()
	lost := c.failure != nil
	c.mu.Unlock()
	if lost || c.gone.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(store.WithPatience(context.Background(), unmarkTimeout/2), unmarkTimeout)
	defer cancel()
	for _, st := range c.spool {
		runs, err := exchange.FindRuns(ctx, st)
		if err == nil && !slices.ContainsFunc(runs, func(o *exchange.Orphan) bool { return o.Suffix == c.suffix }) {
			_ = exchange.RemoveMark(ctx, st, c.suffix) // else another coordinator does, a day later
		}
	}
}

// unmarkTimeout bounds how long the end of a coordinator may be delayed by that.
const unmarkTimeout = 3 * time.Second

// sweepAbandoned removes what dead coordinators of this environment have left.
func (c *Coordinator) sweepAbandoned() {
	rules := exchange.OrphanRules{Now: time.Now(), Age: abandonedAfter, Owner: func(m exchange.OwnerMark) bool { return m.Environment == c.cfg.Environment }}
	for _, st := range c.spool {
		orphans, err := exchange.FindOrphans(c.ctx, st, rules)
		removed := 0
		if err == nil {
			removed, err = exchange.RemoveOrphans(c.ctx, st, rules, orphans)
		}
		if err != nil && c.ctx.Err() == nil {
			c.log.Warn("outputs of dead coordinators not removed", "store", st.URI(), "err", err)
		}
		if removed > 0 {
			c.log.Info("outputs of dead coordinators removed", "store", st.URI(), "queries", removed)
		}
	}
}
