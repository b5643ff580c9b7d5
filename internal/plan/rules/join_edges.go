package rules

import "github.com/waterbear-sql/waterbear/internal/plan"

// mostSplit is how many relations a condition can read of which every division in two is an edge.
const mostSplit = 5

// edges are the hyperedges of the graph: those of equalities and conditions, each of which may divide what it reads in any way, and those of
// operators, which have sides.
func (g *joinGraph) edges() (out []hyperedge) {
	for _, c := range g.classes {
		for i := range c.at {
			for k := range i {
				out = append(out, hyperedge{1 << c.at[k], 1 << c.at[i]})
			}
		}
	}
	for _, c := range g.conds {
		out = append(out, g.divisions(c)...)
	}
	for i := range g.ops {
		out = append(out, hyperedge{g.ops[i].needs[0], g.ops[i].needs[1]})
	}
	return out
}

// divisions are the edges of a condition.
func (g *joinGraph) divisions(c condition) (out []hyperedge) {
	switch n := c.on.count(); {
	case n < 2:
	case n <= mostSplit:
		for sub := c.on.lowest(); sub != c.on; sub = (sub - c.on) & c.on {
			if sub.meets(c.on.lowest()) {
				out = append(out, hyperedge{sub, c.on &^ sub})
			}
		}
	default:
		out = append(out, hyperedge{c.on.lowest(), c.on &^ c.on.lowest()})
		if e, ok := c.expr.(*plan.Compare); ok {
			if l := g.above(g.readBy(e.Left)); l != 0 && l != c.on && !l.meets(g.above(g.readBy(e.Right))) {
				out = append(out, hyperedge{l, c.on &^ l})
			}
		}
	}
	return out
}

// crossing are the edges of cross joins that must be, between parts that nothing links.
func (g *joinGraph) crossing(edges []hyperedge) (out []hyperedge) {
	parts := g.parts(edges)
	filled := g.filled()
	for i := range g.leaves {
		for k := range i {
			if a, b := relations(1)<<k, relations(1)<<i; !filled.meets(a|b) && parts[i] != parts[k] {
				out = append(out, hyperedge{a, b})
			}
		}
	}
	return out
}

// parts gives, for each relation, those that it can be joined with along edges.
func (g *joinGraph) parts(edges []hyperedge) []relations {
	parts := make([]relations, len(g.leaves))
	for i := range parts {
		parts[i] = 1 << i
	}
	for changed := true; changed; {
		changed = false
		for _, x := range edges {
			a, b := parts[x.a.index()], parts[x.b.index()]
			if a == b || !x.a.in(a) || !x.b.in(b) {
				continue
			}
			changed = true
			for rest := a | b; rest != 0; rest &= rest - 1 {
				parts[rest.index()] = a | b
			}
		}
	}
	return parts
}

// small are the edges of cross joins that may be worth it: those of relations that are so small that a larger one is better joined with
// their product than with each.
func (s *joinSearch) small() (out []hyperedge) {
	filled := s.g.filled()
	for i, x := range s.leaf {
		for k, y := range s.leaf[:i] {
			a, b := relations(1)<<k, relations(1)<<i
			if !filled.meets(a|b) && !s.g.linked(a, b) && x.rows*y.rows*(x.width+y.width) <= smallProduct {
				out = append(out, hyperedge{a, b})
			}
		}
	}
	return out
}
