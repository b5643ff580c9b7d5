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
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/apache/iceberg-go/catalog"

	"github.com/waterbear-sql/waterbear/internal/config"
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

// settings are the properties of a catalog file.
type settings struct {
	catalogType string
	jdbc        jdbcSettings
	rest        restSettings
	hadoopDir   string

	codec           string
	formatVersion   int
	maxCommitRetry  int
	uniqueLocation  bool
	maxFileBytes    int64
	expireRetention time.Duration
	orphanRetention time.Duration
	registerTable   bool
	projectStats    bool
	security        string

	files filesystem.Config
}

type jdbcSettings struct {
	driver, url, user, password string
	name, warehouse, version    string
}

type restSettings struct {
	uri, prefix, warehouse          string
	security                        string
	token, credential, scope, oauth string
}

// The kinds of catalogs, as iceberg.catalog.type has them.
const (
	restCatalog   = "REST"
	jdbcCatalog   = "JDBC"
	hadoopCatalog = "HADOOP"
)

const usedBy = "connector/iceberg"

func text(field func(*settings) *string, allowed string) config.Value[settings] {
	return config.Text(field, allowed, nil)
}

var properties = config.Table[settings]{
	Title:       "Iceberg connector",
	Unsupported: filesystem.Unsupported(),
	Properties: append(filesystem.Properties(func(s *settings) *filesystem.Config { return &s.files }), []config.Property[settings]{
		{Name: "iceberg.catalog.type", Required: true, UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.catalogType }, restCatalog, jdbcCatalog, hadoopCatalog),
			Doc:   "Kind of the Iceberg catalog. `HADOOP`, a directory without any service, is not one of Trino's."},
		{Name: "iceberg.rest-catalog.uri", UsedBy: usedBy,
			Value: config.Text(func(s *settings) *string { return &s.rest.uri }, "a URI such as http://catalog:8181", checkURI),
			Doc:   "Where the REST catalog is."},
		{Name: "iceberg.rest-catalog.prefix", UsedBy: usedBy, Value: text(func(s *settings) *string { return &s.rest.prefix }, "a path"),
			Doc: "Prefix of the paths of the REST catalog's resources."},
		{Name: "iceberg.rest-catalog.warehouse", UsedBy: usedBy,
			Value: text(func(s *settings) *string { return &s.rest.warehouse }, "a name or location that the catalog knows"),
			Doc:   "The warehouse to ask the REST catalog for."},
		{Name: "iceberg.rest-catalog.security", Default: "NONE", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.rest.security }, "NONE", "OAUTH2"),
			Doc:   "How to log in to the REST catalog."},
		{Name: "iceberg.rest-catalog.oauth2.token", UsedBy: usedBy, Secret: true,
			Value: text(func(s *settings) *string { return &s.rest.token }, "a bearer token"), Doc: "Token for the REST catalog."},
		{Name: "iceberg.rest-catalog.oauth2.credential", UsedBy: usedBy, Secret: true,
			Value: text(func(s *settings) *string { return &s.rest.credential }, "id:secret"),
			Doc:   "Credential to exchange for a token at the REST catalog's authorization server."},
		{Name: "iceberg.rest-catalog.oauth2.scope", UsedBy: usedBy, Value: text(func(s *settings) *string { return &s.rest.scope }, "a scope"),
			Doc: "Scope of the token."},
		{Name: "iceberg.rest-catalog.oauth2.server-uri", UsedBy: usedBy,
			Value: config.Text(func(s *settings) *string { return &s.rest.oauth }, "a URI", checkURI),
			Doc:   "Where the authorization server is; by default the catalog itself."},
		{Name: "iceberg.jdbc-catalog.driver-class", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.jdbc.driver }, "org.postgresql.Driver", "com.mysql.cj.jdbc.Driver", "org.sqlite.JDBC"),
			Doc:   "Kind of the database that is the catalog, named as a JDBC driver's class. By default it follows from the URL."},
		{Name: "iceberg.jdbc-catalog.connection-url", UsedBy: usedBy,
			Value: config.Text(func(s *settings) *string { return &s.jdbc.url }, "a URL such as jdbc:postgresql://host/database", checkJDBC),
			Doc:   "Where the database is: `jdbc:postgresql:`, `jdbc:mysql:` or `jdbc:sqlite:`."},
		{Name: "iceberg.jdbc-catalog.connection-user", UsedBy: usedBy, Value: text(func(s *settings) *string { return &s.jdbc.user }, "a user"),
			Doc: "User of the database."},
		{Name: "iceberg.jdbc-catalog.connection-password", UsedBy: usedBy, Secret: true,
			Value: text(func(s *settings) *string { return &s.jdbc.password }, "a password"), Doc: "Password of the database's user."},
		{Name: "iceberg.jdbc-catalog.catalog-name", UsedBy: usedBy, Value: text(func(s *settings) *string { return &s.jdbc.name }, "a name"),
			Doc: "Name of the catalog within the database, which can hold several."},
		{Name: "iceberg.jdbc-catalog.default-warehouse-dir", UsedBy: usedBy,
			Value: text(func(s *settings) *string { return &s.jdbc.warehouse }, "a location"),
			Doc:   "Where tables lie of schemas that have no location."},
		{Name: "iceberg.jdbc-catalog.schema-version", Default: "V1", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.jdbc.version }, "V0", "V1"),
			Doc:   "Layout of the database's tables. With `V1` an older one is migrated."},
		{Name: "waterbear.iceberg.hadoop-warehouse-dir", UsedBy: usedBy, Value: text(func(s *settings) *string { return &s.hadoopDir }, "a location"),
			Doc: "The directory that is the catalog with `iceberg.catalog.type=HADOOP`: a directory per schema, in it one per table. All nodes must have it in the same place."},
		{Name: "iceberg.compression-codec", Default: "ZSTD", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.codec }, "NONE", "SNAPPY", "ZSTD", "GZIP"),
			Doc:   "How data files are compressed."},
		{Name: "iceberg.format-version", Default: "2", UsedBy: usedBy,
			Value: config.Int(func(s *settings) *int { return &s.formatVersion }, 1, maxFormatVersion),
			Doc:   "Version of the table format of new tables that do not say it."},
		{Name: "iceberg.max-commit-retry", Default: "10", UsedBy: usedBy,
			Value: config.Int(func(s *settings) *int { return &s.maxCommitRetry }, 0, 1000),
			Doc:   "How often a commit that another one came before is rebased and tried again."},
		{Name: "iceberg.unique-table-location", Default: "true", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.uniqueLocation }),
			Doc:   "Whether the locations of new tables end in something that no other has."},
		{Name: "iceberg.target-max-file-size", Default: "1GB", UsedBy: usedBy,
			Value: config.Size(func(s *settings) *int64 { return &s.maxFileBytes }, 1<<20),
			Doc:   "About how large a data file becomes before another is begun, in tables that are not partitioned."},
		{Name: "iceberg.expire-snapshots.min-retention", Default: "7d", UsedBy: usedBy,
			Value: config.Duration(func(s *settings) *time.Duration { return &s.expireRetention }, 0),
			Doc:   "The least `retention_threshold` of expire_snapshots."},
		{Name: "iceberg.remove-orphan-files.min-retention", Default: "7d", UsedBy: usedBy,
			Value: config.Duration(func(s *settings) *time.Duration { return &s.orphanRetention }, 0),
			Doc:   "The least `retention_threshold` of remove_orphan_files."},
		{Name: "iceberg.register-table-procedure.enabled", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.registerTable }),
			Doc:   "Whether `system.register_table` may be called."},
		{Name: "iceberg.table-statistics-enabled", Default: "true", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.projectStats }),
			Doc:   "Whether the optimizer is told of the statistics in manifests."},
		{Name: "iceberg.security", Default: "ALLOW_ALL", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.security }, "ALLOW_ALL"),
			Doc:   "Who may do what: everybody everything."},
	}...),
	Check: checkSettings,
}

