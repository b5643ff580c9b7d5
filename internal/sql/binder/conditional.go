package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// conditional binds the forms that evaluate only some of their operands.
func (x *exprBinder) conditional(e ast.Expression) (plan.Expr, error) {
	switch e := e.(type) {
	case *ast.SimpleCase:
		return x.simpleCase(e)
	case *ast.SearchedCase:
		return x.searchedCase(e)
	case *ast.If:
		return x.ifThen(e)
	case *ast.NullIf:
		return x.nullIf(e)
	case *ast.Coalesce:
		args, t, err := x.sameType(e.Operands, "All COALESCE operands")
		if err != nil {
			return nil, err
		}
		return &plan.Coalesce{Args: args, Typ: t}, nil
	case *ast.Try:
		if x.pattern != nil {
			return nil, errAt(e, trinoerr.NotSupported, "TRY expression in pattern recognition context is not yet supported")
		}
		arg, err := x.expr(e.Value)
		if err != nil {
			return nil, err
		}
		return &plan.Try{Arg: arg}, nil
	}
	return nil, unsupported(e, "Expression")
}

// simpleCase becomes a searched CASE with comparisons.
func (x *exprBinder) simpleCase(e *ast.SimpleCase) (plan.Expr, error) {
	operand, err := x.expr(e.Operand)
	if err != nil {
		return nil, err
	}
	nodes, items := []ast.Node{e.Operand}, []plan.Expr{operand}
	for _, w := range e.Whens {
		v, err := x.expr(w.Operand)
		if err != nil {
			return nil, err
		}
		nodes, items = append(nodes, w.Operand), append(items, v)
	}
	t, err := unify(nodes, items, "CASE operand type and WHEN clause operand types")
	if err != nil {
		for i, item := range items[1:] {
			if _, ok := types.CommonSuperType(operand.Type(), item.Type()); !ok {
				return nil, errAt(nodes[i+1], trinoerr.TypeMismatch,
					"CASE operand type does not match WHEN clause operand type: %s vs %s", operand.Type(), item.Type())
			}
		}
		return nil, err
	}
	if !t.Comparable() {
		return nil, errAt(e, trinoerr.TypeMismatch, "Type '%s' is not comparable, and therefore cannot be used in CASE", t)
	}
	return x.once(items[0], func(operand plan.Expr) (plan.Expr, error) {
		conds := make([]plan.Expr, len(e.Whens))
		for i := range conds {
			conds[i] = &plan.Compare{Op: plan.Eq, Left: operand, Right: items[i+1]}
		}
		return x.arms(e.Whens, conds, e.Default)
	})
}

// once makes an expression that uses a value several times. One that would differ each time becomes the parameter of a
// lambda.
func (x *exprBinder) once(value plan.Expr, use func(plan.Expr) (plan.Expr, error)) (plan.Expr, error) {
	if !volatile(value) {
		return use(value)
	}
	param := x.b.syms.New("value", value.Type())
	body, err := use(&plan.Ref{Sym: param})
	if err != nil {
		return nil, err
	}
	lambda := &plan.Lambda{Params: []*plan.Symbol{param}, Body: body}
	list := &plan.MakeArray{Elems: []plan.Expr{value}, Typ: types.ArrayOf(value.Type())}
	results := &plan.Call{Name: "transform", Variant: "transform(array(T), function(T,U))", Typ: types.ArrayOf(body.Type()),
		Args: []plan.Expr{list, lambda}}
	return call(nil, "$subscript", results, &plan.Const{Typ: bigint, Value: int64(1)})
}

// volatile reports whether an expression may give another value each time.
func volatile(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.Call); ok {
			f := functions.Lookup(c.Variant)
			found = found || f != nil && f.Nondeterministic
		}
		return !found
	})
	return found
}

func (x *exprBinder) searchedCase(e *ast.SearchedCase) (plan.Expr, error) {
	conds := make([]plan.Expr, len(e.Whens))
	for i, w := range e.Whens {
		var err error
		if conds[i], err = x.boolean(w.Operand, "CASE WHEN clause"); err != nil {
			return nil, err
		}
	}
	return x.arms(e.Whens, conds, e.Default)
}

// arms binds the results of a CASE.
func (x *exprBinder) arms(whens []*ast.WhenClause, conds []plan.Expr, deflt ast.Expression) (plan.Expr, error) {
	var results []ast.Expression
	for _, w := range whens {
		results = append(results, w.Result)
	}
	if deflt != nil {
		results = append(results, deflt)
	}
	items, t, err := x.sameType(results, "All CASE results")
	if err != nil {
		return nil, err
	}
	out := &plan.Case{Typ: t}
	for i, c := range conds {
		out.Whens = append(out.Whens, plan.When{Cond: c, Result: items[i]})
	}
	if deflt != nil {
		out.Else = items[len(items)-1]
	}
	return out, nil
}

func (x *exprBinder) ifThen(e *ast.If) (plan.Expr, error) {
	cond, err := x.boolean(e.Condition, "IF condition")
	if err != nil {
		return nil, err
	}
	then, err := x.expr(e.Then)
	if err != nil {
		return nil, err
	}
	if e.Else == nil {
		return &plan.Case{Whens: []plan.When{{Cond: cond, Result: then}}, Typ: then.Type()}, nil
	}
	other, err := x.expr(e.Else)
	if err != nil {
		return nil, err
	}
	t, ok := types.CommonSuperType(then.Type(), other.Type())
	if !ok {
		return nil, errAt(e, trinoerr.TypeMismatch, "Result types for IF must be the same: %s vs %s", then.Type(), other.Type())
	}
	return &plan.Case{Whens: []plan.When{{Cond: cond, Result: coerce(then, t)}}, Else: coerce(other, t), Typ: t}, nil
}

// nullIf keeps the type of its first operand. When the comparison needs another type it becomes a CASE.
func (x *exprBinder) nullIf(e *ast.NullIf) (plan.Expr, error) {
	es, err := x.exprs([]ast.Expression{e.First, e.Second})
	if err != nil {
		return nil, err
	}
	t, ok := types.CommonSuperType(es[0].Type(), es[1].Type())
	if !ok || !t.Comparable() {
		return nil, errAt(e, trinoerr.TypeMismatch, "Types are not comparable with NULLIF: %s vs %s", es[0].Type(), es[1].Type())
	}
	if isNullConst(es[0]) {
		return es[0], nil
	}
	return x.once(es[0], func(first plan.Expr) (plan.Expr, error) {
		if first.Type().Equal(t) {
			return &plan.NullIf{First: first, Second: coerce(es[1], t)}, nil
		}
		equal := &plan.Compare{Op: plan.Eq, Left: coerce(first, t), Right: coerce(es[1], t)}
		return &plan.Case{
			Whens: []plan.When{{Cond: equal, Result: &plan.Const{Typ: first.Type()}}},
			Else:  first, Typ: first.Type(),
		}, nil
	})
}
