package binder

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// kindOfObject says what a name means.
type kindOfObject uint8

const (
	noObject kindOfObject = iota
	aTable
	aView
)

// String is the word of messages.
func (k kindOfObject) String() string { return [...]string{"nothing", "table", "view"}[k] }

// objectAt is what is behind a name: a table, a view or nothing.
type objectAt struct {
	objectName
	md    connector.Metadata // nil when there is no such catalog
	kind  kindOfObject
	table *connector.Table
	view  *connector.View
}

// at finds what a name means; the catalog need not exist.
func (b *binder) at(n ast.Node, q *ast.QualifiedName) (o objectAt, err error) {
	if o.objectName, err = b.object(n, q); err != nil {
		return o, err
	}
	if o.md = b.env.Catalogs.Metadata(o.catalog); o.md == nil {
		return o, nil
	}
	if o.view, err = b.viewOf(o.md, o.SchemaTable); err != nil {
		return o, located(n, err)
	}
	if o.view != nil {
		o.kind = aView
		return o, nil
	}
	if o.table, err = b.lookup(o.md, o.objectName); err != nil {
		return o, located(n, err)
	}
	if o.table != nil {
		o.kind = aTable
	}
	return o, nil
}

// createView binds CREATE VIEW.
func (b *binder) createView(s *ast.CreateView) (Bound, error) {
	o, err := b.at(s, s.Name)
	if err != nil {
		return nil, err
	}
	if o.md == nil {
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	}
	switch {
	case o.kind == aView && !s.Replace:
		return nil, errAt(s, trinoerr.TableAlreadyExists, "View already exists: '%s'", o)
	case o.kind == aTable:
		return nil, errAt(s, trinoerr.TableAlreadyExists, "Table already exists: '%s'", o)
	}
	if len(s.Query.Functions) > 0 {
		return nil, errAt(s.Query.Functions[0], trinoerr.NotSupported, "Views cannot contain inline functions")
	}
	b.creating = &o.objectName
	rel, err := b.query(s.Query, nil, true)
	if err != nil {
		return nil, err
	}
	v := &connector.View{Name: o.SchemaTable, SQL: format.Query(s.Query), Catalog: b.env.Session.Catalog, Schema: b.env.Session.Schema,
		Path: b.env.Session.Path, Owner: b.env.Session.User}
	if v.Columns, err = viewColumns(s, rel); err != nil {
		return nil, err
	}
	if s.Comment != nil {
		v.Comment = &s.Comment.Value
	}
	if s.Security == ast.SecurityInvoker {
		v.Owner = ""
	}
	if _, err := b.properties(nil, o.catalog, "view", trinoerr.InvalidViewProperty, s.Properties); err != nil {
		return nil, err
	}
	if _, ok := o.md.(connector.Views); !ok {
		return nil, cannot("creating views")
	}
	return &PutView{Catalog: o.catalog, View: v, Replace: s.Replace, Update: "CREATE VIEW"}, nil
}

// createMaterializedView refuses materialized views, which no connector has, after checking what they are made of.
func (b *binder) createMaterializedView(s *ast.CreateMaterializedView) (Bound, error) {
	name, err := b.object(s, s.Name)
	if err != nil {
		return nil, err
	}
	if _, err := b.catalog(s, name.catalog); err != nil {
		return nil, err
	}
	if len(s.Query.Functions) > 0 {
		return nil, errAt(s.Query.Functions[0], trinoerr.NotSupported, "Views cannot contain inline functions")
	}
	rel, err := b.query(s.Query, nil, true)
	if err != nil {
		return nil, err
	}
	if _, err := viewColumns(s, rel); err != nil {
		return nil, err
	}
	if _, err := b.properties(nil, name.catalog, "materialized view", trinoerr.InvalidMaterializedViewProperty, s.Properties); err != nil {
		return nil, err
	}
	return nil, cannot("creating materialized views")
}

// dropView binds DROP VIEW.
func (b *binder) dropView(s *ast.DropView) (Bound, error) {
	o, err := b.at(s, s.Name)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aTable:
		return nil, b.otherKind(s, "View", o, fmt.Sprintf("DROP TABLE %s", o), trinoerr.GenericUserError)
	case o.kind == aView:
		return &DropView{o.catalog, o.SchemaTable}, nil
	case s.IfExists:
		return &Nothing{"DROP VIEW"}, nil
	}
	return nil, errAt(s, trinoerr.GenericUserError, "View '%s' does not exist", o)
}

