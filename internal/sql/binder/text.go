package binder

import (
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
)

func itoa(i int) string { return strconv.Itoa(i) }

// exprText writes an expression as messages show it.
func exprText(e ast.Expression) string { return format.Expression(e) }

// typeText writes a type as types.Parse reads it.
func typeText(d ast.DataType) string { return format.DataType(d) }
