package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// grouping collects what a SELECT's expressions want from its aggregation.
type grouping struct {
	aggs []plan.Aggregation
	// ops are the calls of grouping().
	ops []groupingOp
}

// groupingOp is a call of grouping(): a symbol that stands for its value, and its columns.
type groupingOp struct {
	sym     *plan.Symbol
	columns []plan.Expr
	node    *ast.GroupingOperation
}

// aggregateCall binds the call of an aggregate function and leaves the symbol of its result in its place.
func (x *exprBinder) aggregateCall(e *ast.FunctionCall, name string) (plan.Expr, error) {
	if x.group == nil {
		return nil, errAt(e, trinoerr.ExpressionNotScalar,
			"Aggregations, window functions or grouping operations are not allowed here: [%s]", exprText(e))
	}
	if e.NullTreatment != "" {
		return nil, errAt(e, trinoerr.NullTreatmentNotAllowed, "Cannot specify null treatment clause for %s function", name)
	}
	if err := x.checkNesting(e, name); err != nil {
		return nil, err
	}
	y := *x
	y.inAggregate, y.windows = name, nil
	agg, err := y.aggregation(e, name)
	if err != nil {
		return nil, err
	}
	return &plan.Ref{Sym: x.group.add(x.b, agg)}, nil
}

// add returns the symbol of an aggregation, the same for equal ones.
func (g *grouping) add(b *binder, agg plan.Aggregation) *plan.Symbol {
	for _, a := range g.aggs {
		if equalAggregations(a, agg) {
			return a.Sym
		}
	}
	f := functions.Lookup(agg.Variant)
	r := agg.Sym.Type
	agg.Sym = b.syms.New(f.Name, r)
	g.aggs = append(g.aggs, agg)
	return agg.Sym
}

func equalAggregations(a, b plan.Aggregation) bool {
	return a.Variant == b.Variant && a.Distinct == b.Distinct && a.Sym.Type.Equal(b.Sym.Type) &&
		slices.EqualFunc(a.Args, b.Args, plan.EqualExpr) && plan.EqualExpr(a.Filter, b.Filter) &&
		slices.EqualFunc(a.OrderBy, b.OrderBy, equalKeys)
}

func equalKeys(a, b plan.SortKey) bool {
	return a.Desc == b.Desc && a.NullsFirst == b.NullsFirst && plan.EqualExpr(a.Expr, b.Expr)
}

// aggregation binds the parts of an aggregate call. Its Sym only carries the result's type.
func (x *exprBinder) aggregation(e *ast.FunctionCall, name string) (plan.Aggregation, error) {
	var agg plan.Aggregation
	r, args, err := x.resolve(e, name, e.Arguments)
	if err != nil {
		return agg, err
	}
	agg = plan.Aggregation{Sym: &plan.Symbol{Type: r.Result}, Name: r.Function.Name, Variant: r.Variant,
		Args: coerceAll(args, r.Args), Distinct: e.Distinct}
	if e.Distinct {
		for _, a := range args {
			if !a.Type().Comparable() {
				return agg, errAt(e, trinoerr.TypeMismatch, "DISTINCT can only be applied to comparable types (actual: %s)", a.Type())
			}
		}
	}
	if agg.OrderBy, err = x.callOrder(e.OrderBy); err != nil {
		return agg, err
	}
	if e.Distinct {
		for i, k := range agg.OrderBy {
			if !slices.ContainsFunc(args, func(a plan.Expr) bool { return plan.EqualExpr(a, k.Expr) }) {
				return agg, errAt(e.OrderBy.Items[i].Key, trinoerr.ExpressionNotInDistinct,
					"For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
			}
		}
	}
	if e.Filter != nil {
		if agg.Filter, err = x.boolean(e.Filter, "Filter expression"); err != nil {
			return agg, err
		}
	}
	return agg, nil
}

// callOrder binds the ORDER BY inside a call's parentheses.
func (x *exprBinder) callOrder(o *ast.OrderBy) ([]plan.SortKey, error) {
	if o == nil {
		return nil, nil
	}
	var keys []plan.SortKey
	for _, item := range o.Items {
		e, err := x.expr(item.Key)
		if err != nil {
			return nil, err
		}
		if !e.Type().Orderable() {
			return nil, errAt(item.Key, trinoerr.TypeMismatch, "ORDER BY can only be applied to orderable types (actual: %s)", e.Type())
		}
		keys = append(keys, sortKey(item, e))
	}
	return keys, nil
}

// checkNesting refuses aggregates and window functions inside an aggregate's arguments.
func (x *exprBinder) checkNesting(e *ast.FunctionCall, name string) error {
	var parts []ast.Expression
	parts = append(parts, e.Arguments...)
	if e.OrderBy != nil {
		for _, i := range e.OrderBy.Items {
			parts = append(parts, i.Key)
		}
	}
	if e.Filter != nil {
		parts = append(parts, e.Filter)
	}
	found := extractCalls(parts...)
	switch {
	case len(found.aggregates) > 0:
		return errAt(e, trinoerr.NestedAggregation, "Cannot nest aggregations inside aggregation '%s': [%s]", name, texts(found.aggregates))
	case len(found.windows) > 0:
		return errAt(e, trinoerr.NestedWindow, "Cannot nest window functions or row pattern measures inside aggregation '%s': [%s]", name, texts(found.windows))
	}
	return nil
}

// calls are the calls in expressions that are more than scalar, in the order of the text. Subqueries are not entered.
type calls struct {
	aggregates, windows, groupings []ast.Expression
}

func extractCalls(es ...ast.Expression) calls {
	var c calls
	for _, e := range es {
		if e == nil {
			continue
		}
		ast.Walk(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Query:
				return false
			case *ast.GroupingOperation:
				c.groupings = append(c.groupings, n)
			case *ast.ListAgg:
				c.aggregates = append(c.aggregates, n)
			case *ast.WindowMeasure:
				c.windows = append(c.windows, n)
			case *ast.FunctionCall:
				switch {
				case n.Window != nil:
					c.windows = append(c.windows, n)
				case functions.IsAggregate(functionName(n.Name)):
					c.aggregates = append(c.aggregates, n)
				}
			}
			return true
		})
	}
	return c
}

