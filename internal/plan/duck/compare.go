package duck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// compare writes a comparison. DuckDB orders NaN above all numbers and finds it equal to itself; in Trino every comparison
// with NaN but <> is false.
func (l *lowerer) compare(e *plan.Compare, sc *scope) string {
	if t := e.Left.Type(); len(t.Args) > 0 && e.Op != plan.DistinctFrom && e.Op != plan.NotDistinctFrom && !isNull(e.Left) && !isNull(e.Right) {
		return l.compareParts(e, sc)
	}
	a, b := l.comparable(e.Left, e.Op, sc), l.comparable(e.Right, e.Op, sc)
	text := a + " " + string(e.Op) + " " + b
	if !isFloat(e.Left.Type()) {
		return "(" + text + ")"
	}
	switch e.Op {
	case plan.Eq:
		// One side that is a number settles it.
		if l.mayBeNaN(e.Left) && l.mayBeNaN(e.Right) {
			text += " AND NOT isnan(" + a + ")"
		}
	case plan.Ne:
		if l.mayBeNaN(e.Left) && l.mayBeNaN(e.Right) {
			text += " OR isnan(" + a + ") AND " + b + " IS NOT NULL"
		}
	case plan.Lt, plan.Le:
		text += l.notNaN(e.Right, b)
		if e.Op == plan.Le && l.mayBeNaN(e.Right) {
			text += l.notNaN(e.Left, a)
		}
	case plan.Gt, plan.Ge:
		text += l.notNaN(e.Left, a)
		if e.Op == plan.Ge && l.mayBeNaN(e.Left) {
			text += l.notNaN(e.Right, b)
		}
	}
	return "(" + text + ")"
}

func isFloat(t types.Type) bool { return t.Kind == types.Double || t.Kind == types.Real }

func (l *lowerer) notNaN(e plan.Expr, sql string) string {
	if !l.mayBeNaN(e) {
		return ""
	}
	return " AND NOT isnan(" + sql + ")"
}

// mayBeNaN is false for literals other than NaN and for casts of numbers that have none.
func (l *lowerer) mayBeNaN(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Const:
		switch v := e.Value.(type) {
		case float64:
			return math.IsNaN(v)
		case float32:
			return math.IsNaN(float64(v))
		}
		return false
	case *plan.Cast:
		return !e.Arg.Type().Integral() && e.Arg.Type().Kind != types.Decimal && l.mayBeNaN(e.Arg)
	case *plan.Call:
		if e.Name == "$negate" {
			return l.mayBeNaN(e.Args[0])
		}
	}
	return true
}

// comparable writes an operand of a comparison.
func (l *lowerer) comparable(e plan.Expr, op plan.CompareOp, sc *scope) string {
	s := l.expr(e, sc)
	t := e.Type()
	switch {
	case t.Kind == types.Char && op != plan.Eq && op != plan.Ne && op != plan.DistinctFrom && op != plan.NotDistinctFrom:
		return padded(s, t)
	}
	return functions.Identity(s, t)
}

// sortable writes a key of an ordering.
func (l *lowerer) sortable(e plan.Expr, sc *scope) string { return l.comparable(e, plan.Lt, sc) }

// grouping writes a key by which rows are grouped or partitioned.
func (l *lowerer) grouping(e plan.Expr, sc *scope) string { return l.comparable(e, plan.Eq, sc) }

// padded fills a char with spaces up to its length.
func padded(sql string, t types.Type) string { return fmt.Sprintf("rpad(%s, %d, ' ')", sql, t.P) }

func (l *lowerer) between(e *plan.Between, sc *scope) string {
	if len(e.Arg.Type().Args) > 0 || isFloat(e.Arg.Type()) && (l.mayBeNaN(e.High) || l.mayBeNaN(e.Low)) {
		return l.expr(plan.And(&plan.Compare{Op: plan.Ge, Left: e.Arg, Right: e.Low},
			&plan.Compare{Op: plan.Le, Left: e.Arg, Right: e.High}), sc)
	}
	return "(" + l.comparable(e.Arg, plan.Lt, sc) + " BETWEEN " + l.comparable(e.Low, plan.Lt, sc) + " AND " +
		l.comparable(e.High, plan.Lt, sc) + ")"
}

