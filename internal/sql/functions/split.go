package functions

// splitFunctions cut texts at a delimiter.
var splitFunctions = []Function{
	{Signature: "split(varchar(x), varchar(y))", Returns: "array(varchar(x))", Emit: split,
		Doc: "The parts of a text between delimiters.", Examples: [][2]string{{"json_format(CAST(split('a,b,,c', ',') AS json))", `["a","b","","c"]`}}},
	{Signature: "split(varchar(x), varchar(y), bigint)", Returns: "array(varchar(x))", SQL: splitLimit,
		Doc:      "The parts of a text between delimiters, at most as many as given; the last has the rest.",
		Examples: [][2]string{{"json_format(CAST(split('a,b,c', ',', 2) AS json))", `["a","b,c"]`}}},
	{Signature: "split_part(varchar(x), varchar(y), bigint)", Returns: "varchar(x)", SQL: splitPart,
		Doc:      "One of the parts of a text between delimiters, counted from 1; NULL when there are less.",
		Examples: [][2]string{{"split_part('a,b,c', ',', 2)", "b"}, {"split_part('a,b,c', ',', 4)", "NULL"}}},
	{Signature: "split_to_map(varchar, varchar, varchar)", Returns: "map(varchar,varchar)", SQL: "wb_split_to_map($1, $2, $3)",
		Doc:      "The map of a text that has entries between one delimiter, and keys and values between another.",
		Examples: [][2]string{{"json_format(CAST(split_to_map('a=1;b=2', ';', '=') AS json))", `{"a":"1","b":"2"}`}}},
	{Signature: "split_to_multimap(varchar, varchar, varchar)", Returns: "map(varchar,array(varchar))", SQL: "wb_split_to_multimap($1, $2, $3)",
		Doc:      "The map of a text with entries between one delimiter, and keys and values between another; it has all values of each key.",
		Examples: [][2]string{{"json_format(CAST(split_to_multimap('a=1;b=2;a=3', ';', '=') AS json))", `{"a":["1","3"],"b":["2"]}`}}},
}

var (
	splitLimit = "CASE WHEN $3 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Limit must be positive'") +
		" WHEN $3 > 2147483647 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Limit is too large'") +
		" WHEN $2 = '' THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'The delimiter may not be the empty string'") +
		" ELSE wb_split($1, $2, $3) END"
	splitPart = "CASE WHEN $3 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Index must be greater than zero'") +
		" WHEN $1 = '' AND $2 = '' THEN NULL ELSE list_extract(string_split($1, $2), $3) END"
)

func split(s *Site) (string, error) {
	if v, ok := s.Args[1].Value.(string); s.Args[1].Const && ok && v != "" {
		return "string_split(" + s.list(0) + ")", nil
	}
	return s.named("CASE WHEN $2 = '' THEN "+raise("INVALID_FUNCTION_ARGUMENT", "'The delimiter may not be the empty string'")+
		" ELSE string_split($1, $2) END", 0), nil
}
