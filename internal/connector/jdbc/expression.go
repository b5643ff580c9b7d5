package jdbc

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// renderer writes expressions over a relation in the database's SQL, those that have there the values that they have in Trino.
type renderer struct {
	c        *Connector
	settings *Settings
	find     func(column string) *column
	depth    int
}

func (c *Connector) renderer(r *relation, s *Settings) *renderer {
	return &renderer{c: c, settings: s, find: r.find}
}

// term is a rendered expression.
type term struct {
	sql string
	// ordered is the SQL of a value that is ordered as Trino orders it; empty when there is none.
	ordered  string
	compare  Comparison
	constant bool
}

// operators are those that stand between their arguments, and which comparison they are.
var operators = map[string]struct {
	sql     string
	compare Comparison
}{
	connector.OpEqual: {" = ", Equality}, connector.OpNotEqual: {" <> ", Equality}, connector.OpLess: {" < ", Order}, connector.OpLessOrEqual: {" <= ", Order},
	connector.OpGreater: {" > ", Order}, connector.OpGreaterOrEqual: {" >= ", Order},
}

// condition renders a boolean expression. What it gives can stand beside AND.
func (r *renderer) condition(e connector.Expression) (string, bool) {
	call, ok := e.(*connector.Call)
	if !ok {
		return "", false // booleans are numbers in some databases
	}
	switch call.Function {
	case connector.OpAnd, connector.OpOr:
		parts := make([]string, len(call.Args))
		for i, a := range call.Args {
			if parts[i], ok = r.condition(a); !ok {
				return "", false
			}
		}
		return "(" + strings.Join(parts, map[string]string{connector.OpAnd: " AND ", connector.OpOr: " OR "}[call.Function]) + ")", true
	case connector.OpNot:
		sql, ok := r.condition(call.Args[0])
		return "NOT (" + sql + ")", ok
	case connector.OpIsNull:
		t, ok := r.term(call.Args[0])
		return "(" + t.sql + " IS NULL)", ok
	case connector.OpIn:
		return r.in(call)
	}
	if op, ok := operators[call.Function]; ok {
		left, right, ok := r.compared(call.Args[0], call.Args[1], op.compare)
		return "(" + left + op.sql + right + ")", ok
	}
	t, ok := r.call(call)
	return t.sql, ok
}

// prefilter renders a condition that is true of more rows in the database than in Trino: equality with constants.
func (r *renderer) prefilter(e connector.Expression) (string, bool) {
	call, ok := e.(*connector.Call)
	if !ok || call.Function != connector.OpEqual && call.Function != connector.OpIn {
		return "", false
	}
	ref, ok := call.Args[0].(*connector.Reference)
	if !ok {
		return "", false
	}
	col := r.find(ref.Column)
	if col == nil || col.Compare != Containment {
		return "", false
	}
	var list []string
	for _, a := range call.Args[1:] {
		t, ok := r.term(a)
		if !ok || !t.constant {
			return "", false
		}
		list = append(list, t.sql)
	}
	return "(" + in(col.Ref, list) + ")", len(list) > 0
}

// compared renders two values so that the database compares them as Trino does.
func (r *renderer) compared(a, b connector.Expression, want Comparison) (left, right string, ok bool) {
	x, okX := r.term(a)
	y, okY := r.term(b)
	if !okX || !okY || x.constant && y.constant {
		return "", "", false
	}
	t := a.ResultType()
	switch floats := t.Kind == types.Real || t.Kind == types.Double; {
	case floats && (want == Order || !x.constant && !y.constant):
		return "", "", false // NaN is equal to itself in some databases, and larger than all else
	case x.compare >= want && y.compare >= want:
		return x.sql, y.sql, true
	case want == Order && r.settings.CollateStrings && x.ordered != "" && y.ordered != "":
		return x.ordered, y.ordered, true
	}
	return "", "", false
}

// in renders a search among constants. A long list goes as one condition.
func (r *renderer) in(call *connector.Call) (string, bool) {
	var list []string
	value := ""
	for _, a := range call.Args[1:] {
		if c, ok := a.(*connector.Constant); !ok || c.Value == nil {
			return "", false
		}
		v, item, ok := r.compared(call.Args[0], a, Equality)
		if !ok {
			return "", false
		}
		value = v
		list = append(list, item)
	}
	return "(" + in(value, list) + ")", len(list) > 0
}

