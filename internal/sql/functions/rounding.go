package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

const (
	docCeil     = "Rounds up to a whole number."
	docFloor    = "Rounds down to a whole number."
	docRound    = "Rounds to the nearest whole number, or to a number of decimal places, which are digits before the point when negative; halves go away from zero."
	docTruncate = "Cuts the digits after the point, or after a number of decimal places."
)

// roundingFunctions round numbers.
var roundingFunctions = concat(
	perType(integers,
		Function{Signature: "ceil(T)", Returns: "T", SQL: "$1", Doc: docCeil, Examples: [][2]string{{"ceil(3)", "3"}}},
		Function{Signature: "ceiling(T)", Returns: "T", SQL: "$1", Doc: docCeil, Examples: [][2]string{{"ceiling(3)", "3"}}},
		Function{Signature: "floor(T)", Returns: "T", SQL: "$1", Doc: docFloor, Examples: [][2]string{{"floor(3)", "3"}}},
		Function{Signature: "round(T)", Returns: "T", SQL: "$1", Doc: docRound, Examples: [][2]string{{"round(3)", "3"}}},
		Function{Signature: "round(T, integer)", Returns: "T", Emit: roundInteger, Doc: docRound, Examples: [][2]string{{"round(125, -1)", "130"}}},
	),
	perType([]string{"real", "double"},
		Function{Signature: "ceil(T)", Returns: "T", SQL: "ceil($1)", Doc: docCeil, Examples: [][2]string{{"ceil(-1.5e0)", "-1.0E0"}}},
		Function{Signature: "ceiling(T)", Returns: "T", SQL: "ceil($1)", Doc: docCeil, Examples: [][2]string{{"ceiling(1.2e0)", "2.0E0"}}},
		Function{Signature: "floor(T)", Returns: "T", SQL: "floor($1)", Doc: docFloor, Examples: [][2]string{{"floor(-1.5e0)", "-2.0E0"}}},
		Function{Signature: "round(T)", Returns: "T", SQL: "round($1)", Doc: docRound, Examples: [][2]string{{"round(-2.5e0)", "-3.0E0"}}},
		Function{Signature: "round(T, integer)", Returns: "T", Emit: roundFloatPlaces, Doc: docRound, Examples: [][2]string{{"round(12.345e0, 1)", "1.23E1"}}},
		Function{Signature: "truncate(T)", Returns: "T", SQL: "trunc($1)", Doc: docTruncate, Examples: [][2]string{{"truncate(-1.9e0)", "-1.0E0"}}},
	),
	[]Function{
		{Signature: "ceil(decimal(p,s))", Result: integralDecimal, SQL: "CAST(ceil($1) AS $r)", Doc: docCeil, Examples: [][2]string{{"ceil(1.2)", "2"}}},
		{Signature: "ceiling(decimal(p,s))", Result: integralDecimal, SQL: "CAST(ceil($1) AS $r)", Doc: docCeil, Examples: [][2]string{{"ceiling(-1.2)", "-1"}}},
		{Signature: "floor(decimal(p,s))", Result: integralDecimal, SQL: "CAST(floor($1) AS $r)", Doc: docFloor, Examples: [][2]string{{"floor(-1.2)", "-2"}}},
		{Signature: "round(decimal(p,s))", Result: integralDecimal, SQL: "CAST(round($1) AS $r)", Doc: docRound, Examples: [][2]string{{"round(2.5)", "3"}}},
		{Signature: "round(decimal(p,s), integer)", Result: roundedDecimal, Emit: roundDecimal, Doc: docRound, Examples: [][2]string{{"round(12.345, 1)", "12.300"}}},
		{Signature: "truncate(decimal(p,s))", Result: truncatedDecimal, SQL: "CAST(trunc($1) AS $r)", Doc: docTruncate, Examples: [][2]string{{"truncate(12.9)", "12"}}},
		{Signature: "truncate(decimal(p,s), integer)", Returns: "decimal(p,s)", Emit: truncateDecimal, Doc: docTruncate, Examples: [][2]string{{"truncate(12.345, 2)", "12.340"}}},
	},
)

