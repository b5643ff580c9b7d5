package functions

import "slices"

// jsonFunctions are the functions over JSON.
var jsonFunctions = slices.Concat(jsonTextFunctions, constructFunctions)

// jsonTextFunctions are the functions over values of the type JSON, which lies in DuckDB as canonical text.
var jsonTextFunctions = []Function{
	{Signature: "json_format(json)", Returns: "varchar", SQL: "$1"},
	{Signature: "json_parse(varchar(x))", Returns: "json", SQL: "wb_json_parse($1)"},
	{Signature: "json_extract(json, JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)"},
	{Signature: "json_extract(varchar(x), JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)"},
	{Signature: "json_extract_scalar(json, JsonPath)", Returns: "varchar", SQL: "wb_json_extract_scalar($1, $2)"},
	{Signature: "json_extract_scalar(varchar(x), JsonPath)", Returns: "varchar(x)", SQL: "wb_json_extract_scalar($1, $2)"},
	{Signature: "json_size(json, JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)"},
	{Signature: "json_size(varchar(x), JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)"},
	{Signature: "json_array_get(json, bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)"},
	{Signature: "json_array_get(varchar(x), bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)"},
	{Signature: "json_array_contains(json, boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, varchar(x))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)"},
	{Signature: "json_array_contains(varchar(x), boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), varchar(y))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)"},
	{Signature: "is_json_scalar(json)", Returns: "boolean", SQL: "NOT regexp_matches($1, '^\\s*[\\[{]')"},
	{Signature: "is_json_scalar(varchar(x))", Returns: "boolean", SQL: "wb_is_json_scalar($1)"},
	{Signature: "json_array_length(json)", Returns: "bigint", SQL: "wb_json_array_length($1)"},
	{Signature: "json_array_length(varchar(x))", Returns: "bigint", SQL: "wb_json_array_length($1)"},
}
