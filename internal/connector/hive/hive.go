// Package hive is the connector for tables whose rows lie in Parquet files in directories, described by a file metastore as
// Trino's: either program reads and writes the other's tables.
//
// The metastore (metastore.go) is JSON files beside the data. A scan lists the files of the table partitions that its
// constraint leaves (listing.go, partition.go), reads their footers and cuts large files at row groups (splits.go, with package
// lake); DuckDB reads the files itself, or what was fetched of them (source.go). A write stages files out of sight and moves those of the selected attempts into
// place when it is finished (write.go, commit.go). Start with Connector.
package hive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=hive.
var Factory = connector.Factory{
	Name:       "hive",
	Properties: &properties,
	New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
		return New(ctx, cfg)
	},
}

// settings are the properties of a catalog file.
type settings struct {
	metastore        string
	catalogDir       string
	storage          filesystem.Config
	format           string
	codec            string
	useColumnNames   bool
	precision        string
	nonManagedWrites bool
	maxSplitBytes    int64
	security         string
	sortedWriting    bool
	thrift           metastore.ThriftConfig
	existing         string
	allowRegister    bool
}

var properties = config.Table[settings]{
	Title: "Hive connector",
	Properties: slices.Concat(filesystem.Properties(func(s *settings) *filesystem.Config { return &s.storage }), []config.Property[settings]{
		{Name: "hive.metastore", Required: true, UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.metastore }, "file", "thrift"),
			Doc:   "Kind of metastore: files, or a Hive metastore that is spoken to over Thrift."},
		{Name: "hive.metastore.catalog.dir", UsedBy: "connector/hive",
			Value: config.Text(func(s *settings) *string { return &s.catalogDir },
				"a location such as s3://bucket/metastore, local:///metastore or /data/metastore", nil),
			Doc: "Where the files of the file metastore and its tables' data lie. All nodes must reach it under the same name."},
		{Name: "hive.storage-format", Default: "PARQUET", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.format }, formats...),
			Doc:   "Format of new tables that do not say it. PARQUET, CSV, JSON, OPENX_JSON and TEXTFILE can be written and read."},
		{Name: "hive.allow-register-partition-procedure", Default: "false", UsedBy: "connector/hive",
			Value: config.Bool(func(s *settings) *bool { return &s.allowRegister }),
			Doc:   "Whether `system.register_partition` can be called, by which directories anywhere become table partitions."},
		{Name: "hive.insert-existing-partitions-behavior", Default: appendRows, UsedBy: "connector/hive",
			Value:   config.Enum(func(s *settings) *string { return &s.existing }, appendRows, overwriteRows, refuseRows),
			Session: &config.SessionInfo{Name: "insert_existing_partitions_behavior", Description: "Behavior on insert existing partitions; this session property doesn't control behavior on insert existing unpartitioned table"},
			Doc:     "What an INSERT does with table partitions that there are already: it adds rows to them, replaces all their rows, or fails."},
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
		{Name: "hive.sorted-writing-enabled", Default: "true", UsedBy: "connector/hive",
			Value:   config.Bool(func(s *settings) *bool { return &s.sortedWriting }),
			Session: &config.SessionInfo{Name: "sorted_writing_enabled", Description: "Enable writing to bucketed sorted tables"},
			Doc:     "Whether the rows of tables with `sorted_by` have to be sorted when they are written, which is not supported: then writes into them are refused. Otherwise they are written in any order."},
		{Name: "hive.max-split-size", Default: "64MB", UsedBy: "connector/hive",
			Value: config.Size(func(s *settings) *int64 { return &s.maxSplitBytes }, 1),
			Doc:   "Files larger than this are cut at row groups into splits of about this size."},
		{Name: "hive.security", Default: "ALLOW-ALL", UsedBy: "connector/hive",
			Value: config.Enum(func(s *settings) *string { return &s.security }, "ALLOW-ALL"),
			Doc:   "Who may do what: everybody everything."},
	}, metastore.ThriftProperties("connector/hive", func(s *settings) *metastore.ThriftConfig { return &s.thrift })),
	Unsupported: filesystem.Unsupported(),
	Check: func(s *settings) error {
		if err := s.storage.Check(); err != nil {
			return err
		}
		switch {
		case s.metastore == "file" && s.catalogDir == "":
			return &config.PropertyError{Property: "hive.metastore", Msg: "file needs hive.metastore.catalog.dir, where its files lie"}
		case s.metastore == "file" && len(s.thrift.URIs) > 0:
			return &config.PropertyError{Property: "hive.metastore.uri", Msg: "is for hive.metastore=thrift"}
		case s.metastore == "thrift" && len(s.thrift.URIs) == 0:
			return &config.PropertyError{Property: "hive.metastore", Msg: "thrift needs hive.metastore.uri, where the metastore listens"}
		case s.metastore == "thrift" && s.catalogDir != "":
			return &config.PropertyError{Property: "hive.metastore.catalog.dir", Msg: "is for hive.metastore=file"}
		}
		return s.checkCatalogDir()
	},
}

