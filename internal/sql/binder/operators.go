package binder

import (
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// arithmeticFunctions are the functions behind the operators.
var arithmeticFunctions = map[ast.ArithmeticOp]string{
	ast.Add: "$add", ast.Subtract: "$subtract", ast.Multiply: "$multiply", ast.Divide: "$divide", ast.Modulus: "$modulus",
}

// operator binds a call of an operator function.
func (x *exprBinder) operator(n ast.Node, name string, operands ...ast.Expression) (plan.Expr, error) {
	args, err := x.exprs(operands)
	if err != nil {
		return nil, err
	}
	return call(n, name, args...)
}

// call resolves a scalar function for bound arguments and coerces them.
func call(n ast.Node, name string, args ...plan.Expr) (plan.Expr, error) {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	r, err := functions.Resolve(name, ts)
	if err != nil {
		return nil, located(n, err)
	}
	return applied(r, args), checkResult(n, r)
}

// maxCharLength is the longest that a char can be.
const maxCharLength = 65536

// checkResult refuses results of types that there are not.
func checkResult(n ast.Node, r functions.Resolved) error {
	if t := r.Result; t.Kind == types.Char && t.P > maxCharLength {
		return errAt(n, trinoerr.TypeNotFound, "Unknown type: %s", t)
	}
	return nil
}

// applied makes a call of a resolved function.
func applied(r functions.Resolved, args []plan.Expr) plan.Expr {
	return &plan.Call{Name: r.Function.Name, Variant: r.Variant, Args: coerceAll(args, r.Args), Typ: r.Result}
}

func coerceAll(args []plan.Expr, ts []types.Type) []plan.Expr {
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		out[i] = a
		if _, lambda := a.(*plan.Lambda); !lambda {
			out[i] = coerce(a, ts[i])
		}
	}
	return out
}

// unary binds + and -.
func (x *exprBinder) unary(e *ast.ArithmeticUnary) (plan.Expr, error) {
	if e.Negative {
		return x.operator(e, "$negate", e.Value)
	}
	arg, err := x.expr(e.Value)
	if err != nil {
		return nil, err
	}
	switch arg.Type().Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double:
		return arg, nil
	}
	return nil, errAt(e, trinoerr.TypeMismatch, "Unary '+' operator cannot by applied to %s type", arg.Type())
}

// comparison binds =, <, IS DISTINCT FROM and so on.
func (x *exprBinder) comparison(e *ast.Comparison) (plan.Expr, error) {
	sides, err := x.exprs([]ast.Expression{e.Left, e.Right})
	if err != nil {
		return nil, err
	}
	return compare(e, e.Op, sides[0], sides[1])
}

// compare coerces both sides to their common type.
func compare(n ast.Node, op ast.ComparisonOp, left, right plan.Expr) (plan.Expr, error) {
	common, ok := types.CommonSuperType(left.Type(), right.Type())
	if ok {
		switch op {
		case ast.OpEqual, ast.OpNotEqual, ast.OpDistinctFrom:
			ok = common.Comparable()
		default:
			ok = common.Orderable()
		}
	}
	if !ok {
		return nil, errAt(n, trinoerr.TypeMismatch, "Cannot apply operator: %s %s %s", left.Type(), op, right.Type())
	}
	return &plan.Compare{Op: plan.CompareOp(op), Left: coerce(left, common), Right: coerce(right, common)}, nil
}

// logical binds a chain of AND or OR.
func (x *exprBinder) logical(e *ast.Logical) (plan.Expr, error) {
	out := &plan.Logical{Or: e.Op == ast.Or}
	for _, t := range e.Terms {
		arg, err := x.boolean(t, "Logical expression term")
		if err != nil {
			return nil, err
		}
		out.Terms = append(out.Terms, arg)
	}
	return out, nil
}

// between binds value BETWEEN min AND max.
func (x *exprBinder) between(e *ast.Between) (plan.Expr, error) {
	es, err := x.exprs([]ast.Expression{e.Value, e.Min, e.Max})
	if err != nil {
		return nil, err
	}
	common, ok := types.CommonSuperType(es[0].Type(), es[1].Type())
	if ok {
		common, ok = types.CommonSuperType(common, es[2].Type())
	}
	if !ok {
		return nil, errAt(e, trinoerr.TypeMismatch, "Cannot check if %s is BETWEEN %s and %s",
			es[0].Type(), es[1].Type(), es[2].Type())
	}
	if !common.Orderable() {
		return nil, errAt(e, trinoerr.TypeMismatch, "Cannot check if %s is BETWEEN %s and %s",
			es[0].Type(), es[1].Type(), es[2].Type())
	}
	return &plan.Between{Arg: coerce(es[0], common), Low: coerce(es[1], common), High: coerce(es[2], common)}, nil
}

// inList binds value IN (a, b, …).
func (x *exprBinder) inList(e *ast.InList) (plan.Expr, error) {
	es, t, err := x.sameType(append([]ast.Expression{e.Value}, e.List...), "IN value and list items")
	if err != nil {
		return nil, err
	}
	if !t.Comparable() {
		return nil, errAt(e, trinoerr.TypeMismatch, "Type '%s' is not comparable, and therefore cannot be used in IN", t)
	}
	return &plan.In{Arg: es[0], List: es[1:]}, nil
}

// like binds value LIKE pattern [ESCAPE escape].
func (x *exprBinder) like(e *ast.Like) (plan.Expr, error) {
	value, err := x.text(e.Value, "Left side of LIKE expression", true)
	if err != nil {
		return nil, err
	}
	pattern, err := x.text(e.Pattern, "Pattern for LIKE expression", false)
	if err != nil {
		return nil, err
	}
	out := &plan.Like{Arg: value, Pattern: pattern}
	if e.Escape != nil {
		if out.Escape, err = x.text(e.Escape, "Escape for LIKE expression", false); err != nil {
			return nil, err
		}
		if lit, ok := e.Escape.(*ast.StringLiteral); ok && utf8.RuneCountInString(lit.Value) != 1 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Escape string must be a single character")
		}
	}
	return out, nil
}

// text binds an operand of LIKE.
func (x *exprBinder) text(e ast.Expression, what string, charToo bool) (plan.Expr, error) {
	arg, err := x.expr(e)
	if err != nil {
		return nil, err
	}
	switch k := arg.Type().Kind; {
	case k == types.Varchar, k == types.Char && charToo:
		return arg, nil
	case k == types.Unknown:
		return coerce(arg, varcharType), nil
	}
	return nil, errAt(e, trinoerr.TypeMismatch, "%s must evaluate to a varchar (actual: %s)", what, arg.Type())
}
