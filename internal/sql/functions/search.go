package functions

// searchFunctions look for texts in texts, and compare them.
var searchFunctions = []Function{
	{Signature: "starts_with(varchar(x), varchar(y))", Returns: "boolean", SQL: "starts_with($1, $2)",
		Doc: "Tells whether a text begins with another one.", Examples: [][2]string{{"starts_with('hello', 'he')", "true"}, {"starts_with('hello', 'lo')", "false"}}},
	{Signature: "strpos(varchar(x), varchar(y))", Returns: "bigint", SQL: "strpos($1, $2)",
		Doc: "The position of the first occurrence of a text in another one, counted from 1; 0 when there is none.", Examples: [][2]string{{"strpos('banana', 'an')", "2"}}},
	{Signature: "strpos(varchar(x), varchar(y), bigint)", Returns: "bigint", SQL: "wb_strpos($1, $2, $3)",
		Doc: "The position of the given occurrence of a text in another one; a negative number counts from the end.",
		Examples: [][2]string{{"strpos('banana', 'an', 2)", "4"},
			{"strpos('banana', 'an', -1)", "4"}, {"strpos('banana', 'an', 3)", "0"}}},
	{Signature: "index(varchar, varchar)", Returns: "bigint", SQL: "strpos($1, $2)",
		Doc: "The position of the first occurrence of a text in another one; 0 when there is none.", Examples: [][2]string{{"index('banana', 'n')", "3"}}},
	{Signature: "hamming_distance(varchar(x), varchar(y))", Returns: "bigint", SQL: "wb_hamming($1, $2)",
		Doc: "The number of places at which two texts of the same length differ.", Examples: [][2]string{{"hamming_distance('karolin', 'kathrin')", "3"}}},
	{Signature: "levenshtein_distance(varchar(x), varchar(y))", Returns: "bigint", SQL: "wb_levenshtein($1, $2)",
		Doc:      "The smallest number of characters to insert, remove or replace that makes one text of another.",
		Examples: [][2]string{{"levenshtein_distance('kitten', 'sitting')", "3"}}},
}
