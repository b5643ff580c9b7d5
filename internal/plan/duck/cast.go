package duck

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// cast writes a conversion.
func (l *lowerer) cast(e *plan.Cast, sc *scope) string {
	word := "CAST("
	if e.Try {
		word = "TRY_CAST("
	}
	return word + l.expr(e.Arg, sc) + " AS " + physical(e.Typ) + ")"
}

// try writes TRY.
func (l *lowerer) try(e *plan.Try, sc *scope) string {
	return "TRY(" + l.expr(e.Arg, sc) + ")"
}
