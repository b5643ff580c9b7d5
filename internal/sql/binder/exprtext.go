package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// exprText writes an expression as messages show it.
func exprText(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.Identifier:
		return e.Value
	case *ast.Dereference:
		return exprText(e.Base) + "." + e.Field.Value
	case *ast.LongLiteral:
		return e.Text
	case *ast.DecimalLiteral:
		return "DECIMAL '" + e.Text + "'"
	case *ast.StringLiteral:
		return "'" + strings.ReplaceAll(e.Value, "'", "''") + "'"
	case *ast.ArithmeticUnary:
		return "-(" + exprText(e.Value) + ")"
	case *ast.ArithmeticBinary:
		return "(" + exprText(e.Left) + " " + string(e.Op) + " " + exprText(e.Right) + ")"
	case *ast.Comparison:
		return "(" + exprText(e.Left) + " " + string(e.Op) + " " + exprText(e.Right) + ")"
	case *ast.FunctionCall:
		args := make([]string, len(e.Arguments))
		for i, a := range e.Arguments {
			args[i] = exprText(a)
		}
		inner := strings.Join(args, ", ")
		if e.Star {
			inner = "*"
		}
		return strings.ToLower(e.Name.Suffix()) + "(" + inner + ")"
	}
	return "expression"
}
