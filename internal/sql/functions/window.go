package functions

import (
	"strconv"
	"strings"
)

// What the functions are for.
const (
	docRowNumber   = "The number of the row in its partition, from one on."
	docRank        = "One more than the number of rows before the first peer of the row."
	docDenseRank   = "One more than the number of different values before that of the row."
	docPercentRank = "The rank less one, as a part of the number of the other rows."
	docCumeDist    = "The part of the rows that are before the row or its peers."
	docNtile       = "The number of the row's bucket, when the partition is divided into so many buckets of about equal size."
	docFirstValue  = "The value of the first row of the frame."
	docLastValue   = "The value of the last row of the frame."
	docNthValue    = "The value of a row of the frame, given its number."
	docLag         = "The value of an earlier row, one before unless said otherwise; null or a default when there is none."
	docLead        = "The value of a later row, one after unless said otherwise; null or a default when there is none."
)

// windowFunctions are the functions that need OVER. "f{$1}" stands for the call with its window; IGNORE NULLS is written
// inside the braces' parentheses.
var windowFunctions = []Function{
	{Signature: "row_number()", Doc: docRowNumber, Examples: [][2]string{{"SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY x) AS n FROM (VALUES 7, 7, 9) t(x)) u", "3"}}, Returns: "bigint", Kind: Window, SQL: "row_number{}"},
	{Signature: "rank()", Doc: docRank, Examples: [][2]string{{"SELECT max(n) FROM (SELECT rank() OVER (ORDER BY x) AS n FROM (VALUES 7, 7, 9) t(x)) u", "3"}}, Returns: "bigint", Kind: Window, SQL: "rank{}"},
	{Signature: "dense_rank()", Doc: docDenseRank, Examples: [][2]string{{"SELECT max(n) FROM (SELECT dense_rank() OVER (ORDER BY x) AS n FROM (VALUES 7, 7, 9) t(x)) u", "2"}}, Returns: "bigint", Kind: Window, SQL: "dense_rank{}"},
	{Signature: "percent_rank()", Doc: docPercentRank, Examples: [][2]string{{"SELECT max(n) FROM (SELECT percent_rank() OVER (ORDER BY x) AS n FROM (VALUES 7, 8, 9) t(x)) u", "1.0E0"}}, Returns: "double", Kind: Window, SQL: "percent_rank{}"},
	{Signature: "cume_dist()", Doc: docCumeDist, Examples: [][2]string{{"SELECT min(n) FROM (SELECT cume_dist() OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "5.0E-1"}}, Returns: "double", Kind: Window, SQL: "cume_dist{}"},
	{Signature: "ntile(bigint)", Doc: docNtile, Examples: [][2]string{{"SELECT max(n) FROM (SELECT ntile(2) OVER (ORDER BY x) AS n FROM (VALUES 7, 8, 9) t(x)) u", "2"}}, Returns: "bigint", Kind: Window, Emit: checked("ntile{$1}", 1, buckets)},
	{Signature: "first_value(T)", Doc: docFirstValue, Examples: [][2]string{{"SELECT max(n) FROM (SELECT first_value(x) OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "7"}}, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "first_value{$1}"},
	{Signature: "last_value(T)", Doc: docLastValue, Examples: [][2]string{{"SELECT max(n) FROM (SELECT last_value(x) OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "8"}}, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "last_value{$1}"},
	{Signature: "nth_value(T, bigint)", Doc: docNthValue, Examples: [][2]string{{"SELECT max(n) FROM (SELECT nth_value(x, 2) OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "8"}}, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("nth_value{$1, $2}", 2, place)},
	{Signature: "lag(T)", Doc: docLag, Examples: [][2]string{{"SELECT max(n) FROM (SELECT lag(x, 1, 0) OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "7"}}, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lag{$1}"},
	{Signature: "lag(T, bigint)", Doc: docLag, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lag{$1, $2}", 2, rowsAway)},
	{Signature: "lag(T, bigint, T)", Doc: docLag, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lag{$1, $2, $3}", 2, rowsAway)},
	{Signature: "lead(T)", Doc: docLead, Examples: [][2]string{{"SELECT max(n) FROM (SELECT lead(x, 1, 0) OVER (ORDER BY x) AS n FROM (VALUES 7, 8) t(x)) u", "8"}}, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lead{$1}"},
	{Signature: "lead(T, bigint)", Doc: docLead, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lead{$1, $2}", 2, rowsAway)},
	{Signature: "lead(T, bigint, T)", Doc: docLead, Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, Emit: checked("lead{$1, $2, $3}", 2, rowsAway)},
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
