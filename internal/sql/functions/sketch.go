package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Serialised sketches are made by aggregates in Go, whose result is a state that others of the same kind merge.

const (
	docCardinality     = "The estimated number of different values in a sketch."
	docApproxDistinct  = "The estimated number of different values; the standard error is 2.3 percent unless given."
	docApproxSet       = "A HyperLogLog of the values, which merge and cardinality take."
	docQuantileValue   = "The value below which the given part of the values in a digest lies."
	docQuantileValues  = "The values below which the given parts of the values in a digest lie."
	docQuantileAtValue = "Which part of the values in a digest lies below the given one; null when it is smaller or larger than all."
	docQDigest         = "A quantile digest of the values, optionally with weights and an accuracy."
	docTDigest         = "A t-digest of the values, optionally with weights."
	docMerge           = "One sketch of the values of all sketches."
)

// sketchFunctions are the functions over HyperLogLogs, quantile digests, t-digests and SetDigests.
var sketchFunctions = concat(
	[]Function{
		{Signature: "empty_approx_set()", Returns: "HyperLogLog", SQL: "wb_hll_empty(4096)", Doc: "A HyperLogLog without values.",
			Examples: [][2]string{{"cardinality(empty_approx_set())", "0"}}},
		{Signature: "cardinality(HyperLogLog)", Returns: "bigint", SQL: "wb_hll_cardinality($1)", Doc: docCardinality,
			Examples: [][2]string{{"cardinality(CAST(X'020C020080034400802008DE' AS HyperLogLog))", "2"}}},
		{Signature: "cardinality(SetDigest)", Returns: "bigint", SQL: "wb_setdigest_cardinality($1)", Doc: docCardinality},
		{Signature: "hash_counts(SetDigest)", Returns: "map(bigint,smallint)", SQL: "CAST(map_from_entries(wb_setdigest_counts($1)) AS $r)",
			Doc: "How often the values of each hash were added to a SetDigest.", Examples: [][2]string{
				{"cardinality(hash_counts(CAST(from_base64('AQwAAAACCwIAAmIUfMCI65EAIAAAAgAAALZVAgryiOuR4tCb8AliFHwBAAEA') AS SetDigest)))", "2"}}},
		{Signature: "intersection_cardinality(SetDigest, SetDigest)", Returns: "bigint", SQL: "wb_setdigest_intersection($1, $2)",
			Doc: "The estimated number of values that two SetDigests have in common.", Examples: [][2]string{
				{"(SELECT intersection_cardinality(make_set_digest(x), make_set_digest(y)) FROM (VALUES (1, 2), (2, 3), (2, 4)) t(x, y))", "1"}}},
		{Signature: "jaccard_index(SetDigest, SetDigest)", Returns: "double", SQL: "wb_setdigest_jaccard($1, $2)",
			Doc: "Which part of the values of two SetDigests both have, estimated.", Examples: [][2]string{
				{"(SELECT jaccard_index(make_set_digest(x), make_set_digest(x)) FROM (VALUES 'a', 'b') t(x))", "1.0E0"}}},
		{Signature: "value_at_quantile(tdigest, double)", Returns: "double", SQL: "wb_tdigest_value($1, $2)", Doc: docQuantileValue,
			Examples: [][2]string{{"(SELECT value_at_quantile(tdigest_agg(x), 0.5) FROM (VALUES 1e0, 2e0, 4e0) t(x))", "2.0E0"}}},
		{Signature: "values_at_quantiles(tdigest, array(double))", Returns: "array(double)", SQL: "wb_tdigest_values($1, $2)", Doc: docQuantileValues,
			Examples: [][2]string{{"(SELECT values_at_quantiles(tdigest_agg(x), ARRAY[0.0, 1.0])[2] FROM (VALUES 1e0, 2e0, 4e0) t(x))", "4.0E0"}}},
		{Signature: "merge(HyperLogLog)", Returns: "HyperLogLog", Kind: Aggregate, SQL: "wb_hll_merge{$1}", Split: same("wb_hll_merge", "HyperLogLog"), Doc: docMerge,
			Examples: [][2]string{{"SELECT cardinality(merge(s)) FROM (SELECT approx_set(x) AS s FROM (VALUES (1, 1), (1, 2), (2, 2)) t(k, x) GROUP BY k)", "2"}}},
		{Signature: "merge(tdigest)", Returns: "tdigest", Kind: Aggregate, SQL: "wb_tdigest_merge{$1}", Split: same("wb_tdigest_merge", "tdigest"), Doc: docMerge},
		{Signature: "merge_set_digest(SetDigest)", Returns: "SetDigest", Kind: Aggregate, SQL: "wb_setdigest_merge{$1}",
			Split: same("wb_setdigest_merge", "SetDigest"), Doc: docMerge, Examples: [][2]string{
				{"SELECT cardinality(merge_set_digest(s)) FROM (SELECT make_set_digest(x) AS s FROM (VALUES (1, 1), (1, 2), (2, 2)) t(k, x) GROUP BY k)", "2"}}},
		{Signature: "$theta_sketch(T)", Vars: "T:comparable", Returns: "varbinary", Kind: Aggregate, Hidden: true, Emit: thetaSketch,
			Split: &Split{States: []State{{Emit: thetaSketch, Type: "varbinary"}}, Final: "wb_theta_merge{$1}"},
			Doc:   "A theta sketch of the values, for the statistics of a table.", Examples: [][2]string{
				{`SELECT to_hex("$theta_sketch"(x)) FROM (VALUES 'a', 'b', 'c', 'a', NULL) t(x)`,
					"02030300001ACC930300000000000000B70C6EE5A8AF4008857F40B689C7E53417C11D528507017B"}}},
		sketch("tdigest_agg(double)", "tdigest", "wb_tdigest{$1, 1.0}", "wb_tdigest_merge", docTDigest,
			"SELECT value_at_quantile(tdigest_agg(x), 0.5) FROM (VALUES 1e0, 2e0, 4e0) t(x)", "2.0E0"),
		sketch("tdigest_agg(double, double)", "tdigest", "wb_tdigest{$1, $2}", "wb_tdigest_merge", docTDigest,
			"SELECT values_at_quantiles(tdigest_agg(x, w), ARRAY[0.1, 0.9])[2] FROM (VALUES (1e0, 1e0), (2e0, 5e0)) t(x, w)", "2.0E0"),
		{Signature: "make_set_digest(T)", Vars: "T", Returns: "SetDigest", Kind: Aggregate, Emit: setDigest,
			Split: &Split{States: []State{{Emit: setDigest, Type: "SetDigest"}}, Final: "wb_setdigest_merge{$1}"},
			Doc:   "A SetDigest of the values, with which sets are compared.", Examples: [][2]string{
				{"SELECT intersection_cardinality(make_set_digest(x), make_set_digest(y)) FROM (VALUES (1, 2), (2, 3), (2, 4)) t(x, y)", "1"},
				{"SELECT jaccard_index(make_set_digest(x), make_set_digest(x)) FROM (VALUES 'a', 'b') t(x)", "1.0E0"}}},
	},
	approxDistinct("", "2048"), approxDistinct(", double", "wb_hll_buckets($2)"),
	approxSet("bigint", "wb_murmur_bigint($1)"), approxSet("double", "wb_murmur_double($1)"), approxSet("varchar", "wb_murmur_varchar($1)"),
	qdigestOf("bigint", "$", "$"),
	qdigestOf("double", "wb_sortable_double($)", "wb_unsortable_double($)"),
	qdigestOf("real", "wb_sortable_real($)", "wb_unsortable_real($)"),
)

