package coordinator

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// awaitWorkers holds back a statement that needs workers until there are as many as its session requires. One is what its tasks
// wait for anyway: the scheduler tells the user so, and goes on waiting when another coordinator has taken over.
func (q *query) awaitWorkers(b binder.Bound, s Settings) error {
	if s.RequiredWorkers <= 1 || !needsWorkers(b) {
		return nil
	}
	late := time.NewTimer(s.RequiredWorkersMaxWait)
	defer late.Stop()
	for waits := false; ; waits = true {
		active, changed := q.c.nodes.active()
		if active >= s.RequiredWorkers {
			if waits {
				q.enter(statePlanning)
			}
			return nil
		}
		if !waits {
			q.enter(stateWaiting)
		}
		select {
		case <-changed:
		case <-q.ctx.Done():
			return q.ctx.Err()
		case <-late.C:
			return trinoerr.New(trinoerr.GenericInsufficientResources, "Insufficient active worker nodes. Waited %s for at least %d workers, "+
				"but only %d workers are active", durationText(s.RequiredWorkersMaxWait), s.RequiredWorkers, active)
		}
	}
}

// needsWorkers reports whether a statement writes, or reads more than what describes catalogs and cluster, as Trino decides it.
func needsWorkers(b binder.Bound) bool {
	switch b := b.(type) {
	case *binder.Explain:
		return b.Analyze && b.Statement != nil && needsWorkers(b.Statement)
	case *binder.Query:
		needs := b.Write != nil
		plan.WalkAll(b.Plan, func(n plan.Node) bool {
			s, ok := n.(*plan.Scan)
			needs = needs || ok && s.Catalog != systemCatalog
			return !needs
		})
		return needs
	}
	return false
}
