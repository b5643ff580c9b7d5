package lake

import (
	"errors"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// Field is a column of a file, or a field, element, key or value within one. Its leaves are the chunks [From, To) of every row group.
type Field struct {
	Name     string
	From, To int
	// Schema is its part of the flattened schema tree: the first element is its own.
	Schema []format.SchemaElement
}

var errSchema = errors.New("schema is broken")

// topFields finds the top-level columns in a flattened schema tree.
func topFields(schema []format.SchemaElement) ([]Field, error) {
	if len(schema) == 0 {
		return nil, errSchema
	}
	fields, ok := fieldsOf(schema, 0)
	if n := schema[0].NumChildren; !ok || !n.Valid || int(n.V) != len(fields) {
		return nil, errSchema
	}
	return fields, nil
}

// fieldsOf returns what is directly below the first element; its first leaf has the number from.
func fieldsOf(schema []format.SchemaElement, from int) (fields []Field, ok bool) {
	leaf := from
	for i := 1; i < len(schema); {
		f := Field{Name: schema[i].Name, From: leaf}
		end, ok := subtree(schema, i, &leaf, maxNesting)
		if !ok {
			return nil, false
		}
		f.To, f.Schema = leaf, schema[i:end]
		fields = append(fields, f)
		i = end
	}
	return fields, true
}

// subtree returns where the part of the tree that begins at i ends, and counts its leaves.
func subtree(schema []format.SchemaElement, i int, leaves *int, depth int) (end int, ok bool) {
	if i >= len(schema) || depth == 0 {
		return 0, false
	}
	n := schema[i].NumChildren
	if !n.Valid || n.V == 0 {
		*leaves++
		return i + 1, true
	}
	i++
	for range n.V {
		if i, ok = subtree(schema, i, leaves, depth-1); !ok {
			return 0, false
		}
	}
	return i, true
}

// Field finds a top-level column by name, in any case; nil when the file has none.
func (f *Footer) Field(name string) *Field {
	for i := range f.Fields {
		if strings.EqualFold(f.Fields[i].Name, name) {
			return &f.Fields[i]
		}
	}
	return nil
}

// ID is the field's number, which tables of Iceberg and some of Delta know their columns by; ok is false when it has none.
func (f *Field) ID() (id int, ok bool) {
	n := f.Schema[0].FieldID // zero when the file has none: tables begin with one
	return int(n), n != 0
}

// Leaf reports whether it has a value itself, and no others below it.
func (f *Field) Leaf() bool { return f.Schema[0].Type.Valid }

// Repeated reports whether it has any number of values, as older writers have lists.
func (f *Field) Repeated() bool {
	return f.Schema[0].RepetitionType.Valid && f.Schema[0].RepetitionType.V == format.Repeated
}

// Row reports whether it is a group of fields that means nothing else.
func (f *Field) Row() bool {
	e := &f.Schema[0]
	return !e.Type.Valid && e.LogicalType.Value == nil && Converted(e) == -1
}

// Fields are what is directly below it.
func (f *Field) Fields() []Field {
	fields, _ := fieldsOf(f.Schema, f.From)
	return fields
}

// Element finds the element of a list of three levels, or of two as older writers have it (see the format's LogicalTypes document); nil when it
// is no list.
func (f *Field) Element() *Field {
	e := &f.Schema[0]
	if _, ok := e.LogicalType.Value.(*format.ListType); !ok && Converted(e) != deprecated.List {
		return nil
	}
	inner := f.Fields()
	if len(inner) != 1 {
		return nil
	}
	below := inner[0].Fields()
	if inner[0].Leaf() || len(below) != 1 || inner[0].Name == "array" || inner[0].Name == f.Name+"_tuple" {
		return &inner[0]
	}
	return &below[0]
}

// Entry finds the key and the value of a map; nil when it is none.
func (f *Field) Entry() (key, value *Field) {
	e := &f.Schema[0]
	if _, ok := e.LogicalType.Value.(*format.MapType); !ok && Converted(e) != deprecated.Map && Converted(e) != deprecated.MapKeyValue {
		return nil, nil
	}
	inner := f.Fields()
	if len(inner) != 1 {
		return nil, nil
	}
	below := inner[0].Fields()
	if len(below) != 2 {
		return nil, nil
	}
	return &below[0], &below[1]
}

// Converted returns the older annotation of a type; -1 when there is none.
func Converted(e *format.SchemaElement) deprecated.ConvertedType {
	if e.ConvertedType.Valid {
		return e.ConvertedType.V
	}
	return -1
}
