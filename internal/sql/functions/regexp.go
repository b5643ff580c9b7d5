package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// regexpFunctions are the regular expressions. Patterns are RE2's: what RE2 lacks (look-around, back references) is an
// error.
var regexpFunctions = []Function{
	{Signature: "regexp_like(varchar(x), varchar(r))", Returns: "boolean", SQL: "wb_regexp_like($1, $2)"},
	{Signature: "regexp_extract(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, 0)"},
	{Signature: "regexp_extract(varchar(x), varchar(r), bigint)", Returns: "varchar(x)", SQL: "wb_regexp_extract($1, $2, $3)"},
	{Signature: "regexp_extract_all(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, 0)"},
	{Signature: "regexp_extract_all(varchar(x), varchar(r), bigint)", Returns: "array(varchar(x))", SQL: "wb_regexp_extract_all($1, $2, $3)"},
	{Signature: "regexp_replace(varchar(x), varchar(r))", Returns: "varchar(x)", SQL: "wb_regexp_replace($1, $2, '')"},
	{Signature: "regexp_replace(varchar(x), varchar(r), varchar(y))", Result: regexpReplaced, SQL: "wb_regexp_replace($1, $2, $3)"},
	{Signature: "regexp_count(varchar(x), varchar(r))", Returns: "bigint", SQL: "wb_regexp_count($1, $2)"},
	{Signature: "regexp_position(varchar(x), varchar(r))", Returns: "integer", SQL: "CAST(wb_regexp_position($1, $2, 1, 1) AS INTEGER)"},
	{Signature: "regexp_position(varchar(x), varchar(r), integer)", Returns: "integer", SQL: "CAST(wb_regexp_position($1, $2, $3, 1) AS INTEGER)"},
	{Signature: "regexp_position(varchar(x), varchar(r), integer, integer)", Returns: "integer",
		SQL: "CAST(wb_regexp_position($1, $2, $3, $4) AS INTEGER)"},
	{Signature: "regexp_split(varchar(x), varchar(r))", Returns: "array(varchar(x))", SQL: "wb_regexp_split($1, $2)"},
}

// regexpReplaced is the length that Trino reckons with for the result of a replacement.
func regexpReplaced(b Binding) (types.Type, error) {
	x, y := int64(b.Nums["x"]), int64(b.Nums["y"])
	if x >= types.UnboundedLength || y >= types.UnboundedLength || x*y > types.UnboundedLength {
		return types.Of(types.Varchar), nil
	}
	return types.VarcharN(int(min(types.UnboundedLength, x+max(x*y/2, y)*(x+1)))), nil
}
