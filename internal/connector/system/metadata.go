package system

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

const propertyColumns = "catalog_name, property_name, default_value, type, description"

// metadataTables describe the catalogs. Connectors have no materialized views and no properties of them.
var metadataTables = []table{
	define("metadata", "analyze_properties", propertyColumns, properties(func(c connector.CatalogInfo) []connector.Property {
		if c.Analyses == nil {
			return nil
		}
		return c.Analyses.AnalyzeProperties()
	})),
	define("metadata", "catalogs", "catalog_name, connector_id, connector_name", catalogs),
	define("metadata", "column_properties", propertyColumns, properties(func(c connector.CatalogInfo) []connector.Property {
		if c.Columns == nil {
			return nil
		}
		return c.Columns.ColumnProperties()
	})),
	define("metadata", "materialized_view_properties", propertyColumns, nil),
	define("metadata", "materialized_views", "catalog_name, schema_name, name, storage_catalog, storage_schema, storage_table, freshness, "+
		"last_fresh_time timestamp(9) with time zone, comment, definition", nil),
	define("metadata", "schema_properties", propertyColumns, described(connector.PropertyDescriber.SchemaProperties)),
	define("metadata", "table_comments", "catalog_name, schema_name, table_name, comment", comments),
	define("metadata", "table_properties", propertyColumns, described(connector.PropertyDescriber.TableProperties)),
}

func catalogs(_ context.Context, c *Connector, _ filter) (rows [][]any, err error) {
	for _, info := range c.system.Catalogs() {
		rows = append(rows, []any{info.Name, info.Name, info.ConnectorName})
	}
	return rows, nil
}

// properties lists properties of all catalogs, sorted by name.
func properties(list func(connector.CatalogInfo) []connector.Property) func(context.Context, *Connector, filter) ([][]any, error) {
	return func(_ context.Context, c *Connector, _ filter) (rows [][]any, err error) {
		for _, info := range c.system.Catalogs() {
			sorted := slices.SortedFunc(slices.Values(list(info)), func(a, b connector.Property) int { return strings.Compare(a.Name, b.Name) })
			for _, p := range sorted {
				rows = append(rows, []any{info.Name, p.Name, defaultText(p.Default), p.Type.String(), p.Description})
			}
		}
		return rows, nil
	}
}

// described lists properties that a PropertyDescriber has.
func described(list func(connector.PropertyDescriber) []connector.Property) func(context.Context, *Connector, filter) ([][]any, error) {
	return properties(func(c connector.CatalogInfo) []connector.Property {
		if c.Properties == nil {
			return nil
		}
		return list(c.Properties)
	})
}

// defaultText is a property's default as text; empty when there is none.
func defaultText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	}
	return fmt.Sprint(v)
}

func comments(ctx context.Context, c *Connector, f filter) (rows [][]any, err error) {
	err = c.eachTable(ctx, f, [3]string{"catalog_name", "schema_name", "table_name"}, func(info connector.CatalogInfo, name connector.TableName) error {
		t, err := info.Metadata.Table(ctx, name.SchemaTable)
		if err != nil || t == nil {
			return err
		}
		rows = append(rows, []any{info.Name, name.Schema, name.Table, textOrNull(t.Comment)})
		return nil
	})
	return rows, err
}

func textOrNull(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// eachSchema visits the schemas that a filter lets through; columns are those that have the names of catalog and schema.
func (c *Connector) eachSchema(ctx context.Context, f filter, columns [2]string, visit func(connector.CatalogInfo, string) error) error {
	for _, info := range c.system.Catalogs() {
		if !f.allows(columns[0], info.Name) {
			continue
		}
		list, err := info.Metadata.Schemas(ctx)
		if err != nil {
			return err
		}
		for _, schema := range list {
			if !f.allows(columns[1], schema) {
				continue
			}
			if err := visit(info, schema); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachTable visits the tables and views that a filter lets through.
func (c *Connector) eachTable(ctx context.Context, f filter, columns [3]string, visit func(connector.CatalogInfo, connector.TableName) error) error {
	return c.eachSchema(ctx, f, [2]string(columns[:2]), func(info connector.CatalogInfo, schema string) error {
		list, err := info.Metadata.Tables(ctx, schema)
		if err != nil {
			return err
		}
		for _, name := range list {
			if !f.allows(columns[2], name.Table) {
				continue
			}
			if err := visit(info, name); err != nil {
				return err
			}
		}
		return nil
	})
}
