package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// Reordering is another order for a cluster of joins.
type Reordering struct {
	Root plan.Node // with the columns of the old one
	// Before and After are the bytes that the joins put out and move, in the old order and in the new one.
	Before, After float64
}

// Leaves are the relations of a cluster of joins.
func Leaves(root *plan.Join) []plan.Node {
	var out []plan.Node
	for _, l := range newJoinGraph(root, func(n plan.Node) plan.Node { return n }).leaves {
		out = append(out, l.node)
	}
	return out
}

// Begun is what counts when joins are ordered of a plan part of which has been executed.
type Begun struct {
	// Hashed gives the column by which the rows of a relation have been hashed already; nil when there is none.
	Hashed func(plan.Node) *plan.Symbol
	// Broadcast is how large a side may be that is sent to every task rather than hashed; negative: none is.
	Broadcast float64
	// Least is how many bytes another order must save at least to be looked for.
	Least float64
}

// ReorderAgain looks for a better order of the joins at the root of a plan, part of which has been executed. It returns nil where there
// is nothing to choose or to gain.
func ReorderAgain(c *Context, root *plan.Join, by Begun) *Reordering {
	g := newJoinGraph(root, func(n plan.Node) plan.Node { return n })
	if len(g.leaves) < 3 || len(g.leaves) > maxRelations {
		return nil
	}
	s := newJoinSearch(g, c.Estimator)
	s.placed, s.broadcast = map[int]int{}, by.Broadcast
	for i, l := range g.leaves {
		if class := g.classHashing(by.Hashed(l.node)); class >= 0 {
			s.placed[i] = class + 1
		}
	}
	before := s.cost(g.written(root)).cost
	if before < by.Least {
		return nil
	}
	r := &reorderer{c: c}
	var found *joinTree
	if len(g.leaves) <= r.exhaustive() {
		found = s.exhaustive()
	} else {
		found = s.greedy()
	}
	return &Reordering{Root: g.plan(found, root.Outputs()), Before: before, After: s.cost(found).cost}
}

// PruneColumns drops the columns that nobody needs from plans whose joins have been ordered again.
func PruneColumns(root plan.Node) plan.Node { return pruneColumns(nil, root) }

// Renamed gives the columns of a plan other names.
func Renamed(n plan.Node, symbols []*plan.Symbol) plan.Node {
	out := n.Outputs()
	if slices.Equal(out, symbols) {
		return n
	}
	again := &plan.Project{Source: n}
	for i, s := range symbols {
		again.Cols = append(again.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: out[i]}})
	}
	return again
}

// InCluster reports whether a join may change places with those below it.
func InCluster(j *plan.Join) bool { return inCluster(j) }

// classHashing is the class whose column a relation is hashed by; -1 when there is none.
func (g *joinGraph) classHashing(by *plan.Symbol) int {
	return slices.IndexFunc(g.classes, func(c class) bool { return slices.Contains(c.members, by) })
}

// written is the order in which the joins of the graph are written.
func (g *joinGraph) written(root plan.Node) *joinTree {
	next, drop := 0, slices.IndexFunc(g.leaves, func(l leaf) bool { return l.drop != nil })
	relation := func(i int) *joinTree { return &joinTree{leaf: i, set: 1 << i} }
	var walk func(n plan.Node) *joinTree
	walk = func(n plan.Node) *joinTree {
		if next < len(g.leaves) && n == g.leaves[next].node {
			next++
			return relation(next - 1)
		}
		switch n := n.(type) {
		case *plan.Project:
			return walk(n.Source)
		case *plan.Join:
			left := walk(n.Left)
			var right *joinTree
			if isInner(n) {
				right = walk(n.Right)
			} else {
				right = relation(drop)
				drop++
			}
			return &joinTree{left: left, right: right, set: left.set | right.set}
		}
		return nil // newJoinGraph has made a leaf of it
	}
	return walk(root)
}

// cost is what a given order costs.
func (s *joinSearch) cost(t *joinTree) *candidate {
	if t.left == nil {
		return s.start(t.leaf)
	}
	a, b := s.cost(t.left), s.cost(t.right)
	return s.join(a, b, s.rows(a, b))
}
