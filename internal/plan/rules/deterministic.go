package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// deterministic reports whether an expression gives the same value whenever it is evaluated on the same row.
func deterministic(e plan.Expr) bool {
	ok := true
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, is := e.(*plan.Call); is {
			if f := functions.Lookup(c.Variant); f == nil || f.Nondeterministic {
				ok = false
			}
		}
		return ok
	})
	return ok
}
