package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Parameters by which a Hive metastore knows Iceberg tables, as Iceberg's own HiveCatalog has them.
const (
	paramTableType = "table_type"
	paramMetadata  = "metadata_location"
	paramPrevious  = "previous_metadata_location"

	icebergTable = "ICEBERG"
)

// hiveFormat is what the metastore is told of how the rows are stored, as by Iceberg and Trino. Nobody reads them by it.
var hiveFormat = metastore.Format{SerDe: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Input: "org.apache.hadoop.mapred.FileInputFormat",
	Output: "org.apache.hadoop.mapred.FileOutputFormat"}

// hiveCatalog is a Hive metastore as a catalog: it keeps where the metadata of each table is, and a commit is the swap of that location,
// under the table's lock and, by metastores that can, by comparing it with what was read.
type hiveCatalog struct {
	c     *Connector
	store metastore.Locking
	// lock says that commits take the table's lock, for which they wait as long as maxWait.
	lock    bool
	maxWait time.Duration
}

var (
	_ catalog.Catalog        = (*hiveCatalog)(nil)
	_ catalog.PurgeableTable = (*hiveCatalog)(nil)
	_ registrar              = (*hiveCatalog)(nil)
)

func (c *Connector) openHive() (catalog.Catalog, func() error, error) {
	store, err := metastore.OpenThrift(c.name, c.thrift)
	if err != nil {
		return nil, nil, err
	}
	return &hiveCatalog{c: c, store: store, lock: c.hiveLocking, maxWait: c.hiveLockWait}, store.Close, nil
}

// hiveName is the name of a table in the metastore.
func hiveName(ident table.Identifier) (connector.SchemaTable, error) {
	if len(ident) != 2 {
		return connector.SchemaTable{}, fmt.Errorf("%w: %v", catalog.ErrNoSuchTable, ident)
	}
	return connector.SchemaTable{Schema: ident[0], Table: ident[1]}, nil
}

// CatalogType is that of Hive metastores.
func (h *hiveCatalog) CatalogType() catalog.Type { return catalog.Hive }

// stored is a table of the metastore that is one of Iceberg's.
func (h *hiveCatalog) stored(ctx context.Context, ident table.Identifier) (*metastore.Table, error) {
	name, err := hiveName(ident)
	if err != nil {
		return nil, err
	}
	t, err := h.store.Table(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return nil, fmt.Errorf("%w: %s", catalog.ErrNoSuchTable, name)
	case !strings.EqualFold(t.Parameters[paramTableType], icebergTable):
		return nil, notIceberg(name)
	case t.Parameters[paramMetadata] == "":
		return nil, trinoerr.New(trinoerr.IcebergInvalidMetadata, "Table is missing [%s] property: %s", paramMetadata, name)
	}
	return t, nil
}

// notIceberg is the error of a table of another kind.
func notIceberg(name connector.SchemaTable) error {
	return trinoerr.New(trinoerr.UnsupportedTableType, "Not an Iceberg table: %s", name)
}

// at reads a table's metadata.
func (h *hiveCatalog) at(ctx context.Context, ident table.Identifier, location string) (*table.Table, error) {
	return table.NewFromLocation(ctx, ident, location, icebergio.LoadFSFunc(h.c.ioProperties(nil), location), h)
}

// LoadTable loads a table.
func (h *hiveCatalog) LoadTable(ctx context.Context, ident table.Identifier) (*table.Table, error) {
	t, err := h.stored(ctx, ident)
	if err != nil {
		return nil, err
	}
	return h.at(ctx, ident, t.Parameters[paramMetadata])
}

// CheckTableExists reports whether the metastore has a table or view of that name, of whatever kind.
func (h *hiveCatalog) CheckTableExists(ctx context.Context, ident table.Identifier) (bool, error) {
	name, err := hiveName(ident)
	if err != nil {
		return false, err
	}
	t, err := h.store.Table(ctx, name)
	return t != nil, err
}

