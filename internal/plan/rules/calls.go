package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// call makes a call of a function that is known to exist for its arguments.
func call(name string, args ...plan.Expr) plan.Expr {
	r := resolve(name, args)
	return &plan.Call{Name: r.Function.Name, Variant: r.Variant, Args: args, Typ: r.Result}
}

// aggregation makes a call of an aggregate that is known to exist for its arguments.
func aggregation(s *plan.Symbol, name string, args ...plan.Expr) plan.Aggregation {
	return plan.Aggregation{Sym: s, Name: name, Variant: resolve(name, args).Variant, Args: args}
}

func resolve(name string, args []plan.Expr) functions.Resolved {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	r, err := functions.Resolve(name, ts)
	if err != nil {
		panic("rules: " + err.Error())
	}
	return r
}
