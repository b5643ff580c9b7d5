package postgresql

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// arithmetic are operators on whole numbers: they overflow, divide by zero and round as Trino's do.
var arithmetic = map[string]string{connector.OpAdd: " + ", connector.OpSubtract: " - ", connector.OpMultiply: " * ", connector.OpDivide: " / ", connector.OpModulus: " % "}

// Function renders those functions whose results are Trino's.
func (d Dialect) Function(call *connector.Call, args []string) (string, bool) {
	if op := arithmetic[call.Function]; op != "" {
		return "(" + strings.Join(args, op) + ")", overflows(call.Type) && (call.Function != connector.OpDivide && call.Function != connector.OpModulus || notZero(call.Args[1]))
	}
	switch call.Function {
	case connector.OpNegate:
		return "(-" + args[0] + ")", overflows(call.Type)
	case connector.OpNullIf:
		return "nullif(" + args[0] + ", " + args[1] + ")", isWhole(call.Type) && isWhole(call.Args[1].ResultType())
	case connector.OpCoalesce:
		return "coalesce(" + strings.Join(args, ", ") + ")", true
	case connector.OpLike:
		return d.like(call, args)
	case connector.OpCast:
		return "CAST(" + args[0] + " AS double precision)", call.Type.Kind == types.Double && isWhole(call.Args[0].ResultType())
	}
	return "", false
}

// like renders LIKE with a constant pattern, whose escapes are right.
func (d Dialect) like(call *connector.Call, args []string) (string, bool) {
	pattern, ok := call.Args[1].(*connector.Constant)
	if !ok || call.Args[0].ResultType().Kind != types.Varchar {
		return "", false
	}
	text, ok := pattern.Value.(string)
	if !ok {
		return "", false
	}
	escape := ""
	if len(call.Args) == 3 {
		c, ok := call.Args[2].(*connector.Constant)
		if !ok {
			return "", false
		}
		if escape, ok = c.Value.(string); !ok || len([]rune(escape)) != 1 || !wellEscaped(text, []rune(escape)[0]) {
			return "", false
		}
	}
	return "(" + args[0] + " LIKE " + args[1] + " ESCAPE " + d.Text(escape) + ")", true
}

// wellEscaped says that the escape character only stands in front of what can be escaped: all else is an error of Trino's.
func wellEscaped(pattern string, escape rune) bool {
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped && c != '%' && c != '_' && c != escape:
			return false
		case escaped:
			escaped = false
		case c == escape:
			escaped = true
		}
	}
	return !escaped
}

// overflows are the kinds whose constants have their type in PostgreSQL too: what is computed with a smallint and a constant is an integer there.
func overflows(t types.Type) bool { return t.Kind == types.Integer || t.Kind == types.BigInt }

// notZero says that a divisor is a constant and not zero: in which order conditions are evaluated nobody knows.
func notZero(e connector.Expression) bool {
	c, ok := e.(*connector.Constant)
	return ok && c.Value != int64(0)
}

func isWhole(t types.Type) bool {
	switch t.Kind {
	case types.SmallInt, types.Integer, types.BigInt:
		return true
	}
	return false
}

// doubles are aggregate functions of doubles that have the same names and results.
var doubles = map[string]bool{"sum": true, "avg": true, "stddev": true, "stddev_samp": true, "stddev_pop": true, "variance": true, "var_samp": true, "var_pop": true,
	"covar_samp": true, "covar_pop": true, "corr": true, "regr_intercept": true, "regr_slope": true}

// Aggregate renders aggregate functions. The type of sums and averages of whole numbers and decimals is another one than Trino's.
func (d Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	sql := a.Function + "(" + strings.Join(args, ", ") + ")"
	first := a.Args[0].ResultType()
	switch {
	case a.Function == "min" || a.Function == "max":
		return sql, len(args) == 1 && ordered(first.Kind)
	case !doubles[a.Function]:
		return "", false
	case first.Kind == types.Double:
		return sql, a.Type.Kind == types.Double
	case len(args) > 1 || a.Function != "sum" && a.Function != "avg":
		return "", false
	case isWhole(first) || first.Kind == types.Decimal:
		native, ok := d.TypeFor(a.Type)
		return fmt.Sprintf("CAST(%s AS %s)", sql, native), ok
	}
	return "", false
}

// ordered are the kinds of which there are a smallest and a largest value.
func ordered(k types.Kind) bool {
	switch k {
	case types.SmallInt, types.Integer, types.BigInt, types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.Varchar:
		return true
	}
	return false
}
