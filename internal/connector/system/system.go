// Package system is the connector of the catalog "system": what the cluster is doing (schema runtime), what its catalogs
// are and can do (metadata), and both in the shape that JDBC drivers ask for (jdbc).
//
// Columns are those of Trino 476. Rows are made on the coordinator when splits are asked for and travel inside the splits,
// so that any task of the cluster can read them. The package knows the cluster only through connector.System. Start with
// tables in schema.go; runtime.go, metadata.go and jdbc.go make the rows, splits.go and source.go carry them.
package system

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Catalog is the name of the catalog; every cluster has it, without a catalog file.
const Catalog = "system"

// Factory makes the connector.
var Factory = connector.Factory{
	Name: "system",
	New:  func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// settings are the properties of a catalog file: there are none.
type settings struct{}

var noProperties = config.Table[settings]{Title: "System connector"}

// Connector is the catalog. On nodes other than the coordinator it has no System and only Source is used.
type Connector struct {
	system connector.System
}

// New makes the connector.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	if _, err := connector.Properties(cfg, &noProperties); err != nil {
		return nil, err
	}
	return &Connector{system: cfg.Env.System}, nil
}

// Close does nothing: a connector holds nothing.
func (c *Connector) Close() error { return nil }
