package jdbc

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// AggregateTable says which aggregate functions a database has with Trino's results, for databases that differ in names and casts only. The zero
// value has count, min and max.
type AggregateTable struct {
	// Doubles are the database's names of aggregate functions of doubles, by Trino's names.
	Doubles map[string]string
	// Ordered are the kinds of which min and max are Trino's, besides whole numbers.
	Ordered []types.Kind
	// Sum is the SQL of what is summed, of a whole number or a decimal of a scale: %s is in the number's place. Nil: there are no such sums.
	Sum func(scale int) string
	// Mean is the SQL of what an average of whole numbers is taken of: a double, with %s in the number's place. Empty: there are no averages.
	Mean string
}

// Aggregate renders the call of an aggregate function, for Functions.
func (g *AggregateTable) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	arg, distinct := strings.CutPrefix(args[0], distinctly)
	of := func(function, as string) string {
		value := strings.ReplaceAll(as, "%s", arg)
		if distinct {
			value = distinctly + value
		}
		return function + "(" + value + ")"
	}
	switch first := a.Args[0].ResultType(); {
	case a.Function == "min" || a.Function == "max":
		return of(a.Function, "%s"), isWhole(first) || slices.Contains(g.Ordered, first.Kind)
	case first.Kind == types.Double && g.Doubles[a.Function] != "":
		return of(g.Doubles[a.Function], "%s"), true
	case a.Function == "sum" && isNumber(first) && g.Sum != nil:
		return of("sum", g.Sum(first.S)), true
	case a.Function == "avg" && isWhole(first) && g.Mean != "" && !distinct: // several whole numbers are the same double
		return of("avg", g.Mean), true
	}
	return "", false
}

// distinctly begins the argument of an aggregate function that counts equal values once.
const distinctly = "DISTINCT "

// isWhole says whether a type is one of whole numbers.
func isWhole(t types.Type) bool { return isNumber(t) && t.Kind != types.Decimal }

// OrderWithNulls is a key of an ordering in SQL that says where NULLs are.
func OrderWithNulls(sql string, descending, nullsFirst bool) string {
	sql += map[bool]string{false: " ASC", true: " DESC"}[descending]
	return sql + map[bool]string{false: " NULLS LAST", true: " NULLS FIRST"}[nullsFirst]
}

// OrderNullsLeast is a key of an ordering where NULLs are smaller than all else and nothing can be said about that. isNull, with %s in the place of the
// value, is the SQL of a number that is larger for NULL.
func OrderNullsLeast(sql, isNull string, descending, nullsFirst bool) string {
	key := sql + map[bool]string{false: " ASC", true: " DESC"}[descending]
	if descending != nullsFirst {
		return key
	}
	return strings.ReplaceAll(isNull, "%s", sql) + map[bool]string{false: " ASC, ", true: " DESC, "}[nullsFirst] + key
}
