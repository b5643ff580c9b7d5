package functions

// arrayFunctions are the functions over arrays.
var arrayFunctions = concat(arrayPartFunctions, arraySearchFunctions, arraySetFunctions, arrayLambdaFunctions, arrayOrderFunctions,
	sequenceFunctions, vectorFunctions)

const (
	docConcatArray = "Joins arrays, or an array and an element, into one array."
	docZip         = "Pairs the elements of arrays by position into rows; missing ones are NULL."
	docArrayJoin   = "Joins the elements as text with a delimiter; a third argument stands for NULL elements, which are left out otherwise."
)

// arrayPartFunctions take arrays apart and put them together.
var arrayPartFunctions = []Function{
	{Signature: "cardinality(array(E))", Vars: "E", Returns: "bigint", SQL: "len($1)",
		Doc: "Counts the elements of an array.", Examples: [][2]string{{"cardinality(ARRAY[5, NULL, 7])", "3"}}},
	{Signature: "element_at(array(E), bigint)", Vars: "E", Returns: "E",
		SQL:      "CASE WHEN $2 = 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'") + " ELSE list_extract($1, $2) END",
		Doc:      "Returns the element at a position, from the end if the position is negative; NULL when there is none.",
		Examples: [][2]string{{"element_at(ARRAY['a', 'b', 'c'], -1)", "c"}, {"element_at(ARRAY[1], 2)", "NULL"}}},
	{Signature: "array_join(array(E), varchar)", Vars: "E", Returns: "varchar", Result: joinedType, Emit: arrayJoin,
		Doc: docArrayJoin, Examples: [][2]string{{"array_join(ARRAY[1, NULL, 3], '-')", "1-3"}}},
	{Signature: "array_join(array(E), varchar, varchar)", Vars: "E", Returns: "varchar", Result: joinedType, Emit: arrayJoin,
		Doc: docArrayJoin, Examples: [][2]string{{"array_join(ARRAY[1, NULL, 3], '-', 'x')", "1-x-3"}}},
	{Signature: "concat(array(E))", Vars: "E", Returns: "array(E)", Variadic: true, Emit: concatenate,
		Doc: docConcatArray, Examples: [][2]string{{"concat(ARRAY[1], ARRAY[2, 3], ARRAY[4])", "[1,2,3,4]"}}},
	{Signature: "concat(array(E), E)", Vars: "E", Returns: "array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_append($1, $2) END",
		Doc: docConcatArray, Examples: [][2]string{{"concat(ARRAY[1, 2], 3)", "[1,2,3]"}}},
	{Signature: "concat(E, array(E))", Vars: "E", Returns: "array(E)", SQL: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_prepend($1, $2) END",
		Doc: docConcatArray, Examples: [][2]string{{"concat(1, ARRAY[2, 3])", "[1,2,3]"}}},
	{Signature: "ngrams(array(T), integer)", Vars: "T", Returns: "array(array(T))",
		SQL: "CASE WHEN $2 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'N must be positive'") +
			" WHEN len($1) <= $2 THEN [$1] ELSE list_transform(range(0, len($1) - $2 + 1), lambda _i: $1[_i + 1 : _i + $2]) END",
		Doc: "Lists all runs of a number of adjacent elements.", Examples: [][2]string{{"ngrams(ARRAY['a', 'b', 'c'], 2)", `[["a","b"],["b","c"]]`}}},
	{Signature: "combinations(array(T), integer)", Vars: "T", Returns: "array(array(T))",
		SQL: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 = 0 THEN CAST([[]] AS $r) ELSE list_transform([wb_combinations(len($1), $2)], " +
			"lambda _c: list_transform(range(0, len(_c), greatest($2, 1)), lambda _i: list_transform(_c[_i + 1 : _i + $2], lambda _p: $1[_p])))[1] END",
		Doc: "Lists all ways to choose a number of elements, at most 5.", Examples: [][2]string{{"combinations(ARRAY[1, 2, 3], 2)", "[[1,2],[1,3],[2,3]]"}}},
	{Signature: "zip(array(T1), array(T2))", Vars: "T1, T2", Returns: "array(row(T1,T2))", Emit: zip,
		Doc: docZip, Examples: [][2]string{{"zip(ARRAY[1, 2], ARRAY['a'])", `[{"":1,"":"a"},{"":2,"":null}]`}}},
	{Signature: "zip(array(T1), array(T2), array(T3))", Vars: "T1, T2, T3", Returns: "array(row(T1,T2,T3))", Emit: zip, Doc: docZip},
	{Signature: "zip(array(T1), array(T2), array(T3), array(T4))", Vars: "T1, T2, T3, T4", Returns: "array(row(T1,T2,T3,T4))", Emit: zip, Doc: docZip},
	{Signature: "zip(array(T1), array(T2), array(T3), array(T4), array(T5))", Vars: "T1, T2, T3, T4, T5", Returns: "array(row(T1,T2,T3,T4,T5))",
		Emit: zip, Doc: docZip},
	{Signature: "flatten(array(array(E)))", Vars: "E", Returns: "array(E)", SQL: "flatten($1)",
		Doc: "Joins the arrays in an array into one.", Examples: [][2]string{{"flatten(ARRAY[ARRAY[1], NULL, ARRAY[2, 3]])", "[1,2,3]"}}},
	{Signature: "reverse(array(E))", Vars: "E", Returns: "array(E)", SQL: "list_reverse($1)",
		Doc: "Returns the elements in opposite order.", Examples: [][2]string{{"reverse(ARRAY[1, 2, 3])", "[3,2,1]"}}},
	{Signature: "repeat(T, bigint)", Vars: "T", Returns: "array(T)", CalledOnNull: true,
		SQL: "CASE WHEN $2 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'count argument of repeat function must be greater than or equal to 0'") +
			" WHEN $2 > 10000 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'count argument of repeat function must be less than or equal to 10000'") +
			" WHEN $2 IS NOT NULL THEN CAST(list_transform(range($2), lambda _x: $1) AS $r) END",
		Doc: "Returns an array that holds a value a number of times.", Examples: [][2]string{{"repeat('x', 3)", `["x","x","x"]`}}},
	{Signature: "slice(array(E), bigint, bigint)", Vars: "E", Returns: "array(E)",
		SQL: "CASE WHEN $3 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'length must be greater than or equal to 0'") +
			" WHEN $2 = 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'") +
			" WHEN $2 > len($1) OR -len($1) > $2 OR $3 = 0 OR $3 > 9223372036854775807 - len($1) THEN CAST([] AS $r)" +
			" WHEN $2 > 0 THEN $1[$2 : $2 + $3 - 1] ELSE $1[len($1) + $2 + 1 : len($1) + $2 + $3] END",
		Doc:      "Returns a number of elements from a position on, which counts from the end if negative.",
		Examples: [][2]string{{"slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2,3]"}, {"slice(ARRAY[1, 2, 3, 4], -2, 5)", "[3,4]"}}},
	{Signature: "trim_array(array(E), bigint)", Vars: "E", Returns: "array(E)",
		SQL: "CASE WHEN $2 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'size must not be negative: ' || $2") +
			" WHEN $2 > len($1) THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'size must not exceed array cardinality ' || len($1) || ': ' || $2") +
			" ELSE $1[: len($1) - $2] END",
		Doc: "Removes a number of elements from the end.", Examples: [][2]string{{"trim_array(ARRAY[1, 2, 3], 2)", "[1]"}}},
	{Signature: "shuffle(array(E))", Vars: "E", Returns: "array(E)", Nondeterministic: true,
		SQL: "list_transform(list_sort(list_transform($1, lambda _x, _i: row(random(), _i, _x))), lambda _s: _s[3])",
		Doc: "Returns the elements in random order.", Examples: [][2]string{{"array_sort(shuffle(ARRAY[3, 1, 2]))", "[1,2,3]"}}},
}
