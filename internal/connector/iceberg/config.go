package iceberg

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector/iceberg/glue"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// settings are the properties of a catalog file.
type settings struct {
	catalogType string
	jdbc        jdbcSettings
	rest        restSettings
	hadoopDir   string
	glue        glue.Config
	thrift      metastore.ThriftConfig
	// hiveLocking says that commits take locks of a Hive metastore, for which they wait as long as hiveLockWait.
	hiveLocking  bool
	hiveLockWait time.Duration

	codec           string
	formatVersion   int
	maxCommitRetry  int
	uniqueLocation  bool
	maxFileBytes    int64
	expireRetention time.Duration
	orphanRetention time.Duration
	registerTable   bool
	projectStats    bool
	extendedStats   bool
	fileFormat      string
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
	hiveMetastore = "HIVE_METASTORE"
	glueMetastore = "GLUE"
	hadoopCatalog = "HADOOP"
)

const usedBy = "connector/iceberg"

func text(field func(*settings) *string, allowed string) config.Value[settings] {
	return config.Text(field, allowed, nil)
}

var properties = config.Table[settings]{
	Title:       "Iceberg connector",
	Unsupported: slices.Concat(filesystem.Unsupported(), glueUnsupported, unsupported),
	Defunct:     defunct,
	Properties: slices.Concat(filesystem.Properties(func(s *settings) *filesystem.Config { return &s.files }),
		metastore.ThriftProperties(usedBy, func(s *settings) *metastore.ThriftConfig { return &s.thrift }), glueProperties(), []config.Property[settings]{
			{Name: "iceberg.catalog.type", Required: true, UsedBy: usedBy,
				Value: config.Enum(func(s *settings) *string { return &s.catalogType }, restCatalog, jdbcCatalog, hiveMetastore, glueMetastore, hadoopCatalog),
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
			{Name: "iceberg.hive-catalog.locking-enabled", Default: "true", UsedBy: usedBy,
				Value: config.Bool(func(s *settings) *bool { return &s.hiveLocking }),
				Doc:   "Whether commits take a lock of the Hive metastore. One of version 4 or later compares and swaps without."},
			{Name: "hive.metastore.thrift.txn-lock-max-wait", Default: "10m", UsedBy: usedBy,
				Value: config.Duration(func(s *settings) *time.Duration { return &s.hiveLockWait }, time.Millisecond),
				Doc:   "How long a commit waits for the lock of its table in the Hive metastore."},
			{Name: "iceberg.file-format", Default: "PARQUET", UsedBy: usedBy,
				Value: config.Enum(func(s *settings) *string { return &s.fileFormat }, "PARQUET"),
				Doc:   "Format of the data files of new tables."},
			{Name: "iceberg.compression-codec", Default: "ZSTD", UsedBy: usedBy, Session: &config.SessionInfo{Name: "compression_codec"},
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
			{Name: "iceberg.target-max-file-size", Default: "1GB", UsedBy: usedBy, Session: &config.SessionInfo{Name: "target_max_file_size"},
				Value: config.Size(func(s *settings) *int64 { return &s.maxFileBytes }, 1<<20),
				Doc:   "About how large a data file becomes before another is begun, in tables that are not partitioned."},
			{Name: "iceberg.expire-snapshots.min-retention", Default: "7d", UsedBy: usedBy, Session: &config.SessionInfo{Name: "expire_snapshots_min_retention"},
				Value: config.Duration(func(s *settings) *time.Duration { return &s.expireRetention }, 0),
				Doc:   "The least `retention_threshold` of expire_snapshots."},
			{Name: "iceberg.remove-orphan-files.min-retention", Default: "7d", UsedBy: usedBy, Session: &config.SessionInfo{Name: "remove_orphan_files_min_retention"},
				Value: config.Duration(func(s *settings) *time.Duration { return &s.orphanRetention }, 0),
				Doc:   "The least `retention_threshold` of remove_orphan_files."},
			{Name: "iceberg.register-table-procedure.enabled", Default: "false", UsedBy: usedBy,
				Value: config.Bool(func(s *settings) *bool { return &s.registerTable }),
				Doc:   "Whether `system.register_table` may be called."},
			{Name: "iceberg.table-statistics-enabled", Default: "true", UsedBy: usedBy, Session: &config.SessionInfo{Name: "statistics_enabled"},
				Value: config.Bool(func(s *settings) *bool { return &s.projectStats }),
				Doc:   "Whether the optimizer is told of the statistics in manifests."},
			{Name: "iceberg.extended-statistics.enabled", Default: "true", UsedBy: usedBy, Session: &config.SessionInfo{Name: "extended_statistics_enabled"},
				Value: config.Bool(func(s *settings) *bool { return &s.extendedStats }),
				Doc:   "Whether ANALYZE can be used, and the optimizer is told of the numbers of distinct values that it found."},
			{Name: "iceberg.security", Default: "ALLOW_ALL", UsedBy: usedBy,
				Value: config.Enum(func(s *settings) *string { return &s.security }, "ALLOW_ALL"),
				Doc:   "Who may do what: everybody everything."},
		}),
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
	case hiveMetastore:
		return need(strings.Join(s.thrift.URIs, ""), "hive.metastore.uri")
	case glueMetastore:
		return checkGlue(&s.glue)
	case jdbcCatalog:
		return errors.Join(need(s.jdbc.url, "iceberg.jdbc-catalog.connection-url"), need(s.jdbc.name, "iceberg.jdbc-catalog.catalog-name"),
			need(s.jdbc.warehouse, "iceberg.jdbc-catalog.default-warehouse-dir"))
	default:
		return need(s.hadoopDir, "waterbear.iceberg.hadoop-warehouse-dir")
	}
}

// localDirs are directories on this machine, if any, below which the catalog's tables lie.
func (s *settings) localDirs() (dirs []string) {
	for _, location := range []string{s.jdbc.warehouse, s.hadoopDir, s.rest.warehouse, s.glue.Warehouse} {
		if p := strings.TrimPrefix(location, "file://"); strings.HasPrefix(p, "/") {
			dirs = append(dirs, p)
		}
	}
	return dirs
}

// unsupported are Trino's properties that mean something that is not there, or that has no need of them.
var unsupported = []config.Defunct{
	{Name: "iceberg.rest-catalog.nested-namespace-enabled", Use: "schemas are namespaces of one level"},
	{Name: "iceberg.rest-catalog.parent-namespace", Use: "schemas are namespaces of one level"},
	{Name: "iceberg.rest-catalog.session", Use: "all queries share one session with the catalog"},
	{Name: "iceberg.rest-catalog.session-timeout", Use: "all queries share one session with the catalog"},
	{Name: "iceberg.rest-catalog.vended-credentials-enabled", Use: "files are reached with the credentials of the catalog file"},
	{Name: "iceberg.rest-catalog.view-endpoints-enabled", Use: "there are no views in Iceberg catalogs"},
	{Name: "iceberg.rest-catalog.sigv4-enabled", Use: "requests to a REST catalog are not signed"},
	{Name: "iceberg.rest-catalog.signing-name", Use: "requests to a REST catalog are not signed"},
	{Name: "iceberg.rest-catalog.case-insensitive-name-matching", Use: "names of tables are in lower case"},
	{Name: "iceberg.rest-catalog.case-insensitive-name-matching.cache-ttl", Use: "names of tables are in lower case"},
	{Name: "iceberg.rest-catalog.oauth2.token-refresh-enabled", Use: "a token that was got for a credential is renewed; it can be removed"},
	{Name: "iceberg.jdbc-catalog.retryable-status-codes", Use: "connections that broke are opened again; it can be removed"},
	{Name: "iceberg.add-files-procedure.enabled", Use: "there is no procedure add_files"},
	{Name: "iceberg.hive-catalog-name", Use: "tables of other formats are not looked for in other catalogs"},
	{Name: "iceberg.use-file-size-from-metadata", Use: "sizes of files are always taken from the metadata"},
	{Name: "iceberg.max-partitions-per-writer", Use: "the partitions of a write are not limited; it can be removed"},
	{Name: "iceberg.idle-writer-min-file-size", Use: "files are closed when the task ends; it can be removed"},
	{Name: "iceberg.dynamic-filtering.wait-timeout", Use: "the optimizer decides what waits for the keys of joins; it can be removed"},
	{Name: "iceberg.extended-statistics.collect-on-write", Use: "use ANALYZE"},
	{Name: "iceberg.projection-pushdown-enabled", Use: "fields of rows are always read alone; it can be removed"},
	{Name: "iceberg.delete-schema-locations-fallback", Use: "the catalog decides about the directories of schemas"},
	{Name: "iceberg.minimum-assigned-split-weight", Use: "splits are weighed by their size; it can be removed"},
	{Name: "iceberg.materialized-views.hide-storage-table", Use: "there are no materialized views"},
	{Name: "iceberg.materialized-views.storage-schema", Use: "there are no materialized views"},
	{Name: "iceberg.incremental-refresh-enabled", Use: "there are no materialized views"},
	{Name: "iceberg.sorted-writing-enabled", Use: "there are no sorted tables"},
	{Name: "iceberg.query-partition-filter-required", Use: "queries may read tables without a filter"},
	{Name: "iceberg.query-partition-filter-required-schemas", Use: "queries may read tables without a filter"},
	{Name: "iceberg.split-manager-threads", Use: "manifests are read by a fixed number of threads; it can be removed"},
	{Name: "iceberg.planning-threads", Use: "manifests are read by a fixed number of threads; it can be removed"},
	{Name: "iceberg.metadata.parallelism", Use: "tables are listed one after the other; it can be removed"},
	{Name: "iceberg.allowed-extra-properties", Use: "the table property 'extra_properties' is not there"},
	{Name: "iceberg.metadata-cache.enabled", Use: "a query reads a table's metadata once; it can be removed"},
	{Name: "iceberg.object-store-layout.enabled", Use: "data files lie together in a directory of the table"},
	{Name: "iceberg.bucket-execution", Use: "the optimizer decides how the order of a table is used; it can be removed"},
	{Name: "iceberg.file-based-conflict-detection", Use: "conflicts are always looked for file by file; it can be removed"},
}

// defunct are earlier names.
var defunct = []config.Defunct{
	{Name: "iceberg.experimental.extended-statistics.enabled", Use: "use 'iceberg.extended-statistics.enabled'"},
	{Name: "iceberg.expire_snapshots.min-retention", Use: "use 'iceberg.expire-snapshots.min-retention'"},
	{Name: "iceberg.remove_orphan_files.min-retention", Use: "use 'iceberg.remove-orphan-files.min-retention'"},
	{Name: "iceberg.add_files-procedure.enabled", Use: "there is no procedure add_files"},
	{Name: "iceberg.allow-legacy-snapshot-syntax", Use: "use FOR VERSION AS OF"},
	{Name: "hive.target-max-file-size", Use: "use 'iceberg.target-max-file-size'"},
	{Name: "hive.delete-schema-locations-fallback", Use: "the catalog decides about the directories of schemas"},
}