// maxList is how many values a list behind IN has at most in the database with the lowest bound, Oracle.
const maxList = 1000

// in is the condition that a value is one of a list, which can stand beside AND.
func in(value string, list []string) string {
	var parts []string
	for chunk := range slices.Chunk(list, maxList) {
		parts = append(parts, value+" IN ("+strings.Join(chunk, ", ")+")")
	}
	if len(parts) > 1 {
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	return strings.Join(parts, "")
}

// term renders any expression.
func (r *renderer) term(e connector.Expression) (term, bool) {
	switch e := e.(type) {
	case *connector.Reference:
		col := r.find(e.Column)
		if col == nil || col.Compare == Opaque || col.Compare == NotCompared && col.Value != "" {
			return term{}, false // what is read is not what the column has
		}
		return term{sql: col.Ref, compare: col.Compare, ordered: col.sorted()}, true
	case *connector.Constant:
		if e.Value == nil || isNaN(e.Value) {
			return term{}, false
		}
		sql, ok := r.c.dialect.Literal(e.Type, e.Value)
		return term{sql: sql, ordered: sql, compare: Order, constant: true}, ok
	case *connector.Call:
		return r.call(e)
	}
	return term{}, false
}

// maxDepth bounds how deep an expression may be that the database is asked to evaluate.
const maxDepth = 50

// call renders functions that the dialect has. Their values are compared as their arguments are.
func (r *renderer) call(e *connector.Call) (term, bool) {
	f, ok := r.c.dialect.(Functions)
	if !ok || !r.settings.ComplexExpressions || r.depth > maxDepth {
		return term{}, false
	}
	r.depth++
	defer func() { r.depth-- }()
	out := term{compare: Order, constant: true}
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		t, ok := r.term(a)
		if !ok || !t.constant && t.compare < Equality {
			return term{}, false
		}
		args[i] = t.sql
		out.compare = min(out.compare, t.compare)
		out.constant = out.constant && t.constant
	}
	out.sql, ok = f.Function(e, args)
	if isNumber(e.Type) {
		out.compare = Order
	}
	out.ordered = ""
	return out, ok && !out.constant
}

func isNumber(t types.Type) bool {
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal:
		return true
	}
	return false
}

func isNaN(v any) bool {
	switch x := v.(type) {
	case float64:
		return math.IsNaN(x) || math.IsInf(x, 0)
	case float32:
		return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0)
	}
	return false
}

// Literal renders values of the usual types in standard SQL: numbers, texts, dates, timestamps without time zone.
func Literal(d Dialect, t types.Type, v any) (string, bool) {
	switch x := v.(type) {
	case int64:
		return strconv.FormatInt(x, 10), true
	case types.Int128:
		return types.Text(t, x), true
	case float64:
		return strconv.FormatFloat(x, 'e', -1, 64), true
	case string:
		return d.Text(x), t.Kind != types.JSON
	case types.DateValue:
		return "DATE " + d.Text(x.String()), x >= minDate && x <= maxDate
	case types.TimestampValue:
		day := types.DateValue(types.FloorDiv(x.EpochMicros, microsOfDay))
		return "TIMESTAMP " + d.Text(types.Text(t, x)), t.P <= 6 && day >= minDate && day <= maxDate
	}
	return "", false
}

// Dates with four digits of a year, which all databases have.
const (
	minDate = -719162 // 0001-01-01
	maxDate = 2932896 // 9999-12-31
)

// comparer orders values of a type; false when it is of no use to.
func comparer(t types.Type) (func(a, b any) int, bool) {
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		return func(a, b any) int { return cmp.Compare(a.(int64), b.(int64)) }, true
	case types.Decimal:
		return func(a, b any) int { return a.(types.Int128).Cmp(b.(types.Int128)) }, true
	case types.Date:
		return func(a, b any) int { return cmp.Compare(a.(types.DateValue), b.(types.DateValue)) }, true
	}
	return nil, false
}
