package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// setProperties binds ALTER TABLE … SET PROPERTIES, which no connector supports, after checking the properties.
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
	if _, err := b.tableProperties(o.md, o.catalog, s.Properties); err != nil {
		return nil, err
	}
	switch o.kind {
	case aView:
		return nil, errAt(s, trinoerr.NotSupported, "Cannot set properties to a view in ALTER TABLE")
	case noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "Table '%s' does not exist", o)
	}
	return nil, cannot("setting table properties")
}

// tableExecute binds ALTER TABLE … EXECUTE: no connector has procedures of tables.
func (b *binder) tableExecute(s *ast.TableExecute) (Bound, error) {
	o, err := b.at(s, s.Table)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aView:
		return nil, errAt(s, trinoerr.NotSupported, "ALTER TABLE EXECUTE is not supported for views")
	case o.md == nil:
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	case o.kind == noObject:
		return nil, b.noTable(s.Table, o.md, o.objectName)
	}
	return nil, trinoerr.New(trinoerr.ProcedureNotFound, "Table procedure not registered: %s", canonical(s.Procedure))
}

// setColumnType binds ALTER TABLE … ALTER COLUMN … SET DATA TYPE, which no connector supports.
func (b *binder) setColumnType(s *ast.SetColumnType) (Bound, error) {
	t, _, ok, err := b.target(s, s.Table, s.IfExists)
	if err != nil || !ok {
		return nothing("SET COLUMN TYPE", err)
	}
	name := lower(s.Column.Parts[0])
	switch {
	case !hasColumn(t, name):
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	case len(s.Column.Parts) > 1:
		return nil, cannot("setting field types")
	}
	return nil, cannot("setting column types")
}
