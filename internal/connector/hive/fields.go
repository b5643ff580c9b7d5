package hive

import (
	"cmp"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
)

// ReadsFields says that fields of rows can be read alone: they are columns of their own in Parquet.
func (c *Connector) ReadsFields() {}

// fileColumns finds columns of the table, and fields within them, in a file; partitioning and hidden columns have no field.
func (c *Connector) fileColumns(t *table, f *lake.Footer, columns []connector.Column) []lake.Column {
	out := make([]lake.Column, len(columns))
	for i, col := range columns {
		position := slices.IndexFunc(t.columns, func(data connector.Column) bool { return data.Name == cmp.Or(col.Base, col.Name) })
		if position < 0 {
			out[i].Column = col
			continue
		}
		m := lake.Match{Position: position, Type: t.columns[position].Type}
		if c.useColumnNames {
			m.Name = t.columns[position].Name
		}
		out[i] = f.Find(col, m)
	}
	return out
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
