package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const maxExtremes = 10000

// extremeFunctions are the n smallest or largest values, or those with the smallest or largest keys.
var extremeFunctions = []Function{
	{Signature: "min(E, bigint)", Vars: "E:orderable", Returns: "array(E)", Kind: Aggregate, Emit: extremes("min", "min{$1, #}", "list_sort(list{$1}, 'ASC', 'NULLS LAST')"),
		Doc:      "The smallest values in order, so many.",
		Examples: [][2]string{{"SELECT array_join(min(x, 2), ',') FROM (VALUES 3, 1, 2) t(x)", "1,2"}}},
	{Signature: "max(E, bigint)", Vars: "E:orderable", Returns: "array(E)", Kind: Aggregate, Emit: extremes("max", "max{$1, #}", "list_sort(list{$1}, 'DESC', 'NULLS LAST')"),
		Doc:      "The largest values in descending order, so many.",
		Examples: [][2]string{{"SELECT array_join(max(x, 2), ',') FROM (VALUES 3, 1, 2) t(x)", "3,2"}}},
	{Signature: "min_by(V, K, bigint)", Vars: "V, K:orderable", Returns: "array(V)", Kind: Aggregate, CalledOnNull: true,
		Emit:     extremes("min_by", "", ""),
		Doc:      "The values with the smallest keys, in the order of the keys, so many.",
		Examples: [][2]string{{"SELECT array_join(min_by(x, y, 2), ',') FROM (VALUES (1, 9), (2, 5), (3, 7)) t(x, y)", "2,3"}}},
	{Signature: "max_by(V, K, bigint)", Vars: "V, K:orderable", Returns: "array(V)", Kind: Aggregate, CalledOnNull: true,
		Emit:     extremes("max_by", "", ""),
		Doc:      "The values with the largest keys, in the descending order of the keys, so many.",
		Examples: [][2]string{{"SELECT array_join(max_by(x, y, 2), ',') FROM (VALUES (1, 9), (2, 5), (3, 7)) t(x, y)", "1,3"}}},
}

// extremes writes such a call. DuckDB's own functions want n as a constant; the other way keeps all values. Of several n the
// first that comes counts.
func extremes(name, constant, sorted string) func(*Site) (string, error) {
	by := strings.HasSuffix(name, "_by")
	return func(s *Site) (string, error) {
		last := s.Args[len(s.Args)-1]
		n, ok := last.Value.(int64)
		if last.Const && last.Value == nil {
			return cast("NULL", s.TypeSQL(s.Result)), nil
		}
		if last.Const && ok {
			if msg := badCount(name, by, n); msg != "" {
				return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "%s", msg)
			}
			if by {
				return strings.Replace(sortedBy(name, s), "#", strconv.FormatInt(n, 10), 1), nil
			}
			return strings.Replace(constant, "#", strconv.FormatInt(n, 10), 1), nil
		}
		count := "any_value{CASE WHEN $n < 1 THEN " + raise("INVALID_FUNCTION_ARGUMENT", sqlText(badCount(name, by, 0))) +
			" WHEN $n > 10000 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'"+argument(by)+" argument of "+maxName(name, by)+" must be less than or equal to 10000; found ' || CAST($n AS VARCHAR)") +
			" ELSE $n END}"
		count = strings.ReplaceAll(count, "$n", "$"+strconv.Itoa(len(s.Args)))
		if by {
			return strings.Replace(sortedBy(name, s), "#", count, 1), nil
		}
		return "list_filter(" + sorted + ", lambda _x: _x IS NOT NULL)[1:" + count + "]", nil
	}
}

// sortedBy sorts rows by their keys; those without a key do not count, values may be NULL.
func sortedBy(name string, s *Site) string {
	order := "'ASC'"
	if strings.HasPrefix(name, "max") {
		order = "'DESC'"
	}
	return "list_transform(list_sort(list_filter(list{struct_pack(k := $2, v := $1)}, lambda _r: _r.k IS NOT NULL), " + order + ")[1:#], lambda _r: _r.v)"
}

func argument(by bool) string {
	if by {
		return "third"
	}
	return "second"
}

func maxName(name string, by bool) string {
	if by {
		return name
	}
	return name + "_n"
}

// badCount is what is wrong with n, if anything is.
func badCount(name string, by bool, n int64) string {
	switch {
	case n < 1 && by:
		return "third argument of " + name + " must be a positive integer"
	case n < 1:
		return "second argument of " + name + "_n must be positive"
	case n > maxExtremes:
		return argument(by) + " argument of " + maxName(name, by) + " must be less than or equal to 10000; found " + strconv.FormatInt(n, 10)
	}
	return ""
}

func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
