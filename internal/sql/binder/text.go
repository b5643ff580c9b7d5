package binder

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func itoa(i int) string { return strconv.Itoa(i) }

// typeText writes a type as types.Parse reads it.
func typeText(d ast.DataType) string {
	switch d := d.(type) {
	case *ast.GenericType:
		name := d.Name.Value
		if len(d.Arguments) == 0 {
			return name
		}
		args := make([]string, len(d.Arguments))
		for i, a := range d.Arguments {
			args[i] = typeArgumentText(a)
		}
		return name + "(" + strings.Join(args, ", ") + ")"
	case *ast.DateTimeType:
		name := "time"
		if d.Timestamp {
			name = "timestamp"
		}
		if d.Precision != nil {
			name += "(" + typeArgumentText(d.Precision) + ")"
		}
		if d.WithTimeZone {
			name += " with time zone"
		}
		return name
	case *ast.IntervalType:
		return "interval " + strings.ToLower(string(d.From)) + " to " + strings.ToLower(string(d.To))
	case *ast.RowType:
		fields := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			fields[i] = typeText(f.Type)
			if f.Name != nil {
				fields[i] = `"` + strings.ReplaceAll(rowFieldName(f.Name), `"`, `""`) + `" ` + fields[i]
			}
		}
		return "row(" + strings.Join(fields, ", ") + ")"
	}
	return ""
}

// rowFieldName keeps the case of a field's name only within quotes.
func rowFieldName(id *ast.Identifier) string {
	if id.Delimited {
		return id.Value
	}
	return strings.ToLower(id.Value)
}

func typeArgumentText(a ast.TypeArgument) string {
	switch a := a.(type) {
	case *ast.NumericTypeArgument:
		return a.Value
	case *ast.TypeTypeArgument:
		return typeText(a.Type)
	}
	return ""
}
