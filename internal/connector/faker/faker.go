// Package faker is the connector whose tables have made-up rows: a table is a definition, and reading it gives random values of its
// columns' types, with generators for names, addresses and the like.
//
// What a row has follows from the names of the table and the column, the column's properties and the number of the row alone. So a
// task that is repeated, a query that is asked again and a scan of other columns all see the same rows.
//
// Definitions are kept in the coordinator's memory, in a tablemap.Map. Start with Connector; schema.go has the metadata, column.go what is
// known of a column's values, filter.go how conditions narrow them, source.go the rows, values.go and expression.go what is in them.
package faker

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
)

// Factory makes the connectors of catalogs with connector.name=faker.
var Factory = connector.Factory{
	Name:       "faker",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// Connector is a catalog of tables with made-up rows. On nodes other than the coordinator only the methods of tasks are used.
type Connector struct {
	*tablemap.Map[*table]
	catalog  string
	settings settings
	// schemas are the properties of those that have some; the lock of the map guards them.
	schemas map[string]map[string]any
}

// table is a table and what its rows are.
type table struct {
	tablemap.Table
	rows       int64
	specs      []spec
	comment    *string
	properties map[string]any
}

// settings are the properties of a catalog file.
type settings struct {
	nullProbability float64
	rows            int64
}

var properties = config.Table[settings]{
	Title: "Faker connector",
	Properties: []config.Property[settings]{
		{Name: "faker.null-probability", Default: "0.5", UsedBy: "connector/faker",
			Value: config.Float(func(s *settings) *float64 { return &s.nullProbability }, 0, 1),
			Doc:   "How probable NULL is in columns that allow it, where neither the column, the table nor the schema says."},
		{Name: "faker.default-limit", Default: "1000", UsedBy: "connector/faker",
			Value: config.Long(func(s *settings) *int64 { return &s.rows }, 1),
			Doc:   "How many rows a table has, where neither the table nor the schema says and the query has no LIMIT."},
	},
	Unsupported: []config.Defunct{
		{Name: "faker.locale", Use: "values are made in English only"},
		{Name: "faker.sequence-detection-enabled", Use: "tables are not made of queries"},
		{Name: "faker.dictionary-detection-enabled", Use: "tables are not made of queries"},
	},
}

// New makes a connector with an empty schema "default".
func New(cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	return &Connector{Map: tablemap.New[*table](cfg.Catalog, readID), catalog: cfg.Catalog, settings: s, schemas: map[string]map[string]any{}}, nil
}

// Close does nothing: a connector holds memory only.
func (c *Connector) Close() error { return nil }
