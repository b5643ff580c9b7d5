package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// format binds FORMAT, whose arguments may have any types that have a text: each becomes a text that tells its type, and
// the list of them is formatted.
func (x *exprBinder) format(e *ast.FunctionCall) (plan.Expr, error) {
	args, err := x.exprs(e.Arguments)
	if err != nil {
		return nil, err
	}
	if len(args) < 2 {
		return nil, errAt(e, trinoerr.SyntaxError, "The 'format' function must have at least two arguments")
	}
	if t := args[0].Type(); t.Kind != types.Varchar {
		return nil, errAt(e.Arguments[0], trinoerr.TypeMismatch, "Type of first argument to format() must be VARCHAR (actual: %s)", t)
	}
	list := &plan.MakeArray{Typ: types.ArrayOf(types.Of(types.Varchar))}
	for i, a := range args[1:] {
		if !functions.CanFormat(a.Type()) {
			return nil, errAt(e.Arguments[i+1], trinoerr.NotSupported, "Type not supported for formatting: %s", a.Type())
		}
		r, err := functions.Resolve("$format_argument", []types.Type{a.Type()})
		if err != nil {
			return nil, located(e.Arguments[i+1], err)
		}
		list.Elems = append(list.Elems, applied(r, []plan.Expr{a}))
	}
	r, err := functions.Resolve("$format", []types.Type{args[0].Type(), list.Typ})
	if err != nil {
		return nil, located(e, err)
	}
	return applied(r, []plan.Expr{args[0], list}), nil
}
