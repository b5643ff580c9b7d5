package functions

import "strings"

// mapFunctions are the functions over maps.
var mapFunctions = []Function{
	{Signature: "map(array(K), array(V))", Vars: "K, V", Returns: "map(K,V)",
		SQL: "CASE WHEN len($1) <> len($2) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Key and value arrays must be the same length'") +
			" WHEN len($1) > list_count($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map key cannot be null'") +
			" WHEN list_unique($1) < len($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT",
			"'Duplicate map keys (' || CAST(list_filter($1, lambda _x, _i: list_position($1, _x) <> _i)[1] AS VARCHAR) || ') are not allowed'") +
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
	{Signature: "map_entries(map(K,V))", Vars: "K, V", Returns: "array(row(K,V))", Emit: mapEntries},
	{Signature: "map_filter(map(K,V), function(K,V,boolean))", Vars: "K, V", Returns: "map(K,V)", Emit: perEntry("list_filter", "")},
	{Signature: "transform_values(map(K,V1), function(K,V1,V2))", Vars: "K, V1, V2", Returns: "map(K,V2)", Emit: perEntry("list_transform", "row(_m.key, $)")},
	{Signature: "transform_keys(map(K1,V), function(K1,V,K2))", Vars: "K1, V, K2", Returns: "map(K2,V)", Emit: transformKeys},
	{Signature: "map_concat(map(K,V))", Vars: "K, V", Returns: "map(K,V)", Variadic: true, Emit: mapConcat},
	{Signature: "split_to_map(varchar, varchar, varchar)", Returns: "map(varchar,varchar)",
		SQL: "map_from_entries(list_transform(list_filter(string_split($1, $2), lambda _e: _e <> ''), lambda _e: row(split_part(_e, $3, 1), substr(_e, length(split_part(_e, $3, 1)) + length($3) + 1))))"},
}

func mapEntries(s *Site) (string, error) {
	return "list_transform(map_entries(" + s.Args[0].SQL + "), lambda _m: CAST(row(_m.key, _m.value) AS " + s.TypeSQL(s.Result.Elem(0)) + "))", nil
}

// entryLambda takes a lambda over key and value apart and returns its body as an expression over the entry _m.
func entryLambda(s *Site) (string, error) {
	params, body, ok := strings.Cut(strings.TrimPrefix(s.Args[1].SQL, "lambda "), ": ")
	names := strings.Split(params, ", ")
	if !ok || len(names) != 2 {
		return "", notSupported(s.Function, s.Args[0].Type)
	}
	return "list_transform([_m.key], lambda " + names[0] + ": list_transform([_m.value], lambda " + names[1] + ": " + body + ")[1])[1]", nil
}

// perEntry applies a lambda to the entries of a map and makes a map of the result.
func perEntry(function, tmpl string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		body, err := entryLambda(s)
		if tmpl != "" {
			body = strings.Replace(tmpl, "$", body, 1)
		}
		return cast("map_from_entries("+function+"(map_entries("+s.Args[0].SQL+"), lambda _m: "+body+"))", s.TypeSQL(s.Result)), err
	}
}

func transformKeys(s *Site) (string, error) {
	body, err := entryLambda(s)
	entries := Operand{SQL: "list_transform(map_entries(" + s.Args[0].SQL + "), lambda _m: row(" + body + ", _m.value))"}
	return s.once(entries, func(o Operand) string {
		keys := "list_transform(" + o.SQL + ", lambda _k: _k[1])"
		return "CASE WHEN len(" + keys + ") > list_count(" + keys + ") THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map key cannot be null'") +
			" WHEN list_unique(" + keys + ") < len(" + keys + ") THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Duplicate map keys are not allowed'") +
			" ELSE " + cast("map_from_entries("+o.SQL+")", s.TypeSQL(s.Result)) + " END"
	}), err
}

func mapConcat(s *Site) (string, error) {
	var nulls []string
	for _, a := range s.Args {
		nulls = append(nulls, a.SQL+" IS NOT NULL")
	}
	return "CASE WHEN " + strings.Join(nulls, " AND ") + " THEN map_concat(" + s.list(0) + ") END", nil
}
