package lake

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Match says how a column of a table is found in files: by its number, its name or its position. A table's connector makes them.
type Match struct {
	// ID is the number of the field, when it is not zero.
	ID int
	// Name is the name of the field in files, in any case, when there is no ID.
	Name string
	// Position is, for a top-level column without ID and Name, its place among the columns of the file.
	Position int
	// Type is the type that the table has it with.
	Type types.Type
	// Parts are those of the type's arguments: the fields of a row, the element of an array, the key and value of a map. Nil: fields are
	// found by the names that the type gives them.
	Parts []Match
}

// part is the match of an argument of the type.
func (m Match) part(i int) Match {
	if m.Parts != nil {
		return m.Parts[i]
	}
	return Match{Name: m.Type.Args[i].Name, Type: m.Type.Elem(i)}
}

// Column is a column of a scan together with where a file has it.
type Column struct {
	connector.Column
	// Field is the column, or the field within one that Column.Fields leads to; nil when the file does not have it.
	Field *Field
	// Top is the column of the file that Field is, or is within; Path are the names of the fields between, as the file spells them.
	Top  *Field
	Path []string
	// Shape is how the file has the parts of the type; nil when as the type has them.
	Shape *connector.FileShape
}

// Find finds a column of a table, or a field within it, in a file.
func (f *Footer) Find(column connector.Column, m Match) Column {
	c := Column{Column: column}
	switch {
	case m.ID != 0 || m.Name != "":
		c.Top = m.among(f.Fields)
	case m.Position >= 0 && m.Position < len(f.Fields):
		c.Top = &f.Fields[m.Position]
	}
	c.Field = c.Top
	if c.Field != nil && column.Base != "" {
		m = c.goDown(m)
	}
	if c.Field != nil {
		c.Shape = m.shape(c.Field, maxNesting)
	}
	return c
}

// among finds a field among others; nil when it is not there.
func (m Match) among(fields []Field) *Field {
	n := slices.IndexFunc(fields, func(f Field) bool {
		if m.ID != 0 {
			id, ok := f.ID()
			return ok && id == m.ID
		}
		return strings.EqualFold(f.Name, m.Name)
	})
	if n < 0 {
		return nil
	}
	return &fields[n]
}

// goDown looks for the field of a column that is a field, in the column of the file. A column that is no row is left where it is: reading
// it fails as if all of it had been asked for.
func (c *Column) goDown(m Match) Match {
	for _, i := range c.Fields {
		if !c.Field.Row() {
			c.Column.Type = m.Type
			return m
		}
		m = m.part(i)
		if c.Field = m.among(c.Field.Fields()); c.Field == nil || c.Field.Repeated() {
			c.Field = nil
			return m
		}
		c.Path = append(c.Path, c.Field.Name)
	}
	return m
}

// shape says how a file has a value, when it does so otherwise than the type says; nil when not, or when it has something else altogether.
func (m Match) shape(f *Field, depth int) *connector.FileShape {
	if depth == 0 {
		return nil
	}
	s := &connector.FileShape{Name: f.Name, Parts: make([]connector.FileShape, len(m.Type.Args))}
	differs := false
	for i := range m.Type.Args {
		part := m.part(i)
		name := m.Type.Args[i].Name
		in := m.within(f, i)
		if in == nil {
			s.Parts[i] = connector.FileShape{Name: name, Missing: true}
			differs = differs || m.Type.Kind == types.Row
			continue
		}
		below := part.shape(in, depth-1)
		if below == nil {
			s.Parts[i] = connector.FileShape{Name: in.Name}
		} else {
			s.Parts[i] = *below
		}
		differs = differs || below != nil || m.Type.Kind == types.Row && !strings.EqualFold(in.Name, name)
	}
	if !differs {
		return nil
	}
	return s
}

// within finds what an argument of the type is in the file.
func (m Match) within(f *Field, i int) *Field {
	switch m.Type.Kind {
	case types.Row:
		return m.part(i).among(f.Fields())
	case types.Array:
		return f.Element()
	case types.Map:
		key, value := f.Entry()
		if i == 0 {
			return key
		}
		return value
	}
	return nil
}

// BytesOf is the size of some columns of a row group.
func (g *RowGroup) BytesOf(columns []Column) (bytes int64) {
	for _, c := range columns {
		if c.Field != nil {
			for _, chunk := range g.Chunks[c.Field.From:c.Field.To] {
				bytes += chunk.Bytes
			}
		}
	}
	return bytes
}
