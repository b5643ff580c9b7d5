package functions

// regexpFunctions are the regular expressions. Patterns are RE2's: what RE2 lacks (look-around, back references) is an
// error.
var regexpFunctions = []Function{
	{Signature: "regexp_like(varchar(x), varchar(r))", Returns: "boolean", SQL: "wb_regexp_like($1, $2)"},
	{Signature: "regexp_extract(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, 0)"},
	{Signature: "regexp_extract(varchar(x), varchar(r), bigint)", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, $3)"},
	{Signature: "regexp_extract_all(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, 0)"},
	{Signature: "regexp_extract_all(varchar(x), varchar(r), bigint)", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, $3)"},
	{Signature: "regexp_replace(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_replace($1, $2, '')"},
	{Signature: "regexp_replace(varchar(x), varchar(r), varchar(y))", Returns: "varchar", SQL: "wb_regexp_replace($1, $2, $3)"},
	{Signature: "regexp_count(varchar(x), varchar(r))", Returns: "bigint", SQL: "wb_regexp_count($1, $2)"},
	{Signature: "regexp_position(varchar(x), varchar(r))", Returns: "integer", SQL: "CAST(wb_regexp_position($1, $2, 1, 1) AS INTEGER)"},
	{Signature: "regexp_position(varchar(x), varchar(r), integer)", Returns: "integer", SQL: "CAST(wb_regexp_position($1, $2, $3, 1) AS INTEGER)"},
	{Signature: "regexp_position(varchar(x), varchar(r), integer, integer)", Returns: "integer",
		SQL: "CAST(wb_regexp_position($1, $2, $3, $4) AS INTEGER)"},
	{Signature: "regexp_split(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_split($1, $2)"},
}
