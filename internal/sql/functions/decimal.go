package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Decimal arithmetic on DuckDB. DuckDB's + - * agree with Trino once the operands are wide enough that it does not limit
// the result to 64 bits; its division gives a double, so that quotients are computed on the unscaled 128-bit integers.

// maxShortDecimal is the widest decimal that DuckDB keeps in 64 bits.
const maxShortDecimal = 18

// widened returns the first operand, cast when DuckDB would otherwise compute a result of more than 64 bits in 64 bits.
func widened(a, b Operand, result types.Type) string {
	if result.P > maxShortDecimal && a.Type.P <= maxShortDecimal && b.Type.P <= maxShortDecimal {
		return cast(a.SQL, decimalSQL(maxShortDecimal+1, a.Type.S))
	}
	return a.SQL
}

func decimalSQL(p, s int) string { return "DECIMAL(" + strconv.Itoa(p) + ", " + strconv.Itoa(s) + ")" }

func cast(sql, typ string) string { return "CAST(" + sql + " AS " + typ + ")" }

// unscaled returns the decimal's digits as a HUGEINT.
func unscaled(sql string, t types.Type) string {
	switch {
	case t.S == 0:
		return cast(sql, "HUGEINT")
	case t.P+t.S <= types.MaxDecimalPrecision:
		return cast(sql+" * "+cast(powerOfTen(t.S), decimalSQL(types.MaxDecimalPrecision, 0)), "HUGEINT")
	}
	return cast("replace("+cast(sql, "VARCHAR")+", '.', '')", "HUGEINT")
}

// beyond holds for types of which some values have no common type, since it would need more than 38 digits.
func beyond(a, b types.Type) bool {
	return max(a.P-a.S, b.P-b.S)+max(a.S, b.S) > types.MaxDecimalPrecision
}

// unscaledTo writes the digits of a decimal and how many of them it lacks in a scale.
func unscaledTo(o Operand, scale types.Type) string {
	return unscaled(o.SQL, o.Type) + ", " + strconv.Itoa(scale.S-o.Type.S)
}

// scaled is the reverse of unscaled.
func scaled(sql string, t types.Type) string {
	if t.S == 0 {
		return cast(sql, decimalSQL(t.P, 0))
	}
	return cast(cast(sql, decimalSQL(types.MaxDecimalPrecision, 0))+" * "+
		cast("'0."+strings.Repeat("0", t.S-1)+"1'", decimalSQL(t.S, t.S)), decimalSQL(t.P, t.S))
}

func powerOfTen(n int) string { return "1" + strings.Repeat("0", n) }

// roundedQuotient divides integers, rounding half away from zero. d must not be zero; both are written several times.
func roundedQuotient(n, d string) string {
	r := "abs(" + n + " % " + d + ")"
	return "(" + n + " // " + d + " + CASE WHEN " + r + " >= abs(" + d + ") - " + r + " THEN sign(" + n + ") * sign(" + d + ") ELSE 0 END)"
}

var divisionByZero = raise("DIVISION_BY_ZERO", "'Division by zero'")

// nonZero returns the divisor, guarded unless it is a constant other than zero.
func nonZero(d Operand) string {
	if d.Const && d.Value != nil && !isZero(d.Value) {
		return d.SQL
	}
	return "CASE WHEN " + d.SQL + " = 0 THEN " + divisionByZero + " ELSE " + d.SQL + " END"
}
