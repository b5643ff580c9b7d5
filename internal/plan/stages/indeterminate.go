package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// Indeterminate reports whether another run of a fragment over the same input may give other rows: because of functions
// like random(), or because which rows come first is left open.
func (f *Fragment) Indeterminate() bool { return indeterminate(f.Root) }

func indeterminate(n plan.Node) bool {
	found := false
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Limit, *plan.TopN, *plan.Sample, *plan.RowNumber, *plan.Window, *plan.MatchRecognize:
			found = true
		case *plan.Aggregate:
			for _, a := range n.Aggs {
				fn := functions.Lookup(a.Variant)
				found = found || fn == nil || fn.OrderSensitive || fn.Nondeterministic
			}
		}
		found = found || nondeterministic(n)
		return !found
	})
	return found
}

// nondeterministic reports whether a node itself calls a function like random().
func nondeterministic(n plan.Node) bool {
	found := false
	for _, e := range plan.NodeExprs(n) {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if c, ok := e.(*plan.Call); ok {
				fn := functions.Lookup(c.Variant)
				found = found || fn == nil || fn.Nondeterministic
			}
			return !found
		})
	}
	return found
}
