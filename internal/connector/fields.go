package connector

import (
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// FieldReader is a connector that can read a field within a row without the rest of the row: its scans may have columns with a Base, and
// constraints on those.
type FieldReader interface{ ReadsFields() }

// FieldColumn is a column of a scan that is a field within a column of the table.
func FieldColumn(c Column, path []int) Column {
	out := Column{Name: c.Name, Type: c.Type, Hidden: c.Hidden, Base: c.Name, Fields: path}
	for _, i := range path {
		out.Name, out.Type = out.Name+"."+FieldName(out.Type, i), out.Type.Elem(i)
	}
	return out
}

// FieldName is the name of a field of a row, or one in its place if it has none.
func FieldName(row types.Type, i int) string {
	if name := row.Args[i].Name; name != "" {
		return name
	}
	return "field" + strconv.Itoa(i)
}
