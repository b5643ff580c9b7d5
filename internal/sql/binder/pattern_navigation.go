package binder

import (
	"math"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// logicalNavigation binds FIRST and LAST.
func (x *exprBinder) logicalNavigation(e *ast.FunctionCall, name string) (plan.Expr, error) {
	offset, err := x.navigationOffset(e, name, 0)
	if err != nil {
		return nil, err
	}
	nav := x.pattern.nav
	nav.First, nav.Final, nav.Offset = name == "first", e.Mode == ast.Final, offset
	return x.navigated(e, name, nav)
}

// physicalNavigation binds PREV and NEXT.
func (x *exprBinder) physicalNavigation(e *ast.FunctionCall, name string) (plan.Expr, error) {
	offset, err := x.navigationOffset(e, name, 1)
	if err != nil {
		return nil, err
	}
	nav := x.pattern.nav
	if nav.Move = offset; name == "prev" {
		nav.Move = -offset
	}
	return x.navigated(e, name, nav)
}

// navigated binds the argument of a navigation.
func (x *exprBinder) navigated(e *ast.FunctionCall, name string, nav rowpattern.Navigation) (plan.Expr, error) {
	p := *x.pattern
	var labels []string
	p.nav, p.labels = nav, &labels
	y := *x
	y.pattern = &p
	out, err := y.expr(e.Arguments[0])
	if err != nil {
		return nil, err
	}
	*x.pattern.labels = append(*x.pattern.labels, labels...)
	distinct, err := consistent(e, name, labels)
	if err == nil && len(distinct) == 0 {
		err = errAt(e, trinoerr.InvalidArguments, "Pattern navigation function '%s' must contain at least one column reference or CLASSIFIER()", strings.ToUpper(name))
	}
	return out, err
}

// consistent refuses different variables inside of one call.
func consistent(e *ast.FunctionCall, name string, labels []string) ([]string, error) {
	labels = slices.Clone(labels)
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if len(labels) > 1 {
		return nil, errAt(e, trinoerr.InvalidArguments, "All labels and classifiers inside the call to '%s' must match", name)
	}
	return labels, nil
}

// navigationOffset checks the arguments of a navigation and what is nested in it.
func (x *exprBinder) navigationOffset(e *ast.FunctionCall, name string, offset int) (int, error) {
	if n := len(e.Arguments); n != 1 && n != 2 {
		return 0, errAt(e, trinoerr.InvalidFunctionArgument, "%s pattern recognition function requires 1 or 2 arguments", name)
	}
	if len(e.Arguments) == 2 {
		n, ok := e.Arguments[1].(*ast.LongLiteral)
		switch {
		case !ok:
			return 0, errAt(e, trinoerr.InvalidFunctionArgument, "%s pattern recognition navigation function requires a number as the second argument", name)
		case n.Value < 0:
			return 0, errAt(e, trinoerr.NumericValueOutOfRange, "%s pattern recognition navigation function requires a non-negative number as the second argument (actual: %d)", name, n.Value)
		case n.Value > math.MaxInt32:
			return 0, errAt(e, trinoerr.NumericValueOutOfRange, "The second argument of %s pattern recognition navigation function must not exceed %d (actual: %d)", name, math.MaxInt32, n.Value)
		}
		offset = int(n.Value)
	}
	if a := nestedAggregate(e); a != nil {
		return 0, errAt(a, trinoerr.NestedAggregation, "Cannot nest %s aggregate function inside %s function", functionName(a.Name), name)
	}
	return offset, checkNavigationNesting(e, name)
}

// nestedAggregate returns an aggregate in the arguments of a call.
func nestedAggregate(e *ast.FunctionCall) *ast.FunctionCall {
	for _, c := range nestedCalls(e.Arguments...) {
		if functions.IsAggregate(functionName(c.Name)) {
			return c
		}
	}
	return nil
}

// nestedCalls lists the calls in expressions. Subqueries are not entered.
func nestedCalls(es ...ast.Expression) []*ast.FunctionCall {
	var out []*ast.FunctionCall
	for _, e := range es {
		ast.Walk(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Query:
				return false
			case *ast.FunctionCall:
				out = append(out, n)
			}
			return true
		})
	}
	return out
}

func isNavigation(c *ast.FunctionCall) bool {
	switch functionName(c.Name) {
	case "first", "last", "prev", "next":
		return true
	}
	return false
}

// checkNavigationNesting lets FIRST and LAST stand directly in PREV and NEXT, and nothing else.
func checkNavigationNesting(e *ast.FunctionCall, name string) error {
	nested := slices.DeleteFunc(nestedCalls(e.Arguments[0]), func(c *ast.FunctionCall) bool { return !isNavigation(c) })
	if len(nested) == 0 {
		return nil
	}
	inner := functionName(nested[0].Name)
	shown := suffix(e)
	switch {
	case name == "first" || name == "last":
		return errAt(nested[0], trinoerr.InvalidNavigationNesting, "Cannot nest %s pattern navigation function inside %s pattern navigation function", inner, shown)
	case len(nested) > 1:
		return errAt(nested[1], trinoerr.InvalidNavigationNesting, "Cannot nest multiple pattern navigation functions inside %s pattern navigation function", shown)
	case inner == "prev" || inner == "next":
		return errAt(nested[0], trinoerr.InvalidNavigationNesting, "Cannot nest %s pattern navigation function inside %s pattern navigation function", suffix(nested[0]), shown)
	case ast.Expression(nested[0]) != e.Arguments[0]:
		return errAt(nested[0], trinoerr.InvalidNavigationNesting, "Immediate nesting is required for pattern navigation functions")
	}
	return nil
}
