package iceberg

import (
	"fmt"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// mapping finds columns of a table in a Parquet file: by the ids of fields, or by the names that the table's name mapping has for them when
// the file has no ids.
type mapping struct {
	file string // its location, for messages
	root *parquet.Column
	// ids are the fields of the file that have none of their own.
	ids map[*parquet.Column]int
}

func newMapping(file string, root *parquet.Column, names iceberg.NameMapping) *mapping {
	m := &mapping{file: file, root: root}
	if !hasIDs(root) {
		m.ids = map[*parquet.Column]int{}
		m.apply(root, names)
	}
	return m
}

func hasIDs(c *parquet.Column) bool {
	for _, child := range c.Columns() {
		if child.ID() != 0 || hasIDs(child) {
			return true
		}
	}
	return false
}

// apply gives the fields of a group the ids that a name mapping has for them. Groups that are there only for Parquet's sake, as those of lists
// and maps, are passed.
func (m *mapping) apply(group *parquet.Column, names []iceberg.MappedField) {
	for _, child := range group.Columns() {
		if !child.Leaf() && child.Repeated() {
			m.apply(child, names)
			continue
		}
		for _, n := range names {
			for _, name := range n.Names {
				if name == child.Name() || listElement(name, child) {
					if n.FieldID != nil {
						m.ids[child] = *n.FieldID
					}
					m.apply(child, n.Fields)
				}
			}
		}
	}
}

// listElement reports whether a column is the element of a list, which writers call by several names.
func listElement(name string, c *parquet.Column) bool {
	return name == "element" && (c.Name() == "item" || c.Name() == "array" || c.Name() == "array_element")
}

func (m *mapping) id(c *parquet.Column) int {
	if m.ids != nil {
		return m.ids[c]
	}
	return c.ID()
}

// find finds a field among the children of a group.
func (m *mapping) find(group *parquet.Column, id int) *parquet.Column {
	for _, c := range group.Columns() {
		if m.id(c) == id {
			return c
		}
	}
	return nil
}

// column says where a field of the table is in a group of the file; its name is empty when the file does not have it.
func (m *mapping) column(group *parquet.Column, field iceberg.NestedField) (connector.FileColumn, *parquet.Column, error) {
	c := m.find(group, field.ID)
	if c == nil {
		out := connector.FileColumn{}
		st, err := sqlType(field.Type)
		if err == nil && field.InitialDefault != nil {
			var ok bool
			if out.Constant, ok = sqlValue(st, defaultValue(field)); !ok {
				err = trinoerr.New(trinoerr.NotSupported, "The default of column %s cannot be read", field.Name)
			}
		}
		if err == nil && field.Required && field.InitialDefault == nil {
			err = trinoerr.New(trinoerr.IcebergBadData, "The required column %s is not in %s", field.Name, m.file)
		}
		return out, nil, err
	}
	out := connector.FileColumn{Name: c.Name()}
	shape, same, err := m.shape(c, field.Type)
	if !same {
		out.Shape = &shape
	}
	if c.Leaf() && nanos(c) {
		out.FractionDigits = 9
	}
	return out, c, err
}

// nanos reports whether a column has timestamps of nanoseconds.
func nanos(c *parquet.Column) bool {
	return strings.Contains(c.Type().String(), "NANOS")
}

// defaultValue is the value of a field in files that are older than it.
func defaultValue(field iceberg.NestedField) any {
	if lit, ok := field.InitialDefault.(iceberg.Literal); ok {
		return lit.Any()
	}
	return field.InitialDefault
}

// shape says where the parts of a value are; same says that they are where the type says.
func (m *mapping) shape(c *parquet.Column, t iceberg.Type) (out connector.FileShape, same bool, err error) {
	switch t := t.(type) {
	case *iceberg.StructType:
		return m.rowShape(c, t)
	case *iceberg.ListType:
		elem, err := m.repeated(c, 1)
		if err != nil {
			return out, false, err
		}
		return m.innerShape([]*parquet.Column{elem}, []iceberg.Type{t.Element})
	case *iceberg.MapType:
		entries, err := m.repeated(c, 2)
		if err != nil {
			return out, false, err
		}
		return m.innerShape(entries.Columns(), []iceberg.Type{t.KeyType, t.ValueType})
	}
	if !c.Leaf() {
		return out, false, m.bad(c, t)
	}
	return out, true, nil
}

func (m *mapping) bad(c *parquet.Column, t iceberg.Type) error {
	return trinoerr.New(trinoerr.IcebergBadData, "Column %s of type %s is not one in %s", strings.Join(c.Path(), "."), t, m.file)
}

// rowShape says where the fields of a row are.
func (m *mapping) rowShape(c *parquet.Column, t *iceberg.StructType) (out connector.FileShape, same bool, err error) {
	if c.Leaf() {
		return out, false, m.bad(c, t)
	}
	same = true
	for _, f := range t.FieldList {
		child := m.find(c, f.ID)
		if child == nil {
			if f.InitialDefault != nil {
				return out, false, trinoerr.New(trinoerr.NotSupported, "The default of field %s, which is not in %s, cannot be read", f.Name, m.file)
			}
			out.Parts, same = append(out.Parts, connector.FileShape{Missing: true}), false
			continue
		}
		part, as, err := m.shape(child, f.Type)
		if err != nil {
			return out, false, err
		}
		part.Name = child.Name()
		out.Parts, same = append(out.Parts, part), same && as && strings.EqualFold(part.Name, f.Name)
	}
	return out, same, nil
}

// repeated is what repeats in a list or map: the element of a list (fields 1), or the group of a map's entries (fields 2).
func (m *mapping) repeated(c *parquet.Column, fields int) (*parquet.Column, error) {
	if children := c.Columns(); len(children) == 1 && children[0].Repeated() {
		inner := children[0]
		switch {
		case fields == 2 && len(inner.Columns()) == 2:
			return inner, nil
		case fields == 1 && len(inner.Columns()) == 1 && inner.Name() != "array" && !strings.HasSuffix(inner.Name(), "_tuple"):
			return inner.Columns()[0], nil
		case fields == 1:
			return inner, nil // a list of the older form, whose repeated group is the element
		}
	}
	return nil, trinoerr.New(trinoerr.IcebergBadData, "Column %s is neither a list nor a map in %s", strings.Join(c.Path(), "."), m.file)
}

// innerShape says where the parts of an array's element, or of a map's key and value are.
func (m *mapping) innerShape(columns []*parquet.Column, of []iceberg.Type) (out connector.FileShape, same bool, err error) {
	same = true
	for i, t := range of {
		part, as, err := m.shape(columns[i], t)
		if err != nil {
			return out, false, err
		}
		out.Parts, same = append(out.Parts, part), same && as
	}
	return out, same, nil
}

// layout describes the types of columns: it is equal for files of which DuckDB reads them alike.
func layout(columns []*parquet.Column) string {
	var b strings.Builder
	for _, c := range columns {
		if c == nil {
			b.WriteByte('-')
		} else {
			describeLayout(&b, c)
		}
		b.WriteByte(';')
	}
	return b.String()
}

func describeLayout(b *strings.Builder, c *parquet.Column) {
	if c.Leaf() {
		fmt.Fprintf(b, "%q %s", c.Name(), c.Type())
		return
	}
	fmt.Fprintf(b, "%q(", c.Name())
	for _, child := range c.Columns() {
		describeLayout(b, child)
		b.WriteByte(',')
	}
	b.WriteByte(')')
}
