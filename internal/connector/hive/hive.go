// Package hive is the connector for tables whose rows lie in Parquet files in directories, described by a file metastore as
// Trino's: either program reads and writes the other's tables.
//
// The metastore (metastore.go) is JSON files beside the data. A scan lists the files of the table partitions that its
// constraint leaves (listing.go, partition.go), reads their footers (footer.go) and cuts large files at row groups
// (splits.go); DuckDB reads the files itself. A write stages files out of sight and moves those of the selected attempts into
// place when it is finished (write.go, commit.go). Start with Connector.
package hive

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=hive.
var Factory = connector.Factory{
	Name: "hive",
	New:  func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// settings are the properties of a catalog file.
type settings struct {
	metastore        string
	catalogDir       string
	nativeLocal      bool
	localRoot        string
	format           string
	codec            string
	useColumnNames   bool
	precision        string
	nonManagedWrites bool
	maxSplitBytes    int64
	security         string
}

var properties = config.Table[settings]{
	Title: "Hive connector",
	Properties: []config.Property[settings]{
		{Name: "hive.metastore", Required: true, UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.metastore }, "file"),
			Doc:   "Kind of metastore: files."},
		{Name: "hive.metastore.catalog.dir", Required: true, UsedBy: "connector/hive",
			Value: config.Text(func(s *settings) *string { return &s.catalogDir },
				"a location such as local:///metastore, file:///data/metastore or /data/metastore", checkScheme),
			Doc: "Where the metastore's files and the tables' data lie. All nodes must reach it under the same name."},
		{Name: "fs.native-local.enabled", Default: "false", UsedBy: "connector/hive",
			Value: config.Bool(func(s *settings) *bool { return &s.nativeLocal }),
			Doc:   "Whether locations that begin with `local://` can be used."},
		{Name: "local.location", UsedBy: "connector/hive",
			Value: config.Text(func(s *settings) *string { return &s.localRoot }, "an existing directory", checkDirectory),
			Doc:   "The directory that `local:///` stands for."},
		{Name: "hive.storage-format", Default: "PARQUET", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.format }, formats...),
			Doc:   "Format of new tables that do not say it. Only PARQUET can be written and read."},
		{Name: "hive.compression-codec", Default: "ZSTD", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.codec }, "NONE", "SNAPPY", "LZ4", "ZSTD", "GZIP"),
			Doc:   "How files are compressed. With LZ4, which cannot be used for Parquet, writes are refused, as in Trino."},
		{Name: "hive.parquet.use-column-names", Aliases: []string{"parquet.use-column-names"}, Default: "true", UsedBy: "connector/hive",
			Value: config.Bool(func(s *settings) *bool { return &s.useColumnNames }),
			Doc:   "Whether columns are found in files by name; otherwise by position."},
		{Name: "hive.timestamp-precision", Default: "MILLISECONDS", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.precision }, "MILLISECONDS", "MICROSECONDS", "NANOSECONDS"),
			Doc:   "Precision of columns of type timestamp."},
		{Name: "hive.non-managed-table-writes-enabled", Default: "false", UsedBy: "connector/hive",
			Value: config.Bool(func(s *settings) *bool { return &s.nonManagedWrites }),
			Doc:   "Whether rows can be written into external tables."},
		{Name: "hive.max-split-size", Default: "64MB", UsedBy: "connector/hive",
			Value: config.Size(func(s *settings) *int64 { return &s.maxSplitBytes }, 1),
			Doc:   "Files larger than this are cut at row groups into splits of about this size."},
		{Name: "hive.security", Default: "ALLOW-ALL", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.security }, "ALLOW-ALL"),
			Doc:   "Who may do what: everybody everything."},
	},
	Check: func(s *settings) error {
		if !s.nativeLocal && schemeOf(s.catalogDir) == "local" {
			return &config.PropertyError{Property: "hive.metastore.catalog.dir", Msg: "local:// needs fs.native-local.enabled=true"}
		}
		if s.nativeLocal && s.localRoot == "" {
			return &config.PropertyError{Property: "fs.native-local.enabled", Msg: "needs local.location, the directory that local:/// stands for"}
		}
		return nil
	},
}

// formats are Trino's names of storage formats; parquet is the one that can be written and read.
var formats = []string{"ORC", parquetFormat, "AVRO", "RCBINARY", "RCTEXT", "SEQUENCEFILE", "JSON", "OPENX_JSON", "TEXTFILE", "CSV", "REGEX"}

const parquetFormat = "PARQUET"

// codecs are DuckDB's names of the compression codecs. Parquet has LZ4 in two ways: Trino reads the older, DuckDB writes the
// other.
var codecs = map[string]string{"NONE": "uncompressed", "SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip"}

func checkDirectory(path string) error {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return fmt.Errorf("'%s' is not a directory", path)
	}
	return nil
}

// Connector is a catalog of a file metastore.
type Connector struct {
	settings
	catalog string
	store   metastore
	footers footerCache
	env     connector.Env
	readDir func(dir string) ([]os.DirEntry, error) // of tables

	// change is held while metadata is changed.
	change sync.Mutex
}

// New makes a connector; it makes the metastore's directory if need be.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	c := &Connector{settings: s, catalog: cfg.Catalog, footers: newFooterCache(footerCacheBytes), env: cfg.Env, readDir: os.ReadDir}
	dir, err := c.path(s.catalogDir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.catalog.dir: %v", err)
	}
	c.store = metastore{dir: dir}
	return c, nil
}

// LocalDirs are the directories below which tables lie.
func (c *Connector) LocalDirs() []string {
	dirs := c.roots()
	for i, dir := range dirs {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dirs[i] = real
		}
	}
	return dirs
}

// Close does nothing: no file stays open.
func (c *Connector) Close() error { return nil }
