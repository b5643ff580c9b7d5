package binder

import (
	"errors"
	"slices"
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// routineCall binds a call of a routine; ok is false when none of the name takes the arguments and a function of the engine may.
func (x *exprBinder) routineCall(e *ast.FunctionCall, name string) (out plan.Expr, ok bool, err error) {
	candidates, err := x.b.routinesNamed(lowerParts(e.Name))
	if err != nil || len(candidates) == 0 {
		return nil, false, err
	}
	switch {
	case e.Window != nil:
		return nil, false, errAt(e, trinoerr.FunctionNotWindow, "Not a window function: %s", name)
	case e.Filter != nil:
		return nil, false, errAt(e, trinoerr.FunctionNotAggregate, "Filter is only valid for aggregation functions")
	case e.OrderBy != nil:
		return nil, false, errAt(e, trinoerr.FunctionNotAggregate, "ORDER BY is only valid for aggregation functions")
	case e.Distinct:
		return nil, false, errAt(e, trinoerr.FunctionNotAggregate, "DISTINCT is not supported for non-aggregation functions")
	case e.NullTreatment != "":
		return nil, false, errAt(e, trinoerr.NullTreatmentNotAllowed, "Cannot specify null treatment clause for %s function", name)
	}
	builtin := len(functions.Named(name)) > 0 || isSpecialFunction(name)
	if slices.ContainsFunc(e.Arguments, func(a ast.Expression) bool { _, lambda := a.(*ast.Lambda); return lambda }) && builtin {
		return nil, false, nil
	}
	args, err := x.exprs(e.Arguments)
	if err != nil {
		return nil, false, err
	}
	r, err := fittingRoutine(candidates, args)
	if err != nil {
		return nil, false, located(e, err)
	}
	if r == nil {
		if builtin {
			return nil, false, nil
		}
		return nil, false, errAt(e, trinoerr.FunctionNotFound, "Unexpected parameters (%s) for function %s. Expected: %s",
			typeNames(args), name, expectedRoutines(name, candidates))
	}
	for i, p := range r.params {
		args[i] = coerce(args[i], p.typ)
	}
	out, err = x.b.inline(r, args)
	return out, err == nil, err
}

func expectedRoutines(name string, candidates []*routine) string {
	var out []string
	for _, r := range candidates {
		out = append(out, name+"("+strings.Join(r.written, ", ")+")")
	}
	sort.Strings(out)
	return strings.Join(slices.Compact(out), ", ")
}

// routinesNamed finds routines by the parts of their name: those that the statement declares, or stored ones.
func (b *binder) routinesNamed(parts []string) ([]*routine, error) {
	session := b.env.Session
	switch len(parts) {
	case 1:
		var out []*routine
		for s := b.routines; s != nil; s = s.parent {
			if s.routine.name == parts[0] {
				out = append(out, s.routine)
			}
		}
		if len(out) > 0 || session.Path == "" || len(functions.Named(parts[0])) > 0 {
			return out, nil
		}
		for schema := range strings.SplitSeq(session.Path, ",") {
			catalog, schema, ok := strings.Cut(strings.ReplaceAll(strings.TrimSpace(schema), `"`, ""), ".")
			if !ok {
				catalog, schema = session.Catalog, catalog
			}
			if found, err := b.storedRoutines(catalog, schema, parts[0]); err != nil || len(found) > 0 {
				return found, err
			}
		}
		return nil, nil
	case 2:
		return b.storedRoutines(strings.ToLower(session.Catalog), parts[0], parts[1])
	case 3:
		return b.storedRoutines(parts[0], parts[1], parts[2])
	}
	return nil, nil
}

// storedRoutines are the functions that a connector keeps under a name, or all of a schema for the empty name.
func (b *binder) storedRoutines(catalog, schema, name string) ([]*routine, error) {
	store, ok := b.env.Catalogs.Metadata(catalog).(connector.Routines)
	if !ok {
		return nil, nil
	}
	list, err := store.Routines(b.ctx, schema, name)
	if err != nil {
		return nil, err
	}
	var out []*routine
	for _, stored := range list {
		stmt, err := parser.ParseStatement("CREATE " + stored.SQL)
		create, ok := stmt.(*ast.CreateFunction)
		if err != nil || !ok {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "stored function %s.%s.%s cannot be read: %v", catalog, schema, stored.Name, err)
		}
		r, err := newRoutine(create.Specification, stored.Name)
		if err != nil {
			return nil, err
		}
		r.stored, r.path = catalog+"."+schema+"."+stored.Name, stored.Path
		out = append(out, r)
	}
	return out, nil
}

