// Package iceberg is the connector for Apache Iceberg tables: metadata in a catalog and in files, rows in Parquet files.
//
// The catalogs and the metadata are iceberg-go's (catalog.go), over the storage that Trino's fs.* properties describe (storage.go). A table's
// handle pins a snapshot (handle.go), so that a scan is planned from manifests alone (splits.go); DuckDB reads the data files, whose columns
// are found by field id (source.go, mapping.go), less the rows that delete files name (deletes.go). A write puts files beside the table's
// (write.go) and makes them visible by one commit, which carries the query's id so that it is never done twice (commit.go); changes of rows
// become position deletes or deletion vectors in that commit (change.go). Start with Connector.
package iceberg

import (
	"context"
	"errors"

	"github.com/apache/iceberg-go/catalog"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=iceberg.
var Factory = connector.Factory{
	Name:       "iceberg",
	Properties: &properties,
	New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
		return New(ctx, cfg)
	},
}

// Connector is a catalog of Iceberg tables.
type Connector struct {
	*connector.Configured[settings]
	settings
	name    string
	env     connector.Env
	storage *storage
	catalog *lazyCatalog
}

// New makes a connector. The catalog is opened when it is first asked: a worker that only reads files never does.
func New(_ context.Context, cfg connector.CatalogConfig) (*Connector, error) {
	configured, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	s := configured.Settings()
	c := &Connector{Configured: configured, settings: s, name: cfg.Catalog, env: cfg.Env}
	c.storage = newStorage(filesystem.New(s.files, filesystem.Options{LocalDirs: s.localDirs(), Failed: trinoerr.IcebergFilesystemError}))
	if s.catalogType == hadoopCatalog {
		dir, ok := c.storage.files.LocalPath(s.hadoopDir)
		if !ok {
			return nil, errors.Join(c.storage.close(), trinoerr.New(trinoerr.ConfigurationInvalid,
				"waterbear.iceberg.hadoop-warehouse-dir: %s is no directory that the nodes have in common: in object storage nothing tells an empty schema from none", s.hadoopDir))
		}
		c.hadoopDir = dir
	}
	c.catalog = &lazyCatalog{open: func(ctx context.Context) (catalog.Catalog, func() error, error) { return openCatalog(ctx, c) }}
	return c, nil
}

// LocalDirs are the directories on this machine in which tables may lie.
func (c *Connector) LocalDirs() []string { return c.storage.files.LocalRoots() }

// ReadsFields says that fields of rows can be read alone: they are columns of their own in Parquet.
func (c *Connector) ReadsFields() {}

// Close lets go of the catalog.
func (c *Connector) Close() error { return errors.Join(c.catalog.close(), c.storage.close()) }