// ListTables lists the tables of a schema that are Iceberg's.
func (h *hiveCatalog) ListTables(ctx context.Context, namespace table.Identifier) iter.Seq2[table.Identifier, error] {
	return func(yield func(table.Identifier, error) bool) {
		names, err := h.store.TablesWith(ctx, namespace[0], paramTableType, icebergTable, strings.ToLower(icebergTable))
		if err != nil {
			yield(nil, err)
			return
		}
		for _, n := range names {
			if !yield(table.Identifier{namespace[0], n}, nil) {
				return
			}
		}
	}
}

// CreateTable makes an empty table.
func (h *hiveCatalog) CreateTable(ctx context.Context, ident table.Identifier, schema *iceberg.Schema, opts ...catalog.CreateTableOpt) (*table.Table, error) {
	var cfg catalog.CreateTableCfg
	for _, opt := range opts {
		opt(&cfg)
	}
	meta, err := table.NewMetadata(schema, cfg.PartitionSpec, cfg.SortOrder, cfg.Location, cfg.Properties)
	if err != nil {
		return nil, err
	}
	location, err := h.write(ctx, meta, 0)
	if err != nil {
		return nil, err
	}
	if err := h.insert(ctx, ident, meta, location); err != nil {
		return nil, err
	}
	return h.at(ctx, ident, location)
}

// RegisterTable makes a table of metadata that is there.
func (h *hiveCatalog) RegisterTable(ctx context.Context, ident table.Identifier, location string) (*table.Table, error) {
	t, err := h.at(ctx, ident, location)
	if err != nil {
		return nil, err
	}
	return t, h.insert(ctx, ident, t.Metadata(), location)
}

// write puts metadata of a version into a file of its own.
func (h *hiveCatalog) write(ctx context.Context, meta table.Metadata, version int) (string, error) {
	where, err := table.LoadLocationProvider(meta.Location(), meta.Properties())
	if err != nil {
		return "", err
	}
	location, err := where.NewTableMetadataFileLocation(version)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(meta)
	if err != nil {
		return "", err
	}
	return location, filesystem.WriteAll(ctx, h.c.storage.files, location, text, filesystem.CreateOptions{Durable: true, IfAbsent: true})
}

// forget removes metadata that no table has.
func (h *hiveCatalog) forget(ctx context.Context, location string) {
	_ = h.c.storage.files.Delete(ctx, location) // otherwise it is for remove_orphan_files
}

// insert tells the metastore of a new table.
func (h *hiveCatalog) insert(ctx context.Context, ident table.Identifier, meta table.Metadata, location string) error {
	name, err := hiveName(ident)
	if err != nil {
		return err
	}
	t := &metastore.Table{Name: name, Type: metastore.ExternalTable, Columns: hiveColumns(meta.CurrentSchema()), Parameters: map[string]string{},
		Storage: metastore.Storage{Format: hiveFormat, Location: meta.Location()}}
	describeTo(t.Parameters, meta, location)
	err = h.store.CreateTable(ctx, t)
	switch {
	case failedWith(err, trinoerr.TableAlreadyExists):
		return errors.Join(catalog.ErrTableAlreadyExists, err)
	case failedWith(err, trinoerr.SchemaNotFound):
		return errors.Join(catalog.ErrNoSuchNamespace, err)
	}
	return err
}

// failedWith reports whether there is an error, of that code.
func failedWith(err error, code *trinoerr.Code) bool {
	return err != nil && trinoerr.CodeOf(err) == code
}

// describeTo sets the parameters by which the metastore knows a table, and those that others show of it.
func describeTo(p map[string]string, meta table.Metadata, location string) {
	p[paramTableType], p[paramMetadata] = icebergTable, location
	p["uuid"] = meta.TableUUID().String()
	if comment, ok := meta.Properties()[propComment]; ok {
		p[propComment] = comment
	} else {
		delete(p, propComment)
	}
}

// metadataVersion finds the number that the name of a metadata file begins with.
var metadataVersion = regexp.MustCompile(`^v?(\d+)`)

