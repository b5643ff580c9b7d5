package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

var integers = []string{"tinyint", "smallint", "integer", "bigint"}

const (
	docAbs  = "Returns the value without its sign."
	docSign = "Returns -1, 0 or 1 as a number is negative, zero or positive; NaN of NaN."
	docMod  = "Returns the remainder of a division, with the sign of the dividend."
	docNaN  = "Tells whether a number is NaN."
	docPow  = "Raises the first argument to the power of the second one."
)

// mathFunctions are the functions over numbers. DuckDB fails outside the domain of a function where Trino, as Java, gives
// NaN or an infinity.
var mathFunctions = concat(
	perType(integers,
		Function{Signature: "abs(T)", Returns: "T", Emit: absolute,
			Doc: docAbs, Examples: [][2]string{{"abs(-5)", "5"}}},
		Function{Signature: "sign(T)", Returns: "T", SQL: "CAST(sign($1) AS $r)",
			Doc: docSign, Examples: [][2]string{{"sign(-5)", "-1"}}},
		Function{Signature: "mod(T, T)", Returns: "T", Emit: integerModulus,
			Doc: docMod, Examples: [][2]string{{"mod(-7, 3)", "-1"}}},
	),
	perType([]string{"real", "double"},
		Function{Signature: "abs(T)", Returns: "T", SQL: "abs($1)",
			Doc: docAbs, Examples: [][2]string{{"abs(-1.5e0)", "1.5E0"}}},
		Function{Signature: "sign(T)", Returns: "T", SQL: "CASE WHEN isnan($1) THEN $1 ELSE CAST(sign($1) AS $r) END",
			Doc: docSign, Examples: [][2]string{{"sign(-1.5e0)", "-1.0E0"}}},
		Function{Signature: "mod(T, T)", Returns: "T", SQL: "($1 % $2)",
			Doc: docMod, Examples: [][2]string{{"mod(5.5e0, 2)", "1.5E0"}}},
		Function{Signature: "is_nan(T)", Returns: "boolean", SQL: "isnan($1)",
			Doc: docNaN, Examples: [][2]string{{"is_nan(nan())", "true"}}},
	),
	[]Function{
		{Signature: "is_finite(double)", Returns: "boolean", SQL: "isfinite($1)",
			Doc: "Tells whether a number is neither infinite nor NaN.", Examples: [][2]string{{"is_finite(1)", "true"}}},
		{Signature: "is_infinite(double)", Returns: "boolean", SQL: "isinf($1)",
			Doc: "Tells whether a number is infinite.", Examples: [][2]string{{"is_infinite(-infinity())", "true"}}},
		{Signature: "nan()", Returns: "double", SQL: "CAST('nan' AS DOUBLE)",
			Doc: "Returns the value that is not a number.", Examples: [][2]string{{"nan()", "NaN"}}},
		{Signature: "infinity()", Returns: "double", SQL: "CAST('inf' AS DOUBLE)",
			Doc: "Returns positive infinity.", Examples: [][2]string{{"infinity()", "Infinity"}}},
		{Signature: "pi()", Returns: "double", SQL: "pi()",
			Doc: "Returns the ratio of a circle's circumference to its diameter.", Examples: [][2]string{{"pi()", "3.141592653589793E0"}}},
		{Signature: "e()", Returns: "double", SQL: "2.718281828459045e0",
			Doc: "Returns the base of the natural logarithm.", Examples: [][2]string{{"e()", "2.718281828459045E0"}}},
		{Signature: "abs(decimal(p,s))", Returns: "decimal(p,s)", SQL: "abs($1)",
			Doc: docAbs, Examples: [][2]string{{"abs(-1.50)", "1.50"}}},
		{Signature: "sign(decimal(p,s))", Returns: "decimal(1,0)", SQL: "CAST(sign($1) AS DECIMAL(1, 0))",
			Doc: docSign, Examples: [][2]string{{"sign(-0.5)", "-1"}}},
		{Signature: "mod(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalModulus), Emit: decimalModulus,
			Doc: docMod, Examples: [][2]string{{"mod(5.5, 2)", "1.5"}}},
		{Signature: "sqrt(double)", Returns: "double", SQL: "CASE WHEN $1 < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt($1) END",
			Doc: "Returns the square root.", Examples: [][2]string{{"sqrt(2.25)", "1.5E0"}, {"sqrt(-1)", "NaN"}}},
		{Signature: "cbrt(double)", Returns: "double", SQL: "wb_cbrt($1)",
			Doc: "Returns the cube root.", Examples: [][2]string{{"cbrt(27)", "3.0E0"}}},
		{Signature: "exp(double)", Returns: "double", SQL: "exp($1)",
			Doc: "Raises e to a power.", Examples: [][2]string{{"exp(0)", "1.0E0"}}},
		{Signature: "ln(double)", Returns: "double", SQL: logarithm("ln($1)"),
			Doc: "Returns the natural logarithm.", Examples: [][2]string{{"ln(1)", "0E0"}}},
		{Signature: "log2(double)", Returns: "double", SQL: logarithm("log2($1)"),
			Doc: "Returns the logarithm to the base 2.", Examples: [][2]string{{"log2(8)", "3.0E0"}}},
		{Signature: "log10(double)", Returns: "double", SQL: logarithm("log10($1)"),
			Doc: "Returns the logarithm to the base 10.", Examples: [][2]string{{"log10(1000)", "3.0E0"}}},
		{Signature: "log(double, double)", Returns: "double", SQL: "(" + strings.ReplaceAll(logarithm("ln($1)"), "$1", "$2") + ") / (" + logarithm("ln($1)") + ")",
			Doc: "Returns the logarithm of the second argument to the base of the first one.", Examples: [][2]string{{"log(2, 8)", "3.0E0"}}},
		{Signature: "pow(double, double)", Returns: "double", SQL: "pow($1, $2)",
			Doc: docPow, Examples: [][2]string{{"pow(2, 10)", "1.024E3"}}},
		{Signature: "power(double, double)", Returns: "double", SQL: "pow($1, $2)",
			Doc: docPow, Examples: [][2]string{{"power(4, 0.5)", "2.0E0"}}},
		{Signature: "degrees(double)", Returns: "double", SQL: "degrees($1)",
			Doc: "Converts an angle from radians to degrees.", Examples: [][2]string{{"degrees(pi())", "1.8E2"}}},
		{Signature: "radians(double)", Returns: "double", SQL: "radians($1)",
			Doc: "Converts an angle from degrees to radians.", Examples: [][2]string{{"radians(180)", "3.141592653589793E0"}}},
		{Signature: "sin(double)", Returns: "double", SQL: finite("sin($1)"),
			Doc: "Returns the sine of an angle in radians.", Examples: [][2]string{{"sin(0)", "0E0"}}},
		{Signature: "cos(double)", Returns: "double", SQL: finite("cos($1)"),
			Doc: "Returns the cosine of an angle in radians.", Examples: [][2]string{{"cos(0)", "1.0E0"}}},
		{Signature: "tan(double)", Returns: "double", SQL: finite("tan($1)"),
			Doc: "Returns the tangent of an angle in radians.", Examples: [][2]string{{"tan(0)", "0E0"}}},
		{Signature: "asin(double)", Returns: "double", SQL: unit("asin($1)"),
			Doc: "Returns the angle in radians that has a sine; NaN outside of -1 to 1.", Examples: [][2]string{{"asin(0)", "0E0"}}},
		{Signature: "acos(double)", Returns: "double", SQL: unit("acos($1)"),
			Doc: "Returns the angle in radians that has a cosine; NaN outside of -1 to 1.", Examples: [][2]string{{"acos(1)", "0E0"}}},
		{Signature: "atan(double)", Returns: "double", SQL: "atan($1)",
			Doc: "Returns the angle in radians that has a tangent.", Examples: [][2]string{{"atan(0)", "0E0"}}},
		{Signature: "sinh(double)", Returns: "double", SQL: "sinh($1)",
			Doc: "Returns the hyperbolic sine.", Examples: [][2]string{{"sinh(0)", "0E0"}}},
		{Signature: "cosh(double)", Returns: "double", SQL: "cosh($1)",
			Doc: "Returns the hyperbolic cosine.", Examples: [][2]string{{"cosh(0)", "1.0E0"}}},
		{Signature: "tanh(double)", Returns: "double", SQL: "tanh($1)",
			Doc: "Returns the hyperbolic tangent.", Examples: [][2]string{{"tanh(0)", "0E0"}}},
		{Signature: "atan2(double, double)", Returns: "double", SQL: "atan2($1, $2)",
			Doc: "Returns the angle in radians of the point whose y and x are given.", Examples: [][2]string{{"atan2(0, 1)", "0E0"}}},
		{Signature: "greatest(E)", Vars: "E:orderable", Returns: "E", Variadic: true, Emit: extremum("greatest"),
			Doc: "Returns the largest argument; NULL when one is NULL.", Examples: [][2]string{{"greatest(3, 7, 5)", "7"}, {"greatest(1, NULL)", "NULL"}}},
		{Signature: "least(E)", Vars: "E:orderable", Returns: "E", Variadic: true, Emit: extremum("least"),
			Doc: "Returns the smallest argument; NULL when one is NULL.", Examples: [][2]string{{"least('b', 'a')", "a"}}},
	},
	roundingFunctions, bitFunctions, randomFunctions, statisticsFunctions,
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

// extremum is NULL when any argument is, which DuckDB's function is not.
func extremum(name string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		var nulls []string
		for _, a := range s.Args {
			if !a.Const || a.Value == nil {
				nulls = append(nulls, a.SQL+" IS NULL")
			}
		}
		if !plainOrder(s.Result) {
			return s.each(s.Args, func(a []Operand) string {
				s.Args = a
				none := make([]string, len(a))
				for i := range a {
					none[i] = a[i].SQL + " IS NULL"
				}
				return "CASE WHEN " + strings.Join(none, " OR ") + " THEN NULL ELSE " + extremumOf("["+s.list(0)+"]", s.Result, name == "greatest") + " END"
			}), nil
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
