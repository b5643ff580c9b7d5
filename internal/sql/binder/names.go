package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// lower is how names are compared: Trino ignores case, also in quoted identifiers.
func lower(id *ast.Identifier) string { return strings.ToLower(id.Value) }

// lowerParts returns the parts of a name in lower case.
func lowerParts(n *ast.QualifiedName) []string {
	out := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		out[i] = lower(p)
	}
	return out
}

// dotted returns the parts of an expression that is nothing but names joined by dots.
func dotted(e ast.Expression) ([]string, bool) {
	switch e := e.(type) {
	case *ast.Identifier:
		return []string{lower(e)}, true
	case *ast.Dereference:
		if base, ok := dotted(e.Base); ok {
			return append(base, lower(e.Field)), true
		}
	}
	return nil, false
}

// objectName is the full name of a table.
type objectName struct {
	catalog string
	connector.SchemaTable
}

// String returns catalog.schema.table.
func (n objectName) String() string { return n.catalog + "." + n.SchemaTable.String() }

// object completes a table's name from the session.
func (b *binder) object(n ast.Node, name *ast.QualifiedName) (objectName, error) {
	parts := lowerParts(name)
	s := b.env.Session
	switch len(parts) {
	case 1:
		parts = append([]string{strings.ToLower(s.Schema)}, parts...)
		fallthrough
	case 2:
		parts = append([]string{strings.ToLower(s.Catalog)}, parts...)
	case 3:
	default:
		return objectName{}, errAt(n, trinoerr.SyntaxError, "Too many dots in table name: %s", strings.Join(parts, "."))
	}
	if parts[0] == "" {
		return objectName{}, errAt(n, trinoerr.MissingCatalogName, "Catalog must be specified when session catalog is not set")
	}
	if parts[1] == "" {
		return objectName{}, errAt(n, trinoerr.MissingSchemaName, "Schema must be specified when session schema is not set")
	}
	return objectName{parts[0], connector.SchemaTable{Schema: parts[1], Table: parts[2]}}, nil
}

// schemaName completes a schema's name from the session; name may be nil.
func (b *binder) schemaName(n ast.Node, name *ast.QualifiedName) (catalog, schema string, err error) {
	catalog, schema = strings.ToLower(b.env.Session.Catalog), strings.ToLower(b.env.Session.Schema)
	if name != nil {
		parts := lowerParts(name)
		switch len(parts) {
		case 1:
			schema = parts[0]
		case 2:
			catalog, schema = parts[0], parts[1]
		default:
			return "", "", errAt(n, trinoerr.InvalidSchemaProperty, "Too many parts in schema name: %s", strings.Join(parts, "."))
		}
	}
	if catalog == "" {
		return "", "", errAt(n, trinoerr.MissingCatalogName, "Catalog must be specified when session catalog is not set")
	}
	if schema == "" {
		return "", "", errAt(n, trinoerr.MissingSchemaName, "Schema must be specified when session schema is not set")
	}
	return catalog, schema, nil
}

// catalog returns the metadata of a catalog that must exist.
func (b *binder) catalog(n ast.Node, name string) (connector.Metadata, error) {
	if md := b.env.Catalogs.Metadata(name); md != nil {
		return md, nil
	}
	return nil, errAt(n, trinoerr.CatalogNotFound, "Catalog '%s' not found", name)
}

// schemaRef is a schema that a statement names, in a catalog that exists; whether the schema does is for the statement to judge.
type schemaRef struct {
	catalog, schema string
	md              connector.Metadata
	exists          bool
}

// schema looks up a schema by its name, which may be nil: the session's.
func (b *binder) schema(n ast.Node, name *ast.QualifiedName) (ref schemaRef, err error) {
	if ref.catalog, ref.schema, err = b.schemaName(n, name); err != nil {
		return ref, err
	}
	if ref.md, err = b.catalog(n, ref.catalog); err != nil {
		return ref, err
	}
	if ref.exists, err = b.schemaExists(ref.md, ref.schema); err != nil {
		return ref, located(n, err)
	}
	return ref, nil
}

// schemaExists reports whether a catalog has a schema; every catalog has information_schema.
func (b *binder) schemaExists(md connector.Metadata, schema string) (bool, error) {
	if schema == informationSchema {
		return true, nil
	}
	names, err := md.Schemas(b.ctx)
	if err != nil {
		return false, err
	}
	if slices.Contains(names, schema) {
		return true, nil
	}
	return false, nil
}