// CommitTable changes a table, or makes one out of nothing. ErrCommitFailed says that another commit came first. A metadata file is removed
// only when it is certain that the metastore does not have it.
func (h *hiveCatalog) CommitTable(ctx context.Context, ident table.Identifier, requirements []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	stored, err := h.stored(ctx, ident)
	if err != nil && !errors.Is(err, catalog.ErrNoSuchTable) {
		return nil, "", err
	}
	if stored == nil {
		return h.commitNew(ctx, ident, requirements, updates)
	}
	was := stored.Parameters[paramMetadata]
	current, err := h.at(ctx, ident, was)
	if err != nil {
		return nil, "", err
	}
	for _, r := range requirements {
		if err := r.Validate(current.Metadata()); err != nil {
			return nil, "", errors.Join(table.ErrCommitFailed, err)
		}
	}
	meta, err := table.UpdateTableMetadata(current.Metadata(), updates, was)
	if err != nil {
		return nil, "", err
	}
	if meta.Equals(current.Metadata()) {
		return meta, was, nil
	}
	version := 0
	if m := metadataVersion.FindStringSubmatch(baseName(was)); m != nil {
		version, _ = strconv.Atoi(m[1]) // 0, for a number too long, is as good: the rest of the name is unique
	}
	location, err := h.write(ctx, meta, version+1)
	if err != nil {
		return nil, "", err
	}
	if err := h.swap(ctx, stored.Name, was, meta, location); err != nil {
		if errors.Is(err, table.ErrCommitFailed) {
			h.forget(ctx, location)
		}
		return nil, "", err
	}
	return meta, location, nil
}

// commitNew makes a table out of updates.
func (h *hiveCatalog) commitNew(ctx context.Context, ident table.Identifier, requirements []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	for _, r := range requirements {
		if err := r.Validate(nil); err != nil {
			return nil, "", err
		}
	}
	nothing, err := table.NewMetadata(iceberg.NewSchema(0), nil, table.UnsortedSortOrder, "", nil)
	if err != nil {
		return nil, "", err
	}
	meta, err := table.UpdateTableMetadata(nothing, updates, "")
	if err != nil {
		return nil, "", err
	}
	location, err := h.write(ctx, meta, 0)
	if err != nil {
		return nil, "", err
	}
	if err := h.insert(ctx, ident, meta, location); err != nil {
		if errors.Is(err, catalog.ErrTableAlreadyExists) || errors.Is(err, catalog.ErrNoSuchNamespace) {
			h.forget(ctx, location)
		}
		return nil, "", err
	}
	return meta, location, nil
}

// swap puts the location of new metadata in the place of what it was made from.
func (h *hiveCatalog) swap(ctx context.Context, name connector.SchemaTable, was string, meta table.Metadata, location string) (err error) {
	if h.lock {
		release, err := h.store.Lock(ctx, name, h.maxWait)
		if err != nil {
			if failedWith(err, trinoerr.TransactionConflict) {
				err = errors.Join(table.ErrCommitFailed, err)
			}
			return err
		}
		// A lock that cannot be released ends by itself; what was committed stays committed.
		defer func() { _ = release(context.WithoutCancel(ctx)) }()
	}
	t, err := h.store.Table(ctx, name)
	switch {
	case err != nil:
		return err
	case t == nil || t.Parameters[paramMetadata] != was:
		return fmt.Errorf("%w: the metadata of %s is not %s any more", table.ErrCommitFailed, name, was)
	}
	t.Parameters = maps.Clone(t.Parameters)
	describeTo(t.Parameters, meta, location)
	t.Parameters[paramPrevious] = was
	t.Storage.Location = meta.Location()
	columns := t.Columns
	t.Columns = hiveColumns(meta.CurrentSchema())
	err = h.store.ReplaceTableIf(ctx, t, paramMetadata, was)
	if err != nil && strings.Contains(err.Error(), "incompatible with the existing columns") {
		// Many metastores refuse to give a column another type or to leave one out. Iceberg's columns are in its metadata; those of the
		// metastore are there for people.
		t.Columns = columns
		err = h.store.ReplaceTableIf(ctx, t, paramMetadata, was)
	}
	if failedWith(err, trinoerr.TransactionConflict) {
		return errors.Join(table.ErrCommitFailed, err)
	}
	return err
}