// formats are Trino's names of storage formats; parquet is the one that can be written and read.
var formats = metastore.FormatNames()

const parquetFormat = "PARQUET"

// codecs are DuckDB's names of the compression codecs. Parquet has LZ4 in two ways: Trino reads the older, DuckDB writes the
// other.
var codecs = map[string]string{"NONE": "uncompressed", "SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip"}

// checkCatalogDir refuses a directory in a file system that cannot be used.
func (s *settings) checkCatalogDir() error {
	if s.catalogDir == "" {
		return nil
	}
	msg := ""
	switch scheme := filesystem.Scheme(s.catalogDir); {
	case scheme == "local" && !s.storage.Local.Enabled:
		msg = "local:// needs fs.native-local.enabled=true"
	case s.fileSystem().Check(s.catalogDir) != nil:
		msg = fmt.Sprintf("there is no file system for '%s'", s.catalogDir)
	}
	if msg == "" {
		return nil
	}
	return &config.PropertyError{Property: "hive.metastore.catalog.dir", Msg: msg}
}

// fileSystem is that of the catalog. Plain paths must lie below local.location or else the metastore's directory: a user who can create
// tables cannot reach other files of the nodes.
func (s *settings) fileSystem() *filesystem.Files {
	o := filesystem.Options{Failed: trinoerr.HiveFilesystemError}
	if !s.storage.Local.Enabled && filesystem.Scheme(s.catalogDir) == "file" {
		o.LocalDirs = []string{s.catalogDir}
	}
	return filesystem.New(s.storage, o)
}

// Connector is a catalog of a file metastore.
type Connector struct {
	*connector.Configured[settings]
	settings
	catalog string
	store   metastore.Metastore
	files   filesystem.FileSystem
	local   []string // directories of this machine in which files may lie
	footers *lake.Footers
	env     connector.Env

	// change is held while metadata is changed.
	change sync.Mutex
}

// New makes a connector; it makes the metastore's directory if need be.
func New(ctx context.Context, cfg connector.CatalogConfig) (*Connector, error) {
	configured, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	s := configured.Settings()
	files := s.fileSystem()
	c := &Connector{Configured: configured, settings: s, catalog: cfg.Catalog, local: files.LocalRoots(), env: cfg.Env}
	c.use(files)
	if s.metastore == "thrift" {
		c.store, err = metastore.OpenThrift(c.catalog, s.thrift)
		return c, err
	}
	if err := c.files.CreateDir(ctx, s.catalogDir); err != nil {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.catalog.dir: %v", err)
	}
	c.store = metastore.OpenFile(c.catalog, s.catalogDir, metastore.FileTree(c.files, s.catalogDir))
	return c, nil
}

// use makes a file system that of the tables.
func (c *Connector) use(files filesystem.FileSystem) {
	c.files, c.footers = files, lake.NewFooters(files, kind, lake.FooterCacheBytes)
}

// LocalDirs are the directories below which tables lie that are on this machine.
func (c *Connector) LocalDirs() []string { return c.local }

// Close closes the metastore and the file systems.
func (c *Connector) Close() error { return errors.Join(c.store.Close(), c.files.Close()) }
