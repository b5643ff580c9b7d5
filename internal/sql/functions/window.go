package functions

import (
	"strconv"
	"strings"
)

// windowFunctions are the functions that need OVER. "f{$1}" stands for the call with its window; IGNORE NULLS is written
// inside the braces' parentheses.
var windowFunctions = []Function{
	{Signature: "row_number()", Returns: "bigint", Kind: Window, SQL: "row_number{}"},
	{Signature: "rank()", Returns: "bigint", Kind: Window, SQL: "rank{}"},
	{Signature: "dense_rank()", Returns: "bigint", Kind: Window, SQL: "dense_rank{}"},
	{Signature: "percent_rank()", Returns: "double", Kind: Window, SQL: "percent_rank{}"},
	{Signature: "cume_dist()", Returns: "double", Kind: Window, SQL: "cume_dist{}"},
	{Signature: "ntile(bigint)", Returns: "bigint", Kind: Window, Emit: checked("ntile{$1}", 1, buckets)},
	{Signature: "first_value(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "first_value{$1}"},
	{Signature: "last_value(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "last_value{$1}"},
	{Signature: "nth_value(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("nth_value{$1, $2}", 2, place)},
	{Signature: "lag(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lag{$1}"},
	{Signature: "lag(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lag{$1, $2}", 2, rowsAway)},
	{Signature: "lag(T, bigint, T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lag{$1, $2, $3}", 2, rowsAway)},
	{Signature: "lead(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lead{$1}"},
	{Signature: "lead(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lead{$1, $2}", 2, rowsAway)},
	{Signature: "lead(T, bigint, T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lead{$1, $2, $3}", 2, rowsAway)},
}

// What the functions demand of their numbers. NULL is a place that no row has.
var (
	rowsAway = "CASE WHEN $2 IS NULL THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Offset must not be null'") +
		" WHEN $2 < 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Offset must be at least 0'") + " ELSE $2 END"
	place   = "CASE WHEN $2 < 1 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Offset must be at least 1'") + " ELSE $2 END"
	buckets = "CASE WHEN $1 < 1 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Buckets must be greater than 0'") + " ELSE $1 END"
)

// checked replaces an argument of a template by an expression that checks it, unless it is a positive literal.
func checked(tmpl string, arg int, check string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		if v, ok := s.Args[arg-1].Value.(int64); ok && v > 0 {
			return tmpl, nil
		}
		return strings.Replace(tmpl, "$"+strconv.Itoa(arg), check, 1), nil
	}
}
