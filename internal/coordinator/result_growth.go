package coordinator

import (
	"errors"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// The rows of a result of several tasks are shown while the rest is still being made: first those of the first task, and so on. A query that
// would begin anew if the coordinator died shows nothing yet, as its client could not go on reading then.

// growth is what the scheduler has said of a result that grows.
type growth struct {
	mu      sync.Mutex
	news    []scheduler.ResultGrown // that have not been looked at, oldest first
	looking bool                    // somebody looks at them
	bundles []resultBundle
}

// add notes news. Only the scheduler's loop calls it, so that they stay in their order.
func (g *growth) add(a scheduler.ResultGrown) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.news = append(g.news, a)
}

// take returns the oldest news; false when there are none, or somebody else looks at them. mine says that the caller does.
func (g *growth) take(mine bool) (scheduler.ResultGrown, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.looking && !mine:
		return scheduler.ResultGrown{}, false
	case len(g.news) == 0:
		g.looking = false
		return scheduler.ResultGrown{}, false
	}
	a := g.news[0]
	g.news, g.looking = g.news[1:], true
	return a, true
}

// put replaces the bundles from a number on, and returns all; false when some before it are missing. Those that were returned earlier stay as they
// are.
func (g *growth) put(from int, bundles []resultBundle) ([]resultBundle, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case from > len(g.bundles):
		return nil, false
	case from < len(g.bundles):
		g.bundles = g.bundles[:from:from]
	}
	g.bundles = append(g.bundles, bundles...)
	return g.bundles, true
}

// drop forgets everything.
func (g *growth) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.news, g.bundles = nil, nil
}

// grown gives the client what has come.
func (q *query) grown() {
	for a, more := q.growth.take(false); more; a, more = q.growth.take(true) {
		q.mu.Lock()
		exec := q.exec
		q.mu.Unlock()
		if exec == nil || exec.holdBack || exec.analyzed() || exec.write != nil {
			continue
		}
		bundles, err := q.resultBundles(a.Stage, a.Outputs)
		if err != nil {
			if !errors.Is(err, errUnknown) { // else it is lost, and will come again
				q.c.log.Warn("part of a result cannot be shown yet", "query", q.id, "err", err)
			}
			bundles = nil
		}
		all, ok := q.growth.put(a.From, bundles)
		if !ok {
			continue
		}
		rows := q.resultRows(exec, all)
		rows.partial = true
		q.update(func() {
			if (q.rows == nil || isPartial(q.rows)) && q.state == stateRunning {
				rows.at = q.resume
				q.rows = rows
			}
		})
	}
}

// isPartial reports whether more rows will come than a source has.
func isPartial(s rowSource) bool {
	rows, ok := s.(*resultRows)
	return ok && rows.partial
}

// shows reports whether the client may see rows of a source now.
func (q *query) shows(from rowSource) bool {
	q.mu.Lock()
	policy := q.policy
	q.mu.Unlock()
	return !isPartial(from) || !q.c.journaled() || policy != scheduler.RetryTask || q.settled()
}
