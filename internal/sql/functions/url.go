package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// urlFunctions take URLs apart. What is no URI has NULL parts; parts that are missing are empty.
var urlFunctions = []Function{
	{Signature: "url_extract_protocol(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'protocol')",
		Doc: "The protocol of a URL.", Examples: [][2]string{{"url_extract_protocol('https://example.com/a')", "https"}}},
	{Signature: "url_extract_host(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'host')",
		Doc: "The host of a URL.", Examples: [][2]string{{"url_extract_host('https://user@example.com:8080/a')", "example.com"}}},
	{Signature: "url_extract_port(varchar(x))", Returns: "bigint", SQL: "CAST(nullif(wb_url_part($1, 'port'), '') AS BIGINT)",
		Doc:      "The port of a URL, NULL when it has none.",
		Examples: [][2]string{{"url_extract_port('https://example.com:8080/a')", "8080"}, {"url_extract_port('https://example.com')", "NULL"}}},
	{Signature: "url_extract_path(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'path')",
		Doc: "The path of a URL, decoded.", Examples: [][2]string{{"url_extract_path('https://example.com/a%20b?c=d')", "/a b"}}},
	{Signature: "url_extract_query(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'query')",
		Doc: "The query of a URL, decoded.", Examples: [][2]string{{"url_extract_query('https://example.com/?a=1&b=%20')", "a=1&b= "}}},
	{Signature: "url_extract_fragment(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'fragment')",
		Doc: "The fragment of a URL, decoded.", Examples: [][2]string{{"url_extract_fragment('https://example.com/#top')", "top"}}},
	{Signature: "url_extract_parameter(varchar(x), varchar(y))", Returns: "varchar(x)", SQL: "wb_url_parameter($1, $2)",
		Doc: "The value of the first parameter with a given name in the query of a URL, decoded.",
		Examples: [][2]string{{"url_extract_parameter('https://example.com/?a=x+y&a=2', 'a')", "x y"},
			{"url_extract_parameter('https://example.com/?a=1', 'b')", "NULL"}}},
	{Signature: "url_encode(varchar(x))", Result: encodedLength, SQL: "wb_url_encode($1)",
		Doc: "Escapes a text for use in the query of a URL.", Examples: [][2]string{{"url_encode('a b&ä*')", "a+b%26%C3%A4*"}}},
	{Signature: "url_decode(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_decode($1)",
		Doc: "The reverse of url_encode.", Examples: [][2]string{{"url_decode('a+b%26%C3%A4*')", "a b&ä*"}}},
}

// encodedLength is what a text can grow to when every character is escaped.
func encodedLength(b Binding) (types.Type, error) {
	return types.VarcharN(int(min(int64(b.Nums["x"])*12, types.UnboundedLength))), nil
}
