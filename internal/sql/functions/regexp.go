package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// regexpFunctions are the regular expressions. A pattern may be a char as well, whose trailing blanks belong to it.
var regexpFunctions = charPatterns([]Function{
	{Signature: "regexp_like(varchar(x), varchar(r))", Returns: "boolean", SQL: "wb_regexp_like($1, $2)",
		Doc:      "Tells whether a pattern matches a part of a text.",
		Examples: [][2]string{{`regexp_like('1a 2b 14m', '\d+b')`, "true"}, {"regexp_like('foobar', 'foo(?!bar)')", "false"}}},
	{Signature: "regexp_extract(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, 0)",
		Doc: "The first part of a text that a pattern matches.", Examples: [][2]string{{`regexp_extract('1a 2b 14m', '\d+m')`, "14m"}}},
	{Signature: "regexp_extract(varchar(x), varchar(r), bigint)", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, $3)",
		Doc: "What a group of the first match of a pattern captures.", Examples: [][2]string{{`regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2)`, "a"}}},
	{Signature: "regexp_extract_all(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, 0)",
		Doc: "All parts of a text that a pattern matches.", Examples: [][2]string{{`json_format(CAST(regexp_extract_all('1a 2b 14m', '\d+') AS json))`, `["1","2","14"]`}}},
	{Signature: "regexp_extract_all(varchar(x), varchar(r), bigint)", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, $3)",
		Doc:      "What a group captures in all matches of a pattern.",
		Examples: [][2]string{{`json_format(CAST(regexp_extract_all('1a 2b 14m', '(\d+)([a-z]+)', 2) AS json))`, `["a","b","m"]`}}},
	{Signature: "regexp_replace(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_replace($1, $2, '')",
		Doc: "Removes all parts of a text that a pattern matches.", Examples: [][2]string{{`regexp_replace('1a 2b 14m', '\d+[ab] ')`, "14m"}}},
	{Signature: "regexp_replace(varchar(x), varchar(r), varchar(y))", Result: regexpReplaced, SQL: "wb_regexp_replace($1, $2, $3)",
		Doc:      "Replaces all parts of a text that a pattern matches; $1 and ${name} in the replacement stand for groups.",
		Examples: [][2]string{{`regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')`, "3ca 3cb 14m"}}},
	{Signature: "regexp_replace(varchar, varchar(r), function(array(varchar),varchar(z)))", Returns: "varchar",
		SQL:      "wb_interleave(wb_regexp_split($1, $2), list_transform(wb_regexp_groups($1, $2), $3))",
		Doc:      "Replaces all parts of a text that a pattern matches by what a function makes of the groups.",
		Examples: [][2]string{{`regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))`, "New York"}}},
	{Signature: "regexp_count(varchar(x), varchar(r))", Returns: "bigint", SQL: "wb_regexp_count($1, $2)",
		Doc: "The number of matches of a pattern.", Examples: [][2]string{{`regexp_count('1a 2b 14m', '\s*[a-z]+\s*')`, "3"}}},
	{Signature: "regexp_position(varchar(x), varchar(r))", Returns: "integer", SQL: "CAST(wb_regexp_position($1, $2, 1, 1) AS INTEGER)",
		Doc:      "The position of the first match of a pattern, counted from 1; -1 when there is none.",
		Examples: [][2]string{{`regexp_position('I have 23 apples', '\d+')`, "8"}, {"regexp_position('abc', 'x')", "-1"}}},
	{Signature: "regexp_position(varchar(x), varchar(r), integer)", Returns: "integer",
		SQL:      "CAST(wb_regexp_position($1, $2, CAST($3 AS BIGINT), 1) AS INTEGER)",
		Doc:      "The position of the first match of a pattern from the given position on.",
		Examples: [][2]string{{`regexp_position('9102, say good bye', '\s', 7)`, "10"}}},
	{Signature: "regexp_position(varchar(x), varchar(r), integer, integer)", Returns: "integer",
		SQL:      "CAST(wb_regexp_position($1, $2, CAST($3 AS BIGINT), CAST($4 AS BIGINT)) AS INTEGER)",
		Doc:      "The position of the given occurrence of a match from the given position on.",
		Examples: [][2]string{{`regexp_position('natasha, 9102, miss you', '\s', 1, 2)`, "15"}}},
	{Signature: "regexp_split(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_split($1, $2)",
		Doc: "The parts of a text between the matches of a pattern.", Examples: [][2]string{{`json_format(CAST(regexp_split('1a 2b 14m', '\s*[a-z]+\s*') AS json))`, `["1","2","14",""]`}}},
})

// charPatterns adds overloads for patterns that are chars.
func charPatterns(fs []Function) []Function {
	out := fs
	for _, f := range fs {
		f.Signature = strings.Replace(f.Signature, "varchar(r)", "char(r)", 1)
		f.Examples, f.Hidden = nil, true
		f.SQL = strings.ReplaceAll(f.SQL, "$2", "$p")
		sql := f.SQL
		f.SQL = ""
		f.Emit = func(s *Site) (string, error) {
			s.Args[1].SQL, s.Args[1].Cheap = padChar(s.Args[1]), false
			return s.named(strings.ReplaceAll(sql, "$p", "$2"), 0), nil
		}
		out = append(out, f)
	}
	return out
}

// regexpReplaced is the length that Trino reckons with for the result of a replacement.
func regexpReplaced(b Binding) (types.Type, error) {
	x, y := int64(b.Nums["x"]), int64(b.Nums["y"])
	if x >= types.UnboundedLength || y >= types.UnboundedLength || x*y > types.UnboundedLength {
		return types.Of(types.Varchar), nil
	}
	return types.VarcharN(int(min(types.UnboundedLength, x+max(x*y/2, y)*(x+1)))), nil
}
