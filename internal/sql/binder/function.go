package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// functionName returns the name of a called function. Functions live in system.builtin.
func functionName(n *ast.QualifiedName) string {
	parts := lowerParts(n)
	if len(parts) == 3 && parts[0] == "system" && parts[1] == "builtin" {
		return parts[2]
	}
	return strings.Join(parts, ".")
}

// maxArguments is the largest number of arguments of a function.
const maxArguments = 127

// functionCall binds a call: of a window function, an aggregate or a scalar function.
func (x *exprBinder) functionCall(e *ast.FunctionCall) (plan.Expr, error) {
	name := functionName(e.Name)
	if x.pattern != nil {
		if out, ok, err := x.patternCall(e, name); ok {
			return out, err
		}
	}
	if e.Mode != "" {
		return nil, errAt(e, trinoerr.InvalidProcessingMode, "%s semantics is not supported out of pattern recognition context", e.Mode)
	}
	if e.StarLabel != nil {
		return nil, errAt(e, trinoerr.InvalidFunctionArgument, "label.* syntax is only supported as the only argument of row pattern count function")
	}
	if out, ok, err := x.routineCall(e, name); ok || err != nil {
		return out, err
	}
	if e.Window != nil {
		return x.windowCall(e, name)
	}
	if functions.IsAggregate(name) {
		return x.aggregateCall(e, name)
	}
	if functions.IsWindow(name) {
		return nil, errAt(e, trinoerr.MissingOver, "Window function system.builtin.%s requires an OVER clause", name)
	}
	switch {
	case len(functions.Named(name)) == 0 && !isSpecialFunction(name):
		return nil, errAt(e, trinoerr.FunctionNotFound, "Function '%s' not registered", name)
	case e.Filter != nil:
		return nil, errAt(e, trinoerr.FunctionNotAggregate, "Filter is only valid for aggregation functions")
	case e.OrderBy != nil:
		return nil, errAt(e, trinoerr.FunctionNotAggregate, "ORDER BY is only valid for aggregation functions")
	case e.Distinct:
		return nil, errAt(e, trinoerr.FunctionNotAggregate, "DISTINCT is not supported for non-aggregation functions")
	case e.NullTreatment != "":
		return nil, errAt(e, trinoerr.NullTreatmentNotAllowed, "Cannot specify null treatment clause for %s function", name)
	}
	if out, ok, err := x.special(e, name); ok || err != nil {
		return out, err
	}
	r, args, err := x.resolve(e, name, e.Arguments)
	if err != nil {
		return nil, err
	}
	if len(args) > maxArguments {
		return nil, errAt(e, trinoerr.TooManyArguments, "Too many arguments for function call %s()", name)
	}
	return applied(r, args), nil
}

// resolve binds arguments and chooses the overload; lambdas are bound as the overload wants them.
func (x *exprBinder) resolve(n ast.Node, name string, operands []ast.Expression) (functions.Resolved, []plan.Expr, error) {
	args := make([]plan.Expr, len(operands))
	shapes := make([]functions.Arg, len(operands))
	for i, o := range operands {
		if l, ok := o.(*ast.Lambda); ok {
			shapes[i] = functions.Arg{Type: types.Type{Kind: types.Function}, LambdaArity: len(l.Parameters),
				Lambda: func(params []types.Type) (types.Type, error) {
					bound, err := x.lambda(l, params)
					if err != nil {
						return types.Type{}, err
					}
					args[i] = bound
					return bound.Body.Type(), nil
				}}
			continue
		}
		a, err := x.expr(o)
		if err != nil {
			return functions.Resolved{}, nil, err
		}
		args[i], shapes[i] = a, functions.Arg{Type: a.Type()}
	}
	r, err := functions.ResolveWithLambdas(name, shapes)
	if err != nil {
		return r, nil, located(n, err)
	}
	if err := checkResult(n, r); err != nil {
		return r, nil, err
	}
	for i := range args {
		l, ok := args[i].(*plan.Lambda)
		if !ok {
			continue
		}
		// The body's type may still have to become what the overload wants.
		want := r.Args[i]
		if result := want.Elem(len(want.Args) - 1); !l.Body.Type().Equal(result) {
			args[i] = &plan.Lambda{Params: l.Params, Body: coerce(l.Body, result)}
		}
	}
	return r, args, nil
}

// lambda binds a lambda for parameters of given types.
func (x *exprBinder) lambda(l *ast.Lambda, params []types.Type) (*plan.Lambda, error) {
	if x.pattern != nil {
		return nil, errAt(l, trinoerr.NotSupported, "Lambda expression in pattern recognition context is not yet supported")
	}
	out := &plan.Lambda{}
	inner := &scope{parent: x.scope, lambda: true}
	for i, p := range l.Parameters {
		for _, f := range inner.fields {
			if strings.EqualFold(f.name, p.Value) {
				return nil, errAt(l, trinoerr.InvalidArguments, "Lambda argument name '%s' specified more than once", p.Value)
			}
		}
		s := x.b.syms.New(p.Value, params[i])
		out.Params = append(out.Params, s)
		inner.fields = append(inner.fields, &field{name: p.Value, sym: s})
	}
	y := *x
	y.scope = inner
	body, err := y.expr(l.Body)
	if err != nil {
		return nil, err
	}
	out.Body = body
	return out, nil
}
