package rules

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pruneEmpty drops what cannot have rows: below a condition that is never true, or joined with such a thing.
func pruneEmpty(_ *Context, n plan.Node) plan.Node { return rewrite(n, WithoutEmpty) }

// never reports whether a predicate is a literal that is not true.
func never(pred plan.Expr) bool {
	for _, p := range plan.Conjuncts(pred) {
		if c, ok := p.(*plan.Const); ok && c.Value != true {
			return true
		}
	}
	return false
}

// filledLeft is a left join whose right side has no rows.
func filledLeft(n *plan.Join) plan.Node {
	cols := identity(n.Left.Outputs())
	for _, s := range n.Right.Outputs() {
		cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Const{Typ: s.Type}})
	}
	return &plan.Project{Source: n.Left, Cols: cols}
}

// Nothing is the relation without rows that has the columns of a node.
func Nothing(n plan.Node) plan.Node { return &plan.Values{Symbols: n.Outputs()} }

// IsEmpty reports whether a plan is known to have no rows.
func IsEmpty(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 0
}

// WithoutEmpty is a node without what cannot have rows because one of its sources has none. Sources come first.
func WithoutEmpty(n plan.Node) plan.Node {
	switch x := n.(type) {
	case *plan.Filter:
		if IsEmpty(x.Source) || never(x.Pred) {
			return Nothing(n)
		}
	case *plan.Limit:
		if IsEmpty(x.Source) || x.Count == 0 {
			return Nothing(n)
		}
	case *plan.Project, *plan.Distinct, *plan.Sort, *plan.TopN, *plan.Sample, *plan.Window, *plan.RowNumber:
		if IsEmpty(n.Sources()[0]) {
			return Nothing(n)
		}
	case *plan.Unnest:
		if x.Source != nil && IsEmpty(x.Source) {
			return Nothing(n)
		}
	case *plan.Aggregate:
		if x.Sets == nil && len(x.Keys) > 0 && IsEmpty(x.Source) {
			return Nothing(n)
		}
	case *plan.Join:
		return prunedJoin(x)
	case *plan.SetOp:
		return prunedSetOp(x)
	case *plan.LateralJoin:
		if IsEmpty(x.Left) {
			return Nothing(n)
		}
	}
	return n
}

func prunedJoin(n *plan.Join) plan.Node {
	left, right := IsEmpty(n.Left), IsEmpty(n.Right)
	switch n.Type {
	case plan.Inner, plan.Cross, plan.Semi:
		if left || right {
			return Nothing(n)
		}
	case plan.Anti:
		if left {
			return Nothing(n)
		}
		if right {
			return n.Left
		}
	case plan.Left:
		if left {
			return Nothing(n)
		}
		if right {
			return filledLeft(n)
		}
	case plan.Mark:
		if left {
			return Nothing(n)
		}
	case plan.Right:
		if right {
			return Nothing(n)
		}
	case plan.Full:
		if left && right {
			return Nothing(n)
		}
	default:
		panic(fmt.Sprintf("join type %s", n.Type))
	}
	return n
}

func prunedSetOp(n *plan.SetOp) plan.Node {
	first, all, any := IsEmpty(n.Inputs[0]), true, false
	for _, in := range n.Inputs {
		all = all && IsEmpty(in)
		any = any || IsEmpty(in)
	}
	if all || n.Kind == plan.Intersect && any || n.Kind == plan.Except && first {
		return Nothing(n)
	}
	return n
}
