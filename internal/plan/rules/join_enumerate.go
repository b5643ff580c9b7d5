package rules

import "math/bits"

// mostPairs bounds the pairs of parts that are compared, to what takes some ten milliseconds: those of nine relations that are linked in every
// way, of eleven around one, of 39 in a row.
const mostPairs = 10_000

// hyperedge links two sets of relations: whatever joins all of the one with all of the other.
type hyperedge struct{ a, b relations }

// enumeration finds the cheapest tree by dynamic programming over the connected parts of a hypergraph (DPhyp; Moerkotte and Neumann, "Dynamic
// programming strikes back", 2008): each pair of connected, disjoint parts with an edge between them is met once, after all pairs that
// it is made of.
type enumeration struct {
	s      *joinSearch
	simple []relations // by relation: those that edges between single relations link it with
	edges  []hyperedge // the others
	best   map[relations]*candidate
	last   map[relations]relations // the larger half, as a number, of the best trees: of those that cost the same the largest one counts
	pairs  int                     // that have been compared
	steps  int                     // that have been taken to find them
	only   bool                    // whether pairs are only counted, which takes a fraction of the time
}

// enumerate returns the cheapest tree; nil when there are too many to look at, or none.
func (s *joinSearch) enumerate(edges []hyperedge) *joinTree {
	count := s.enumeration(edges)
	count.only = true
	if count.run() == nil {
		return nil
	}
	return s.enumeration(edges).run().tree
}

func (s *joinSearch) enumeration(edges []hyperedge) *enumeration {
	e := &enumeration{s: s, simple: make([]relations, len(s.leaf)), best: map[relations]*candidate{}, last: map[relations]relations{}}
	for _, x := range edges {
		if x.a.count() == 1 && x.b.count() == 1 {
			e.simple[x.a.index()] |= x.b
			e.simple[x.b.index()] |= x.a
		} else {
			e.edges = append(e.edges, x)
		}
	}
	for i := range s.leaf {
		e.best[1<<i] = s.start(i)
	}
	return e
}

func (e *enumeration) run() *candidate {
	n := len(e.s.leaf)
	for i := n - 1; i >= 0 && e.step(); i-- {
		first := relations(1) << i
		e.pairWith(first)
		e.growFirst(first, first|(first-1))
	}
	if !e.step() {
		return nil
	}
	return e.best[^relations(0)>>(maxRelations-n)]
}

// neighbours are the relations that edges link a set with, of each edge to several the lowest one, but for the excluded ones.
func (e *enumeration) neighbours(s, excluded relations) (n relations) {
	for rest := s; rest != 0; rest &= rest - 1 {
		n |= e.simple[rest.index()]
	}
	excluded |= s
	n &^= excluded
	for _, x := range e.edges {
		if x.a.in(s) && !x.b.meets(excluded) {
			n |= x.b.lowest()
		}
		if x.b.in(s) && !x.a.meets(excluded) {
			n |= x.a.lowest()
		}
	}
	return n
}

// growFirst extends the first part of pairs by all subsets of its neighbours.
func (e *enumeration) growFirst(s, excluded relations) {
	n := e.neighbours(s, excluded)
	for sub := n.lowest(); sub != 0 && e.step(); sub = (sub - n) & n {
		if e.best[s|sub] != nil {
			e.pairWith(s | sub)
		}
	}
	for sub := n.lowest(); sub != 0 && e.step(); sub = (sub - n) & n {
		e.growFirst(s|sub, excluded|n)
	}
}

// pairWith finds the second parts for a first one.
func (e *enumeration) pairWith(s relations) {
	excluded := s | (s.lowest() - 1)
	n := e.neighbours(s, excluded)
	for rest := n; rest != 0 && e.step(); {
		i := relations(1) << (63 - bits.LeadingZeros64(uint64(rest)))
		rest &^= i
		if e.connected(s, i) {
			e.join(s, i)
		}
		e.growSecond(s, i, excluded|n&(i|(i-1)))
	}
}

// growSecond extends the second part of pairs by all subsets of its neighbours.
func (e *enumeration) growSecond(s, second, excluded relations) {
	n := e.neighbours(second, excluded)
	for sub := n.lowest(); sub != 0 && e.step(); sub = (sub - n) & n {
		if e.best[second|sub] != nil && e.connected(s, second|sub) {
			e.join(s, second|sub)
		}
	}
	for sub := n.lowest(); sub != 0 && e.step(); sub = (sub - n) & n {
		e.growSecond(s, second|sub, excluded|n)
	}
}

// step counts what is done; false when it has become too much.
func (e *enumeration) step() bool {
	e.steps++
	return e.pairs <= mostPairs && e.steps <= 8*mostPairs
}

// connected reports whether an edge links two sets.
func (e *enumeration) connected(a, b relations) bool {
	for rest := a; rest != 0; rest &= rest - 1 {
		if e.simple[rest.index()].meets(b) {
			return true
		}
	}
	for _, x := range e.edges {
		if x.a.in(a) && x.b.in(b) || x.a.in(b) && x.b.in(a) {
			return true
		}
	}
	return false
}

// join compares the join of two sets with the best tree over both so far.
func (e *enumeration) join(s, second relations) {
	e.pairs++
	if s < second { // so that trees that cost the same are found in a fixed order
		s, second = second, s
	}
	a, b := e.best[s], e.best[second]
	if a == nil || b == nil {
		return
	}
	op, swapped, ok := e.s.g.cut(s, second)
	if !ok {
		return
	}
	if e.only {
		e.best[s|second] = a
		return
	}
	if swapped {
		a, b = b, a
	}
	found := e.best[s|second]
	rows := 0.0
	if found != nil {
		rows = found.rows
	} else {
		rows = e.s.size(a, b, op)
	}
	c := e.s.join(a, b, op, rows)
	if found == nil || c.spent < found.spent || c.spent == found.spent && s > e.last[s|second] {
		e.best[s|second], e.last[s|second] = c, s
	}
}
