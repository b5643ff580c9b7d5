package binder

import (
	"errors"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maxInteger is the largest integer literal that is of type integer; larger ones are bigint.
const (
	maxInteger = 1<<31 - 1
	minInteger = -1 << 31
)

// literal binds a literal.
func (b *binder) literal(e ast.Expression) (plan.Expr, error) {
	switch e := e.(type) {
	case *ast.NullLiteral:
		return &plan.Const{Typ: unknownType}, nil
	case *ast.BooleanLiteral:
		return &plan.Const{Typ: boolType, Value: e.Value}, nil
	case *ast.StringLiteral:
		return stringConst(e.Value), nil
	case *ast.BinaryLiteral:
		return &plan.Const{Typ: types.Of(types.Varbinary), Value: e.Value}, nil
	case *ast.LongLiteral:
		return integerConst(e.Value), nil
	case *ast.DecimalLiteral:
		t, v, err := types.ParseDecimal(e.Text)
		if err != nil {
			return nil, errAt(e, trinoerr.InvalidLiteral, "Invalid decimal literal: %s", e.Text)
		}
		return &plan.Const{Typ: t, Value: v}, nil
	case *ast.DoubleLiteral:
		return &plan.Const{Typ: double, Value: e.Value}, nil
	case *ast.GenericLiteral:
		return genericLiteral(e)
	case *ast.IntervalLiteral:
		t, v, err := types.ParseInterval(e.Value, e.Negative, string(e.From), string(e.To))
		if err != nil {
			return nil, located(e, err)
		}
		return &plan.Const{Typ: t, Value: v}, nil
	}
	return nil, unsupported(e, "Literal")
}

func integerConst(v int64) *plan.Const {
	if v < minInteger || v > maxInteger {
		return &plan.Const{Typ: bigint, Value: v}
	}
	return &plan.Const{Typ: integer, Value: v}
}

// stringConst is a varchar with the length of its text.
func stringConst(s string) *plan.Const {
	return &plan.Const{Typ: types.VarcharN(utf8.RuneCountInString(s)), Value: s}
}

// varcharConst is a varchar without a length, as the columns of SHOW and information_schema have them.
func varcharConst(s string) *plan.Const { return &plan.Const{Typ: varcharType, Value: s} }

// genericLiteral binds DATE '2020-01-01' and its like.
func genericLiteral(e *ast.GenericLiteral) (plan.Expr, error) {
	t, err := types.Parse(e.Type.Value)
	if err != nil {
		return nil, errAt(e, trinoerr.TypeNotFound, "Unknown type: %s", e.Type.Value)
	}
	t, v, err := types.ParseLiteral(t, e.Value)
	if err != nil {
		return nil, located(e, err)
	}
	return &plan.Const{Typ: t, Value: v}, nil
}

// dataType resolves a type as written.
func dataType(n ast.Node, d ast.DataType) (types.Type, error) {
	text := typeText(d)
	t, err := types.Parse(text)
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, types.ErrUnknownType):
		return t, errAt(n, trinoerr.TypeMismatch, "Unknown type: %s", text)
	}
	return t, err
}
