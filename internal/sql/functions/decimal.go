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
	half := "abs(" + d + ") // 2"
	return "((" + n + " + CASE WHEN " + n + " < 0 THEN -(" + half + ") ELSE " + half + " END) // " + d + ")"
}

// exactDigits is how many digits an integer may have so that a double has it exactly, and the quotient of two such integers is never rounded to a half
// that it is not: n/d is at least 1/2d away from any, and 1/2d is more than half a unit in the last place of n/d as long as n < 2^53.
const exactDigits = 15

// shortQuotient is the quotient of two decimals of few digits, the dividend times a power of ten, with the result's scale and rounded half away from
// zero; by doubles, which is exact and several times faster than in 128 bits. The divisor must not be zero; each is written once.
func shortQuotient(n string, nt types.Type, digits int, d string, dt, result types.Type) string {
	dividend := cast(shortUnscaled(n, nt), "DOUBLE")
	if digits > 0 {
		dividend += " * " + powerOfTen(digits) + "e0"
	}
	return cast("round("+dividend+" / "+cast(shortUnscaled(d, dt), "DOUBLE")+") / "+powerOfTen(result.S)+"e0", decimalSQL(result.P, result.S))
}

// shortUnscaled returns the digits of a decimal as a BIGINT.
func shortUnscaled(sql string, t types.Type) string {
	if t.S == 0 {
		return cast(sql, "BIGINT")
	}
	return cast(sql+" * "+cast(powerOfTen(t.S), decimalSQL(t.S+1, 0)), "BIGINT")
}

// short is a type of as few digits that shortQuotient can take them times a power of ten; ok is false when there is none that has whole numbers of some
// digits. narrower says that not all values of t are of it.
func short(t types.Type, digits int) (s types.Type, narrower, ok bool) {
	p := min(t.P, exactDigits-digits, maxShortDecimal-1-t.S)
	return types.DecimalOf(p, t.S), p < t.P, p == t.P || p-t.S >= 6
}

// isShort is the condition that a decimal is of a narrower type.
func isShort(sql string, t types.Type) string {
	limit := powerOfTen(t.P - t.S)
	return sql + " > -" + limit + " AND " + sql + " < " + limit
}

var divisionByZero = raise("DIVISION_BY_ZERO", "'Division by zero'")

// nonZero returns the divisor, guarded unless it is a constant other than zero.
func nonZero(d Operand) string {
	if d.Const && d.Value != nil && !isZero(d.Value) {
		return d.SQL
	}
	return "CASE WHEN " + d.SQL + " = 0 THEN " + divisionByZero + " ELSE " + d.SQL + " END"
}