// dropMaterializedView binds DROP MATERIALIZED VIEW: there are none.
func (b *binder) dropMaterializedView(s *ast.DropMaterializedView) (Bound, error) {
	o, err := b.at(s, s.Name)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aTable:
		return nil, b.otherKind(s, "Materialized view", o, fmt.Sprintf("DROP TABLE %s", o), trinoerr.GenericUserError)
	case o.kind == aView:
		return nil, b.otherKind(s, "Materialized view", o, fmt.Sprintf("DROP VIEW %s", o), trinoerr.GenericUserError)
	case s.IfExists:
		return &Nothing{"DROP MATERIALIZED VIEW"}, nil
	}
	return nil, errAt(s, trinoerr.GenericUserError, "Materialized view '%s' does not exist", o)
}

// otherKind is the error for a name that means something else than what is wanted; hint is the statement for what it means.
func (b *binder) otherKind(n ast.Node, wanted string, o objectAt, hint string, code *trinoerr.Code) error {
	return errAt(n, code, "%s '%s' does not exist, but a %s with that name exists. Did you mean %s?", wanted, o, o.kind, hint)
}

// renameView binds ALTER VIEW … RENAME TO.
func (b *binder) renameView(s *ast.RenameView) (Bound, error) {
	from, err := b.at(s, s.Name)
	if err != nil {
		return nil, err
	}
	switch from.kind {
	case noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "View '%s' does not exist", from)
	case aTable:
		return nil, b.otherKind(s, "View", from, fmt.Sprintf("ALTER TABLE %s RENAME TO ...", from), trinoerr.TableNotFound)
	}
	to, err := b.at(s, s.Target)
	switch {
	case err != nil:
		return nil, err
	case to.md == nil:
		return nil, errAt(s, trinoerr.CatalogNotFound, "Target catalog '%s' not found", to.catalog)
	case to.kind == aView:
		return nil, errAt(s, trinoerr.GenericUserError, "Target view '%s' already exists", to)
	case to.kind == aTable:
		return nil, errAt(s, trinoerr.TableAlreadyExists, "Target view '%s' does not exist, but a table with that name exists.", to)
	case to.catalog != from.catalog:
		return nil, errAt(s, trinoerr.NotSupported, "View rename across catalogs is not supported")
	}
	return &RenameView{from.catalog, from.SchemaTable, to.SchemaTable}, nil
}

// renameMaterializedView binds ALTER MATERIALIZED VIEW … RENAME TO: there are none.
func (b *binder) renameMaterializedView(s *ast.RenameMaterializedView) (Bound, error) {
	o, err := b.at(s, s.Name)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aTable:
		return nil, b.otherKind(s, "Materialized View", o, fmt.Sprintf("ALTER TABLE %s RENAME TO ...", o), trinoerr.TableNotFound)
	case o.kind == aView:
		return nil, b.otherKind(s, "Materialized View", o, fmt.Sprintf("ALTER VIEW %s RENAME TO ...", o), trinoerr.TableNotFound)
	case s.IfExists:
		return &Nothing{"RENAME MATERIALIZED VIEW"}, nil
	}
	return nil, errAt(s, trinoerr.TableNotFound, "Materialized View '%s' does not exist", o)
}

// refreshMaterializedView binds REFRESH MATERIALIZED VIEW: there are none.
func (b *binder) refreshMaterializedView(s *ast.RefreshMaterializedView) (Bound, error) {
	name, err := b.object(s, s.Name)
	if err != nil {
		return nil, err
	}
	return nil, errAt(s, trinoerr.TableNotFound, "Materialized view '%s' does not exist", name)
}

// commentOnView binds COMMENT ON VIEW, and on a column of a view when column is not empty: it stores the view anew.
func (b *binder) commentOnView(s *ast.CommentOn, o objectAt, column string, text *string) (Bound, error) {
	v := *o.view
	if column == "" {
		v.Comment = text
		return &PutView{Catalog: o.catalog, View: &v, Replace: true, Update: "COMMENT"}, nil
	}
	v.Columns = append([]connector.ViewColumn(nil), v.Columns...)
	for i := range v.Columns {
		if c := &v.Columns[i]; (&field{name: c.Name}).matches(nil, column) {
			c.Comment = text
			return &PutView{Catalog: o.catalog, View: &v, Replace: true, Update: "COMMENT"}, nil
		}
	}
	return nil, errAt(s, trinoerr.ColumnNotFound, "Column does not exist: %s", column)
}
