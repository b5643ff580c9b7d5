package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// aggregateFunctions are the aggregates, each with the way to split it where there is one. Sums travel between the two
// steps as decimal(38,0), since Parquet has no 128-bit integer.
var aggregateFunctions = concat(
	[]Function{
		{Signature: "count()", Returns: "bigint", Kind: Aggregate, SQL: "count{*}",
			Split: &Split{States: []State{{SQL: "count{*}", Type: "bigint"}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},
		{Signature: "count(T)", Vars: "T", Returns: "bigint", Kind: Aggregate, SQL: "count{$1}",
			Split: &Split{States: []State{{SQL: "count{$1}", Type: "bigint"}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},
		{Signature: "count_if(boolean)", Returns: "bigint", Kind: Aggregate, SQL: "count{CASE WHEN $1 THEN 1 END}",
			Split: &Split{States: []State{{SQL: "count{CASE WHEN $1 THEN 1 END}", Type: "bigint"}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},

		{Signature: "sum(bigint)", Returns: "bigint", Kind: Aggregate, SQL: "CAST(sum{$1} AS BIGINT)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)"}}, Final: "CAST(sum{$1} AS BIGINT)"}},
		{Signature: "sum(double)", Returns: "double", Kind: Aggregate, SQL: "sum{$1}", Split: same("sum", "double")},
		{Signature: "sum(real)", Returns: "real", Kind: Aggregate, SQL: "CAST(sum{CAST($1 AS DOUBLE)} AS FLOAT)",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double"}}, Final: "CAST(sum{$1} AS FLOAT)"}},
		{Signature: "sum(decimal(p,s))", Returns: "decimal(38,s)", Kind: Aggregate, SQL: "sum{$1}", Split: same("sum", "decimal(38,s)")},
		{Signature: "sum(interval day to second)", Returns: "interval day to second", Kind: Aggregate, SQL: "CAST(sum{$1} AS BIGINT)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)"}}, Final: "CAST(sum{$1} AS BIGINT)"}},
		{Signature: "sum(interval year to month)", Returns: "interval year to month", Kind: Aggregate, SQL: "CAST(sum{$1} AS INTEGER)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)"}}, Final: "CAST(sum{$1} AS INTEGER)"}},

		{Signature: "avg(bigint)", Returns: "double", Kind: Aggregate, SQL: "avg{$1}",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double"}, {SQL: "count{$1}", Type: "bigint"}},
				Final: "sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0)"}},
		{Signature: "avg(double)", Returns: "double", Kind: Aggregate, SQL: "avg{$1}",
			Split: &Split{States: []State{{SQL: "sum{$1}", Type: "double"}, {SQL: "count{$1}", Type: "bigint"}},
				Final: "sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0)"}},
		{Signature: "avg(real)", Returns: "real", Kind: Aggregate, SQL: "CAST(avg{CAST($1 AS DOUBLE)} AS FLOAT)",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double"}, {SQL: "count{$1}", Type: "bigint"}},
				Final: "CAST(sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0) AS FLOAT)"}},
		{Signature: "avg(decimal(p,s))", Returns: "decimal(p,s)", Kind: Aggregate, Emit: decimalAverage("sum{$1}", "count{$1}"),
			Split: &Split{States: []State{{SQL: "sum{$1}", Type: "decimal(38,s)"}, {SQL: "count{$1}", Type: "bigint"}},
				FinalEmit: decimalAverage("sum{$1}", "sum{$2}")}},
	},
	perType([]string{"bigint", "double"}, central("stddev"), central("stddev_samp"), central("stddev_pop"),
		central("variance"), central("var_samp"), central("var_pop")),
	perType([]string{"real", "double"}, paired("corr"), paired("covar_pop"), paired("covar_samp"),
		paired("regr_slope"), paired("regr_intercept")),
	[]Function{
		{Signature: "min(T)", Vars: "T:orderable", Returns: "T", Kind: Aggregate, SQL: "min{$1}", Split: same("min", "T")},
		{Signature: "max(T)", Vars: "T:orderable", Returns: "T", Kind: Aggregate, Emit: maximum, Split: &Split{
			States: []State{{Emit: maximum, Type: "T"}}, FinalEmit: maximum}},
		{Signature: "min(E, bigint)", Vars: "E:orderable", Returns: "array(E)", Kind: Aggregate, Emit: extremes("min{$1, #}")},
		{Signature: "max(E, bigint)", Vars: "E:orderable", Returns: "array(E)", Kind: Aggregate, Emit: extremes("max{$1, #}")},
		{Signature: "min_by(V, K, bigint)", Vars: "V, K:orderable", Returns: "array(V)", Kind: Aggregate, Emit: extremes("arg_min{$1, $2, #}")},
		{Signature: "max_by(V, K, bigint)", Vars: "V, K:orderable", Returns: "array(V)", Kind: Aggregate, Emit: extremes("arg_max{$1, $2, #}")},
		{Signature: "min_by(V, K)", Vars: "K:orderable, V", Returns: "V", Kind: Aggregate, SQL: "arg_min_null{$1, $2}",
			Split: &Split{States: []State{{SQL: "arg_min_null{$1, $2}", Type: "V"}, {SQL: "min{$2}", Type: "K"}}, Final: "arg_min_null{$1, $2}"}},
		{Signature: "max_by(V, K)", Vars: "K:orderable, V", Returns: "V", Kind: Aggregate, Emit: maximumBy,
			Split: &Split{States: []State{{Emit: maximumBy, Type: "V"}, {SQL: "max{$2}", Type: "K"}}, FinalEmit: maximumBy}},
		{Signature: "arbitrary(T)", Vars: "T", Returns: "T", Kind: Aggregate, SQL: "any_value{$1}", Split: same("any_value", "T")},
		{Signature: "any_value(T)", Vars: "T", Returns: "T", Kind: Aggregate, SQL: "any_value{$1}", Split: same("any_value", "T")},
		{Signature: "bool_and(boolean)", Returns: "boolean", Kind: Aggregate, SQL: "bool_and{$1}", Split: same("bool_and", "boolean")},
		{Signature: "bool_or(boolean)", Returns: "boolean", Kind: Aggregate, SQL: "bool_or{$1}", Split: same("bool_or", "boolean")},
		{Signature: "every(boolean)", Returns: "boolean", Kind: Aggregate, SQL: "bool_and{$1}", Split: same("bool_and", "boolean")},
		{Signature: "bitwise_and_agg(bigint)", Returns: "bigint", Kind: Aggregate, SQL: "bit_and{$1}", Split: same("bit_and", "bigint")},
		{Signature: "bitwise_or_agg(bigint)", Returns: "bigint", Kind: Aggregate, SQL: "bit_or{$1}", Split: same("bit_or", "bigint")},
		{Signature: "bitwise_xor_agg(bigint)", Returns: "bigint", Kind: Aggregate, SQL: "bit_xor{$1}", Split: same("bit_xor", "bigint")},
		{Signature: "array_agg(T)", Vars: "T", Returns: "array(T)", Kind: Aggregate, OrderSensitive: true, CalledOnNull: true, SQL: "list{$1}"},
		{Signature: "map_agg(K, V)", Vars: "K:comparable, V", Returns: "map(K,V)", Kind: Aggregate, CalledOnNull: true, SQL: mapOf("list{row($1, $2)}")},
		{Signature: "histogram(T)", Vars: "T:comparable", Returns: "map(T,bigint)", Kind: Aggregate, SQL: "CAST(histogram{$1} AS $r)"},
		{Signature: "listagg(varchar, varchar, boolean, varchar, boolean)", Returns: "varchar", Kind: Aggregate, OrderSensitive: true,
			Emit: listagg},
		{Signature: "geometric_mean(double)", Returns: "double", Kind: Aggregate, SQL: "exp(avg{ln($1)})"},
		{Signature: "geometric_mean(bigint)", Returns: "double", Kind: Aggregate, SQL: "exp(avg{ln($1)})"},
	},
	perType([]string{"bigint", "double"},
		Function{Signature: "skewness(T)", Returns: "double", Kind: Aggregate, SQL: moment3},
		Function{Signature: "kurtosis(T)", Returns: "double", Kind: Aggregate, SQL: "kurtosis{CAST($1 AS DOUBLE)}"},
	),
)

