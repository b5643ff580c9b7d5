package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// joinSearch looks for the order in which the joins of a graph move the fewest bytes. It works on numbers alone; the plan is made of the
// winner. This file has the model of the costs, join_enumerate.go and join_greedy.go have the two ways to look.
type joinSearch struct {
	g    *joinGraph
	leaf []measured
	// distinct holds, for each member of each class, its number of distinct values.
	distinct [][]float64
	// selectivity is that of each of the other conditions.
	selectivity []float64
	// share is what each semi or anti join leaves of the rows, and the selectivity of what outer joins have beside equalities.
	share map[*operator]float64
	sizes map[relations]float64 // the rows of sets, once estimated
	// placed holds, for relations whose rows are hashed by the columns of a class already, that class, plus one.
	placed map[int]int
	// broadcast is how large a side of a join may be that is sent to every task if both can be hashed.
	broadcast float64
}

// smallProduct is how many bytes the cross product of two relations can have that is looked at though others link them.
const smallProduct = stats.DefaultBroadcast

// find looks for the best order: among all of those that edges allow, cross joins of small relations among them; without these if that
// is too much; step by step if that is too much too, or if there are more relations than all.
func (s *joinSearch) find(all int) *joinTree {
	if len(s.leaf) <= all {
		edges := s.g.edges()
		edges = append(edges, s.g.crossing(edges)...)
		for _, e := range [][]hyperedge{append(s.small(), edges...), edges} {
			if t := s.enumerate(e); t != nil {
				return t
			}
		}
	}
	if t := s.greedy(); t != nil {
		return t
	}
	return s.g.written
}

// measured is the size of a relation.
type measured struct{ rows, width float64 }

// candidate is the best tree so far over a set of relations.
type candidate struct {
	tree        *joinTree
	rows, width float64
	spent       float64 // bytes that all joins move, and that those below this one put out
	hashed      int     // the class by whose columns the rows are partitioned, -1 when by none
}

func (c *candidate) bytes() float64 { return c.rows * c.width }

// cost is how many bytes are moved and put out by all joins.
func (c *candidate) cost() float64 {
	if c.tree.left == nil {
		return 0
	}
	return c.spent + c.bytes()
}

func newJoinSearch(g *joinGraph, est *stats.Estimator) *joinSearch {
	s := &joinSearch{g: g, share: map[*operator]float64{}, sizes: map[relations]float64{}, broadcast: stats.DefaultBroadcast}
	for _, l := range g.leaves {
		s.leaf = append(s.leaf, measured{rows: est.Rows(l), width: est.Width(l)})
	}
	for _, c := range g.classes {
		var d []float64
		for k, m := range c.members {
			d = append(d, est.Distinct(g.leaves[c.at[k]], m))
		}
		s.distinct = append(s.distinct, d)
	}
	for _, c := range g.conds {
		s.selectivity = append(s.selectivity, s.condition(c.expr, c.on))
	}
	for i := range g.ops {
		o := &g.ops[i]
		s.share[o] = s.operatorShare(o, est)
	}
	return s
}

// operatorShare estimates what share of rows a semi or anti join keeps, over the first relation that it reads, and of the pairs with equal
// columns the rest of the condition of an outer one.
func (s *joinSearch) operatorShare(o *operator, est *stats.Estimator) float64 {
	if o.join.Type == plan.Left || o.join.Type == plan.Full {
		share := 1.0
		for i, q := range o.join.Equi {
			if o.keys[0][i] < 0 || o.keys[1][i] < 0 {
				share *= s.condition(&plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right}, o.all())
			}
		}
		for range plan.Conjuncts(o.join.Filter) {
			share *= unknownCondition
		}
		return share
	}
	for i, l := range s.g.leaves {
		if o.needs[0].meets(1 << i) {
			d := *o.join
			d.Left, d.Right = l, s.g.leaves[o.below[1].index()]
			return min(1, est.Rows(&d)/max(1, est.Rows(l)))
		}
	}
	return 1
}

// unknownCondition is the selectivity of a conjunct that is no equality.
const unknownCondition = 0.33

// condition estimates the selectivity of a conjunct that is no equality of columns.
func (s *joinSearch) condition(e plan.Expr, on relations) float64 {
	if c, ok := e.(*plan.Compare); ok && c.Op == plan.Eq {
		most := 1.0
		for i, l := range s.leaf {
			if on.meets(1 << i) {
				most = max(most, l.rows*0.1)
			}
		}
		return 1 / most
	}
	return unknownCondition
}

// start is a single relation.
func (s *joinSearch) start(i int) *candidate {
	return &candidate{tree: leafTree(i), rows: s.leaf[i].rows, width: s.leaf[i].width, hashed: s.placed[i] - 1}
}

// join combines two disjoint sets, whose result has the given rows, by an operator or by an inner join. The side that goes right is the one
// that is sent; that of an inner join is chosen here.
func (s *joinSearch) join(a, b *candidate, o *operator, rows float64) *candidate {
	if o == nil && s.better(b, a) {
		a, b = b, a
	}
	c := &candidate{rows: rows, width: a.width, hashed: a.hashed}
	if o == nil || o.join.Type == plan.Left || o.join.Type == plan.Full {
		c.width += b.width
	}
	moved := stats.Sent(a.bytes(), b.bytes())
	full := o != nil && o.join.Type == plan.Full
	if by, partitioned, ok := s.partitioned(a, b, o); ok && (full || partitioned < moved || b.bytes() > s.broadcast) {
		moved, c.hashed = partitioned, by
	}
	if full { // a row has the key of one side or the other
		c.hashed = -1
	}
	c.spent = a.cost() + b.cost() + moved
	c.tree = &joinTree{left: a.tree, right: b.tree, op: o, set: a.tree.set | b.tree.set}
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

// partitioned picks the class of the left side by which a join hashes both, and how many bytes that moves: one that a side is hashed by
// already, else the first; -1 when it hashes other expressions. ok is false when there is nothing to hash by.
func (s *joinSearch) partitioned(a, b *candidate, o *operator) (by int, moved float64, ok bool) {
	by, moved = -1, a.bytes()+b.bytes()
	consider := func(left, right int) {
		m := 0.0
		if left < 0 || a.hashed != left {
			m += a.bytes()
		}
		if right < 0 || b.hashed != right {
			m += b.bytes()
		}
		if !ok || m < moved {
			by, moved = left, m
		}
		ok = true
	}
	if o != nil {
		if o.join.NullAware { // its right side goes to every task
			return by, moved, false
		}
		for i, left := range o.keys[0] {
			consider(left, o.keys[1][i])
		}
		return by, moved, ok
	}
	for i := range s.g.classes {
		if on := s.g.classes[i].on; on.meets(a.tree.set) && on.meets(b.tree.set) {
			consider(i, i)
		}
	}
	for i := range s.g.conds {
		if !ok && s.g.conds[i].hashes(a.tree.set, b.tree.set) {
			consider(-1, -1)
		}
	}
	return by, moved, ok
}

// cost is what a given order costs.
func (s *joinSearch) cost(t *joinTree) *candidate {
	if t.left == nil {
		return s.start(t.leaf)
	}
	a, b := s.cost(t.left), s.cost(t.right)
	return s.join(a, b, t.op, s.size(a, b, t.op))
}