// DropTable makes the metastore forget a table. Its files stay.
func (h *hiveCatalog) DropTable(ctx context.Context, ident table.Identifier) error {
	t, err := h.stored(ctx, ident)
	if err != nil {
		return err
	}
	return h.store.DropTable(ctx, t.Name, false)
}

// PurgeTable drops a table together with its files.
func (h *hiveCatalog) PurgeTable(ctx context.Context, ident table.Identifier) error {
	t, err := h.LoadTable(ctx, ident)
	if err != nil {
		return err
	}
	if err := h.DropTable(ctx, ident); err != nil {
		return err
	}
	return trinoerr.Wrap(t.PurgeFiles(ctx), trinoerr.IcebergFilesystemError, "Failed to delete the files of %s, which was dropped", strings.Join(ident, "."))
}

// RenameTable gives a table another name.
func (h *hiveCatalog) RenameTable(ctx context.Context, from, to table.Identifier) (*table.Table, error) {
	old, err := h.stored(ctx, from)
	if err != nil {
		return nil, err
	}
	name, err := hiveName(to)
	if err != nil {
		return nil, err
	}
	if there, err := h.CheckNamespaceExists(ctx, to[:1]); err != nil || !there {
		if err == nil {
			err = fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, name.Schema)
		}
		return nil, err
	}
	if err := h.store.RenameTable(ctx, old.Name, name); err != nil {
		return nil, err
	}
	return h.LoadTable(ctx, to)
}

// ListNamespaces lists the schemas.
func (h *hiveCatalog) ListNamespaces(ctx context.Context, _ table.Identifier) (out []table.Identifier, _ error) {
	names, err := h.store.Databases(ctx)
	for _, n := range names {
		out = append(out, table.Identifier{n})
	}
	return out, err
}

// CreateNamespace makes a schema, where the metastore's warehouse is if no location is given.
func (h *hiveCatalog) CreateNamespace(ctx context.Context, namespace table.Identifier, props iceberg.Properties) error {
	err := h.store.CreateDatabase(ctx, &metastore.Database{Name: namespace[0], Location: props[propLocation]})
	if failedWith(err, trinoerr.SchemaAlreadyExists) {
		return errors.Join(catalog.ErrNamespaceAlreadyExists, err)
	}
	return err
}

// DropNamespace drops a schema without tables, of whatever kind.
func (h *hiveCatalog) DropNamespace(ctx context.Context, namespace table.Identifier) error {
	return h.store.DropDatabase(ctx, namespace[0])
}

// CheckNamespaceExists reports whether there is a schema.
func (h *hiveCatalog) CheckNamespaceExists(ctx context.Context, namespace table.Identifier) (bool, error) {
	d, err := h.store.Database(ctx, namespace[0])
	return d != nil, err
}

// LoadNamespaceProperties are the location and the parameters of a schema.
func (h *hiveCatalog) LoadNamespaceProperties(ctx context.Context, namespace table.Identifier) (iceberg.Properties, error) {
	d, err := h.store.Database(ctx, namespace[0])
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, fmt.Errorf("%w: %s", catalog.ErrNoSuchNamespace, namespace[0])
	}
	out := iceberg.Properties(maps.Clone(d.Parameters))
	if out == nil {
		out = iceberg.Properties{}
	}
	out[propLocation] = d.Location
	return out, nil
}

// UpdateNamespaceProperties is not one of the statements that a connector serves.
func (h *hiveCatalog) UpdateNamespaceProperties(context.Context, table.Identifier, []string, iceberg.Properties) (catalog.PropertiesUpdateSummary, error) {
	return catalog.PropertiesUpdateSummary{}, trinoerr.New(trinoerr.NotSupported, "Properties of schemas cannot be changed in a Hive metastore")
}
