package rules

import (
	"math/bits"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// relations is a set of the leaves of a join graph, as bits.
type relations uint64

// maxRelations is how many leaves a join graph can have.
const maxRelations = 64

func (s relations) count() int                 { return bits.OnesCount64(uint64(s)) }
func (s relations) lowest() relations          { return s & -s }
func (s relations) index() int                 { return bits.TrailingZeros64(uint64(s)) } // of the lowest
func (s relations) in(of relations) bool       { return s&^of == 0 }
func (s relations) meets(other relations) bool { return s&other != 0 }

// crosses reports whether a set lies in the union of two others, and in neither of them.
func (s relations) crosses(a, b relations) bool { return s.in(a|b) && !s.in(a) && !s.in(b) }

// joinGraph is a cluster of joins as a hypergraph: relations, and what links them. Inner joins are not kept as such, but as their conjuncts:
// equalities of columns as classes, the others as conditions, for they can be evaluated wherever what they read has been joined. Outer, semi
// and anti joins are operators, each of which is carried out once, with all of its condition.
type joinGraph struct {
	leaves  []plan.Node
	classes []class
	conds   []condition
	ops     []operator
	// renamed maps symbols of projections inside the cluster to what they stand for.
	renamed map[*plan.Symbol]plan.Expr
	owner   map[*plan.Symbol]int // the leaf that puts out a symbol
	written *joinTree
}

// class is a set of columns, of one relation each, that inner joins make equal. A column by which something else is joined is a class
// too, if only its own: rows can be hashed by it.
type class struct {
	on      relations
	members []*plan.Symbol
	at      []int // the leaf of each member
}

// condition is a conjunct that can be evaluated once all of on have been joined: the relations that it reads, and those whose joins
// decide whether these are there.
type condition struct {
	expr plan.Expr
	on   relations
	// equal are the relations that the sides of an equality read; where one half of a join has one side and the other half the other, both
	// can be hashed by it.
	equal [2]relations
}

// operator is an outer, semi or anti join.
type operator struct {
	join *plan.Join // its sides do not count
	// reads are the relations that the condition reads, below those that were under the sides as it was written.
	reads relations
	below [2]relations
	// needs are the relations without which it cannot be carried out, by side (the total eligibility set), and rules say which others come
	// together.
	needs [2]relations
	rules []conflictRule
	// keys are the classes of the columns that are compared, by side; -1 for other expressions.
	keys [2][]int
}

// all are the relations that an operator needs.
func (o *operator) all() relations { return o.needs[0] | o.needs[1] }

// drops reports whether the right side only decides which rows of the left one remain.
func (o *operator) drops() bool { return o.join.Type == plan.Semi || o.join.Type == plan.Anti }

// fills are the relations whose columns are NULL, or not there at all, unless the operator has been carried out.
func (o *operator) fills() relations {
	if o.join.Type == plan.Full {
		return o.below[0] | o.below[1]
	}
	return o.below[1]
}

// joinTree is an order: two subtrees and the operator that joins them, nil for an inner join; or a leaf.
type joinTree struct {
	leaf        int
	left, right *joinTree
	op          *operator
	set         relations
}

func leafTree(i int) *joinTree { return &joinTree{leaf: i, set: 1 << i} }

// newJoinGraph flattens a tree of joins; leaf rewrites what is not part of it. Only where outer is set do outer joins belong to it. It
// returns nil for more relations than a set holds.
func newJoinGraph(root *plan.Join, outer bool, leaf func(plan.Node) plan.Node) *joinGraph {
	f := &flattener{g: &joinGraph{renamed: map[*plan.Symbol]plan.Expr{}, owner: map[*plan.Symbol]int{}}, outer: outer, leaf: leaf}
	written := f.node(root, nil)
	g := f.g
	if len(g.leaves) > maxRelations {
		return nil
	}
	g.written = written
	for i, l := range g.leaves {
		for _, s := range l.Outputs() {
			g.owner[s] = i
		}
	}
	for i := range g.ops {
		g.ops[i].read(g)
	}
	g.findConflicts()
	for _, e := range f.exprs {
		g.add(substituteAll(e, g.renamed))
	}
	for i := range g.ops {
		g.ops[i].findKeys(g)
	}
	g.setOperators(written)
	return g
}

// setOperators puts the operators into the tree as it was written.
func (g *joinGraph) setOperators(t *joinTree) {
	if t.left == nil {
		return
	}
	g.setOperators(t.left)
	g.setOperators(t.right)
	for i := range g.ops {
		if o := &g.ops[i]; o.below == [2]relations{t.left.set, t.right.set} {
			t.op = o
		}
	}
}

// read finds out what the condition of an operator reads.
func (o *operator) read(g *joinGraph) {
	c := *o.join
	c.Left, c.Right, c.Equi, c.Distribution = nil, nil, nil, plan.Undecided
	for _, q := range o.join.Equi {
		q = plan.EquiClause{Left: substituteAll(q.Left, g.renamed), Right: substituteAll(q.Right, g.renamed)}
		c.Equi = append(c.Equi, q)
		o.reads |= g.readBy(q.Left) | g.readBy(q.Right)
	}
	if c.Filter != nil {
		c.Filter = substituteAll(c.Filter, g.renamed)
		o.reads |= g.readBy(c.Filter)
	}
	o.join = &c
}

// findKeys finds the classes of the columns that an operator compares.
func (o *operator) findKeys(g *joinGraph) {
	for _, q := range o.join.Equi {
		for side, e := range []plan.Expr{q.Left, q.Right} {
			at := -1
			if r, ok := e.(*plan.Ref); ok {
				if _, ok := g.owner[r.Sym]; ok {
					at = g.classOf(r.Sym)
				}
			}
			o.keys[side] = append(o.keys[side], at)
		}
	}
}

// substituteAll replaces symbols until none is left that has a replacement.
func substituteAll(e plan.Expr, by map[*plan.Symbol]plan.Expr) plan.Expr {
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		if r, ok := e.(*plan.Ref); ok {
			if x, ok := by[r.Sym]; ok {
				return substituteAll(x, by)
			}
		}
		if sub := plan.Subplan(e); sub != nil {
			return plan.WithSubplan(e, substitutePlan(sub, by))
		}
		return e
	})
}

