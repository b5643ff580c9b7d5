package binder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// patternValue is what an expression of MEASURES or DEFINE reads of a match. Its symbol stands in the expression in its place.
type patternValue struct {
	sym  *plan.Symbol
	kind patternValueKind
	nav  rowpattern.Navigation
	// column is the source's, of columnValue; arg is what reads it, once the columns above an aggregation are known.
	column *plan.Symbol
	arg    plan.Expr
	// fold and vars (nil: all) belong to foldValue; its arguments read values of the current row.
	fold  plan.Aggregation
	vars  []int
	final bool
}

// patternValueKind is what a patternValue reads.
type patternValueKind uint8

const (
	columnValue     patternValueKind = iota // a column of a row
	classifierValue                         // a row's variable
	numberValue                             // the match's number
	foldValue                               // an aggregate over rows of the match
)

// patternScope is the context of an expression in MEASURES or DEFINE.
type patternScope struct {
	vars   *variables
	source map[*plan.Symbol]bool // the columns of the relation
	window bool
	values *[]patternValue
	// nav is the navigation around the expression; folding is set in the arguments of an aggregate.
	nav     rowpattern.Navigation
	folding bool
	// labels are the variables named so far inside of the innermost navigation or aggregate.
	labels *[]string
}

// value returns the symbol of a value, the same for equal ones.
func (p *patternScope) value(b *binder, v patternValue, hint string) plan.Expr {
	for _, o := range *p.values {
		if o.kind == v.kind && equalNavigations(o.nav, v.nav) && o.column == v.column && o.final == v.final &&
			(o.vars == nil) == (v.vars == nil) && slices.Equal(o.vars, v.vars) &&
			(v.kind != foldValue || equalAggregations(o.fold, v.fold)) {
			return &plan.Ref{Sym: o.sym}
		}
	}
	v.sym = b.syms.New(hint, v.sym.Type)
	*p.values = append(*p.values, v)
	return &plan.Ref{Sym: v.sym}
}

func equalNavigations(a, b rowpattern.Navigation) bool {
	return a.First == b.First && a.Final == b.Final && a.Offset == b.Offset && a.Move == b.Move && a.Classifier == b.Classifier &&
		(a.Vars == nil) == (b.Vars == nil) && slices.Equal(a.Vars, b.Vars)
}

// at is the navigation to the rows of a variable, "" for all; in an aggregate it is the row itself.
func (p *patternScope) at(variable string) rowpattern.Navigation {
	*p.labels = append(*p.labels, variable)
	if p.folding {
		return rowpattern.Navigation{}
	}
	n := p.nav
	if variable != "" {
		n.Vars = p.vars.of[variable]
	}
	return n
}

// patternColumn reads a column of the relation, at the rows of a variable or of all ("").
func (x *exprBinder) patternColumn(f *field, variable string) plan.Expr {
	return x.pattern.value(x.b, patternValue{kind: columnValue, nav: x.pattern.at(variable), column: f.sym, arg: &plan.Ref{Sym: f.sym},
		sym: &plan.Symbol{Type: f.sym.Type}}, f.name)
}

// variableOf returns the variable that stands before a dotted name.
func (x *exprBinder) variableOf(e ast.Expression) (string, bool) {
	for {
		switch n := e.(type) {
		case *ast.Dereference:
			e = n.Base
			continue
		case *ast.Identifier:
			if x.pattern == nil {
				return "", false
			}
			name := label(n)
			_, ok := x.pattern.vars.of[name]
			return name, ok
		}
		return "", false
	}
}

// labelled binds variable.column.
func (x *exprBinder) labelled(e *ast.Dereference, variable string) (plan.Expr, error) {
	f, found, err := x.scope.resolve(e, []string{lower(e.Field)})
	if err != nil {
		return nil, err
	}
	if !found || !x.pattern.source[f.sym] {
		return nil, errAt(e, trinoerr.ColumnNotFound, "Column %s prefixed with label %s cannot be resolved", lower(e.Field), variable)
	}
	return x.patternColumn(f, variable), nil
}

// patternFunction returns how a function of row pattern recognition is bound, nil for other names.
func patternFunction(name string) func(*exprBinder, *ast.FunctionCall, string) (plan.Expr, error) {
	switch name {
	case "match_number":
		return (*exprBinder).matchNumber
	case "classifier":
		return (*exprBinder).classifier
	case "first", "last":
		return (*exprBinder).logicalNavigation
	case "prev", "next":
		return (*exprBinder).physicalNavigation
	}
	return nil
}

