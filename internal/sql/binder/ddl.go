package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// cannot is a connector's answer to what it does not implement.
func cannot(what string) error {
	return trinoerr.New(trinoerr.NotSupported, "This connector does not support %s", what)
}

// createTarget finds where a statement that creates a table puts it. done says that IF NOT EXISTS leaves nothing to do; what is
// how the statement calls the table.
func (b *binder) createTarget(n ast.Node, q *ast.QualifiedName, mode ast.SaveMode, what string) (o objectAt, done bool, err error) {
	if o, err = b.at(n, q); err != nil {
		return o, false, err
	}
	switch {
	case o.md == nil:
		return o, false, errAt(n, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	case o.kind == noObject || mode == ast.OrReplace:
		return o, false, nil
	case mode == ast.IgnoreIfExists:
		return o, true, nil
	}
	return o, false, errAt(n, trinoerr.TableAlreadyExists, "%s '%s' already exists", what, o)
}

func (b *binder) createTable(s *ast.CreateTable) (Bound, error) {
	name, done, err := b.createTarget(s, s.Name, s.Mode, "Table")
	if err != nil || done {
		return nothing("CREATE TABLE", err)
	}
	md := name.md
	t := &connector.Table{Name: name.SchemaTable}
	if s.Comment != nil {
		t.Comment = &s.Comment.Value
	}
	inherited, err := b.tableElements(s, t, md, name.catalog)
	if err != nil {
		return nil, err
	}
	if t.Properties, err = b.tableProperties(md, name.catalog, s.Properties); err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, p := range s.Properties {
		given[lower(p.Name)] = true
	}
	for k, v := range inherited {
		if !given[k] {
			if t.Properties == nil {
				t.Properties = map[string]any{}
			}
			t.Properties[k] = v
		}
	}
	if s.Mode == ast.OrReplace {
		return nil, cannot("replacing tables")
	}
	if _, ok := md.(connector.TableCreator); !ok {
		return nil, cannot("creating tables")
	}
	infer := len(s.Elements) == 0
	if _, ok := md.(connector.SchemaInferrer); infer && !ok {
		return nil, cannot("tables whose columns are not given")
	}
	return &CreateTable{Catalog: name.catalog, Table: t, InferColumns: infer}, b.schemaMustExist(md, name.Schema)
}

// tableElements gives a new table its columns, and returns the properties that LIKE … INCLUDING PROPERTIES brings.
func (b *binder) tableElements(s *ast.CreateTable, t *connector.Table, md connector.Metadata, catalog string) (map[string]any, error) {
	var inherited map[string]any
	seen := map[string]bool{}
	add := func(n ast.Node, c connector.Column, shown string) error {
		if seen[c.Name] {
			return errAt(n, trinoerr.DuplicateColumnName, "Column name '%s' specified more than once", shown)
		}
		seen[c.Name] = true
		t.Columns = append(t.Columns, c)
		return nil
	}
	for _, el := range s.Elements {
		switch el := el.(type) {
		case *ast.ColumnDefinition:
			c, err := b.columnDefinition(el, md, catalog)
			if err != nil {
				return nil, err
			}
			if err := add(el, c, el.Name.Suffix()); err != nil {
				return nil, err
			}
		case *ast.LikeClause:
			like, err := b.at(el, el.Table)
			switch {
			case err != nil:
				return nil, err
			case like.kind == aView:
				return nil, errAt(s, trinoerr.NotSupported, "LIKE table '%s' is a view", like)
			case like.kind == noObject:
				return nil, errAt(s, trinoerr.TableNotFound, "LIKE table '%s' does not exist", like)
			}
			if el.Properties == ast.IncludingProperties {
				if inherited != nil {
					return nil, errAt(el, trinoerr.NotSupported, "Only one LIKE clause can specify INCLUDING PROPERTIES")
				}
				inherited = like.table.Properties
			}
			for _, c := range like.table.Columns {
				if c.Hidden {
					continue
				}
				if err := add(el, connector.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, Comment: c.Comment, Properties: c.Properties}, c.Name); err != nil {
					return nil, err
				}
			}
		}
	}
	return inherited, nil
}

// target finds the table of a statement. ok is false when there is none and IF EXISTS is written.
func (b *binder) target(n ast.Node, q *ast.QualifiedName, ifExists bool) (t TableRef, md connector.Metadata, ok bool, err error) {
	name, err := b.object(n, q)
	if err != nil {
		return t, nil, false, err
	}
	md = b.env.Catalogs.Metadata(name.catalog)
	var table *connector.Table
	if md != nil {
		table, err = md.Table(b.ctx, name.SchemaTable)
	}
	switch {
	case err != nil:
		return t, nil, false, located(n, err)
	case table == nil && ifExists:
		return t, nil, false, nil
	case table == nil:
		return t, nil, false, errAt(n, trinoerr.TableNotFound, "Table '%s' does not exist", name)
	}
	return TableRef{name.catalog, table}, md, true, nil
}