// maxFormatVersion is the newest table format that can be read and written.
const maxFormatVersion = 3

func checkURI(s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme == "" || u.Host == "" {
		return fmt.Errorf("'%s' is not a URI", s)
	}
	return nil
}

// checkSettings asks for what the kind of catalog needs.
func checkSettings(s *settings) error {
	if err := s.files.Check(); err != nil {
		return err
	}
	need := func(value, property string) error {
		if value == "" {
			return &config.PropertyError{Property: "iceberg.catalog.type", Msg: s.catalogType + " needs " + property}
		}
		return nil
	}
	switch s.catalogType {
	case restCatalog:
		if s.rest.security == "OAUTH2" && s.rest.token == "" && s.rest.credential == "" {
			return &config.PropertyError{Property: "iceberg.rest-catalog.security",
				Msg: "OAUTH2 needs iceberg.rest-catalog.oauth2.token or iceberg.rest-catalog.oauth2.credential"}
		}
		return need(s.rest.uri, "iceberg.rest-catalog.uri")
	case jdbcCatalog:
		return errors.Join(need(s.jdbc.url, "iceberg.jdbc-catalog.connection-url"), need(s.jdbc.name, "iceberg.jdbc-catalog.catalog-name"),
			need(s.jdbc.warehouse, "iceberg.jdbc-catalog.default-warehouse-dir"))
	default:
		return need(s.hadoopDir, "waterbear.iceberg.hadoop-warehouse-dir")
	}
}

// localDirs are directories on this machine, if any, below which the catalog's tables lie.
func (s *settings) localDirs() (dirs []string) {
	for _, location := range []string{s.jdbc.warehouse, s.hadoopDir, s.rest.warehouse} {
		if p := strings.TrimPrefix(location, "file://"); strings.HasPrefix(p, "/") {
			dirs = append(dirs, p)
		}
	}
	return dirs
}

// Connector is a catalog of Iceberg tables.
type Connector struct {
	settings
	name    string
	env     connector.Env
	storage *storage
	catalog *lazyCatalog
}

// New makes a connector. The catalog is opened when it is first asked: a worker that only reads files never does.
func New(_ context.Context, cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	c := &Connector{settings: s, name: cfg.Catalog, env: cfg.Env}
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
