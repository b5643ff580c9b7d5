package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

var integers = []string{"tinyint", "smallint", "integer", "bigint"}

// mathFunctions are the functions over numbers. DuckDB fails outside the domain of a function where Trino, as Java, gives
// NaN or an infinity.
var mathFunctions = concat(
	perType(integers,
		Function{Signature: "abs(T)", Returns: "T", Emit: absolute},
		Function{Signature: "ceil(T)", Returns: "T", SQL: "$1"},
		Function{Signature: "ceiling(T)", Returns: "T", SQL: "$1"},
		Function{Signature: "floor(T)", Returns: "T", SQL: "$1"},
		Function{Signature: "round(T)", Returns: "T", SQL: "$1"},
		Function{Signature: "round(T, integer)", Returns: "T", SQL: "CASE WHEN $2 >= 0 THEN $1 ELSE CAST(round($1, $2) AS $r) END"},
		Function{Signature: "sign(T)", Returns: "T", SQL: "CAST(sign($1) AS $r)"},
		Function{Signature: "mod(T, T)", Returns: "T", Emit: integerModulus},
	),
	perType([]string{"real", "double"},
		Function{Signature: "abs(T)", Returns: "T", SQL: "abs($1)"},
		Function{Signature: "ceil(T)", Returns: "T", SQL: "ceil($1)"},
		Function{Signature: "ceiling(T)", Returns: "T", SQL: "ceil($1)"},
		Function{Signature: "floor(T)", Returns: "T", SQL: "floor($1)"},
		Function{Signature: "round(T)", Returns: "T", SQL: "round($1)"},
		Function{Signature: "round(T, integer)", Returns: "T", SQL: "round($1, $2)"},
		Function{Signature: "sign(T)", Returns: "T", SQL: "CASE WHEN isnan($1) THEN $1 ELSE CAST(sign($1) AS $r) END"},
		Function{Signature: "truncate(T)", Returns: "T", SQL: "trunc($1)"},
		Function{Signature: "mod(T, T)", Returns: "T", SQL: "($1 % $2)"},
		Function{Signature: "is_nan(T)", Returns: "boolean", SQL: "isnan($1)"},
	),
	[]Function{
		{Signature: "is_finite(double)", Returns: "boolean", SQL: "isfinite($1)"},
		{Signature: "is_infinite(double)", Returns: "boolean", SQL: "isinf($1)"},
		{Signature: "nan()", Returns: "double", SQL: "CAST('nan' AS DOUBLE)"},
		{Signature: "infinity()", Returns: "double", SQL: "CAST('inf' AS DOUBLE)"},
		{Signature: "pi()", Returns: "double", SQL: "pi()"},
		{Signature: "e()", Returns: "double", SQL: "2.718281828459045e0"},

		{Signature: "abs(decimal(p,s))", Returns: "decimal(p,s)", SQL: "abs($1)"},
		{Signature: "ceil(decimal(p,s))", Result: integralDecimal, SQL: "CAST(ceil($1) AS $r)"},
		{Signature: "ceiling(decimal(p,s))", Result: integralDecimal, SQL: "CAST(ceil($1) AS $r)"},
		{Signature: "floor(decimal(p,s))", Result: integralDecimal, SQL: "CAST(floor($1) AS $r)"},
		{Signature: "round(decimal(p,s))", Result: integralDecimal, SQL: "CAST(round($1) AS $r)"},
		{Signature: "round(decimal(p,s), integer)", Result: roundedDecimal, Emit: roundDecimal},
		{Signature: "truncate(decimal(p,s))", Result: truncatedDecimal, SQL: "CAST(trunc($1) AS $r)"},
		{Signature: "truncate(decimal(p,s), integer)", Returns: "decimal(p,s)", Emit: truncateDecimal},
		{Signature: "sign(decimal(p,s))", Returns: "decimal(1,0)", SQL: "CAST(sign($1) AS DECIMAL(1, 0))"},
		{Signature: "mod(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalModulus), Emit: decimalModulus},

		{Signature: "sqrt(double)", Returns: "double", SQL: "CASE WHEN $1 < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt($1) END"},
		{Signature: "cbrt(double)", Returns: "double", SQL: "wb_cbrt($1)"},
		{Signature: "exp(double)", Returns: "double", SQL: "exp($1)"},
		{Signature: "ln(double)", Returns: "double", SQL: logarithm("ln($1)")},
		{Signature: "log2(double)", Returns: "double", SQL: logarithm("log2($1)")},
		{Signature: "log10(double)", Returns: "double", SQL: logarithm("log10($1)")},
		{Signature: "log(double, double)", Returns: "double",
			SQL: "(" + strings.ReplaceAll(logarithm("ln($1)"), "$1", "$2") + ") / (" + logarithm("ln($1)") + ")"},
		{Signature: "pow(double, double)", Returns: "double", SQL: "pow($1, $2)"},
		{Signature: "power(double, double)", Returns: "double", SQL: "pow($1, $2)"},
		{Signature: "degrees(double)", Returns: "double", SQL: "degrees($1)"},
		{Signature: "radians(double)", Returns: "double", SQL: "radians($1)"},
		{Signature: "sin(double)", Returns: "double", SQL: finite("sin($1)")},
		{Signature: "cos(double)", Returns: "double", SQL: finite("cos($1)")},
		{Signature: "tan(double)", Returns: "double", SQL: finite("tan($1)")},
		{Signature: "asin(double)", Returns: "double", SQL: unit("asin($1)")},
		{Signature: "acos(double)", Returns: "double", SQL: unit("acos($1)")},
		{Signature: "atan(double)", Returns: "double", SQL: "atan($1)"},
		{Signature: "atan2(double, double)", Returns: "double", SQL: "atan2($1, $2)"},
		{Signature: "sinh(double)", Returns: "double", SQL: "sinh($1)"},
		{Signature: "cosh(double)", Returns: "double", SQL: "cosh($1)"},
		{Signature: "tanh(double)", Returns: "double", SQL: "tanh($1)"},

		{Signature: "bitwise_and(bigint, bigint)", Returns: "bigint", SQL: "($1 & $2)"},
		{Signature: "bitwise_or(bigint, bigint)", Returns: "bigint", SQL: "($1 | $2)"},
		{Signature: "bitwise_xor(bigint, bigint)", Returns: "bigint", SQL: "xor($1, $2)"},
		{Signature: "bitwise_not(bigint)", Returns: "bigint", SQL: "(~$1)"},

		{Signature: "bit_count(bigint, bigint)", Returns: "bigint", SQL: "wb_bit_count($1, $2)"},
		{Signature: "random()", Returns: "double", Nondeterministic: true, SQL: "random()"},
		{Signature: "rand()", Returns: "double", Nondeterministic: true, SQL: "random()"},
	},
	perType(integers,
		Function{Signature: "random(T)", Returns: "T", Nondeterministic: true, SQL: randomBelow},
		Function{Signature: "rand(T)", Returns: "T", Nondeterministic: true, SQL: randomBelow},
		Function{Signature: "random(T, T)", Returns: "T", Nondeterministic: true, SQL: randomBetween},
		Function{Signature: "rand(T, T)", Returns: "T", Nondeterministic: true, SQL: randomBetween},
	),
	perType(integers,
		Function{Signature: "bitwise_left_shift(T, integer)", Returns: "T", Emit: shift("wb_shift_left")},
		Function{Signature: "bitwise_right_shift(T, integer)", Returns: "T", Emit: shift("wb_shift_right")},
		Function{Signature: "bitwise_right_shift_arithmetic(T, integer)", Returns: "T", Emit: shift("wb_shift_arithmetic")},
	),
	[]Function{
		{Signature: "width_bucket(double, double, double, bigint)", Returns: "bigint", SQL: widthBucket},
		{Signature: "greatest(E)", Vars: "E:orderable", Returns: "E", Variadic: true, Emit: extremum("greatest")},
		{Signature: "least(E)", Vars: "E:orderable", Returns: "E", Variadic: true, Emit: extremum("least")},
	},
)

var (
	randomBelow = "CASE WHEN $1 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'bound must be positive'") +
		" ELSE CAST(floor(random() * $1) AS $r) END"
	randomBetween = "CASE WHEN $1 >= $2 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'start value must be less than stop value'") +
		" ELSE CAST(floor(random() * ($2 - $1)) AS $r) + $1 END"
	widthBucket = "CASE WHEN $4 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'bucketCount must be greater than 0'") +
		" WHEN isnan($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'operand must not be NaN'") +
		" WHEN $2 = $3 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'bounds cannot equal each other'") +
		" WHEN $2 < $3 THEN CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1 ELSE CAST(floor($4 * ($1 - $2) / ($3 - $2)) AS BIGINT) + 1 END" +
		" ELSE CASE WHEN $1 > $2 THEN 0 WHEN $1 <= $3 THEN $4 + 1 ELSE CAST(floor($4 * ($2 - $1) / ($2 - $3)) AS BIGINT) + 1 END END"
)

