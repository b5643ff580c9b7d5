package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// subquery binds a query inside an expression; it sees the expression's columns as outer ones.
func (x *exprBinder) subquery(q *ast.Query) (*relation, error) {
	return x.b.query(q, x.scope, true)
}

// inLambda refuses a subquery inside of a lambda expression, as Trino does.
func (x *exprBinder) inLambda(n ast.Node) error {
	if len(x.parameters()) == 0 {
		return nil
	}
	return errAt(n, trinoerr.NotSupported, "Lambda expression cannot contain subqueries")
}

// parameters are those of the lambda expressions around an expression, of its own query.
func (x *exprBinder) parameters() map[*plan.Symbol]bool {
	out := map[*plan.Symbol]bool{}
	for s := x.scope; s != nil && !s.boundary; s = s.parent {
		if s.lambda {
			for _, f := range s.fields {
				out[f.sym] = true
			}
		}
	}
	return out
}

// boundQuery is what a subquery's text means in a scope: equal ones of a SELECT that groups are the same plan, so that one can
// be a grouping key and appear in the outputs.
type boundQuery struct {
	scope *scope
	text  string
}

// known binds a subquery predicate or value, or returns what an equal one was bound to.
func (x *exprBinder) known(e ast.Expression, bind func() (plan.Expr, error)) (plan.Expr, error) {
	if x.pattern != nil {
		return bind() // what it compares may be read at another row
	}
	if x.windows == nil || x.windows.query == nil || x.windows.query.GroupBy == nil {
		return bind()
	}
	key := boundQuery{x.scope, exprText(e)}
	if out, ok := x.b.subqueries[key]; ok {
		return out, nil
	}
	out, err := bind()
	if err == nil {
		x.b.subqueries[key] = out
	}
	return out, err
}

// single returns a plan with exactly one column: of several it makes a row.
func (b *binder) single(rel *relation) plan.Node {
	fields := rel.visible()
	if len(fields) == 1 {
		node, _ := b.aligned(rel)
		return node
	}
	t := types.RowOf()
	row := &plan.MakeRow{}
	for _, f := range fields {
		t.Args = append(t.Args, types.Field{Name: f.name, Type: f.sym.Type})
		row.Fields = append(row.Fields, &plan.Ref{Sym: f.sym})
	}
	row.Typ = t
	return &plan.Project{Source: rel.node, Cols: []plan.Assignment{{Sym: b.syms.New("row", t), Expr: row}}}
}

// scalarSubquery binds (query) as a value.
func (x *exprBinder) scalarSubquery(e *ast.SubqueryExpression) (plan.Expr, error) {
	if err := x.inLambda(e); err != nil {
		return nil, err
	}
	rel, err := x.subquery(e.Query)
	if err != nil {
		return nil, err
	}
	return &plan.ScalarSubquery{Plan: x.b.single(rel)}, nil
}

func (x *exprBinder) exists(e *ast.Exists) (plan.Expr, error) {
	rel, err := x.subquery(e.Query)
	if err != nil {
		return nil, err
	}
	if params := x.parameters(); len(params) > 0 {
		var read *plan.Symbol
		plan.FreeSymbolsOfPlan(rel.node, func(s *plan.Symbol) {
			if params[s] {
				read = s
			}
		})
		if read != nil {
			return nil, errAt(x.b.outerRefs[read], trinoerr.NotSupported, "EXISTS inside a lambda expression cannot read its parameter '%s'", read.Name)
		}
	}
	return &plan.Exists{Plan: rel.node}, nil
}

// inSubquery binds value IN (query).
func (x *exprBinder) inSubquery(e *ast.InSubquery) (plan.Expr, error) {
	arg, sub, err := x.predicate(e, e, e.Value, e.Query)
	if err != nil {
		return nil, err
	}
	if !arg.Type().Comparable() {
		return nil, errAt(e, trinoerr.TypeMismatch, "Type '%s' is not comparable, and therefore cannot be used in IN", arg.Type())
	}
	return &plan.InSubquery{Arg: arg, Plan: sub}, nil
}

// quantified binds value op ALL|ANY (query). = ANY is IN, and <> ALL its negation.
func (x *exprBinder) quantified(e *ast.QuantifiedComparison) (plan.Expr, error) {
	arg, sub, err := x.predicate(e, e.Query, e.Value, e.Query)
	if err != nil {
		return nil, err
	}
	all := e.Quantifier == ast.QuantifierAll
	switch e.Op {
	case ast.OpEqual, ast.OpNotEqual:
		if !arg.Type().Comparable() {
			return nil, errAt(e.Value, trinoerr.TypeMismatch, "Type [%s] must be comparable in order to be used in quantified comparison", arg.Type())
		}
		if (e.Op == ast.OpEqual) != all {
			in := &plan.InSubquery{Arg: arg, Plan: sub}
			if all {
				return &plan.Not{Arg: in}, nil
			}
			return in, nil
		}
	default:
		if !arg.Type().Orderable() {
			return nil, errAt(e.Value, trinoerr.TypeMismatch, "Type [%s] must be orderable in order to be used in quantified comparison", arg.Type())
		}
	}
	return &plan.Quantified{Arg: arg, Op: plan.CompareOp(e.Op), All: all, Plan: sub}, nil
}

// predicate binds both sides of a comparison with a query's rows and coerces them to a common type. The query is said to be at another
// node than the comparison.
func (x *exprBinder) predicate(n, at ast.Node, value ast.Expression, q *ast.Query) (plan.Expr, plan.Node, error) {
	arg, err := x.expr(value)
	if err != nil {
		return nil, nil, err
	}
	if err := x.inLambda(at); err != nil {
		return nil, nil, err
	}
	rel, err := x.subquery(q)
	if err != nil {
		return nil, nil, err
	}
	have, want := arg.Type(), rowType(rel)
	if have.Kind != types.Row && have.Kind != types.Unknown {
		have = types.RowOf(types.Field{Type: have})
	}
	common, ok := types.CommonSuperType(have, want)
	if !ok {
		return nil, nil, errAt(n, trinoerr.TypeMismatch,
			"Value expression and result of subquery must be of the same type: %s vs %s", have, want)
	}
	if len(common.Args) == 1 {
		// Rows of one field are compared as what is in them.
		common = common.Elem(0)
		arg = onlyField(arg)
	}
	sub := x.b.single(rel)
	if out := sub.Outputs()[0]; !out.Type.Equal(common) {
		sub = &plan.Project{Source: sub, Cols: []plan.Assignment{{
			Sym: x.b.syms.New(out.Name, common), Expr: coerce(&plan.Ref{Sym: out}, common)}}}
	}
	return coerce(arg, common), sub, nil
}

// onlyField takes the field out of a row that has one; what is no row is a field already.
func onlyField(e plan.Expr) plan.Expr {
	if r, ok := e.(*plan.MakeRow); ok {
		return r.Fields[0]
	}
	if t := e.Type(); t.Kind == types.Row {
		return &plan.Field{Row: e, Index: 0, Typ: t.Elem(0)}
	}
	return e
}

// rowType is the type of a relation's rows.
func rowType(rel *relation) types.Type {
	t := types.RowOf()
	for _, f := range rel.visible() {
		t.Args = append(t.Args, types.Field{Name: f.name, Type: f.sym.Type})
	}
	return t
}
