// Package delta is the connector for tables of Delta Lake that are registered in a Hive metastore, as Trino's: either program, and every other
// that follows the protocol, reads and writes the other's tables.
//
// What a table is, its log says (package deltalog). A handle pins a version of it; a scan streams the data files of that version and leaves
// out those whose table partition or statistics rule them out (splits.go, pruning.go), and a task finds the columns in each file by name or
// number (source.go). A write puts data files where they stay; they become visible with the next entry of the log, which carries the query's
// id so that a repeated commit notices (write.go, commit.go). Changed rows become deletion vectors, or their files are written anew
// (change.go, rewrite.go). Start with Connector.
package delta

import (
	"context"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=delta_lake.
var Factory = connector.Factory{
	Name:       "delta_lake",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// settings are the properties of a catalog file.
type settings struct {
	metastore  string
	catalogDir string
	thrift     metastore.ThriftConfig
	files      filesystem.Config
	codec      string
	interval   int
	splitBytes int64
	fileBytes  int64
	unique     bool
	register   bool
	minimum    time.Duration // retention of VACUUM
	vectors    bool
	statistics bool
	security   string
}

const usedBy = "connector/delta"

var properties = config.Table[settings]{
	Title:       "Delta Lake connector",
	Unsupported: filesystem.Unsupported(),
	Properties: append(append(filesystem.Properties(func(s *settings) *filesystem.Config { return &s.files }),
		metastore.ThriftProperties(usedBy, func(s *settings) *metastore.ThriftConfig { return &s.thrift })...), []config.Property[settings]{
		{Name: "hive.metastore", Default: "thrift", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.metastore }, "file", "thrift"),
			Doc:   "Kind of metastore: files, or a Hive metastore."},
		{Name: "hive.metastore.catalog.dir", UsedBy: usedBy,
			Value: config.Text(func(s *settings) *string { return &s.catalogDir }, "a location such as local:///metastore or s3://bucket/metastore", nil),
			Doc:   "Where the files of a metastore of files lie, and the tables of schemas without a location. All nodes must reach it under the same name."},
		{Name: "delta.compression-codec", Default: "SNAPPY", UsedBy: usedBy, Session: &config.SessionInfo{Name: "compression_codec"},
			Value: config.Enum(func(s *settings) *string { return &s.codec }, "NONE", "SNAPPY", "ZSTD", "GZIP"),
			Doc:   "How data files are compressed."},
		{Name: "delta.default-checkpoint-writing-interval", Default: "10", UsedBy: usedBy,
			Value: config.Int(func(s *settings) *int { return &s.interval }, 1, 1_000_000),
			Doc:   "After how many commits a checkpoint is written, for tables that do not say it."},
		{Name: "delta.max-split-size", Default: "64MB", UsedBy: usedBy, Session: &config.SessionInfo{Name: "max_split_size"},
			Value: config.Size(func(s *settings) *int64 { return &s.splitBytes }, 1),
			Doc:   "Files larger than this are cut at row groups into splits of about this size."},
		{Name: "delta.target-max-file-size", Default: "1GB", UsedBy: usedBy, Session: &config.SessionInfo{Name: "target_max_file_size"},
			Value: config.Size(func(s *settings) *int64 { return &s.fileBytes }, 1<<20),
			Doc:   "About how large a data file becomes before another is begun, in tables that are not partitioned."},
		{Name: "delta.unique-table-location", Default: "true", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.unique }),
			Doc:   "Whether the locations of new tables end in something that no other has."},
		{Name: "delta.register-table-procedure.enabled", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.register }),
			Doc:   "Whether `system.register_table` may be called."},
		{Name: "delta.vacuum.min-retention", Default: "7d", UsedBy: usedBy, Session: &config.SessionInfo{Name: "vacuum_min_retention"},
			Value: config.Duration(func(s *settings) *time.Duration { return &s.minimum }, 0),
			Doc:   "The least retention period of `system.vacuum`."},
		{Name: "delta.deletion-vectors-enabled", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.vectors }),
			Doc:   "Whether new tables that do not say it use deletion vectors."},
		{Name: "delta.table-statistics-enabled", Default: "true", UsedBy: usedBy, Session: &config.SessionInfo{Name: "statistics_enabled"},
			Value: config.Bool(func(s *settings) *bool { return &s.statistics }),
			Doc:   "Whether the optimizer is told of the statistics in the log."},
		{Name: "delta.security", Default: "ALLOW_ALL", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.security }, "ALLOW_ALL"),
			Doc:   "Who may do what: everybody everything."},
	}...),
	Check: func(s *settings) error {
		if s.metastore == "file" && s.catalogDir == "" {
			return &config.PropertyError{Property: "hive.metastore", Msg: "file needs hive.metastore.catalog.dir"}
		}
		if s.metastore == "thrift" && len(s.thrift.URIs) == 0 {
			return &config.PropertyError{Property: "hive.metastore", Msg: "thrift needs hive.metastore.uri"}
		}
		return s.files.Check()
	},
}

// codecs are DuckDB's names of the compression codecs.
var codecs = map[string]string{"NONE": "uncompressed", "SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip"}

// kind names this connector's failures with files.
var kind = lake.Kind{Name: "Delta Lake", CannotOpen: trinoerr.DeltaLakeFilesystemError, BadData: trinoerr.DeltaLakeBadData}

// Connector is a catalog of Delta Lake tables.
type Connector struct {
	*connector.Configured[settings]
	settings
	catalog string
	files   filesystem.FileSystem
	roots   []string
	store   metastore.Metastore
	footers *lake.Footers
	env     connector.Env
	now     func() time.Time
}

// New makes a connector. It connects to nothing yet.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	configured, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	s := configured.Settings()
	var dirs []string
	if dir := strings.TrimPrefix(s.catalogDir, "file:"); strings.HasPrefix(dir, "/") && !s.files.Local.Enabled {
		dirs = append(dirs, "/"+strings.TrimLeft(dir, "/"))
	}
	files := filesystem.New(s.files, filesystem.Options{LocalDirs: dirs, Failed: trinoerr.DeltaLakeFilesystemError})
	c := &Connector{Configured: configured, settings: s, catalog: cfg.Catalog, files: files, roots: files.LocalRoots(),
		footers: lake.NewFooters(files, kind, lake.FooterCacheBytes), env: cfg.Env, now: time.Now}
	if s.metastore == "thrift" {
		c.store, err = metastore.OpenThrift(cfg.Catalog, s.thrift)
		return c, err
	}
	if err := files.Check(s.catalogDir); err != nil {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "hive.metastore.catalog.dir: %v", err)
	}
	c.store = metastore.OpenFile(cfg.Catalog, s.catalogDir, metastore.FileTree(files, s.catalogDir))
	return c, nil
}

// LocalDirs are the directories of this machine below which tables lie.
func (c *Connector) LocalDirs() []string { return c.roots }

// Close releases connections.
func (c *Connector) Close() error {
	err := c.store.Close()
	if e := c.files.Close(); err == nil {
		err = e
	}
	return err
}
