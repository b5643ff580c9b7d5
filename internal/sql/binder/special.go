package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// specials returns the functions whose value or type only the statement knows.
func specials(name string) func(*exprBinder, *ast.FunctionCall) (plan.Expr, error) {
	switch name {
	case "now":
		return (*exprBinder).now
	case "current_timezone":
		return (*exprBinder).currentTimeZone
	case "typeof":
		return (*exprBinder).typeOf
	case "version":
		return (*exprBinder).version
	case "format":
		return (*exprBinder).format
	}
	return nil
}

// trinoVersion is the version of Trino whose dialect this is.
const trinoVersion = "476"

func isSpecialFunction(name string) bool { return specials(name) != nil }

// special binds a function that is no entry of the table; ok is false for all others.
func (x *exprBinder) special(e *ast.FunctionCall, name string) (out plan.Expr, ok bool, err error) {
	bind := specials(name)
	if bind == nil {
		return nil, false, nil
	}
	out, err = bind(x, e)
	return out, true, err
}

// noArguments refuses arguments.
func (x *exprBinder) noArguments(e *ast.FunctionCall) error {
	if len(e.Arguments) == 0 {
		return nil
	}
	args, err := x.exprs(e.Arguments)
	if err != nil {
		return err
	}
	name := functionName(e.Name)
	return errAt(e, trinoerr.FunctionNotFound, "Unexpected parameters (%s) for function %s. Expected: %s()",
		typeNames(args), name, name)
}

func typeNames(args []plan.Expr) string {
	var s strings.Builder
	for i, a := range args {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(a.Type().String())
	}
	return s.String()
}

func (x *exprBinder) now(e *ast.FunctionCall) (plan.Expr, error) {
	if err := x.noArguments(e); err != nil {
		return nil, err
	}
	return x.b.now(e, ast.CurrentTimestamp, defaultPrecision)
}

func (x *exprBinder) currentTimeZone(e *ast.FunctionCall) (plan.Expr, error) {
	if err := x.noArguments(e); err != nil {
		return nil, err
	}
	zone := x.b.env.Session.TimeZone
	if zone == "" {
		zone = string(types.UTC)
	}
	return varcharConst(zone), nil
}

func (x *exprBinder) version(e *ast.FunctionCall) (plan.Expr, error) {
	if err := x.noArguments(e); err != nil {
		return nil, err
	}
	return varcharConst(trinoVersion), nil
}

// typeOf is the name of its argument's type.
func (x *exprBinder) typeOf(e *ast.FunctionCall) (plan.Expr, error) {
	const unexpected = "Unexpected parameters (%s) for function typeof. Expected: typeof(t) T"
	if len(e.Arguments) == 1 {
		if _, ok := e.Arguments[0].(*ast.Lambda); ok {
			return nil, errAt(e, trinoerr.FunctionNotFound, unexpected, "<function>")
		}
	}
	args, err := x.exprs(e.Arguments)
	if err != nil {
		return nil, err
	}
	if len(args) != 1 {
		return nil, errAt(e, trinoerr.FunctionNotFound, unexpected, typeNames(args))
	}
	return varcharConst(args[0].Type().String()), nil
}