// roundInteger leaves a number as it is unless digits before the point go.
func roundInteger(s *Site) (string, error) {
	rounded := cast("wb_round_integer("+s.Args[0].SQL+", "+s.Args[1].SQL+", '"+s.Result.String()+"')", s.TypeSQL(s.Result))
	if n, constant := constantDigits(s); constant {
		if n >= 0 {
			return s.Args[0].SQL, nil
		}
		return rounded, nil
	}
	return s.each(s.Args, func(a []Operand) string {
		s.Args = a
		return s.fill("CASE WHEN $2 >= 0 THEN $1 ELSE ") + rounded + " END"
	}), nil
}

// roundFloatPlaces leaves the common numbers of places to DuckDB.
func roundFloatPlaces(s *Site) (string, error) {
	if n, constant := constantDigits(s); constant && n >= 0 && n <= 15 {
		return s.fill("round($1, $2)"), nil
	}
	return cast(s.fill("wb_round_double(CAST($1 AS DOUBLE), $2)"), s.TypeSQL(s.Result)), nil
}

// integralDecimal is the result of rounding to a whole number, which may carry into one more digit.
func integralDecimal(b Binding) (types.Type, error) {
	p, s := b.Nums["p"], b.Nums["s"]
	return types.DecimalOf(p-s+min(s, 1), 0), nil
}

func truncatedDecimal(b Binding) (types.Type, error) {
	return types.DecimalOf(max(1, b.Nums["p"]-b.Nums["s"]), 0), nil
}

func roundedDecimal(b Binding) (types.Type, error) {
	return types.DecimalOf(min(types.MaxDecimalPrecision, b.Nums["p"]+1), b.Nums["s"]), nil
}

// constantDigits returns a literal number of decimal places.
func constantDigits(s *Site) (n int, ok bool) {
	v, ok := s.Args[1].Value.(int64)
	return int(v), ok && s.Args[1].Const
}

// placeUnit is the value of the n-th decimal place, as a decimal.
func placeUnit(n int) string {
	if n > 0 {
		return cast("'0."+strings.Repeat("0", n-1)+"1'", decimalSQL(n+1, n))
	}
	return cast(powerOfTen(-n), decimalSQL(types.MaxDecimalPrecision, 0))
}

func roundDecimal(s *Site) (string, error) {
	n, constant := constantDigits(s)
	t := s.Args[0].Type
	switch {
	case !constant:
		return scaled("wb_decimal_round("+unscaled(s.Args[0].SQL, t)+", "+strconv.Itoa(t.S)+" - "+s.Args[1].SQL+", true)", s.Result), nil
	case n >= t.S:
		return cast(s.Args[0].SQL, s.TypeSQL(s.Result)), nil
	case -n > t.P-t.S:
		return "CASE WHEN " + s.Args[0].SQL + " IS NOT NULL THEN " + cast("0", s.TypeSQL(s.Result)) + " END", nil
	case n >= 0:
		return cast("round("+s.Args[0].SQL+", "+strconv.Itoa(n)+")", s.TypeSQL(s.Result)), nil
	}
	unit := powerOfTen(-n)
	return s.once(s.Args[0], func(o Operand) string {
		units := roundedQuotient(cast("trunc("+o.SQL+")", "HUGEINT"), cast(unit, "HUGEINT"))
		return cast(units+" * "+cast(unit, "HUGEINT"), s.TypeSQL(s.Result))
	}), nil
}

func truncateDecimal(s *Site) (string, error) {
	n, constant := constantDigits(s)
	t := s.Args[0].Type
	switch {
	case !constant:
		return scaled("wb_decimal_round("+unscaled(s.Args[0].SQL, t)+", "+strconv.Itoa(t.S)+" - "+s.Args[1].SQL+", false)", s.Result), nil
	case n >= t.S:
		return s.Args[0].SQL, nil
	case -n >= t.P-t.S:
		return "CASE WHEN " + s.Args[0].SQL + " IS NOT NULL THEN " + cast("0", s.TypeSQL(s.Result)) + " END", nil
	}
	return s.once(s.Args[0], func(o Operand) string {
		return cast(o.SQL+" - "+o.SQL+" % "+placeUnit(n), s.TypeSQL(s.Result))
	}), nil
}