// add sorts a conjunct in: an equality of two columns joins a class. Columns that an outer join may fill with NULL are in none: they are
// equal to others only above it.
func (g *joinGraph) add(e plan.Expr) {
	if c, ok := e.(*plan.Compare); ok && c.Op == plan.Eq {
		l, lok := c.Left.(*plan.Ref)
		r, rok := c.Right.(*plan.Ref)
		if lok && rok && g.unite(l.Sym, r.Sym) {
			return
		}
	}
	cond := condition{expr: e, on: g.above(g.readBy(e))}
	if c, ok := e.(*plan.Compare); ok && c.Op == plan.Eq {
		cond.equal = [2]relations{g.readBy(c.Left), g.readBy(c.Right)}
	}
	g.conds = append(g.conds, cond)
}

// hashes reports whether a condition says that an expression over one set equals one over the other.
func (c *condition) hashes(a, b relations) bool {
	l, r := c.equal[0], c.equal[1]
	return l != 0 && r != 0 && (l.in(a) && r.in(b) || l.in(b) && r.in(a))
}

func (g *joinGraph) readBy(e plan.Expr) (on relations) {
	plan.FreeSymbols(e, func(s *plan.Symbol) {
		if i, ok := g.owner[s]; ok {
			on |= 1 << i
		}
	})
	return on
}

// unite makes two columns members of one class; false when the class would have two columns of one relation, or columns of
// different types.
func (g *joinGraph) unite(a, b *plan.Symbol) bool {
	i, ok := g.owner[a]
	j, ok2 := g.owner[b]
	if !ok || !ok2 || i == j || !a.Type.Equal(b.Type) || g.filled().meets(1<<i|1<<j) {
		return false
	}
	ca, cb := g.classOf(a), g.classOf(b)
	if ca == cb {
		return true
	}
	if g.classes[ca].on&g.classes[cb].on != 0 {
		return false
	}
	x, y := &g.classes[ca], &g.classes[cb]
	x.on |= y.on
	x.members, x.at = append(x.members, y.members...), append(x.at, y.at...)
	g.classes = append(g.classes[:cb], g.classes[cb+1:]...)
	return true
}

// classOf returns the class of a column, making one if there is none.
func (g *joinGraph) classOf(s *plan.Symbol) int {
	for i, c := range g.classes {
		if slices.Contains(c.members, s) {
			return i
		}
	}
	i := g.owner[s]
	g.classes = append(g.classes, class{on: 1 << i, members: []*plan.Symbol{s}, at: []int{i}})
	return len(g.classes) - 1
}
