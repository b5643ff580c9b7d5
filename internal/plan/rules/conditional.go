package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A subquery is evaluated for every row, wherever in an expression it stands: one that has several rows fails as Trino's does, also under a
// CASE that does not take it, and nothing in it is caught by a TRY around it. What is computed of the value of an aggregation
// is part of the expression: a division there fails only where it is reached.

// guard says what stands between a subquery and the expression that it is part of.
type guard uint8

const (
	always guard = iota // nothing that may leave it out
	maybe               // CASE, COALESCE, AND, OR and the like
	caught              // TRY
)

// guards finds the guards of the subqueries of an expression.
func guards(e plan.Expr) map[plan.Node]guard {
	out := map[plan.Node]guard{}
	var visit func(e plan.Expr, at guard)
	visit = func(e plan.Expr, at guard) {
		switch e.(type) {
		case *plan.Case, *plan.Coalesce, *plan.Logical, *plan.NullIf, *plan.In, *plan.Between:
			at = max(at, maybe)
		case *plan.Try:
			at = caught
		}
		if sub := plan.Subplan(e); sub != nil {
			out[sub] = max(out[sub], at)
		}
		for _, c := range e.Children() {
			visit(c, at)
		}
	}
	visit(e, always)
	return out
}

// settled is the value of a subquery with what must happen whether or not the value is needed.
func (u *unnester) settled(v plan.Expr, at guard, src *plan.Node) plan.Expr {
	if _, column := v.(*plan.Ref); column || at == always {
		return v
	}
	if c, ok := v.(*plan.Call); ok && c.Name == atMostOneRow {
		*src = onlyRow(*src, c.Args[1])
	}
	if at == caught {
		s := u.c.Symbols.New("value", v.Type())
		*src = &plan.Project{Source: *src, Cols: append(identity((*src).Outputs()), plan.Assignment{Sym: s, Expr: v})}
		return &plan.Ref{Sym: s}
	}
	return v
}

// onlyRow fails where a subquery has more than one row, and keeps all rows.
func onlyRow(n plan.Node, rows plan.Expr) plan.Node {
	null := &plan.Const{Typ: types.Of(types.Boolean)}
	return &plan.Filter{Source: n, Pred: &plan.IsNull{Arg: call(atMostOneRow, null, rows)}}
}

// atMostOneRow is the function that gives the value of a scalar subquery, or fails.
const atMostOneRow = "$at_most_one_row"
