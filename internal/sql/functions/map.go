package functions

// mapFunctions are the functions over maps.
var mapFunctions = []Function{
	{Signature: "map(array(K), array(V))", Vars: "K, V", Returns: "map(K,V)",
		SQL: "CASE WHEN len($1) <> len($2) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Key and value arrays must be the same length'") +
			" WHEN len($1) > list_count($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map key cannot be null'") +
			" WHEN list_unique($1) < len($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Duplicate map keys are not allowed'") +
			" ELSE map($1, $2) END"},
	{Signature: "cardinality(map(K,V))", Vars: "K, V", Returns: "bigint", SQL: "CAST(cardinality($1) AS BIGINT)"},
	{Signature: "element_at(map(K,V), K)", Vars: "K:comparable, V", Returns: "V", SQL: "map_extract_value($1, $2)"},
	{Signature: "map_keys(map(K,V))", Vars: "K, V", Returns: "array(K)", SQL: "map_keys($1)"},
	{Signature: "map_values(map(K,V))", Vars: "K, V", Returns: "array(V)", SQL: "map_values($1)"},
	{Signature: "map_from_entries(array(row(K,V)))", Vars: "K, V", Returns: "map(K,V)",
		SQL: "CASE WHEN len($1) > list_count($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map entry cannot be null'") +
			" WHEN len(list_filter($1, lambda _e: _e.f1 IS NULL)) > 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map key cannot be null'") +
			" WHEN list_unique(list_transform($1, lambda _e: _e.f1)) < len($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Duplicate map keys are not allowed'") +
			" ELSE map_from_entries($1) END"},
}