// same splits an aggregate whose state is its result.
func same(duck, typ string) *Split {
	return &Split{States: []State{{SQL: duck + "{$1}", Type: typ}}, Final: duck + "{$1}"}
}

// central is a central moment: deviation or variance. DuckDB's function has the same name.
func central(name string) Function {
	return Function{Signature: name + "(T)", Returns: "double", Kind: Aggregate, SQL: name + "{CAST($1 AS DOUBLE)}"}
}

// paired is an aggregate over pairs of numbers. DuckDB's function has the same name.
func paired(name string) Function {
	return Function{Signature: name + "(T, T)", Returns: "T", Kind: Aggregate, SQL: "CAST(" + name + "{$1, $2} AS $r)"}
}

// decimalAverage divides a decimal sum by a count, rounding half up.
func decimalAverage(sum, count string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		n := unscaled(sum, types.DecimalOf(types.MaxDecimalPrecision, s.Result.S))
		d := "nullif(" + cast(count, "HUGEINT") + ", 0)"
		return scaled(roundedQuotient(n, d), s.Result), nil
	}
}

// moment3 is the population skewness; DuckDB's function is that of a sample.
const moment3 = "CASE WHEN count{$1} > 2 THEN skewness{CAST($1 AS DOUBLE)} * (count{$1} - 2) / sqrt(CAST(count{$1} AS DOUBLE) * (count{$1} - 1)) END"

