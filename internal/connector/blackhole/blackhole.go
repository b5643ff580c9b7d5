// Package blackhole is the connector that forgets what is written into it and reads as many equal rows as a table's
// properties ask for: for trying out writers and readers without storage.
//
// Tables exist in the coordinator's memory, in a tablemap.Map. Start with Connector; schema.go has the metadata, read.go the
// rows, write.go the sink.
package blackhole

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
)

// Factory makes the connectors of catalogs with connector.name=blackhole.
var Factory = connector.Factory{
	Name:       "blackhole",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// Connector is a catalog of tables without data. On nodes other than the coordinator only the methods of tasks are used.
type Connector struct {
	*tablemap.Map[*table]
	catalog string
}

// table is a table and what its rows are.
type table struct {
	tablemap.Table
	rows   rows
	madeBy string // the query that made it, for CREATE TABLE AS
}

// settings are the properties of a catalog file: there are none.
type settings struct{}

var properties = config.Table[settings]{Title: "Black hole connector"}

// New makes a connector with an empty schema "default".
func New(cfg connector.CatalogConfig) (*Connector, error) {
	if _, err := connector.Properties(cfg, &properties); err != nil {
		return nil, err
	}
	return &Connector{Map: tablemap.New[*table](cfg.Catalog, readID), catalog: cfg.Catalog}, nil
}

// Close does nothing: a connector holds memory only.
func (c *Connector) Close() error { return nil }
