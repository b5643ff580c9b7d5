package functions

const (
	docNumericHistogram = "An approximate histogram of so many bins: their centres and weights."
	docMostFrequent     = "The most frequent values and how often they occur, approximately; the third argument bounds the memory."
)

// mapAggregates are aggregates that give maps.
var mapAggregates = concat(
	[]Function{
		{Signature: "multimap_agg(K, V)", Vars: "K:comparable, V", Returns: "map(K,array(V))", Kind: Aggregate, CalledOnNull: true, OrderSensitive: true,
			SQL: grouped("list{row($1, $2)}"),
			Doc: "A map of each key to all of its values.", Examples: [][2]string{
				{"SELECT array_sort(multimap_agg(x, y)[1]) = ARRAY[2, 3] FROM (VALUES (1, 2), (1, 3), (2, 4)) t(x, y)", "true"}}},
		{Signature: "map_union(map(K,V))", Vars: "K:comparable, V", Returns: "map(K,V)", Kind: Aggregate,
			SQL: mapOf("flatten(list{list_transform(map_entries($1), lambda _m: row(_m.key, _m.value))})"),
			Doc: "One map of the entries of all maps; of several values of a key one is taken.", Examples: [][2]string{
				{"SELECT cardinality(map_union(x)) FROM (VALUES map(ARRAY[1, 2], ARRAY[3, 4]), map(ARRAY[2, 5], ARRAY[9, 9])) t(x)", "3"}}},
	},
	numericHistogram("double", ""), numericHistogram("real", "CAST(_e.key AS FLOAT), CAST(_e.value AS FLOAT)"),
	approxMostFrequent("bigint"), approxMostFrequent("varchar"),
)

// grouped makes a map of a list of entries, each key with a list of its values in order; NULL keys do not count.
func grouped(list string) string {
	return "CAST(list_transform([list_filter(" + list + ", lambda _e: _e[1] IS NOT NULL)], lambda _l: CASE WHEN _l IS NOT NULL THEN " +
		"map_from_entries(list_transform(list_filter(_l, lambda _e, _i: list_position(list_transform(_l, lambda _f: _f[1]), _e[1]) = _i), " +
		"lambda _k: row(_k[1], list_transform(list_filter(_l, lambda _f: _f[1] = _k[1]), lambda _f: _f[2])))) END)[1] AS $r)"
}

func numericHistogram(typ, narrowed string) []Function {
	entries := func(weight string) string {
		list := "wb_numeric_histogram{$1, CAST($2 AS DOUBLE), " + weight + "}"
		if narrowed != "" {
			list = "list_transform(" + list + ", lambda _e: row(" + narrowed + "))"
		}
		return "CAST(map_from_entries(" + list + ") AS $r)"
	}
	returns := "map(" + typ + "," + typ + ")"
	return []Function{
		{Signature: "numeric_histogram(bigint, " + typ + ")", Returns: returns, Kind: Aggregate, SQL: entries("1.0"), Doc: docNumericHistogram, Examples: [][2]string{
			{"SELECT cardinality(numeric_histogram(2, CAST(x AS " + typ + "))) FROM (VALUES 1, 2, 5) t(x)", "2"}}},
		{Signature: "numeric_histogram(bigint, " + typ + ", double)", Returns: returns, Kind: Aggregate, SQL: entries("$3"), Doc: docNumericHistogram},
	}
}

func approxMostFrequent(typ string) []Function {
	return []Function{{Signature: "approx_most_frequent(bigint, " + typ + ", bigint)", Returns: "map(" + typ + ",bigint)", Kind: Aggregate,
		SQL: "CAST(map_from_entries(wb_most_frequent_" + typ + "{$1, $3, $2, 1}) AS $r)", Doc: docMostFrequent, Examples: [][2]string{
			{"SELECT cardinality(approx_most_frequent(2, CAST(x AS " + typ + "), 10)) FROM (VALUES 1, 1, 2, 2, 3) t(x)", "2"}}}}
}
