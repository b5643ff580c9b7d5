package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// setProperties binds ALTER TABLE … SET PROPERTIES.
func (b *binder) setProperties(s *ast.SetProperties) (Bound, error) {
	o, err := b.at(s, s.Name)
	if err != nil {
		return nil, err
	}
	if o.md == nil {
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	}
	if s.MaterializedView {
		if _, err := b.properties(nil, o.catalog, "materialized view", trinoerr.InvalidMaterializedViewProperty, s.Properties); err != nil {
			return nil, err
		}
		return nil, errAt(s, trinoerr.TableNotFound, "Materialized view '%s' does not exist", o)
	}
	var known []connector.Property
	if d, ok := o.md.(connector.PropertyDescriber); ok {
		known = d.TableProperties()
	}
	given, err := b.givenProperties(known, o.catalog, "table", trinoerr.InvalidTableProperty, s.Properties)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aView:
		return nil, errAt(s, trinoerr.NotSupported, "Cannot set properties to a view in ALTER TABLE")
	case o.kind == noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "Table '%s' does not exist", o)
	}
	if _, ok := o.md.(connector.PropertySetter); !ok {
		return nil, cannot("setting table properties")
	}
	return &SetProperties{TableRef{o.catalog, o.table}, given}, nil
}

// setColumnType binds ALTER TABLE … ALTER COLUMN … SET DATA TYPE.
func (b *binder) setColumnType(s *ast.SetColumnType) (Bound, error) {
	t, md, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("SET COLUMN TYPE", err)
	}
	name := lower(s.Column.Parts[0])
	if !hasColumn(t, name) {
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	}
	to, err := writtenType(s.Type, s.Type, s.Column.Suffix())
	if err != nil {
		return nil, err
	}
	if len(s.Column.Parts) > 1 {
		return b.setFieldType(s, t, md, to)
	}
	if _, ok := md.(connector.ColumnTyper); !ok {
		return nil, cannot("setting column types")
	}
	return &SetColumnType{t, name, to}, nil
}
