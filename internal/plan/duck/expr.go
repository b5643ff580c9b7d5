package duck

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

type typ = types.Type

// expr writes an expression as text that can stand as an operand of any operator.
func (l *lowerer) expr(e plan.Expr, sc *scope) string {
	switch e := e.(type) {
	case *plan.Ref:
		c, ok := sc.find(e.Sym)
		if !ok {
			panic("duck: symbol " + e.Sym.Name + " is not in scope")
		}
		return c.sql
	case *plan.Const:
		return literal(e.Typ, e.Value)
	case *plan.Call:
		return l.call(e.Variant, e.Args, e.Typ, sc, nil)
	case *plan.Cast:
		return l.cast(e, sc)
	case *plan.Compare:
		return l.compare(e, sc)
	case *plan.Logical:
		op := " AND "
		if e.Or {
			op = " OR "
		}
		return "(" + strings.Join(l.exprs(e.Terms, sc), op) + ")"
	case *plan.Not:
		return "(NOT " + l.expr(e.Arg, sc) + ")"
	case *plan.IsNull:
		return "(" + l.expr(e.Arg, sc) + " IS NULL)"
	case *plan.Between:
		return l.between(e, sc)
	case *plan.In:
		return l.in(e, sc)
	case *plan.Like:
		return l.like(e, sc)
	case *plan.Case:
		return l.caseExpr(e, sc)
	case *plan.Coalesce:
		return "coalesce(" + strings.Join(l.exprs(e.Args, sc), ", ") + ")"
	case *plan.NullIf:
		return "CASE WHEN " + l.compare(&plan.Compare{Op: plan.Eq, Left: e.First, Right: e.Second}, sc) +
			" THEN NULL ELSE " + l.expr(e.First, sc) + " END"
	case *plan.Try:
		return l.try(e, sc)
	case *plan.MakeRow:
		return castTo("row("+strings.Join(l.exprs(e.Fields, sc), ", ")+")", physical(e.Typ))
	case *plan.MakeArray:
		return castTo("["+strings.Join(l.exprs(e.Elems, sc), ", ")+"]", physical(e.Typ))
	case *plan.Field:
		return "struct_extract(" + l.expr(e.Row, sc) + ", '" + fieldName(e.Index) + "')"
	case *plan.OrderKey:
		return l.orderKey(e, sc)
	case *plan.Lambda:
		return l.lambda(e, sc)
	case *plan.ScalarSubquery:
		return "(" + indent(l.node(e.Plan, sc).selectAll()) + ")"
	case *plan.Exists:
		return "EXISTS (" + indent(l.node(e.Plan, sc).selectAll()) + ")"
	case *plan.InSubquery:
		return "(" + l.expr(e.Arg, sc) + " IN (" + indent(l.node(e.Plan, sc).selectAll()) + "))"
	case *plan.Quantified:
		word := "ANY"
		if e.All {
			word = "ALL"
		}
		return "(" + l.expr(e.Arg, sc) + " " + string(e.Op) + " " + word + " (" + indent(l.node(e.Plan, sc).selectAll()) + "))"
	}
	panic(fmt.Sprintf("duck: unknown expression %T", e))
}

func (l *lowerer) exprs(es []plan.Expr, sc *scope) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = l.expr(e, sc)
	}
	return out
}

// operand describes an argument to package functions.
func (l *lowerer) operand(e plan.Expr, sc *scope) functions.Operand {
	o := functions.Operand{SQL: l.expr(e, sc), Type: e.Type()}
	switch e := e.(type) {
	case *plan.Const:
		o.Const, o.Cheap, o.Value = true, true, e.Value
	case *plan.Ref:
		c, _ := sc.find(e.Sym)
		o.Cheap = c.plain || c.literal
	case *plan.Cast:
		// A coerced literal is as good as a literal for numbers.
		if c, ok := e.Arg.(*plan.Const); ok && e.Typ.Integral() && c.Typ.Integral() {
			o.Const, o.Cheap, o.Value = true, true, c.Value
		}
		// So is a widened column.
		if r, ok := e.Arg.(*plan.Ref); ok && e.Implicit && e.Typ.Numeric() {
			c, _ := sc.find(r.Sym)
			o.Cheap = c.plain
		}
	}
	return o
}

func (l *lowerer) caseExpr(e *plan.Case, sc *scope) string {
	var w strings.Builder
	w.WriteString("CASE")
	for _, arm := range e.Whens {
		w.WriteString(" WHEN " + l.expr(arm.Cond, sc) + " THEN " + l.expr(arm.Result, sc))
	}
	if e.Else != nil {
		w.WriteString(" ELSE " + l.expr(e.Else, sc))
	}
	return w.String() + " END"
}

// lambda writes an anonymous function. Symbols' names are unique in a plan, so parameters hide no column.
func (l *lowerer) lambda(e *plan.Lambda, sc *scope) string {
	inner := &scope{map[*plan.Symbol]col{}, sc}
	var names []string
	for _, p := range e.Params {
		name := ident("λ" + p.Name)
		inner.cols[p] = col{sql: name, plain: true, exact: true}
		names = append(names, name)
	}
	return "lambda " + strings.Join(names, ", ") + ": " + l.expr(e.Body, inner)
}

func (l *lowerer) like(e *plan.Like, sc *scope) string {
	arg, pattern := l.charText(e.Arg, sc), l.expr(e.Pattern, sc)
	if e.Escape == nil {
		return "(" + arg + " LIKE " + pattern + ")"
	}
	escape := l.expr(e.Escape, sc)
	return "(" + arg + " LIKE wb_like_pattern(" + pattern + ", " + escape + ") ESCAPE " + escape + ")"
}

// charText writes a string operand; a char is padded to its length, as functions of Trino see it.
func (l *lowerer) charText(e plan.Expr, sc *scope) string {
	s := l.expr(e, sc)
	if t := e.Type(); t.Kind == types.Char {
		return padded(s, t)
	}
	return s
}

// isVolatile holds for calls that may give another result each time.
func isVolatile(e plan.Expr) bool {
	c, ok := e.(*plan.Call)
	if !ok {
		return false
	}
	f := functions.Lookup(c.Variant)
	return f != nil && f.Nondeterministic
}
