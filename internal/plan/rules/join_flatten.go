package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// flattener takes a tree of joins apart.
type flattener struct {
	g     *joinGraph
	outer bool
	leaf  func(plan.Node) plan.Node
	exprs []plan.Expr
}

// place is where a node is below a join: under which kind, and on which side.
type place struct {
	of    plan.JoinType
	right bool
}

// opens reports whether a join belongs to a cluster below others: whether it may change places with all of them. The right side of a left
// join, for one, is a cluster of its own unless it is a left join itself.
func opens(j *plan.Join, outer bool, above []place) bool {
	t := j.Type
	switch t {
	case plan.Cross:
		t = plan.Inner
	case plan.Inner, plan.Semi, plan.Anti:
	case plan.Left, plan.Right, plan.Full:
		if !outer || !movesFreely(j) {
			return false
		}
		if t == plan.Right {
			t = plan.Left
		}
	default:
		return false
	}
	for _, p := range above {
		if (p.of == plan.Left || p.of == plan.Full) && !movesFreely(j) || !exchangeable(t, p) {
			return false
		}
	}
	return true
}

// movesFreely reports whether the condition of a join gives the same wherever it is evaluated.
func movesFreely(j *plan.Join) bool {
	return len(plan.Subplans(j)) == 0 && !slices.ContainsFunc(plan.NodeExprs(j), func(e plan.Expr) bool { return !deterministic(e) })
}

// node flattens a node that stands below the given joins.
func (f *flattener) node(n plan.Node, above []place) *joinTree {
	inner := n
	for {
		p, ok := inner.(*plan.Project)
		if !ok || !onlyReads(p) {
			break
		}
		inner = p.Source
	}
	switch x := inner.(type) {
	case *plan.Filter:
		if f.seesThrough(x, above) {
			f.rename(n)
			f.exprs = append(f.exprs, plan.Conjuncts(x.Pred)...)
			return f.node(x.Source, with(above, plan.Inner, false))
		}
	case *plan.Join:
		if opens(x, f.outer, above) {
			f.rename(n)
			return f.join(x, above)
		}
	}
	f.g.leaves = append(f.g.leaves, f.leaf(n))
	return leafTree(len(f.g.leaves) - 1)
}

func with(above []place, of plan.JoinType, right bool) []place {
	return append(slices.Clip(above), place{of, right})
}

// seesThrough reports whether the conjuncts of a filter may be evaluated elsewhere: one above an outer join, among other joins.
func (f *flattener) seesThrough(n *plan.Filter, above []place) bool {
	if !f.outer || len(above) == 0 || hasSubplan(n.Pred) || !deterministic(n.Pred) {
		return false
	}
	for _, p := range above {
		if !exchangeable(plan.Inner, p) {
			return false
		}
	}
	j := n.Source
	for {
		p, ok := j.(*plan.Project)
		if !ok || !onlyReads(p) {
			break
		}
		j = p.Source
	}
	x, ok := j.(*plan.Join)
	return ok && (x.Type == plan.Left || x.Type == plan.Right) && opens(x, f.outer, with(above, plan.Inner, false))
}

// rename notes what the projections above a join do. They only pick and rename columns, and do not separate joins.
func (f *flattener) rename(n plan.Node) {
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			return
		}
		for _, a := range p.Cols {
			if r := a.Expr.(*plan.Ref); r.Sym != a.Sym {
				f.g.renamed[a.Sym] = r
			}
		}
		n = p.Source
	}
}

// join flattens a join of the cluster.
func (f *flattener) join(j *plan.Join, above []place) *joinTree {
	if j.Type == plan.Right {
		j = mirrored(j)
	}
	kind := j.Type
	if kind == plan.Cross {
		kind = plan.Inner
	}
	left := f.node(j.Left, with(above, kind, false))
	var right *joinTree
	if kind == plan.Semi || kind == plan.Anti {
		f.g.leaves = append(f.g.leaves, f.leaf(j.Right))
		right = leafTree(len(f.g.leaves) - 1)
	} else {
		right = f.node(j.Right, with(above, kind, true))
	}
	t := &joinTree{left: left, right: right, set: left.set | right.set}
	if kind == plan.Inner {
		for _, q := range j.Equi {
			f.exprs = append(f.exprs, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
		}
		f.exprs = append(f.exprs, plan.Conjuncts(j.Filter)...)
		return t
	}
	f.g.ops = append(f.g.ops, operator{join: j, below: [2]relations{left.set, right.set}})
	return t
}
