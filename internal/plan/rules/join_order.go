package rules

import (
	"cmp"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// maxExhaustive is the number of relations up to which all orders are tried (3^n steps); larger clusters are ordered
// greedily.
const maxExhaustive = 10

// joinSearch looks for the order in which the joins of a graph move the fewest bytes: by dynamic programming over connected
// subsets (Moerkotte and Neumann, 2006, in its simple form over all subsets), greedily for large clusters. It works on
// numbers alone; the plan is made of the winner.
type joinSearch struct {
	g     *joinGraph
	drops relations
	leaf  []measured
	// distinct holds, for each member of each class, its number of distinct values.
	distinct [][]float64
	// selectivity is that of each of the other conditions.
	selectivity []float64
	// placed holds, for relations whose rows are hashed by the columns of a class already, that class, plus one.
	placed map[int]int
	// broadcast is how large a side of a join may be that is sent to every task if both can be hashed.
	broadcast float64
}

// measured is the size of a relation. For the right side of a semi or anti join share is what that leaves of the rows.
type measured struct{ rows, width, share float64 }

// candidate is the best tree so far over a set of relations.
type candidate struct {
	tree        *joinTree
	rows, width float64
	cost        float64 // bytes put out and moved by all joins
	hashed      int     // the class by whose columns the rows are partitioned, -1 when by none
}

func (c *candidate) bytes() float64 { return c.rows * c.width }

func newJoinSearch(g *joinGraph, est *stats.Estimator) *joinSearch {
	s := &joinSearch{g: g, drops: g.drops(), broadcast: stats.DefaultBroadcast}
	for _, l := range g.leaves {
		rows := est.Rows(l.node)
		m := measured{rows: rows, width: est.Width(l.node), share: 1}
		if l.drop != nil {
			m.share = s.dropShare(l, est)
		}
		s.leaf = append(s.leaf, m)
	}
	for _, c := range g.classes {
		var d []float64
		for k, m := range c.members {
			d = append(d, est.Distinct(g.leaves[c.at[k]].node, m))
		}
		s.distinct = append(s.distinct, d)
	}
	for _, c := range g.conds {
		s.selectivity = append(s.selectivity, s.condition(c, est))
	}
	return s
}

// dropShare estimates what share of rows a semi or anti join keeps, over the first relation that it reads.
func (s *joinSearch) dropShare(l leaf, est *stats.Estimator) float64 {
	for i, other := range s.g.leaves {
		if l.needs&(1<<i) != 0 {
			d := *l.drop
			d.Left = other.node
			return min(1, est.Rows(&d)/max(1, est.Rows(other.node)))
		}
	}
	return 1
}

// condition estimates the selectivity of a conjunct that is no equality of columns.
func (s *joinSearch) condition(c condition, est *stats.Estimator) float64 {
	if cmp, ok := c.expr.(*plan.Compare); ok && cmp.Op == plan.Eq {
		most := 1.0
		for i, l := range s.g.leaves {
			if c.on&(1<<i) != 0 {
				most = max(most, est.Rows(l.node)*0.1)
			}
		}
		return 1 / most
	}
	return 0.33
}

// start is a single relation.
func (s *joinSearch) start(i int) *candidate {
	return &candidate{tree: &joinTree{leaf: i, set: 1 << i}, rows: s.leaf[i].rows, width: s.leaf[i].width, hashed: s.placed[i] - 1}
}

// rows estimates the result of joining two sets.
func (s *joinSearch) rows(a, b *candidate) float64 {
	as, bs := a.tree.set, b.tree.set
	if bs&s.drops != 0 && b.tree.left == nil {
		return a.rows * s.leaf[b.tree.leaf].share
	}
	sel := s.equalities(a, b)
	for i := range s.g.conds {
		if on := s.g.conds[i].on; on&^(as|bs) == 0 && on&as != 0 && on&bs != 0 {
			sel *= s.selectivity[i]
		}
	}
	return a.rows * b.rows * sel
}

// equalities estimates the selectivity of the classes that link two sets. Columns of the same two relations are parts of one
// key and not independent; those of others are.
func (s *joinSearch) equalities(a, b *candidate) float64 {
	type link struct {
		factor float64
		on     relations
	}
	var links []link
	for i := range s.g.classes {
		if on := s.g.classes[i].on; on&a.tree.set != 0 && on&b.tree.set != 0 {
			links = append(links, link{1 / max(s.values(i, a), s.values(i, b)), on})
		}
	}
	slices.SortFunc(links, func(x, y link) int { return cmp.Compare(x.factor, y.factor) })
	sel := 1.0
	for i, l := range links {
		exponent := 1.0
		for _, other := range links[:i] {
			if shared := l.on & other.on; shared&a.tree.set != 0 && shared&b.tree.set != 0 {
				exponent *= stats.Dependence
			}
		}
		sel *= math.Pow(l.factor, exponent)
	}
	return sel
}

// values is how many values the columns of a class have in a set: the fewest of any, and no more than there are rows.
func (s *joinSearch) values(class int, c *candidate) float64 {
	n := math.Inf(1)
	for k, at := range s.g.classes[class].at {
		if c.tree.set&(1<<at) != 0 {
			n = min(n, s.distinct[class][k])
		}
	}
	return max(1, min(n, c.rows))
}

// join combines two disjoint sets whose result has the given rows. The side that goes right is the one that is sent.
func (s *joinSearch) join(a, b *candidate, rows float64) *candidate {
	if b.tree.set&s.drops == 0 || b.tree.left != nil {
		if s.better(b, a) {
			a, b = b, a
		}
	}
	c := &candidate{rows: rows, width: a.width + b.width, hashed: a.hashed}
	if b.tree.left == nil && s.g.leaves[b.tree.leaf].drop != nil {
		c.width = a.width
	}
	by := s.hashClass(a, b)
	moved := stats.Sent(a.bytes(), b.bytes())
	if by >= 0 {
		partitioned := 0.0
		if a.hashed != by {
			partitioned += a.bytes()
		}
		if b.hashed != by {
			partitioned += b.bytes()
		}
		if partitioned < moved || b.bytes() > s.broadcast {
			moved, c.hashed = partitioned, by
		}
	}
	c.cost = a.cost + b.cost + moved + c.bytes()
	c.tree = &joinTree{left: a.tree, right: b.tree, set: a.tree.set | b.tree.set}
	return c
}

// better reports whether a should be the left side rather than b: the larger one, or, where both are small, the one that
// has joins already, so that it need not be sent to where a mere table is read.
func (s *joinSearch) better(a, b *candidate) bool {
	const small = 1 << 20
	x, y := a.bytes(), b.bytes()
	if x < small && y < small && (a.tree.left == nil) != (b.tree.left == nil) {
		return a.tree.left != nil
	}
	return x > y
}

// hashClass picks the class by which a partitioned join would hash: one that a side is hashed by already, else the first; -1
// when there is none.
func (s *joinSearch) hashClass(a, b *candidate) int {
	found := -1
	for i := range s.g.classes {
		if on := s.g.classes[i].on; on&a.tree.set != 0 && on&b.tree.set != 0 {
			if i == a.hashed || i == b.hashed {
				return i
			}
			if found < 0 {
				found = i
			}
		}
	}
	if found >= 0 || b.tree.left != nil || s.g.leaves[b.tree.leaf].drop == nil {
		return found
	}
	// The key of a semi join is in the class of its left side's column.
	for _, q := range s.g.leaves[b.tree.leaf].drop.Equi {
		if r, ok := q.Left.(*plan.Ref); ok {
			for i, c := range s.g.classes {
				if slices.Contains(c.members, r.Sym) {
					return i
				}
			}
		}
	}
	return -1
}

// possible reports whether b can be joined to a: the right side of a semi or anti join only alone, and after what it
// reads.
func (s *joinSearch) possible(a, b relations) bool {
	if a&s.drops == a {
		return false
	}
	if b&s.drops == b {
		if b.count() > 1 {
			return false
		}
		for i, l := range s.g.leaves {
			if b == 1<<i {
				return l.needs&^a == 0
			}
		}
	}
	return true
}

// exhaustive finds the cheapest tree over all subsets. Cross products are considered only where nothing is connected.
func (s *joinSearch) exhaustive() *joinTree {
	n := len(s.g.leaves)
	best := make([]*candidate, 1<<n)
	for i := range s.g.leaves {
		best[1<<i] = s.start(i)
	}
	all := relations(1)<<n - 1
	for set := relations(1); set <= all; set++ {
		if best[set] == nil {
			best[set] = s.cheapest(best, set, false)
			if best[set] == nil {
				best[set] = s.cheapest(best, set, true)
			}
		}
	}
	return best[all].tree
}

// cheapest tries all divisions of a set in two; nil when there is none.
func (s *joinSearch) cheapest(best []*candidate, set relations, cross bool) *candidate {
	var found *candidate
	rows := -1.0
	for sub := (set - 1) & set; sub != 0; sub = (sub - 1) & set {
		other := set &^ sub
		a, b := best[sub], best[other]
		drop := other&s.drops == other
		if a == nil || b == nil || sub < other && !drop && sub&s.drops != sub || !s.possible(sub, other) {
			continue
		}
		if !cross && !drop && !s.g.linked(sub, other) {
			continue
		}
		if rows < 0 { // how many rows there are does not depend on the order
			rows = s.rows(a, b)
		}
		if c := s.join(a, b, rows); found == nil || c.cost < found.cost {
			found = c
		}
	}
	return found
}

// greedy joins, again and again, the pair whose result is smallest. Semi and anti joins come as early as they can.
func (s *joinSearch) greedy() *joinTree {
	var parts []*candidate
	for i := range s.g.leaves {
		parts = append(parts, s.start(i))
	}
	for len(parts) > 1 {
		bi, bj := -1, -1
		var best *candidate
		rank := -1
		for i, a := range parts {
			for j, b := range parts {
				if i == j || !s.possible(a.tree.set, b.tree.set) {
					continue
				}
				r := 0
				switch {
				case b.tree.set&s.drops == b.tree.set:
					r = 2
				case i > j:
					continue
				case s.g.linked(a.tree.set, b.tree.set):
					r = 1
				}
				c := s.join(a, b, s.rows(a, b))
				if r > rank || r == rank && c.bytes() < best.bytes() {
					bi, bj, best, rank = i, j, c, r
				}
			}
		}
		parts[bi] = best
		parts = slices.Delete(parts, bj, bj+1)
	}
	return parts[0].tree
}