// sketch is an aggregate that makes a sketch; merge is the one that makes one of several.
func sketch(signature, typ, call, merge, doc string, example ...string) Function {
	f := Function{Signature: signature, Returns: typ, Kind: Aggregate, SQL: call, Doc: doc,
		Split: &Split{States: []State{{SQL: call, Type: typ}}, Final: merge + "{$1}"}}
	if len(example) == 2 {
		f.Examples = [][2]string{{example[0], example[1]}}
	}
	return f
}

// approxDistinct takes values by their hash. Whether a boolean occurs is known exactly.
func approxDistinct(more, buckets string) []Function {
	boolean, general := "CAST(count{DISTINCT $1} AS BIGINT)", func(s *Site) (string, error) {
		if s.Args[0].Type.Kind == types.Unknown {
			return "coalesce(wb_hll_cardinality(wb_hll{NULL, " + buckets + "}), 0)", nil
		}
		return "coalesce(wb_hll_cardinality(wb_hll{" + valueHash(s) + ", " + buckets + "}), 0)", nil
	}
	state := func(s *Site) (string, error) { return "wb_hll{" + valueHash(s) + ", " + buckets + "}", nil }
	return []Function{
		{Signature: "approx_distinct(boolean" + more + ")", Returns: "bigint", Kind: Aggregate, SQL: boolean, Doc: docApproxDistinct, Split: &Split{
			States: []State{{SQL: "bool_or{$1}", Type: "boolean"}, {SQL: "bool_and{$1}", Type: "boolean"}},
			Final:  "CAST(coalesce(bool_or{$1}, false) AS BIGINT) + CAST(NOT coalesce(bool_and{$2}, true) AS BIGINT)"}},
		{Signature: "approx_distinct(T" + more + ")", Vars: "T:comparable", Returns: "bigint", Kind: Aggregate, Emit: general, Doc: docApproxDistinct,
			Split:    &Split{States: []State{{Emit: state, Type: "HyperLogLog"}}, Final: "coalesce(wb_hll_cardinality(wb_hll_merge{$1}), 0)"},
			Examples: [][2]string{{"SELECT approx_distinct(x" + strings.Replace(more, "double", "0.01", 1) + ") FROM (VALUES 1, 2, 2, NULL) t(x)", "2"}}},
	}
}