// fittingRoutine chooses the routine that arguments fit best: exactly, or else by coercion; nil when they fit none.
func fittingRoutine(candidates []*routine, args []plan.Expr) (*routine, error) {
	var fit []*routine
	for _, exact := range []bool{true, false} {
		for _, r := range candidates {
			if r.takes(args, exact) {
				fit = append(fit, r)
			}
		}
		if len(fit) > 0 && exact {
			return fit[0], nil
		}
	}
	var best *routine
	for _, r := range fit {
		if !slices.ContainsFunc(fit, func(o *routine) bool { return !r.narrowerThan(o) }) {
			best = r
		}
	}
	if best == nil && len(fit) > 0 {
		var text strings.Builder
		for _, r := range fit {
			text.WriteString("\t * " + r.name + "(" + r.signature + "):" + r.returns.String() + "\n")
		}
		return nil, trinoerr.New(trinoerr.AmbiguousFunctionCall,
			"Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n%s", text.String())
	}
	return best, nil
}

// takes reports whether a routine can be called with arguments.
func (r *routine) takes(args []plan.Expr, exact bool) bool {
	if len(args) != len(r.params) {
		return false
	}
	for i, p := range r.params {
		t := args[i].Type()
		if exact && !t.Equal(p.typ) || !types.CanCoerce(t, p.typ) {
			return false
		}
	}
	return true
}

// narrowerThan reports whether what a routine takes another one takes too.
func (r *routine) narrowerThan(o *routine) bool {
	for i, p := range r.params {
		if !types.CanCoerce(p.typ, o.params[i].typ) {
			return false
		}
	}
	return true
}

// inline returns what a routine computes of arguments, which have the types of its parameters. Every argument is evaluated
// once.
func (b *binder) inline(r *routine, args []plan.Expr) (plan.Expr, error) {
	for _, caller := range b.calling {
		if caller.spec == r.spec || r.stored != "" && caller.stored == r.stored && caller.signature == r.signature {
			err := trinoerr.New(trinoerr.NotSupported, "Recursive language functions are not supported: %s(%s):%s",
				r.name, r.signature, typeSignature(r.spec.Returns))
			if r.stored == "" {
				err.Pos = r.spec.Pos()
			}
			return nil, err
		}
	}
	inner := *b
	inner.calling = append(slices.Clip(b.calling), r)
	inner.ctes, inner.params, inner.describing, inner.routines = nil, nil, nil, r.scope
	inner.env.Session.Path = r.path
	c := &routineCompiler{b: &inner, r: r}
	values := make([]plan.Expr, len(args))
	params := make([]*plan.Symbol, len(args))
	for i, a := range args {
		values[i] = a
		if !simple(a) {
			params[i] = b.syms.New(r.params[i].name, r.params[i].typ)
			values[i] = &plan.Ref{Sym: params[i]}
		}
	}
	body, err := c.body(values)
	if err != nil {
		if e, ok := errors.AsType[*trinoerr.Error](err); ok && r.stored != "" {
			located := *e
			located.Pos = trinoerr.Position{}
			err = &located
		}
		return nil, err
	}
	for i, p := range slices.Backward(params) {
		switch {
		case p == nil:
		case usedOnce(body, p):
			body = replaceRefs(body, map[*plan.Symbol]plan.Expr{p: args[i]})
		default:
			body = let(args[i], p, body)
		}
	}
	return body, nil
}

// simple reports whether an expression costs nothing to write more than once, and cannot fail.
func simple(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Const, *plan.Ref:
		return true
	case *plan.Field:
		return simple(e.Row)
	case *plan.Cast:
		return e.Implicit && simple(e.Arg)
	}
	return false
}

// let gives a value a name in an expression.
func let(value plan.Expr, name *plan.Symbol, in plan.Expr) plan.Expr {
	return &plan.Call{Name: "$let", Variant: "$let(T, function(T,R))", Typ: in.Type(),
		Args: []plan.Expr{value, &plan.Lambda{Params: []*plan.Symbol{name}, Body: in}}}
}

// replaceRefs puts expressions in the places of symbols.
func replaceRefs(e plan.Expr, with map[*plan.Symbol]plan.Expr) plan.Expr {
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		if ref, ok := e.(*plan.Ref); ok {
			if value, ok := with[ref.Sym]; ok {
				return value
			}
		}
		return e
	})
}

// usedOnce reports whether an expression reads a symbol at exactly one place, which is evaluated always and only once.
func usedOnce(e plan.Expr, s *plan.Symbol) bool {
	all := 0
	plan.FreeSymbols(e, func(found *plan.Symbol) {
		if found == s {
			all++
		}
	})
	always := 0
	plan.WalkExpr(e, func(e plan.Expr) bool {
		switch e := e.(type) {
		case *plan.Ref:
			if e.Sym == s {
				always++
			}
		case *plan.Lambda, *plan.Case, *plan.Coalesce, *plan.NullIf, *plan.Logical, *plan.In, *plan.Between, *plan.Try:
			return false
		}
		return true
	})
	return all == 1 && always == 1
}
