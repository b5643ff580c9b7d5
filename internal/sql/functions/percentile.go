package functions

import "strings"

const docPercentile = "The value below which the given part of the values lies, approximately; or an array of values for an array of parts."

// percentileFunctions are approx_percentile: t-digests of the values and weights, and the last percentile that was given.
var percentileFunctions = concat(
	percentilesOf("bigint", "CAST($1 AS DOUBLE)", "wb_round_half_up($)"),
	percentilesOf("double", finiteValue, "$"),
	percentilesOf("real", strings.Replace(finiteValue, "$1", "CAST($1 AS DOUBLE)", 3), "CAST($ AS FLOAT)"),
)

// finiteValue is the first argument, which must be a number.
var finiteValue = "CASE WHEN $1 IS NULL OR isfinite($1) THEN $1 ELSE " + raise("INVALID_FUNCTION_ARGUMENT", "'value must be finite; was ' || CASE WHEN isnan($1) THEN 'NaN' WHEN $1 > 0 THEN 'Infinity' ELSE '-Infinity' END") + " END"

func checkedPercentile(p string) string {
	return "CASE WHEN " + p + " BETWEEN 0 AND 1 THEN " + p + " WHEN " + p + " IS NOT NULL THEN " +
		raise("INVALID_FUNCTION_ARGUMENT", "'Percentile must be between 0 and 1'") + " END"
}

func checkedPercentiles(p string) string {
	return "CASE WHEN len(list_filter(" + p + ", lambda _p: _p IS NULL)) > 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Percentile cannot be null'") +
		" WHEN len(list_filter(" + p + ", lambda _p: NOT _p BETWEEN 0 AND 1)) > 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Percentile must be between 0 and 1'") +
		" ELSE " + p + " END"
}

// percentilesOf are the overloads for a type, given how its values become doubles and doubles values of it.
func percentilesOf(typ, to, from string) []Function {
	out := func(v string) string { return strings.Replace(from, "$", v, 1) }
	var fs []Function
	add := func(signature, returns, value, weight, percentile, read, percentileType string) {
		digest := "wb_tdigest{" + value + ", " + weight + "}"
		// A NULL percentile makes its row count for nothing, which a NULL weight does as well.
		final := func(d, p string) string {
			v := read + "(" + d + ", " + p + ")"
			if read == "wb_percentiles" {
				if from == "$" {
					return v
				}
				return "list_transform(" + v + ", lambda _q: " + out("_q") + ")"
			}
			return out(v)
		}
		fs = append(fs, Function{Signature: "approx_percentile(" + signature + ")", Returns: returns, Kind: Aggregate, Doc: docPercentile,
			SQL: final(digest, "any_value{"+percentile+"}"),
			Split: &Split{States: []State{{SQL: digest, Type: "tdigest"}, {SQL: "any_value{" + percentile + "}", Type: percentileType}},
				Final: final("wb_tdigest_merge{$1}", "any_value{$2}")}})
	}
	add(typ+", double", typ, to, "CASE WHEN $2 IS NOT NULL THEN 1.0 END", checkedPercentile("$2"), "wb_tdigest_value", "double")
	add(typ+", array(double)", "array("+typ+")", to, "CASE WHEN $2 IS NOT NULL THEN 1.0 END", checkedPercentiles("$2"), "wb_percentiles", "array(double)")
	add(typ+", double, double", typ, to, "CASE WHEN $3 IS NOT NULL THEN $2 END", checkedPercentile("$3"), "wb_tdigest_value", "double")
	add(typ+", double, array(double)", "array("+typ+")", to, "CASE WHEN $3 IS NOT NULL THEN $2 END", checkedPercentiles("$3"), "wb_percentiles", "array(double)")
	// The accuracy is only checked: a t-digest has none.
	add(typ+", double, double, double", typ, to, "CASE WHEN $4 > 0 AND $4 < 1 THEN CASE WHEN $3 IS NOT NULL THEN $2 END WHEN $4 IS NOT NULL THEN "+
		raise("INVALID_FUNCTION_ARGUMENT", "'Percentile accuracy must be strictly between 0 and 1'")+" END", checkedPercentile("$3"), "wb_tdigest_value", "double")
	fs[0].Examples = [][2]string{{"SELECT approx_percentile(CAST(x AS " + typ + "), 0.5) FROM (VALUES 1, 2, 3, 4, 5) t(x)", map[bool]string{true: "3", false: "3.0E0"}[typ == "bigint"]}}
	return fs
}