func (c calls) all() []ast.Expression {
	return append(append(append([]ast.Expression(nil), c.aggregates...), c.windows...), c.groupings...)
}

func texts(es []ast.Expression) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = exprText(e)
	}
	return strings.Join(parts, ", ")
}

// scalarOnly refuses aggregates, window functions and grouping() in a clause, after e was bound without an error.
func scalarOnly(e ast.Expression, clause string) error {
	found := extractCalls(e).all()
	if len(found) == 0 {
		return nil
	}
	return errAt(found[0], trinoerr.ExpressionNotScalar,
		"%s cannot contain aggregations, window functions or grouping operations: [%s]", clause, texts(found))
}

// permissive returns a binder that accepts aggregates and windows, so that errors inside of them are found before they
// are refused by scalarOnly.
func (x *exprBinder) permissive() *exprBinder {
	y := *x
	y.group, y.windows = &grouping{}, &windowCalls{}
	if x.windows != nil {
		y.windows.query, y.windows.named = x.windows.query, x.windows.named
	}
	return &y
}

// scalar binds an expression of a clause that admits no aggregates.
func (x *exprBinder) scalar(e ast.Expression, clause string) (plan.Expr, error) {
	out, err := x.permissive().expr(e)
	if err != nil {
		return nil, err
	}
	return out, scalarOnly(e, clause)
}

// condition is scalar for a condition.
func (x *exprBinder) condition(e ast.Expression, clause string) (plan.Expr, error) {
	out, err := x.permissive().clause(e, clause)
	if err != nil {
		return nil, err
	}
	return out, scalarOnly(e, clause)
}

// groupingOperation binds grouping(a, …): a symbol whose value groupings.finish gives.
func (x *exprBinder) groupingOperation(e *ast.GroupingOperation) (plan.Expr, error) {
	if x.group == nil {
		return nil, errAt(e, trinoerr.ExpressionNotScalar,
			"Aggregations, window functions or grouping operations are not allowed here: [%s]", exprText(e))
	}
	if len(e.Columns) > maxGroupingColumns {
		return nil, errAt(e, trinoerr.TooManyArguments, "GROUPING supports up to %d column arguments", maxGroupingColumns)
	}
	t := integer
	if len(e.Columns) > 31 {
		t = bigint
	}
	columns, err := x.exprs(e.Columns)
	if err != nil {
		return nil, err
	}
	sym := x.b.syms.New("grouping", t)
	x.group.ops = append(x.group.ops, groupingOp{sym: sym, columns: columns, node: e})
	return &plan.Ref{Sym: sym}, nil
}

// maxGroupingColumns is how many arguments grouping() takes.
const maxGroupingColumns = 63

// listAgg binds LISTAGG(…) WITHIN GROUP (ORDER BY …) as the aggregate listagg(value, separator, overflow error, filler,
// with count).
func (x *exprBinder) listAgg(e *ast.ListAgg) (plan.Expr, error) {
	if x.pattern != nil {
		what := "ORDER BY"
		if e.Filter != nil {
			what = "FILTER"
		}
		return nil, errAt(e, trinoerr.NotSupported, "Cannot use %s with listagg aggregate function in pattern recognition context", what)
	}
	value, err := x.expr(e.Value)
	if err != nil {
		return nil, err
	}
	if value.Type().Kind != types.Varchar {
		return nil, errAt(e, trinoerr.TypeMismatch, "Expected expression of varchar, but '%s' has %s type", exprText(e.Value), value.Type())
	}
	separator, filler, isError, withCount := "", "...", true, true
	if e.Separator != nil {
		separator = e.Separator.Value
	}
	if o := e.Overflow; o != nil && o.Truncate {
		isError, withCount = false, o.WithCount
		if o.Filler != nil {
			filler = o.Filler.Value
		}
	}
	str := func(s string) ast.Expression { return &ast.StringLiteral{Location: e.Location, Value: s} }
	boolean := func(v bool) ast.Expression { return &ast.BooleanLiteral{Location: e.Location, Value: v} }
	return x.aggregateCall(&ast.FunctionCall{
		Location: e.Location,
		Name:     &ast.QualifiedName{Location: e.Location, Parts: []*ast.Identifier{{Location: e.Location, Value: "listagg"}}},
		Distinct: e.Distinct,
		Arguments: []ast.Expression{e.Value, str(separator), boolean(isError), str(filler),
			boolean(withCount)},
		OrderBy: e.OrderBy, Filter: e.Filter,
	}, "listagg")
}