// mapOf makes a map of a list of entries; the first of equal keys counts, and NULL keys do not.
func mapOf(list string) string {
	return "CAST(map_from_entries(list_transform(list_filter([" + list + "], lambda _l: _l IS NOT NULL), lambda _l: list_filter(_l, lambda _e, _i: _e[1] IS NOT NULL AND " +
		"list_position(list_transform(_l, lambda _f: _f[1]), _e[1]) = _i))[1]) AS $r)"
}

func isFloat(t types.Type) bool { return t.Kind == types.Double || t.Kind == types.Real }

// maximum counts NaN only when there is nothing else, which DuckDB finds larger than all numbers.
func maximum(s *Site) (string, error) {
	if isFloat(s.Args[0].Type) {
		return "coalesce(max{CASE WHEN NOT isnan($1) THEN $1 END}, max{$1})", nil
	}
	return "max{$1}", nil
}

func maximumBy(s *Site) (string, error) {
	if isFloat(s.Args[1].Type) {
		return "arg_max_null{$1, CASE WHEN isnan($2) THEN CAST('-inf' AS $t2) ELSE $2 END}", nil
	}
	return "arg_max_null{$1, $2}", nil
}

// extremes are the n smallest or largest; DuckDB wants n as a small constant.
func extremes(tmpl string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		last := s.Args[len(s.Args)-1]
		n, ok := last.Value.(int64)
		switch {
		case !last.Const || !ok || n > 10000:
			return "", notSupported(s.Function, s.Args[0].Type)
		case n < 0:
			return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "third argument of max_by/min_by must be a positive integer")
		}
		return strings.Replace(tmpl, "#", strconv.FormatInt(n, 10), 1), nil
	}
}

// listagg is limited to a mebibyte, as in Trino. Cutting longer results, which the call may ask for, is not supported.
func listagg(s *Site) (string, error) {
	failure := raise("EXCEEDED_FUNCTION_MEMORY_LIMIT", "'Concatenated string has to be smaller than 1048576 bytes'")
	if fail, ok := s.Args[2].Value.(bool); ok && !fail {
		failure = raise("NOT_SUPPORTED", "'LISTAGG ON OVERFLOW TRUNCATE of more than 1048576 bytes is not supported'")
	}
	return "CASE WHEN strlen(string_agg{$1, $2}) > 1048576 THEN " + failure + " ELSE string_agg{$1, $2} END", nil
}
