package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// cannotFail reports whether an expression surely has a value for every row, so that it may be evaluated for rows too that are dropped before it
// would be. It knows what sums are made of: columns, arithmetic of doubles, arithmetic of decimals whose result has all digits, conditions.
func cannotFail(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Ref, *plan.Const, *plan.Compare, *plan.Logical, *plan.Not, *plan.IsNull, *plan.Between, *plan.In, *plan.Coalesce, *plan.Case, *plan.NullIf:
	case *plan.Cast:
		if !e.Try && !widens(e.Arg.Type(), e.Typ) {
			return false
		}
	case *plan.Call:
		switch e.Name {
		case "$add", "$subtract", "$multiply", "$negate":
			if k := e.Typ.Kind; k != types.Double && k != types.Real && (k != types.Decimal || e.Typ.P >= types.MaxDecimalPrecision) {
				return false
			}
		default:
			return false
		}
	default:
		return false
	}
	for _, c := range e.Children() {
		if !cannotFail(c) {
			return false
		}
	}
	return true
}

// digits are those of the whole numbers of a type.
var digits = map[types.Kind]int{types.TinyInt: 3, types.SmallInt: 5, types.Integer: 10, types.BigInt: 19}

// widens reports whether each value of a type has one of another.
func widens(from, to types.Type) bool {
	if from.Equal(to) {
		return true
	}
	whole := digits[from.Kind]
	if from.Kind == types.Decimal {
		whole = from.P - from.S
	}
	switch to.Kind {
	case types.Double, types.Real:
		return whole > 0 || from.Kind == types.Real
	case types.Decimal:
		return whole > 0 && to.P-to.S >= whole && to.S >= from.S
	case types.Varchar:
		return from.Kind == types.Varchar && to.P >= from.P
	}
	return from.Kind != types.Decimal && whole > 0 && whole <= digits[to.Kind]
}
