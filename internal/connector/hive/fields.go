package hive

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fileColumn is a column of a scan together with where a file has it.
type fileColumn struct {
	column connector.Column
	// field is the column, or the field within one: nil when the file does not have it.
	field *field
	// top is the column of the file that field is, or is within; path are the names of the fields between, as the file spells them.
	top  *field
	path []string
}

// ReadsFields says that fields of rows can be read alone: they are columns of their own in Parquet.
func (c *Connector) ReadsFields() {}

// fileColumns finds columns of the table, and fields within them, in a file; positions of partitioning and hidden columns have no field.
func (c *Connector) fileColumns(t *table, f *footer, columns []connector.Column) []fileColumn {
	out := make([]fileColumn, len(columns))
	for i, col := range columns {
		out[i].column = col
		position := slices.IndexFunc(t.columns, func(data connector.Column) bool { return data.Name == cmp.Or(col.Base, col.Name) })
		if position < 0 {
			continue
		}
		if c.useColumnNames {
			out[i].top = f.field(t.columns[position].Name)
		} else if position < len(f.fields) {
			out[i].top = &f.fields[position]
		}
		out[i].field = out[i].top
		if out[i].field != nil && col.Base != "" {
			out[i].goDown(t.columns[position].Type)
		}
	}
	return out
}

// goDown looks for the field of a column that is a field, in the column of the file, which the table has with the type t. A column that
// is no row is left where it is: reading it fails as if all of it had been asked for.
func (c *fileColumn) goDown(t types.Type) {
	for _, i := range c.column.Fields {
		if e := &c.field.schema[0]; e.Type.Valid || e.LogicalType.Value != nil || converted(e) != -1 {
			c.column.Type = t
			return
		}
		name := t.Args[i].Name
		if c.field = c.field.child(name); c.field == nil {
			return
		}
		c.path = append(c.path, c.field.name)
		t = t.Elem(i)
	}
}

// child finds a field of a row by name, in any case; nil when there is none that has one value.
func (f *field) child(name string) *field {
	leaf := f.from
	for i := 1; i < len(f.schema); {
		from := leaf
		end, ok := subtree(f.schema, i, &leaf, maxNesting)
		if !ok {
			return nil
		}
		e := &f.schema[i]
		if strings.EqualFold(e.Name, name) && !(e.RepetitionType.Valid && e.RepetitionType.V == format.Repeated) {
			return &field{name: e.Name, from: from, to: leaf, schema: f.schema[i:end]}
		}
		i = end
	}
	return nil
}

// constrainable are the columns that a constraint of a scan may be about: fields that it reads, and all columns of files.
func constrainable(t *table, read []connector.Column) (out []connector.Column) {
	for _, c := range read {
		if c.Base != "" {
			out = append(out, c)
		}
	}
	fields := len(out)
	for _, c := range t.columns {
		if !slices.ContainsFunc(out[:fields], func(f connector.Column) bool { return f.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}
