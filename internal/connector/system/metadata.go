package system

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// metadataTables describe the catalogs.
var metadataTables = []table{
	define("metadata", "catalogs", "catalog_name, connector_id, connector_name", catalogs),
}

func catalogs(_ context.Context, c *Connector, _ filter) (rows [][]any, err error) {
	for _, info := range c.system.Catalogs() {
		rows = append(rows, []any{info.Name, info.Name, info.ConnectorName})
	}
	return rows, nil
}

// eachSchema calls f with the schemas that a filter on two columns lets through.
func (c *Connector) eachSchema(ctx context.Context, f filter, catalog, schema string, do func(connector.CatalogInfo, string) error) error {
	for _, info := range c.system.Catalogs() {
		if !f.allows(catalog, info.Name) {
			continue
		}
		list, err := info.Metadata.Schemas(ctx)
		if err != nil {
			return err
		}
		for _, s := range list {
			if f.allows(schema, s) {
				if err := do(info, s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
