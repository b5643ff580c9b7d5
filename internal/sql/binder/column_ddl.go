package binder

import (
	"errors"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// columnDefinition resolves the definition of a column.
func (b *binder) columnDefinition(d *ast.ColumnDefinition, md connector.Metadata, catalog string) (connector.Column, error) {
	c := connector.Column{Name: lower(d.Name.Parts[len(d.Name.Parts)-1]), NotNull: d.NotNull}
	var err error
	if c.Type, err = writtenType(d, d.Type, d.Name.Suffix()); err != nil {
		return c, err
	}
	if d.Comment != nil {
		c.Comment = &d.Comment.Value
	}
	c.Properties, err = b.columnProperties(md, catalog, d.Properties)
	return c, err
}

// writtenType resolves the type of a column.
func writtenType(n ast.Node, written ast.DataType, column string) (types.Type, error) {
	t, err := types.Parse(typeText(written))
	switch {
	case errors.Is(err, types.ErrUnknownType):
		return t, errAt(n, trinoerr.TypeNotFound, "Unknown type '%s' for column '%s'", typeText(written), column)
	case err != nil:
		return t, located(n, err)
	}
	return t, nil
}

// hasColumn reports whether a table has a column that can be named.
func hasColumn(t TableRef, name string) bool {
	for _, c := range t.Table.Columns {
		if c.Name == name {
			return true
		}
	}
	return false
}

func (b *binder) addColumn(s *ast.AddColumn) (Bound, error) {
	t, md, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("ADD COLUMN", err)
	}
	if len(s.Column.Name.Parts) > 1 {
		return b.addField(s, t, md)
	}
	c, err := b.columnDefinition(s.Column, md, t.Catalog)
	if err != nil {
		return nil, err
	}
	if hasColumn(t, c.Name) {
		if s.IfNotExists {
			return &Nothing{"ADD COLUMN"}, nil
		}
		return nil, errAt(s, trinoerr.ColumnAlreadyExists, "Column '%s' already exists", s.Column.Name.Suffix())
	}
	place := s.Position
	if place == nil || place.Kind == ast.ColumnLast {
		if _, ok := md.(connector.ColumnAlterer); !ok {
			return nil, cannot("adding columns")
		}
		return &AddColumn{TableRef: t, Column: c}, nil
	}
	after := ""
	if place.Kind == ast.ColumnAfter {
		if after = lower(place.After); !hasColumn(t, after) {
			return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", after)
		}
	}
	if _, ok := md.(connector.ColumnPlacer); !ok {
		return nil, cannot("adding columns with " + string(place.Kind) + " clause")
	}
	return &AddColumn{TableRef: t, Column: c, After: &after}, nil
}

func (b *binder) dropColumn(s *ast.DropColumn) (Bound, error) {
	t, md, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("DROP COLUMN", err)
	}
	if len(s.Column.Parts) > 1 {
		return b.dropField(s, t, md)
	}
	name := lower(s.Column.Parts[0])
	if !hasColumn(t, name) {
		if s.ColumnIfExists {
			return &Nothing{"DROP COLUMN"}, nil
		}
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	}
	if _, ok := md.(connector.ColumnAlterer); !ok {
		return nil, cannot("dropping columns")
	}
	visible := 0
	for _, c := range t.Table.Columns {
		if !c.Hidden {
			visible++
		}
	}
	if visible <= 1 {
		return nil, errAt(s, trinoerr.NotSupported, "Cannot drop the only column in a table")
	}
	return &DropColumn{t, name}, nil
}

func (b *binder) renameColumn(s *ast.RenameColumn) (Bound, error) {
	t, md, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("RENAME COLUMN", err)
	}
	if len(s.Column.Parts) > 1 {
		return b.renameField(s, t, md)
	}
	name, to := lower(s.Column.Parts[0]), lower(s.Target)
	if !hasColumn(t, name) {
		if s.ColumnIfExists {
			return &Nothing{"RENAME COLUMN"}, nil
		}
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	}
	if hasColumn(t, to) {
		return nil, errAt(s, trinoerr.ColumnAlreadyExists, "Column '%s' already exists", to)
	}
	if _, ok := md.(connector.ColumnAlterer); !ok {
		return nil, cannot("renaming columns")
	}
	return &RenameColumn{t, name, to}, nil
}

// dropNotNull binds ALTER TABLE … ALTER COLUMN … DROP NOT NULL.
func (b *binder) dropNotNull(s *ast.DropNotNull) (Bound, error) {
	t, md, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("DROP NOT NULL", err)
	}
	name := lower(s.Column)
	if !hasColumn(t, name) {
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	}
	for _, c := range t.Table.Columns {
		if c.Name == name && !c.NotNull {
			return nil, errAt(s, trinoerr.NotSupported, "Column is already nullable")
		}
	}
	if _, ok := md.(connector.NullabilityChanger); !ok {
		return nil, cannot("dropping a not null constraint")
	}
	return &DropNotNull{t, name}, nil
}
