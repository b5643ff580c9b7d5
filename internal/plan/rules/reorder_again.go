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
	if g := newJoinGraph(root, true, asItIs); g != nil {
		return g.leaves
	}
	return nil
}

func asItIs(n plan.Node) plan.Node { return n }

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
	g := newJoinGraph(root, true, asItIs)
	if g == nil || len(g.leaves) < 3 {
		return nil
	}
	s := newJoinSearch(g, c.Estimator)
	s.placed, s.broadcast = map[int]int{}, by.Broadcast
	for i, l := range g.leaves {
		if class := g.classHashing(by.Hashed(l)); class >= 0 {
			s.placed[i] = class + 1
		}
	}
	before := s.cost(g.written).cost()
	if before < by.Least {
		return nil
	}
	found := s.find(c.most())
	return &Reordering{Root: g.plan(found, root.Outputs()), Before: before, After: s.cost(found).cost()}
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
func InCluster(j *plan.Join) bool { return opens(j, true, nil) }

// classHashing is the class whose column a relation is hashed by; -1 when there is none.
func (g *joinGraph) classHashing(by *plan.Symbol) int {
	return slices.IndexFunc(g.classes, func(c class) bool { return slices.Contains(c.members, by) })
}
