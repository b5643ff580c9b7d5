package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// cast writes a conversion.
func (l *lowerer) cast(e *plan.Cast, sc *scope) string {
	from, to := e.Arg.Type(), e.Typ
	if from.Kind == types.Varchar && to.Kind == types.Varchar && to.P >= from.P {
		return l.expr(e.Arg, sc)
	}
	c := &functions.Caster{TypeSQL: physical, Zone: l.zone, Now: l.now}
	sql, err := c.Cast(l.operand(e.Arg, sc), to, e.Try)
	if err != nil {
		l.fail(err)
	}
	return sql
}

// try writes TRY. What functions raise is caught by it, since their error function is not volatile.
//
// A subquery's errors are not caught: it is evaluated outside, and TRY sees its value.
func (l *lowerer) try(e *plan.Try, sc *scope) string {
	if !hasSubplan(e.Arg) {
		return "TRY(" + l.expr(e.Arg, sc) + ")"
	}
	alias := l.alias()
	inner := &scope{map[*plan.Symbol]col{}, sc}
	var items []string
	arg := plan.MapExpr(e.Arg, func(e plan.Expr) plan.Expr {
		if plan.Subplan(e) == nil {
			return e
		}
		name := "q" + strconv.Itoa(len(items))
		items = append(items, castTo(l.expr(e, sc), physical(e.Type()))+" AS "+name)
		sym := &plan.Symbol{Name: name, Type: e.Type()}
		inner.cols[sym] = col{sql: alias + "." + name, plain: true, exact: true}
		return &plan.Ref{Sym: sym}
	})
	return "(SELECT TRY(" + l.expr(arg, inner) + ") FROM (SELECT " + strings.Join(items, ", ") + ") AS " + alias + ")"
}
