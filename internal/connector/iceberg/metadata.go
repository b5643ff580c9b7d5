package iceberg

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/catalog"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Hidden columns of every table.
const (
	pathColumn      = "$path"
	modifiedColumn  = "$file_modified_time"
	partitionColumn = "$partition"
)

func hiddenColumns() []connector.Column {
	return []connector.Column{
		{Name: partitionColumn, Type: types.Of(types.Varchar), Hidden: true},
		{Name: pathColumn, Type: types.Of(types.Varchar), Hidden: true},
		{Name: modifiedColumn, Type: types.TimestampTZP(3), Hidden: true},
	}
}

// Schemas lists the schemas, which are the namespaces of one level.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	namespaces, err := cat.ListNamespaces(ctx, nil)
	if err != nil {
		return nil, catalogError(err, "list namespaces")
	}
	var out []string
	for _, ns := range namespaces {
		if len(ns) == 1 {
			out = append(out, strings.ToLower(ns[0]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Tables lists the tables of a schema.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	var out []connector.TableName
	for ident, err := range cat.ListTables(ctx, namespace(schema)) {
		if errors.Is(err, catalog.ErrNoSuchNamespace) {
			return nil, nil
		}
		if err != nil {
			return nil, catalogError(err, "list tables of schema %s", schema)
		}
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: strings.ToLower(catalog.TableNameFromIdent(ident))}})
	}
	slices.SortFunc(out, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return out, nil
}

// Table describes a table, or a table about a table ("orders$snapshots").
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	base, kind, special := strings.Cut(name.Table, "$")
	if special {
		return c.metadataTable(ctx, connector.SchemaTable{Schema: name.Schema, Table: base}, kind)
	}
	t, err := c.load(ctx, name)
	if t == nil || err != nil {
		return nil, err
	}
	return c.describe(t, handleOf(name, t, t.CurrentSnapshot()))
}
