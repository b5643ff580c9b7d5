package functions

import "strings"

// arrayFunctions are the functions over arrays.
var arrayFunctions = []Function{
	{Signature: "cardinality(array(E))", Vars: "E", Returns: "bigint", SQL: "len($1)"},
	{Signature: "element_at(array(E), bigint)", Vars: "E", Returns: "E",
		SQL: "CASE WHEN $2 = 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'") + " ELSE list_extract($1, $2) END"},
	{Signature: "contains(array(T), T)", Vars: "T:comparable", Returns: "boolean",
		SQL: "CASE WHEN list_contains($1, $2) THEN true WHEN len($1) > list_count($1) THEN NULL WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE false END"},
	{Signature: "array_position(array(T), T)", Vars: "T:comparable", Returns: "bigint",
		SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN coalesce(CAST(list_position($1, $2) AS BIGINT), 0) END"},
	{Signature: "array_distinct(array(E))", Vars: "E:comparable", Returns: "array(E)",
		SQL: distinctElements("$1")},
	{Signature: "array_join(array(E), varchar)", Vars: "E", Returns: "varchar", Emit: arrayJoin},
	{Signature: "array_join(array(E), varchar, varchar)", Vars: "E", Returns: "varchar", Emit: arrayJoin},
	{Signature: "array_max(array(T))", Vars: "T:orderable", Returns: "T", Emit: arrayMax},
	{Signature: "array_min(array(T))", Vars: "T:orderable", Returns: "T", SQL: "CASE WHEN len($1) = list_count($1) THEN list_min($1) END"},
	{Signature: "array_sort(array(E))", Vars: "E:orderable", Returns: "array(E)", SQL: "list_sort($1, 'ASC', 'NULLS LAST')"},
	{Signature: "array_remove(array(E), E)", Vars: "E:comparable", Returns: "array(E)", SQL: "list_filter($1, lambda _x: _x IS DISTINCT FROM $2)"},
	{Signature: "concat(array(E))", Vars: "E", Returns: "array(E)", Variadic: true, Emit: concatenate},
	{Signature: "concat(array(E), E)", Vars: "E", Returns: "array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_append($1, $2) END"},
	{Signature: "concat(E, array(E))", Vars: "E", Returns: "array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_prepend($1, $2) END"},
	{Signature: "array_intersect(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)", SQL: "list_filter(" + distinctElements("$1") + ", lambda _z: list_position($2, _z) IS NOT NULL)"},
	{Signature: "array_except(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)",
		SQL: "CASE WHEN $2 IS NOT NULL THEN list_filter(" + distinctElements("$1") + ", lambda _z: list_position($2, _z) IS NULL) END"},
	{Signature: "array_union(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)", Emit: arrayUnion},
	{Signature: "arrays_overlap(array(E), array(E))", Vars: "E:comparable", Returns: "boolean",
		SQL: "CASE WHEN list_has_any(list_filter($1, lambda _x: _x IS NOT NULL), list_filter($2, lambda _x: _x IS NOT NULL)) THEN true WHEN $1 IS NULL OR $2 IS NULL THEN NULL" +
			" WHEN len($1) > list_count($1) AND len($2) > 0 OR len($2) > list_count($2) AND len($1) > 0 THEN NULL ELSE false END"},
	{Signature: "contains_sequence(array(T), array(T))", Vars: "T:comparable", Returns: "boolean",
		SQL: "CASE WHEN len($2) = 0 THEN $1 IS NOT NULL WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN " +
			"len(list_filter(range(0, len($1) - len($2) + 1), lambda _i: $1[_i + 1 : _i + len($2)] = $2)) > 0 END"},
	{Signature: "zip_with(array(T), array(U), function(T,U,R))", Vars: "T, U, R", Returns: "array(R)", Emit: zipWith},
	{Signature: "reduce(array(T), S, function(S,T,S), function(S,R))", Vars: "T, S, R", Returns: "R", CalledOnNull: true, Emit: reduce},
	{Signature: "ngrams(array(T), bigint)", Vars: "T", Returns: "array(array(T))",
		SQL: "CASE WHEN $2 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'N must be positive'") +
			" WHEN len($1) <= $2 THEN [$1] ELSE list_transform(range(0, len($1) - $2 + 1), lambda _i: $1[_i + 1 : _i + $2]) END"},
	{Signature: "zip(array(T1), array(T2))", Vars: "T1, T2", Returns: "array(row(T1,T2))", Emit: zip},
	{Signature: "zip(array(T1), array(T2), array(T3))", Vars: "T1, T2, T3", Returns: "array(row(T1,T2,T3))", Emit: zip},
	{Signature: "zip(array(T1), array(T2), array(T3), array(T4))", Vars: "T1, T2, T3, T4", Returns: "array(row(T1,T2,T3,T4))", Emit: zip},
	{Signature: "flatten(array(array(E)))", Vars: "E", Returns: "array(E)", SQL: "flatten($1)"},
	{Signature: "reverse(array(E))", Vars: "E", Returns: "array(E)", SQL: "list_reverse($1)"},
	{Signature: "repeat(T, bigint)", Vars: "T", Returns: "array(T)", CalledOnNull: true,
		SQL: "CASE WHEN $2 IS NOT NULL THEN CAST(list_transform(range($2), lambda _x: $1) AS $r) END"},
	{Signature: "sequence(bigint, bigint)", Returns: "array(bigint)",
		SQL: "CASE WHEN $1 <= $2 THEN generate_series($1, $2) ELSE generate_series($1, $2, -1) END"},
	{Signature: "sequence(bigint, bigint, bigint)", Returns: "array(bigint)",
		SQL: "CASE WHEN $3 = 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'step must not be zero'") +
			" WHEN ($2 - $1) * sign($3) < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT",
			"'sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start'") +
			" ELSE generate_series($1, $2, $3) END"},
	{Signature: "sequence(date, date)", Returns: "array(date)",
		SQL: "list_transform(CASE WHEN $1 <= $2 THEN generate_series(0, $2 - $1) ELSE generate_series(0, $2 - $1, -1) END, lambda _d: $1 + CAST(_d AS INTEGER))"},
	{Signature: "slice(array(E), bigint, bigint)", Vars: "E", Returns: "array(E)",
		SQL: "CASE WHEN $3 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'length must be greater than or equal to 0'") +
			" WHEN $2 = 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'") +
			" WHEN abs($2) > len($1) OR $3 = 0 THEN CAST([] AS $r)" +
			" WHEN $2 > 0 THEN $1[$2 : $2 + $3 - 1] ELSE $1[len($1) + $2 + 1 : len($1) + $2 + $3] END"},
	{Signature: "trim_array(array(E), bigint)", Vars: "E", Returns: "array(E)",
		SQL: "CASE WHEN $2 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'size must not be negative: ' || $2") +
			" WHEN $2 > len($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'size must not exceed array cardinality ' || len($1) || ': ' || $2") +
			" ELSE $1[: len($1) - $2] END"},
	{Signature: "transform(array(T), function(T,U))", Vars: "T, U", Returns: "array(U)", SQL: "list_transform($1, $2)"},
	{Signature: "filter(array(T), function(T,boolean))", Vars: "T", Returns: "array(T)", SQL: "list_filter($1, $2)"},
	{Signature: "any_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("true", "true", "false")},
	{Signature: "all_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("false", "false", "true")},
	{Signature: "none_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("true", "false", "true")},
	{Signature: "cosine_similarity(array(double), array(double))", Returns: "double", SQL: "list_cosine_similarity($1, $2)"},
	{Signature: "euclidean_distance(array(double), array(double))", Returns: "double", SQL: "list_distance($1, $2)"},
	{Signature: "dot_product(array(double), array(double))", Returns: "double", SQL: "list_inner_product($1, $2)"},
}

// arrayJoin leaves NULLs out unless there is a text for them.
func arrayJoin(s *Site) (string, error) {
	null := "NULL"
	if len(s.Args) > 2 {
		null = s.Args[2].SQL
	}
	elem := s.Args[0].Type.Elem(0)
	text, err := textOf("_x", elem)
	if err != nil {
		return "", err
	}
	list := "list_transform(" + s.Args[0].SQL + ", lambda _x: coalesce(" + text + ", " + null + "))"
	if null == "NULL" {
		list = "list_filter(" + list + ", lambda _x: _x IS NOT NULL)"
	}
	return s.once(Operand{SQL: list}, func(o Operand) string {
		return "CASE WHEN " + o.SQL + " IS NOT NULL AND " + s.Args[1].SQL + " IS NOT NULL THEN " + joined(o.SQL, s.Args[1]) + " END"
	}), nil
}

// joined concatenates texts; DuckDB's own function wants a constant separator.
func joined(list string, separator Operand) string {
	if separator.Const {
		return "coalesce(array_to_string(" + list + ", " + separator.SQL + "), '')"
	}
	return "CASE WHEN len(" + list + ") = 0 THEN '' ELSE list_reduce(" + list + ", lambda _a, _b: _a || " + separator.SQL + " || _b) END"
}

// matches applies a predicate to all elements: a result equal to sought decides, otherwise a NULL among the results makes
// it NULL.
func matches(sought, found, none string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		list := Operand{SQL: "list_transform(" + s.list(0) + ")"}
		return s.once(list, func(o Operand) string {
			return "CASE WHEN " + o.SQL + " IS NULL THEN NULL WHEN list_contains(" + o.SQL + ", " + sought + ") THEN " + found +
				" WHEN len(" + o.SQL + ") > list_count(" + o.SQL + ") THEN NULL ELSE " + none + " END"
		}), nil
	}
}

// distinctElements keeps the first of equal elements; list_position finds NULL too.
func distinctElements(list string) string {
	return "list_filter(" + list + ", lambda _x, _i: list_position(" + list + ", _x) = _i)"
}

func arrayUnion(s *Site) (string, error) {
	return s.once(Operand{SQL: s.Args[0].SQL + " || " + s.Args[1].SQL}, func(o Operand) string { return distinctElements(o.SQL) }), nil
}

// zipWith applies a function to pairs; the shorter array is filled with NULL.
func zipWith(s *Site) (string, error) {
	params, body, ok := strings.Cut(strings.TrimPrefix(s.Args[2].SQL, "lambda "), ": ")
	names := strings.Split(params, ", ")
	if !ok || len(names) != 2 {
		return "", notSupported(s.Function, s.Args[0].Type)
	}
	return s.once(s.Args[0], func(a Operand) string {
		return s.once(s.Args[1], func(b Operand) string {
			return "CASE WHEN " + a.SQL + " IS NOT NULL AND " + b.SQL + " IS NOT NULL THEN list_transform(range(1, greatest(len(" + a.SQL + "), len(" + b.SQL +
				")) + 1), lambda _z: list_transform([" + a.SQL + "[_z]], lambda " + names[0] + ": list_transform([" + b.SQL + "[_z]], lambda " + names[1] +
				": " + body + ")[1])[1]) END"
		})
	}), nil
}

// reduce folds the array, with the state as the first element of DuckDB's list_reduce.
func reduce(s *Site) (string, error) {
	if !s.Args[1].Type.Equal(s.Args[0].Type.Elem(0)) {
		return "", notSupported(s.Function, s.Args[0].Type)
	}
	folded := "list_reduce(" + s.Args[0].SQL + ", " + s.Args[2].SQL + ", " + s.Args[1].SQL + ")"
	return "CASE WHEN " + s.Args[0].SQL + " IS NOT NULL THEN list_transform([" + folded + "], " + s.Args[3].SQL + ")[1] END", nil
}

func zip(s *Site) (string, error) {
	var lens, parts, nulls []string
	for _, a := range s.Args {
		lens = append(lens, "len("+a.SQL+")")
		parts = append(parts, a.SQL+"[_z]")
		nulls = append(nulls, a.SQL+" IS NOT NULL")
	}
	return "CASE WHEN " + strings.Join(nulls, " AND ") + " THEN CAST(list_transform(range(1, greatest(" + strings.Join(lens, ", ") + ") + 1), lambda _z: row(" +
		strings.Join(parts, ", ") + ")) AS " + s.TypeSQL(s.Result) + ") END", nil
}

// arrayMax counts NaN only when there is nothing else, which DuckDB finds larger than all numbers.
func arrayMax(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		largest := "list_max(" + o.SQL + ")"
		if isFloat(s.Result) {
			largest = "coalesce(list_max(list_filter(" + o.SQL + ", lambda _x: NOT isnan(_x))), " + largest + ")"
		}
		return "CASE WHEN len(" + o.SQL + ") = list_count(" + o.SQL + ") THEN " + largest + " END"
	}), nil
}
