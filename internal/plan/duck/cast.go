package duck

import (
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
	c := &functions.Caster{TypeSQL: physical, Zone: l.zone}
	sql, err := c.Cast(l.operand(e.Arg, sc), to, e.Try)
	if err != nil {
		l.fail(err)
	}
	return sql
}

// try writes TRY. What functions raise is caught by it, since their error function is not volatile.
func (l *lowerer) try(e *plan.Try, sc *scope) string {
	return "TRY(" + l.expr(e.Arg, sc) + ")"
}
