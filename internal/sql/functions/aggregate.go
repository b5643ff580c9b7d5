package functions

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// What the functions are for.
const (
	docCount         = "How many rows there are, or how many of them have a value."
	docCountIf       = "In how many rows a condition holds."
	docSum           = "The sum of the values."
	docAvg           = "The arithmetic mean of the values."
	docMin           = "The smallest value."
	docMax           = "The largest value."
	docMinBy         = "The first argument of the row in which the second one is smallest."
	docMaxBy         = "The first argument of the row in which the second one is largest."
	docArbitrary     = "One of the values, whichever comes first."
	docAnyValue      = "One of the values, whichever comes first."
	docBoolAnd       = "Whether all values are true."
	docBoolOr        = "Whether a value is true."
	docEvery         = "Whether all values are true."
	docBitwiseAndAgg = "The bits that are set in all values."
	docBitwiseOrAgg  = "The bits that are set in any value."
	docBitwiseXorAgg = "The bits that are set in an odd number of values."
	docArrayAgg      = "An array of the values, nulls too."
	docMapAgg        = "A map of keys to values; of several values of a key one is taken."
	docHistogram     = "A map of each value to how often it occurs."
	docListagg       = "The texts one after the other, with a separator between them."
	docGeometricMean = "The geometric mean of the values."
	docSkewness      = "The skewness of the values, a measure of how lopsided they are."
	docKurtosis      = "The excess kurtosis of the values, a measure of how far out some are."
)

