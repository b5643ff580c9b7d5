package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// viewOf returns a view of a catalog; nil when there is none of that name, or the connector keeps none.
func (b *binder) viewOf(md connector.Metadata, name connector.SchemaTable) (*connector.View, error) {
	if views, ok := md.(connector.Views); ok {
		return views.View(b.ctx, name)
	}
	return nil, nil
}

// viewRelation binds a reference to a view: its query, with the names and types that its columns had when it was made.
func (b *binder) viewRelation(t *ast.Table, name objectName, v *connector.View) (*relation, error) {
	if b.creating != nil && *b.creating == name {
		return nil, errAt(t, trinoerr.ViewIsRecursive, "Statement would create a recursive view")
	}
	if slices.Contains(b.views, name) {
		return nil, errAt(t, trinoerr.ViewIsRecursive, "View is recursive")
	}
	query, err := b.viewQuery(t, name, v)
	if err != nil {
		return nil, err
	}
	fields := query.visible()
	if problem := staleness(v, fields); problem != "" {
		return nil, errAt(t, trinoerr.ViewIsStale, "View '%s' is stale or in invalid state: %s", name, problem)
	}
	node := &plan.Project{Source: query.node}
	rel := &relation{node: node}
	alias := lowerParts(t.Name)
	for i, c := range v.Columns {
		sym := b.syms.New(c.Name, c.Type)
		node.Cols = append(node.Cols, plan.Assignment{Sym: sym, Expr: coerce(&plan.Ref{Sym: fields[i].sym}, c.Type)})
		b.origins[sym] = origin{name, c.Name}
		rel.fields = append(rel.fields, &field{relation: alias, name: c.Name, sym: sym})
	}
	return rel, nil
}

// viewQuery binds a view's query as in the session that made it.
func (b *binder) viewQuery(n ast.Node, name objectName, v *connector.View) (*relation, error) {
	stmt, err := parser.ParseStatement(v.SQL)
	query, ok := stmt.(*ast.Query)
	if err != nil || !ok {
		return nil, errAt(n, trinoerr.InvalidView, "Failed parsing stored view '%s': %v", name, err)
	}
	inner := *b
	inner.env.Session.Catalog, inner.env.Session.Schema, inner.env.Session.Path = v.Catalog, v.Schema, v.Path
	inner.ctes, inner.routines, inner.params = nil, nil, nil
	inner.views = append(slices.Clip(b.views), name)
	rel, err := inner.query(query, nil, true)
	b.nextID = inner.nextID
	if err != nil {
		return nil, errAt(n, trinoerr.InvalidView, "Failed analyzing stored view '%s': %v", name, err)
	}
	return rel, nil
}

// staleness says how a view's query no longer gives the columns that the view was made with; empty when it does.
func staleness(v *connector.View, fields []*field) string {
	if len(fields) != len(v.Columns) {
		return sprintf("stored view column count (%d) does not match column count derived from the view query analysis (%d)",
			len(v.Columns), len(fields))
	}
	for i, c := range v.Columns {
		f := fields[i]
		const projected = "column [%s] of type %s projected from query view at position %d "
		switch {
		case f.name == "":
			return sprintf("a column of type %s projected from query view at position %d has no name", f.sym.Type, i)
		case !f.matches(nil, c.Name):
			return sprintf(projected+"has a different name from column [%s] of type %s stored in view definition",
				f.name, f.sym.Type, i, c.Name, c.Type)
		case !types.CanCoerce(f.sym.Type, c.Type):
			return sprintf(projected+"cannot be coerced to column [%s] of type %s stored in view definition",
				f.name, f.sym.Type, i, c.Name, c.Type)
		}
	}
	return ""
}

// viewColumns are the columns that a query gives a new view.
func viewColumns(n ast.Node, rel *relation) ([]connector.ViewColumn, error) {
	fields := rel.visible()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	if err := uniqueNames(n, names); err != nil {
		return nil, err
	}
	out := make([]connector.ViewColumn, len(fields))
	for i, f := range fields {
		if hasUnknown(f.sym.Type) {
			return nil, errAt(n, trinoerr.ColumnTypeUnknown, "Column type is unknown: %s", f.name)
		}
		out[i] = connector.ViewColumn{Name: f.name, Type: f.sym.Type}
	}
	return out, nil
}