// absolute words the overflow of the smallest value as Trino does.
func absolute(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		least := map[types.Kind]string{types.TinyInt: "-128", types.SmallInt: "-32768", types.Integer: "-2147483648",
			types.BigInt: "-9223372036854775808"}[o.Type.Kind]
		message := "'Value " + least + " is out of range for abs(" + o.Type.String() + ")'"
		return "CASE WHEN " + o.SQL + " = (" + least + ") THEN " + raise("NUMERIC_VALUE_OUT_OF_RANGE", message) +
			" ELSE abs(" + o.SQL + ") END"
	}), nil
}

func logarithm(call string) string {
	return "CASE WHEN $1 < 0 THEN CAST('nan' AS DOUBLE) WHEN $1 = 0 THEN CAST('-inf' AS DOUBLE) ELSE " + call + " END"
}

func finite(call string) string {
	return "CASE WHEN isinf($1) THEN CAST('nan' AS DOUBLE) ELSE " + call + " END"
}

func unit(call string) string {
	return "CASE WHEN abs($1) > 1 THEN CAST('nan' AS DOUBLE) ELSE " + call + " END"
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

// extremum is NULL when any argument is, which DuckDB's function is not.
func extremum(name string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		var nulls []string
		for _, a := range s.Args {
			if !a.Const || a.Value == nil {
				nulls = append(nulls, a.SQL+" IS NULL")
			}
		}
		call := name + "(" + s.list(0) + ")"
		if k := s.Result.Kind; name == "greatest" && (k == types.Double || k == types.Real) {
			// NaN is below all numbers here, above them in DuckDB, whose greatest leaves out NULLs.
			var numbers []string
			for _, a := range s.Args {
				numbers = append(numbers, "CASE WHEN NOT isnan("+a.SQL+") THEN "+a.SQL+" END")
			}
			call = "coalesce(greatest(" + strings.Join(numbers, ", ") + "), CAST('nan' AS " + s.TypeSQL(s.Result) + "))"
		}
		if len(nulls) == 0 {
			return call, nil
		}
		return "CASE WHEN " + strings.Join(nulls, " OR ") + " THEN NULL ELSE " + call + " END", nil
	}
}

// shift shifts within the width of the type.
func shift(name string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		bits := map[types.Kind]string{types.TinyInt: "8", types.SmallInt: "16", types.Integer: "32", types.BigInt: "64"}[s.Result.Kind]
		return cast(name+"("+s.Args[0].SQL+", "+s.Args[1].SQL+", "+bits+")", s.TypeSQL(s.Result)), nil
	}
}