// thetaSketch takes values as they are, with their type.
func thetaSketch(s *Site) (string, error) {
	return "wb_theta{" + s.Args[0].SQL + ", '" + strings.ReplaceAll(s.Args[0].Type.ProtocolName(), "'", "''") + "'}", nil
}

// valueHash is the hash of the first argument by which Trino tells values apart; NULL for NULL.
func valueHash(s *Site) string {
	return "wb_value_hash(" + s.Args[0].SQL + ", '" + strings.ReplaceAll(s.Args[0].Type.ProtocolName(), "'", "''") + "')"
}

func approxSet(typ, hash string) []Function {
	return []Function{sketch("approx_set("+typ+")", "HyperLogLog", "wb_hll{"+hash+", 4096}", "wb_hll_merge", docApproxSet,
		"SELECT cardinality(approx_set(CAST(x AS "+typ+"))) FROM (VALUES 1, 2, 2) t(x)", "2")}
}

// qdigestOf are the functions over quantile digests of a type, given how its values become integers and integers values.
func qdigestOf(typ, to, from string) []Function {
	in := func(arg string) string { return strings.Replace(to, "$", arg, 1) }
	digest := "qdigest(" + typ + ")"
	values := "wb_qdigest_values($1, $2)"
	if from != "$" {
		values = "list_transform(" + values + ", lambda _q: " + strings.Replace(from, "$", "_q", 1) + ")"
	}
	shown := map[string]string{"bigint": "2", "double": "2.0E0", "real": "2.0E0"}[typ]
	return []Function{
		sketch("qdigest_agg("+typ+")", digest, "wb_qdigest{"+in("$1")+", 1, 0.01}", "wb_qdigest_merge", docQDigest,
			"SELECT value_at_quantile(qdigest_agg(CAST(x AS "+typ+")), 0.5) FROM (VALUES 1, 2, 3) t(x)", shown),
		sketch("qdigest_agg("+typ+", bigint)", digest, "wb_qdigest{"+in("$1")+", $2, 0.01}", "wb_qdigest_merge", docQDigest),
		sketch("qdigest_agg("+typ+", bigint, double)", digest, "wb_qdigest{"+in("$1")+", $2, $3}", "wb_qdigest_merge", docQDigest),
		{Signature: "merge(" + digest + ")", Returns: digest, Kind: Aggregate, SQL: "wb_qdigest_merge{$1}", Split: same("wb_qdigest_merge", digest), Doc: docMerge},
		{Signature: "value_at_quantile(" + digest + ", double)", Returns: typ, SQL: strings.Replace(from, "$", "wb_qdigest_value($1, $2)", 1), Doc: docQuantileValue},
		{Signature: "values_at_quantiles(" + digest + ", array(double))", Returns: "array(" + typ + ")", SQL: values, Doc: docQuantileValues},
		{Signature: "quantile_at_value(" + digest + ", " + typ + ")", Returns: "double", SQL: "wb_qdigest_rank($1, " + in("$2") + ")", Doc: docQuantileAtValue,
			Examples: [][2]string{{"(SELECT quantile_at_value(qdigest_agg(CAST(x AS " + typ + ")), 2) FROM (VALUES 1, 2, 3, 4) t(x)) > 0.2", "true"}}},
	}
}

// setDigest takes values of the types whose values are numbers or bytes in Trino's memory.
func setDigest(s *Site) (string, error) {
	switch t := s.Args[0].Type; t.Kind {
	case types.Varchar, types.Char, types.JSON:
		return "wb_setdigest_bytes{encode($1)}", nil
	case types.Varbinary, types.IPAddress:
		return "wb_setdigest_bytes{$1}", nil
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Date, types.Time,
		types.IntervalDayToSecond, types.IntervalYearToMonth:
		return "wb_setdigest_numbers{wb_value_bits($1, '" + t.String() + "')}", nil
	case types.Decimal:
		if t.P <= 18 {
			return "wb_setdigest_numbers{wb_value_bits($1, '" + t.String() + "')}", nil
		}
	case types.Timestamp:
		if t.P <= 6 {
			return "wb_setdigest_numbers{wb_value_bits($1, '" + t.String() + "')}", nil
		}
	}
	return "", trinoerr.New(trinoerr.FunctionImplementationMissing, "Unsupported type parameters (system.builtin.make_set_digest(%s):SetDigest) for <T>(t):setdigest",
		s.Args[0].Type)
}
