package resourcegroups

import (
	"cmp"
	"math"
)

// startNext starts all queries that may, and returns them in their order.
func (t *Tree) startNext() (started []string) {
	for {
		q := t.next(&t.top)
		if q == nil {
			return started
		}
		t.dequeue(q)
		t.start(q)
		started = append(started, q.id)
	}
}

// next is the waiting query of the group or of one below that may start first; nil when none may. The groups that it is taken from
// have had their turn.
func (t *Tree) next(g *group) *query {
	if !t.canRun(g) {
		return nil
	}
	if len(g.queue) > 0 {
		return t.choose(g)
	}
	var best *group
	for _, sub := range g.subs {
		if t.eligible(sub) && (best == nil || g.before(sub, best)) {
			best = sub
		}
	}
	if best == nil {
		return nil
	}
	t.line(best)
	g.passed = max(g.passed, best.pass)
	best.pass += stride / best.spec.weight()
	return t.next(best)
}

// eligible reports whether a query waits in the group that may start.
func (t *Tree) eligible(g *group) bool {
	if g.queued == 0 || !t.canRun(g) {
		return false
	}
	if len(g.queue) > 0 {
		return true
	}
	for _, sub := range g.subs {
		if t.eligible(sub) {
			return true
		}
	}
	return false
}

// line puts a group behind those beside it: it has had a turn, or begins to wait for one. What it did not use of its share while
// nothing of it waited is lost.
func (t *Tree) line(g *group) {
	t.turns++
	g.turn = t.turns
	if p := g.parent; p != nil {
		g.pass = max(g.pass, p.passed)
	}
}

// stride is how far a turn takes a group of weight 1: turns are given to the one that has come least far, so that the groups have them
// in proportion to their weights (stride scheduling, Waldspurger and Weihl 1995).
const stride = 1 << 32

// before reports whether a goes before b under the group's policy. Of equals the one goes first that has waited longer for its turn.
func (g *group) before(a, b *group) bool {
	if g.spec.Policy == QueryPriority {
		return cmp.Or(cmp.Compare(b.priority(), a.priority()), cmp.Compare(a.turn, b.turn)) < 0
	}
	if x, y := a.running < a.spec.Soft, b.running < b.spec.Soft; x != y {
		return x
	}
	first := 0
	switch g.spec.Policy {
	case Weighted:
		first = cmp.Compare(a.pass, b.pass)
	case WeightedFair:
		first = cmp.Compare(int64(a.running)*b.spec.weight(), int64(b.running)*a.spec.weight())
	}
	return cmp.Or(first, cmp.Compare(a.turn, b.turn)) < 0
}

// priority is the highest of the queries that wait in the group and below.
func (g *group) priority() int {
	best := math.MinInt
	for _, q := range g.queue {
		best = max(best, q.priority)
	}
	for _, sub := range g.subs {
		if sub.queued > 0 {
			best = max(best, sub.priority())
		}
	}
	return best
}

// choose is the query of the group's own queue that starts first.
func (t *Tree) choose(g *group) *query {
	best := g.queue[0]
	switch g.spec.Policy {
	case Fair:
	case Weighted:
		var tickets int64
		for _, q := range g.queue {
			tickets += q.tickets()
		}
		drawn := t.chance.draw(tickets)
		for _, q := range g.queue {
			if drawn -= q.tickets(); drawn < 0 {
				return q
			}
		}
	default:
		for _, q := range g.queue[1:] {
			if q.priority > best.priority {
				best = q
			}
		}
	}
	return best
}

// tickets are what a query has in the draw.
func (q *query) tickets() int64 { return int64(max(1, q.priority)) }

// chance draws lots. It is a sequence of its own (SplitMix64), so that the same events have the same outcome.
type chance uint64

// draw returns a number below n.
func (c *chance) draw(n int64) int64 {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int64((z ^ z>>31) % uint64(n))
}
