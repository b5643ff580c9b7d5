package functions

import "slices"

// jsonFunctions are the functions over JSON.
var jsonFunctions = slices.Concat(jsonTextFunctions, constructFunctions)

// What the functions do, for all overloads.
const (
	jsonExtractDoc       = "Returns the JSON value to which a path leads, such as $.store.book[0]; NULL when there is none."
	jsonExtractScalarDoc = "Returns the text of the string, number or boolean to which a path leads; NULL when there is none, or an array, object or null."
	jsonSizeDoc          = "Counts the elements of the array or the members of the object to which a path leads; of a scalar the size is 0."
	jsonArrayGetDoc      = "Returns the element at an index, counted from 0, or from the end when the index is negative."
	jsonArrayContainsDoc = "Tells whether a JSON array has an element that is the given value."
	jsonArrayLengthDoc   = "Counts the elements of a JSON array; NULL when the value is no array."
	isJSONScalarDoc      = "Tells whether a JSON value is a string, a number, a boolean or null."
)

// jsonTextFunctions are the functions over values of the type JSON, which lies in DuckDB as canonical text.
var jsonTextFunctions = []Function{
	{Signature: "json_format(json)", Returns: "varchar", SQL: "$1",
		Doc:      "Returns the text of a JSON value.",
		Examples: [][2]string{{`json_format(JSON '{"b": [1.50, 1e2], "a": null}')`, `{"a":null,"b":[1.5,100.0]}`}}},
	{Signature: "json_parse(varchar(x))", Returns: "json", SQL: "wb_json_parse($1)",
		Doc: "Reads a text as JSON; a text that is no JSON is an error.",
		Examples: [][2]string{
			{`json_parse('{"b" : 1, "a" : [ ], "b" : 2}')`, `{"a":[],"b":2}`},
			{`json_format(json_parse('[-0, 1.0, 1e16]'))`, `[0,1.0,1.0E16]`},
			{`try(json_parse('{"a":'))`, `NULL`},
		}},
	{Signature: "json_extract(json, JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)", Doc: jsonExtractDoc,
		Examples: [][2]string{{`json_extract(JSON '{"a": {"b": [1, 2]}}', '$.a.b')`, `[1,2]`}}},
	{Signature: "json_extract(varchar(x), JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)", Doc: jsonExtractDoc,
		Examples: [][2]string{
			{`json_extract('{"a b": {"c": null}}', '$["a b"].c')`, `null`},
			{`json_extract('{"a": 1}', '$.b')`, `NULL`},
			{`json_extract('[{"z": 1, "y": 2}]', '$[0]')`, `{"z":1,"y":2}`},
		}},
	{Signature: "json_extract_scalar(json, JsonPath)", Returns: "varchar", SQL: "wb_json_extract_scalar($1, $2)", Doc: jsonExtractScalarDoc,
		Examples: [][2]string{{`json_extract_scalar(JSON '[1, "two"]', '$[1]')`, `two`}}},
	{Signature: "json_extract_scalar(varchar(x), JsonPath)", Returns: "varchar(x)", SQL: "wb_json_extract_scalar($1, $2)", Doc: jsonExtractScalarDoc,
		Examples: [][2]string{
			{`json_extract_scalar('{"price": 1.50}', '$.price')`, `1.50`},
			{`json_extract_scalar('{"a": [1]}', '$.a')`, `NULL`},
		}},
	{Signature: "json_size(json, JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)", Doc: jsonSizeDoc,
		Examples: [][2]string{{`json_size(JSON '{"a": {"b": 1, "c": 2}}', '$.a')`, `2`}}},
	{Signature: "json_size(varchar(x), JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)", Doc: jsonSizeDoc,
		Examples: [][2]string{{`json_size('{"a": [1, 2, 3]}', '$.a')`, `3`}, {`json_size('{"a": "x"}', '$.a')`, `0`}, {`json_size('{}', '$.a')`, `NULL`}}},
	{Signature: "json_array_get(json, bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)", Doc: jsonArrayGetDoc,
		Examples: [][2]string{{`json_array_get(JSON '[1, [2, 3]]', 1)`, `[2,3]`}}},
	{Signature: "json_array_get(varchar(x), bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)", Doc: jsonArrayGetDoc,
		Examples: [][2]string{{`json_array_get('[1, 2, 3]', -1)`, `3`}, {`json_array_get('[1, 2, 3]', 3)`, `NULL`}}},
	{Signature: "json_array_contains(json, boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains(JSON '[1, true]', true)`, `true`}}},
	{Signature: "json_array_contains(json, bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains(JSON '[1, 2.0]', 2)`, `false`}}},
	{Signature: "json_array_contains(json, double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains(JSON '[1, 2.0]', 2e0)`, `true`}}},
	{Signature: "json_array_contains(json, varchar(x))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains(JSON '["a", "b"]', 'b')`, `true`}}},
	{Signature: "json_array_contains(varchar(x), boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains('["true"]', true)`, `false`}}},
	{Signature: "json_array_contains(varchar(x), bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains('[1, [2]]', 2)`, `false`}, {`json_array_contains('{"a": 1}', 1)`, `NULL`}}},
	{Signature: "json_array_contains(varchar(x), double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains('[1.5]', 1.5e0)`, `true`}}},
	{Signature: "json_array_contains(varchar(x), varchar(y))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)", Doc: jsonArrayContainsDoc,
		Examples: [][2]string{{`json_array_contains('["a", 1]', '1')`, `false`}}},
	{Signature: "json_array_length(json)", Returns: "bigint", SQL: "wb_json_array_length($1)", Doc: jsonArrayLengthDoc,
		Examples: [][2]string{{`json_array_length(JSON '[1, [2, 3]]')`, `2`}}},
	{Signature: "json_array_length(varchar(x))", Returns: "bigint", SQL: "wb_json_array_length($1)", Doc: jsonArrayLengthDoc,
		Examples: [][2]string{{`json_array_length('[]')`, `0`}, {`json_array_length('{"a": 1}')`, `NULL`}}},
	{Signature: "is_json_scalar(json)", Returns: "boolean", SQL: "NOT regexp_matches($1, '^\\s*[\\[{]')", Doc: isJSONScalarDoc,
		Examples: [][2]string{{`is_json_scalar(JSON '"a"')`, `true`}, {`is_json_scalar(JSON '[1]')`, `false`}}},
	{Signature: "is_json_scalar(varchar(x))", Returns: "boolean", SQL: "wb_is_json_scalar($1)", Doc: isJSONScalarDoc,
		Examples: [][2]string{{`is_json_scalar('null')`, `true`}, {`is_json_scalar('{}')`, `false`}}},
}
