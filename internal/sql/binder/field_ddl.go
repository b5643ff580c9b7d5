package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// FieldChange is what is done to a field, as the client protocol calls it.
type FieldChange string

// The changes of fields.
const (
	AddField     FieldChange = "ADD COLUMN"
	DropField    FieldChange = "DROP COLUMN"
	RenameField  FieldChange = "RENAME COLUMN"
	SetFieldType FieldChange = "SET COLUMN TYPE"
)

// fieldPath is the path of a field of a table: a column, then fields.
func fieldPath(n ast.Node, t TableRef, q *ast.QualifiedName) (path []string, column types.Type, err error) {
	path = lowerParts(q)
	i := slices.IndexFunc(t.Table.Columns, func(c connector.Column) bool { return c.Name == path[0] })
	if i < 0 {
		return nil, column, errAt(n, trinoerr.ColumnNotFound, "Column '%s' does not exist", path[0])
	}
	return path, t.Table.Columns[i].Type, nil
}

// within goes down a step of a path: to the field of a row, the elements of an array, the keys or values of a map.
func within(n ast.Node, t types.Type, name string) (types.Type, error) {
	switch t.Kind {
	case types.Row:
		if i := fieldIndex(t, name); i >= 0 {
			return t.Elem(i), nil
		}
		return t, errAt(n, trinoerr.ColumnNotFound, "Field '%s' does not exist within %s", name, t)
	case types.Array:
		if name == "element" {
			return t.Elem(0), nil
		}
		return t, errAt(n, trinoerr.NotSupported, "ARRAY type should be denoted by 'element' in the path; found '%s'", name)
	case types.Map:
		switch name {
		case "key":
			return t.Elem(0), nil
		case "value":
			return t.Elem(1), nil
		}
		return t, errAt(n, trinoerr.NotSupported, "MAP type should be denoted by 'key' or 'value' in the path; found '%s'", name)
	}
	return t, trinoerr.New(trinoerr.NotSupported, "Unsupported type: %s", t)
}

func fieldIndex(row types.Type, name string) int {
	return slices.IndexFunc(row.Args, func(f types.Field) bool { return strings.EqualFold(f.Name, name) })
}

// parentOf is the row that a path's last name is, or is to be, a field of.
func parentOf(n ast.Node, path []string, column types.Type) (types.Type, error) {
	var err error
	for _, name := range path[1 : len(path)-1] {
		if column, err = within(n, column, name); err != nil {
			return column, err
		}
	}
	if column.Kind != types.Row {
		return column, trinoerr.New(trinoerr.NotSupported, "Unsupported type: %s", column)
	}
	return column, nil
}

func (b *binder) addField(s *ast.AddColumn, t TableRef, md connector.Metadata) (Bound, error) {
	if s.Position != nil {
		return nil, errAt(s, trinoerr.NotSupported, "Specifying column position is not supported for nested columns")
	}
	path, column, err := fieldPath(s, t, s.Column.Name)
	if err != nil {
		return nil, err
	}
	parent, err := parentOf(s, path, column)
	if err != nil {
		return nil, err
	}
	name := path[len(path)-1]
	if fieldIndex(parent, name) >= 0 {
		if s.IfNotExists {
			return &Nothing{string(AddField)}, nil
		}
		return nil, errAt(s, trinoerr.ColumnAlreadyExists, "Field '%s' already exists", name)
	}
	c, err := b.columnDefinition(s.Column, md, t.Catalog)
	if err != nil {
		return nil, err
	}
	if _, ok := md.(connector.FieldAlterer); !ok {
		return nil, cannot("adding fields")
	}
	return &ChangeField{TableRef: t, Change: AddField, Path: path, Type: c.Type}, nil
}

func (b *binder) dropField(s *ast.DropColumn, t TableRef, md connector.Metadata) (Bound, error) {
	path, column, err := fieldPath(s, t, s.Column)
	missing := err != nil
	var parent types.Type
	if err == nil {
		if parent, err = parentOf(s, path, column); err == nil && fieldIndex(parent, path[len(path)-1]) < 0 {
			err = errAt(s, trinoerr.NotSupported, "Cannot resolve field '%s' within %s type when dropping [%s] in %s",
				path[len(path)-1], parent, strings.Join(path[1:], ", "), column)
			missing = true
		}
	}
	switch {
	case missing && s.ColumnIfExists:
		return &Nothing{string(DropField)}, nil
	case err != nil:
		return nil, err
	case len(parent.Args) == 1:
		return nil, errAt(s, trinoerr.NotSupported, "Cannot drop the only field in a row type")
	}
	if _, ok := md.(connector.FieldAlterer); !ok {
		return nil, cannot("dropping fields")
	}
	return &ChangeField{TableRef: t, Change: DropField, Path: path}, nil
}

func (b *binder) renameField(s *ast.RenameColumn, t TableRef, md connector.Metadata) (Bound, error) {
	path, column, err := fieldPath(s, t, s.Column)
	var parent types.Type
	if err == nil {
		parent, err = parentOf(s, path, column)
	}
	if err != nil {
		return nil, err
	}
	name, to := path[len(path)-1], lower(s.Target)
	switch {
	case fieldIndex(parent, name) < 0 && s.ColumnIfExists:
		return &Nothing{string(RenameField)}, nil
	case fieldIndex(parent, name) < 0:
		return nil, errAt(s, trinoerr.ColumnNotFound, "Field '%s' does not exist within %s", name, parent)
	case fieldIndex(parent, to) >= 0:
		return nil, errAt(s, trinoerr.ColumnAlreadyExists, "Field '%s' already exists", to)
	}
	if _, ok := md.(connector.FieldAlterer); !ok {
		return nil, cannot("renaming fields")
	}
	return &ChangeField{TableRef: t, Change: RenameField, Path: path, To: to}, nil
}

func (b *binder) setFieldType(s *ast.SetColumnType, t TableRef, md connector.Metadata, to types.Type) (Bound, error) {
	path, column, err := fieldPath(s, t, s.Column)
	if err != nil {
		return nil, err
	}
	for _, name := range path[1:] {
		if column, err = within(s, column, name); err != nil {
			return nil, err
		}
	}
	if _, ok := md.(connector.FieldAlterer); !ok {
		return nil, cannot("setting field types")
	}
	return &ChangeField{TableRef: t, Change: SetFieldType, Path: path, Type: to}, nil
}