func (l *lowerer) in(e *plan.In, sc *scope) string {
	if len(e.Arg.Type().Args) > 0 || isFloat(e.Arg.Type()) && l.mayBeNaN(e.Arg) && slices.ContainsFunc(e.List, l.mayBeNaN) {
		return l.inParts(e, sc)
	}
	items := make([]string, len(e.List))
	computed := false
	for i, x := range e.List {
		items[i] = l.comparable(x, plan.Eq, sc)
		computed = computed || mayFail(x)
	}
	arg := l.comparable(e.Arg, plan.Eq, sc)
	if !computed {
		return "(" + arg + " IN (" + strings.Join(items, ", ") + "))"
	}
	// DuckDB stops at the first match, but every item is to be evaluated, for its errors.
	l.names++
	pair := fmt.Sprintf("_in%d", l.names)
	names := make([]string, len(items))
	for i := range items {
		items[i] = fmt.Sprintf("i%d: ", i) + items[i]
		names[i] = fmt.Sprintf("%s.i%d", pair, i)
	}
	return "list_transform([{a: " + arg + ", " + strings.Join(items, ", ") + "}], lambda " + pair + ": " + pair + ".a IN (" +
		strings.Join(names, ", ") + "))[1]"
}

// mayFail holds for expressions whose evaluation may be an error.
func mayFail(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return true
	case *plan.Cast:
		if _, literal := e.Arg.(*plan.Const); literal {
			return false
		}
		return !e.Implicit || mayFail(e.Arg)
	}
	return slices.ContainsFunc(e.Children(), mayFail)
}

// inParts tests membership of arrays, maps and rows, which are compared part by part, and of numbers among NaN.
func (l *lowerer) inParts(e *plan.In, sc *scope) string {
	terms := make([]plan.Expr, len(e.List))
	for i, x := range e.List {
		terms[i] = &plan.Compare{Op: plan.Eq, Left: e.Arg, Right: x}
	}
	if len(terms) == 1 {
		return l.expr(terms[0], sc)
	}
	return l.expr(&plan.Logical{Or: true, Terms: terms}, sc)
}

// partition writes the exchange partition of a row: a hash of the keys, each with its physical type, so that both sides of a
// join agree.
func (l *lowerer) partition(b *block, p *Partition) string {
	if len(p.Keys) == 0 || p.Count <= 1 {
		return castTo("0", "INTEGER")
	}
	if p.Numbered {
		return castTo(l.expr(p.Keys[0], b.scope()), "INTEGER")
	}
	keys := make([]string, len(p.Keys))
	for i, k := range p.Keys {
		keys[i] = l.hashKey(k, b.scope())
	}
	return castTo("hash("+strings.Join(keys, ", ")+fmt.Sprintf(") %% %d", p.Count), "INTEGER")
}

func (l *lowerer) hashKey(e plan.Expr, sc *scope) string {
	s, t := l.comparable(e, plan.Eq, sc), e.Type()
	if functions.HasZone(t) {
		return s
	}
	return castTo(s, physical(t))
}

func isNull(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Value == nil
}

// compareParts compares arrays, maps and rows part by part: where DuckDB finds two NULLs inside equal, SQL does not know, and
// where it orders NULLs, SQL fails.
func (l *lowerer) compareParts(e *plan.Compare, sc *scope) string {
	t := e.Left.Type()
	l.names++
	pair := fmt.Sprintf("_p%d", l.names)
	a, b := pair+".a", pair+".b"
	c := &functions.Comparer{Prefix: pair + "c"}
	var text string
	switch e.Op {
	case plan.Eq:
		text = c.Equal(a, b, t)
	case plan.Ne:
		text = "(NOT " + c.Equal(a, b, t) + ")"
	default:
		text = "CASE WHEN " + a + " IS NOT NULL AND " + b + " IS NOT NULL THEN " + c.Order(a, b, t, false) + " " + string(e.Op) + " 0 END"
	}
	return "list_transform([{a: " + l.expr(e.Left, sc) + ", b: " + l.expr(e.Right, sc) + "}], lambda " + pair + ": " + text + ")[1]"
}