// aggregateFunctions are the aggregates, each with the way to split it where there is one. Sums travel between the two
// steps as decimal(38,0), since Parquet has no 128-bit integer, and are 128-bit integers again before they are narrowed: so an overflow
// is the same error.
var aggregateFunctions = concat(
	[]Function{
		{Signature: "count()", Doc: docCount, Examples: [][2]string{{"SELECT count(x) FROM (VALUES 1, NULL, 3) t(x)", "2"}}, Returns: "bigint", Kind: Aggregate, SQL: "count{*}",
			Split: &Split{States: []State{{SQL: "count{*}", Type: "bigint", Merge: sumCounts}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},
		{Signature: "count(T)", Doc: docCount, Vars: "T", Returns: "bigint", Kind: Aggregate, SQL: "count{$1}",
			Split: &Split{States: []State{{SQL: "count{$1}", Type: "bigint", Merge: sumCounts}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},
		{Signature: "count_if(boolean)", Doc: docCountIf, Examples: [][2]string{{"SELECT count_if(x > 1) FROM (VALUES 1, 2, 3) t(x)", "2"}}, Returns: "bigint", Kind: Aggregate, SQL: "count{CASE WHEN $1 THEN 1 END}",
			Split: &Split{States: []State{{SQL: "count{CASE WHEN $1 THEN 1 END}", Type: "bigint", Merge: sumCounts}}, Final: "coalesce(CAST(sum{$1} AS BIGINT), 0)"}},

		{Signature: "sum(bigint)", Doc: docSum, Examples: [][2]string{{"SELECT sum(x) FROM (VALUES 1, 2, 3) t(x)", "6"}}, Returns: "bigint", Kind: Aggregate, SQL: "CAST(sum{$1} AS BIGINT)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)", Merge: "sum{$1}"}}, Final: "CAST(CAST(sum{$1} AS HUGEINT) AS BIGINT)"}},
		{Signature: "sum(double)", Doc: docSum, Returns: "double", Kind: Aggregate, SQL: "sum{$1}", Split: same("sum", "double")},
		{Signature: "sum(real)", Doc: docSum, Returns: "real", Kind: Aggregate, SQL: "CAST(sum{CAST($1 AS DOUBLE)} AS FLOAT)",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double", Merge: "sum{$1}"}}, Final: "CAST(sum{$1} AS FLOAT)"}},
		{Signature: "sum(decimal(p,s))", Doc: docSum, Returns: "decimal(38,s)", Kind: Aggregate, SQL: "sum{$1}", Split: same("sum", "decimal(38,s)")},
		{Signature: "sum(interval day to second)", Doc: docSum, Returns: "interval day to second", Kind: Aggregate, SQL: "CAST(sum{$1} AS BIGINT)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)", Merge: "sum{$1}"}}, Final: "CAST(CAST(sum{$1} AS HUGEINT) AS BIGINT)"}},
		{Signature: "sum(interval year to month)", Doc: docSum, Returns: "interval year to month", Kind: Aggregate, SQL: "CAST(sum{$1} AS INTEGER)",
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)", Merge: "sum{$1}"}}, Final: "CAST(CAST(sum{$1} AS HUGEINT) AS INTEGER)"}},

		{Signature: "avg(interval day to second)", Doc: docAvg, Examples: [][2]string{{"SELECT avg(x) FROM (VALUES 1, 2, 6) t(x)", "3.0E0"}}, Returns: "interval day to second", Kind: Aggregate, SQL: intervalAverage("count{$1}", "BIGINT"),
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				Final: intervalAverage("sum{$2}", "BIGINT")}},
		{Signature: "avg(interval year to month)", Doc: docAvg, Returns: "interval year to month", Kind: Aggregate, SQL: intervalAverage("count{$1}", "INTEGER"),
			Split: &Split{States: []State{{SQL: "CAST(sum{$1} AS DECIMAL(38, 0))", Type: "decimal(38,0)", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				Final: intervalAverage("sum{$2}", "INTEGER")}},
		{Signature: "avg(bigint)", Doc: docAvg, Returns: "double", Kind: Aggregate, SQL: "avg{$1}",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				Final: "sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0)"}},
		{Signature: "avg(double)", Doc: docAvg, Returns: "double", Kind: Aggregate, SQL: "avg{$1}",
			Split: &Split{States: []State{{SQL: "sum{$1}", Type: "double", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				Final: "sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0)"}},
		{Signature: "avg(real)", Doc: docAvg, Returns: "real", Kind: Aggregate, SQL: "CAST(avg{CAST($1 AS DOUBLE)} AS FLOAT)",
			Split: &Split{States: []State{{SQL: "sum{CAST($1 AS DOUBLE)}", Type: "double", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				Final: "CAST(sum{$1} / nullif(CAST(sum{$2} AS DOUBLE), 0) AS FLOAT)"}},
		{Signature: "avg(decimal(p,s))", Doc: docAvg, Returns: "decimal(p,s)", Kind: Aggregate, Emit: decimalAverage("sum{$1}", "count{$1}"),
			Split: &Split{States: []State{{SQL: "sum{$1}", Type: "decimal(38,s)", Merge: "sum{$1}"}, {SQL: "count{$1}", Type: "bigint", Merge: sumCounts}},
				FinalEmit: decimalAverage("sum{$1}", "sum{$2}")}},
	},
	perType([]string{"bigint", "double"}, central("stddev"), central("stddev_samp"), central("stddev_pop"),
		central("variance"), central("var_samp"), central("var_pop")),
	perType([]string{"real", "double"}, paired("corr"), paired("covar_pop"), paired("covar_samp"),
		paired("regr_slope"), paired("regr_intercept")),
	[]Function{
		{Signature: "min(T)", Doc: docMin, Examples: [][2]string{{"SELECT min(x) FROM (VALUES 3, 1, 2) t(x)", "1"}}, Vars: "T:orderable", Returns: "T", Kind: Aggregate, SQL: "min{$1}", Split: same("min", "T")},
		{Signature: "max(T)", Doc: docMax, Examples: [][2]string{{"SELECT max(x) FROM (VALUES 3, 1, 2) t(x)", "3"}}, Vars: "T:orderable", Returns: "T", Kind: Aggregate, Emit: maximum, Split: &Split{
			States: []State{{Emit: maximum, Type: "T", MergeEmit: maximum}}, FinalEmit: maximum}},
		{Signature: "min_by(V, K)", Doc: docMinBy, Examples: [][2]string{{"SELECT min_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) t(x, y)", "b"}}, Vars: "K:orderable, V", Returns: "V", Kind: Aggregate, SQL: "arg_min_null{$1, $2}",
			Split: &Split{States: []State{{SQL: "arg_min_null{$1, $2}", Type: "V"}, {SQL: "min{$2}", Type: "K"}}, Final: "arg_min_null{$1, $2}"}},
		{Signature: "max_by(V, K)", Doc: docMaxBy, Examples: [][2]string{{"SELECT max_by(x, y) FROM (VALUES ('a', 2), ('b', 1)) t(x, y)", "a"}}, Vars: "K:orderable, V", Returns: "V", Kind: Aggregate, Emit: maximumBy,
			Split: &Split{States: []State{{Emit: maximumBy, Type: "V"}, {SQL: "max{$2}", Type: "K"}}, FinalEmit: maximumBy}},
		{Signature: "arbitrary(T)", Doc: docArbitrary, Examples: [][2]string{{"SELECT arbitrary(x) FROM (VALUES 5, 5) t(x)", "5"}}, Vars: "T", Returns: "T", Kind: Aggregate, SQL: "any_value{$1}", Split: same("any_value", "T")},
		{Signature: "any_value(T)", Doc: docAnyValue, Examples: [][2]string{{"SELECT any_value(x) FROM (VALUES 5, NULL) t(x)", "5"}}, Vars: "T", Returns: "T", Kind: Aggregate, SQL: "any_value{$1}", Split: same("any_value", "T")},
		{Signature: "bool_and(boolean)", Doc: docBoolAnd, Examples: [][2]string{{"SELECT bool_and(x) FROM (VALUES true, false) t(x)", "false"}}, Returns: "boolean", Kind: Aggregate, SQL: "bool_and{$1}", Split: same("bool_and", "boolean")},
		{Signature: "bool_or(boolean)", Doc: docBoolOr, Examples: [][2]string{{"SELECT bool_or(x) FROM (VALUES true, false) t(x)", "true"}}, Returns: "boolean", Kind: Aggregate, SQL: "bool_or{$1}", Split: same("bool_or", "boolean")},
		{Signature: "every(boolean)", Doc: docEvery, Examples: [][2]string{{"SELECT every(x) FROM (VALUES true, NULL) t(x)", "true"}}, Returns: "boolean", Kind: Aggregate, SQL: "bool_and{$1}", Split: same("bool_and", "boolean")},
		{Signature: "bitwise_and_agg(bigint)", Doc: docBitwiseAndAgg, Examples: [][2]string{{"SELECT bitwise_and_agg(x) FROM (VALUES 6, 3) t(x)", "2"}}, Returns: "bigint", Kind: Aggregate, SQL: "bit_and{$1}", Split: same("bit_and", "bigint")},
		{Signature: "bitwise_or_agg(bigint)", Doc: docBitwiseOrAgg, Examples: [][2]string{{"SELECT bitwise_or_agg(x) FROM (VALUES 6, 3) t(x)", "7"}}, Returns: "bigint", Kind: Aggregate, SQL: "bit_or{$1}", Split: same("bit_or", "bigint")},
		{Signature: "bitwise_xor_agg(bigint)", Doc: docBitwiseXorAgg, Examples: [][2]string{{"SELECT bitwise_xor_agg(x) FROM (VALUES 6, 3) t(x)", "5"}}, Returns: "bigint", Kind: Aggregate, SQL: "bit_xor{$1}", Split: same("bit_xor", "bigint")},
		{Signature: "array_agg(T)", Doc: docArrayAgg, Examples: [][2]string{{"SELECT array_join(array_agg(x ORDER BY x DESC), ',') FROM (VALUES 1, 2, 3) t(x)", "3,2,1"}}, Vars: "T", Returns: "array(T)", Kind: Aggregate, OrderSensitive: true, CalledOnNull: true, SQL: "list{$1}",
			Split: &Split{States: []State{{SQL: "list{$1}", Type: "array(T)"}}, Final: flattened("list{$1}")}},
		{Signature: "map_agg(K, V)", Doc: docMapAgg, Examples: [][2]string{{"SELECT map_agg(x, y)['b'] FROM (VALUES ('a', 1), ('b', 2)) t(x, y)", "2"}}, Vars: "K:comparable, V", Returns: "map(K,V)", Kind: Aggregate, CalledOnNull: true, SQL: mapOf("list{row($1, $2)}")},
		{Signature: "histogram(T)", Doc: docHistogram, Examples: [][2]string{{"SELECT histogram(x)[1] FROM (VALUES 1, 1, 2) t(x)", "2"}}, Vars: "T:comparable", Returns: "map(T,bigint)", Kind: Aggregate, SQL: "CAST(histogram{$1} AS $r)"},
		{Signature: "listagg(varchar, varchar, boolean, varchar, boolean)", Doc: docListagg, Examples: [][2]string{{"SELECT listagg(x, ', ') WITHIN GROUP (ORDER BY x) FROM (VALUES 'b', 'a') t(x)", "a, b"}}, Returns: "varchar", Kind: Aggregate, OrderSensitive: true,
			Emit: listagg},
		{Signature: "geometric_mean(double)", Doc: docGeometricMean, Examples: [][2]string{{"SELECT round(geometric_mean(x), 6) FROM (VALUES 1, 4, 16) t(x)", "4.0E0"}}, Returns: "double", Kind: Aggregate, SQL: "exp(avg{ln($1)})"},
		{Signature: "geometric_mean(bigint)", Doc: docGeometricMean, Returns: "double", Kind: Aggregate, SQL: "exp(avg{ln($1)})"},
		{Signature: "geometric_mean(real)", Doc: docGeometricMean, Returns: "real", Kind: Aggregate, SQL: "CAST(exp(avg{ln(CAST($1 AS DOUBLE))}) AS FLOAT)"},
	},
	perType([]string{"bigint", "double"},
		Function{Signature: "skewness(T)", Doc: docSkewness, Examples: [][2]string{{"SELECT skewness(x) FROM (VALUES 1, 2, 3) t(x)", "0E0"}}, Returns: "double", Kind: Aggregate, SQL: moment3},
		Function{Signature: "kurtosis(T)", Doc: docKurtosis, Examples: [][2]string{{"SELECT kurtosis(x) IS NULL FROM (VALUES 1, 2, 3) t(x)", "true"}}, Returns: "double", Kind: Aggregate, SQL: "kurtosis{CAST($1 AS DOUBLE)}"},
	),
)

// sumCounts merges counts into one.
const sumCounts = "CAST(sum{$1} AS BIGINT)"

// intervalAverage divides in doubles and rounds half up, as Trino does.
func intervalAverage(count, duck string) string {
	return "CAST(floor(CAST(sum{$1} AS DOUBLE) / nullif(CAST(" + count + " AS DOUBLE), 0) + 0.5) AS " + duck + ")"
}

// same splits an aggregate whose state is its result.
func same(duck, typ string) *Split {
	return &Split{States: []State{{SQL: duck + "{$1}", Type: typ, Merge: duck + "{$1}"}}, Final: duck + "{$1}"}
}

// docMoments describe the statistics of one and of two columns.
var docMoments = map[string]string{
	"stddev": "The standard deviation of a sample.", "stddev_samp": "The standard deviation of a sample.", "stddev_pop": "The standard deviation of a population.",
	"variance": "The variance of a sample.", "var_samp": "The variance of a sample.", "var_pop": "The variance of a population.",
	"corr": "The correlation of two columns.", "covar_pop": "The covariance of two columns of a population.", "covar_samp": "The covariance of two columns of a sample.",
	"regr_slope": "The slope of the line that fits best, for the dependent and the independent column.", "regr_intercept": "Where the line that fits best crosses the axis, for the dependent and the independent column.",
}

var exampleMoments = map[string]string{
	"stddev": "2.6458E0", "stddev_samp": "2.6458E0", "stddev_pop": "2.1602E0", "variance": "7.0E0", "var_samp": "7.0E0", "var_pop": "4.6667E0",
	"corr": "9.983E-1", "covar_pop": "6.6667E0", "covar_samp": "1.0E1", "regr_slope": "1.4286E0", "regr_intercept": "3.81E-1",
}

// central is a central moment: deviation or variance. DuckDB's function has the same name.
func central(name string) Function {
	return Function{Doc: docMoments[name], Examples: [][2]string{{"SELECT round(" + name + "(x), 4) FROM (VALUES 1, 2, 6) t(x)", exampleMoments[name]}}, Signature: name + "(T)", Returns: "double", Kind: Aggregate, SQL: name + "{CAST($1 AS DOUBLE)}"}
}

// paired is an aggregate over pairs of numbers. DuckDB's function has the same name.
func paired(name string) Function {
	return Function{Doc: docMoments[name], Examples: [][2]string{{"SELECT round(" + name + "(y, x), 4) FROM (VALUES (1, 2e0), (2, 3e0), (6, 9e0)) t(x, y)", exampleMoments[name]}}, Signature: name + "(T, T)", Returns: "T", Kind: Aggregate, SQL: "CAST(" + name + "{$1, $2} AS $r)"}
}

// flattened makes one list of a list of lists of which some are NULL; NULL when all are.
func flattened(lists string) string {
	return "CASE WHEN len(list_filter(" + lists + ", lambda _l: _l IS NOT NULL)) > 0 THEN flatten(list_filter(" + lists + ", lambda _l: _l IS NOT NULL)) END"
}

// decimalAverage divides a decimal sum by a count, rounding half up.
func decimalAverage(sum, count string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		t := types.DecimalOf(types.MaxDecimalPrecision, s.Result.S)
		long := scaled(roundedQuotient(unscaled(sum, t), "nullif("+cast(count, "HUGEINT")+", 0)"), s.Result)
		narrow, _, ok := short(t, 0)
		if !ok {
			return long, nil
		}
		fast := shortQuotient(cast(sum, decimalSQL(narrow.P, narrow.S)), narrow, 0, count, types.DecimalOf(exactDigits, 0), s.Result)
		return "CASE WHEN " + isShort(sum, narrow) + " THEN " + fast + " ELSE " + long + " END", nil
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

// listagg is limited to a mebibyte, as in Trino. What does not fit any more is an error, or left out if the call says so.
func listagg(s *Site) (string, error) {
	if fail, ok := s.Args[2].Value.(bool); ok && !fail {
		return "wb_listagg(list{$1}, any_value{$2}, any_value{$4}, any_value{$5})", nil
	}
	failure := raise("EXCEEDED_FUNCTION_MEMORY_LIMIT", "'Concatenated string has to be smaller than 1048576 bytes'")
	return "CASE WHEN strlen(string_agg{$1, $2}) > 1048576 THEN " + failure + " ELSE string_agg{$1, $2} END", nil
}