func (b *binder) dropTable(s *ast.DropTable) (Bound, error) {
	if o, err := b.at(s, s.Name); err != nil || o.kind == aView {
		if err == nil {
			err = b.otherKind(s, "Table", o, "DROP VIEW "+o.String(), trinoerr.GenericUserError)
		}
		return nil, err
	}
	t, md, ok, err := b.target(s, s.Name, s.IfExists)
	if err != nil || !ok {
		return nothing("DROP TABLE", err)
	}
	if _, ok := md.(connector.TableCreator); !ok {
		return nil, cannot("dropping tables")
	}
	return &DropTable{t}, nil
}

func nothing(update string, err error) (Bound, error) {
	if err != nil {
		return nil, err
	}
	return &Nothing{update}, nil
}

func (b *binder) renameTable(s *ast.RenameTable) (Bound, error) {
	if o, err := b.at(s, s.Name); err != nil || o.kind == aView {
		if err == nil {
			err = b.otherKind(s, "Table", o, sprintf("ALTER VIEW %s RENAME TO ...", o), trinoerr.GenericUserError)
		}
		return nil, err
	}
	t, md, ok, err := b.target(s, s.Name, s.IfExists)
	if err != nil || !ok {
		return nothing("RENAME TABLE", err)
	}
	to, err := b.at(s, s.Target)
	switch {
	case err != nil:
		return nil, err
	case to.md == nil:
		return nil, errAt(s, trinoerr.CatalogNotFound, "Target catalog '%s' not found", to.catalog)
	case to.kind == aTable:
		return nil, errAt(s, trinoerr.TableAlreadyExists, "Target table '%s' already exists", to)
	case to.kind == aView:
		return nil, errAt(s, trinoerr.GenericUserError, "Target table '%s' does not exist, but a view with that name exists.", to)
	case to.catalog != t.Catalog:
		return nil, errAt(s, trinoerr.NotSupported, "Table rename across catalogs is not supported")
	}
	if _, ok := md.(connector.TableRenamer); !ok {
		return nil, cannot("renaming tables")
	}
	return &RenameTable{t, to.SchemaTable}, b.schemaMustExist(md, to.Schema)
}

func (b *binder) commentOn(s *ast.CommentOn) (Bound, error) {
	var text *string
	if s.Comment != nil {
		text = &s.Comment.Value
	}
	q, column := s.Name, ""
	if s.Kind == ast.CommentColumn {
		n := len(q.Parts)
		if n < 2 {
			return nil, errAt(s, trinoerr.MissingTable, "Table must be specified")
		}
		column = lower(q.Parts[n-1])
		q = &ast.QualifiedName{Location: q.Location, Parts: q.Parts[:n-1]}
	}
	o, err := b.at(s, q)
	switch {
	case err != nil:
		return nil, err
	case s.Kind == ast.CommentView && o.kind == noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "View '%s' does not exist", o)
	case s.Kind == ast.CommentView && o.kind == aTable:
		return nil, b.otherKind(s, "View", o, sprintf("COMMENT ON TABLE %s IS ...", o), trinoerr.TableNotFound)
	case s.Kind == ast.CommentTable && o.kind == aView:
		return nil, b.otherKind(s, "Table", o, sprintf("COMMENT ON VIEW %s IS ...", o), trinoerr.TableNotFound)
	case o.kind == noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "Table does not exist: %s", o)
	case o.kind == aView:
		return b.commentOnView(s, o, column, text)
	}
	t := TableRef{o.catalog, o.table}
	if column != "" && !hasColumn(t, column) {
		return nil, errAt(s, trinoerr.ColumnNotFound, "Column does not exist: %s", column)
	}
	if _, ok := o.md.(connector.Commenter); !ok {
		what := "setting table comments"
		if column != "" {
			what = "setting column comments"
		}
		return nil, cannot(what)
	}
	return &Comment{t, column, text}, nil
}

// truncate binds TRUNCATE TABLE.
func (b *binder) truncate(s *ast.Truncate) (Bound, error) {
	if err := b.notView(s, s.Table, "Cannot truncate a view"); err != nil {
		return nil, err
	}
	t, md, _, err := b.target(s, s.Table, false)
	if err != nil {
		return nil, err
	}
	if _, ok := md.(connector.Truncater); !ok {
		return nil, cannot("truncating tables")
	}
	return &DeleteAll{TableRef: t, Truncate: true}, nil
}

// notView refuses a view as the table of a statement.
func (b *binder) notView(n ast.Node, q *ast.QualifiedName, message string) error {
	o, err := b.at(n, q)
	if err == nil && o.kind == aView {
		err = errAt(n, trinoerr.NotSupported, "%s", message)
	}
	return err
}