// patternCall binds calls that mean something else in row pattern recognition; ok is false for all others.
func (x *exprBinder) patternCall(e *ast.FunctionCall, name string) (out plan.Expr, ok bool, err error) {
	isAggregate := functions.IsAggregate(name)
	if e.StarLabel != nil && name != "count" {
		return nil, true, errAt(e.StarLabel, trinoerr.InvalidFunctionArgument, "label.* syntax is only supported as the only argument of row pattern count function")
	}
	if f := patternFunction(name); f != nil && len(e.Name.Parts) == 1 {
		if err := checkPatternCall(e, name); err != nil {
			return nil, true, err
		}
		out, err = f(x, e, name)
		return out, true, err
	}
	if isAggregate {
		refuse := func(code *trinoerr.Code, what string) (plan.Expr, bool, error) {
			return nil, true, errAt(e, code, "Cannot use %s with %s aggregate function in pattern recognition context", what, name)
		}
		switch {
		case e.Window != nil:
			return refuse(trinoerr.NestedWindow, "OVER")
		case e.Filter != nil:
			return refuse(trinoerr.NotSupported, "FILTER")
		case e.OrderBy != nil:
			return refuse(trinoerr.NotSupported, "ORDER BY")
		case e.Distinct:
			return refuse(trinoerr.NotSupported, "DISTINCT")
		}
		out, err = x.patternAggregate(e, name)
		return out, true, err
	}
	if e.Mode != "" {
		return nil, true, errAt(e.ModeLocation, trinoerr.InvalidProcessingMode,
			"%s semantics is supported only for FIRST(), LAST() and aggregation functions. Actual: %s", e.Mode, name)
	}
	return nil, false, nil
}

func checkPatternCall(e *ast.FunctionCall, name string) error {
	refuse := func(what string) error {
		return errAt(e, trinoerr.InvalidPatternRecognitionFunction, "Cannot use %s with %s pattern recognition function", what, name)
	}
	switch {
	case e.Window != nil:
		return refuse("OVER")
	case e.Filter != nil:
		return refuse("FILTER")
	case e.OrderBy != nil:
		return refuse("ORDER BY")
	case e.Distinct:
		return refuse("DISTINCT")
	case e.Mode != "" && name != "first" && name != "last":
		return errAt(e.ModeLocation, trinoerr.InvalidProcessingMode, "%s semantics is not supported with %s pattern recognition function", e.Mode, name)
	}
	return nil
}

func (x *exprBinder) matchNumber(e *ast.FunctionCall, _ string) (plan.Expr, error) {
	switch {
	case x.pattern.window:
		return nil, errAt(e, trinoerr.InvalidPatternRecognitionFunction, "MATCH_NUMBER function is not supported in window")
	case len(e.Arguments) > 0:
		return nil, errAt(e, trinoerr.InvalidFunctionArgument, "MATCH_NUMBER pattern recognition function takes no arguments")
	}
	return x.pattern.value(x.b, patternValue{kind: numberValue, sym: &plan.Symbol{Type: bigint}}, "match_number"), nil
}

func (x *exprBinder) classifier(e *ast.FunctionCall, _ string) (plan.Expr, error) {
	variable := ""
	switch {
	case len(e.Arguments) > 1:
		return nil, errAt(e, trinoerr.InvalidFunctionArgument, "CLASSIFIER pattern recognition function takes no arguments or 1 argument")
	case len(e.Arguments) == 1:
		id, ok := e.Arguments[0].(*ast.Identifier)
		if !ok {
			return nil, errAt(e.Arguments[0], trinoerr.TypeMismatch,
				"CLASSIFIER function argument should be primary pattern variable or subset name. Actual: %s", strings.TrimPrefix(fmt.Sprintf("%T", e.Arguments[0]), "*ast."))
		}
		if variable = label(id); x.pattern.vars.of[variable] == nil {
			return nil, errAt(id, trinoerr.InvalidFunctionArgument, "%s is not a primary pattern variable or subset name", id.Value)
		}
	}
	nav := x.pattern.at(variable)
	nav.Classifier = true
	return x.pattern.value(x.b, patternValue{kind: classifierValue, nav: nav, sym: &plan.Symbol{Type: varcharType}}, "classifier"), nil
}

// patternAggregate binds an aggregate over the rows of a match.
func (x *exprBinder) patternAggregate(e *ast.FunctionCall, name string) (plan.Expr, error) {
	p := *x.pattern
	var labels []string
	p.labels, p.folding = &labels, true
	y := *x
	y.pattern = &p
	r, args, err := y.resolve(e, name, e.Arguments)
	if err != nil {
		return nil, err
	}
	if a := nestedAggregate(e); a != nil {
		return nil, errAt(a, trinoerr.NestedAggregation, "Cannot nest %s aggregate function inside %s function", functionName(a.Name), name)
	}
	for _, c := range nestedCalls(e.Arguments...) {
		if isNavigation(c) {
			return nil, errAt(c, trinoerr.InvalidNavigationNesting, "Cannot nest %s pattern navigation function inside %s function", suffix(c), name)
		}
	}
	distinct, err := consistent(e, name, labels)
	if err != nil {
		return nil, err
	}
	v := patternValue{kind: foldValue, final: e.Mode == ast.Final, sym: &plan.Symbol{Type: r.Result},
		fold: plan.Aggregation{Sym: &plan.Symbol{Type: r.Result}, Name: r.Function.Name, Variant: r.Variant, Args: coerceAll(args, r.Args)}}
	switch {
	case e.StarLabel != nil:
		if v.vars = p.vars.of[label(e.StarLabel)]; v.vars == nil {
			return nil, errAt(e.StarLabel, trinoerr.InvalidFunctionArgument, "%s is not a primary pattern variable or subset name", label(e.StarLabel))
		}
	case len(distinct) > 0 && distinct[0] != "":
		v.vars = p.vars.of[distinct[0]]
	}
	return x.pattern.value(x.b, v, name), nil
}

// suffix is the last part of a called name, as messages show it.
func suffix(e *ast.FunctionCall) string { return strings.ToLower(e.Name.Suffix()) }
