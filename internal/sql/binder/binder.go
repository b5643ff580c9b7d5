// Package binder turns a statement's tree into a typed plan, or into a description of what to do for statements that are no
// query. It is one pass: scopes, names, types, implicit coercions, aggregation, windows and subqueries are resolved
// together, and every error carries Trino's name, wording and position.
//
// It asks connectors for metadata and nothing else: it starts nothing, changes nothing and knows neither stages nor DuckDB.
// Subqueries stay expressions that hold a plan, correlated or not. Start with Bind, then query.go and select.go for
// relations and expression.go for values.
package binder

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// binder is the state of binding one statement.
type binder struct {
	ctx  context.Context
	env  Env
	syms *plan.Symbols
	ctes *cteScope
	// views are those whose queries are being bound, outermost first; creating is the view that the statement makes.
	views    []objectName
	creating *objectName
	// routines are the functions that the statement declares.
	routines *routineScope
	// calling are the routines whose bodies are being bound.
	calling []*routine
	nextID  int // of common table expressions
	// params are the values of ? in the statement, as trees; describing is set for DESCRIBE INPUT and OUTPUT, where
	// parameters have no values.
	params     []ast.Expression
	describing *parameterTypes
	// info are the information_schema tables to fill once the whole plan, and so what is asked of them, is known.
	info map[*plan.Values]infoTable
	// origins are the table columns that symbols came from, for DESCRIBE OUTPUT.
	origins map[*plan.Symbol]origin
	// aliasedOutputs says which columns of the result have a name that the statement gave them.
	aliasedOutputs []bool
	// outerRefs remembers where a column of an outer query was named last, for messages.
	outerRefs map[*plan.Symbol]ast.Expression
	// subqueries are those that have been bound, by scope and text.
	subqueries map[boundQuery]plan.Expr
}

// Bind resolves a statement. The error is a *trinoerr.Error for everything that is the user's doing.
func Bind(ctx context.Context, stmt ast.Statement, env Env) (Bound, error) {
	b := newBinder(ctx, env)
	switch stmt.(type) {
	case *ast.Query, *ast.Insert, *ast.CreateTableAsSelect, *ast.Explain, *ast.ExplainAnalyze:
		if want := countParameters(stmt); want > len(env.Parameters) {
			return nil, errAt(stmt, trinoerr.InvalidParameterUsage, "Incorrect number of parameters: expected %d but found %d",
				want, len(env.Parameters))
		}
	}
	return b.statement(stmt)
}

func newBinder(ctx context.Context, env Env) *binder {
	return &binder{ctx: ctx, env: env, syms: plan.NewSymbols(nil), params: env.Parameters, info: map[*plan.Values]infoTable{},
		origins: map[*plan.Symbol]origin{}, outerRefs: map[*plan.Symbol]ast.Expression{}, subqueries: map[boundQuery]plan.Expr{}}
}

// origin is a column of a table.
type origin struct {
	objectName
	column string
}

// errAt returns an error tied to a node of the tree.
func errAt(n ast.Node, code *trinoerr.Code, format string, args ...any) error {
	return trinoerr.At(n.Pos(), code, format, args...)
}

// located ties an error that has an identity but no position to a node.
func located(n ast.Node, err error) error {
	e := trinoerr.From(err)
	if e == nil || e.Pos.Line > 0 {
		return err
	}
	c := *e
	c.Pos = n.Pos()
	return &c
}

// unsupported answers what Waterbear does not do.
func unsupported(n ast.Node, what string) error {
	return errAt(n, trinoerr.NotSupported, "%s is not supported", what)
}

// coerce inserts a cast where the types differ.
func coerce(e plan.Expr, t types.Type) plan.Expr {
	switch {
	case e.Type().Equal(t):
		return e
	case e.Type().Kind == types.Unknown:
		if c, ok := e.(*plan.Const); ok {
			if p, ok := c.Value.(unboundParameter); ok {
				p.types.set(p.index, t)
			}
			return &plan.Const{Typ: t}
		}
	}
	return &plan.Cast{Arg: e, Typ: t, Implicit: true}
}
