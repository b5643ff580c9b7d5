package metastore

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// metadataFile holds the metadata of a directory; for a schema it is a suffix.
const metadataFile = ".trinoSchema"

// parallelism is how many files are read at a time.
const parallelism = 16

// file keeps the metadata of schemas, tables and table partitions in files, laid out as Trino's FileHiveMetastore does:
//
//	.<schema>.trinoSchema                       a schema
//	<schema>/<table>/.trinoSchema               a table; the data of a managed one lies beside it
//	<schema>/<table>/<k=v>/.trinoSchema         a table partition
//
// A thing exists if its file does, so making it visible or invisible is one write or removal.
type file struct {
	catalog string
	root    string // the location that the tree's root has
	tree    Tree

	change sync.Mutex // held while something is changed
}

// OpenFile opens a metastore in files of a tree, whose root has a location. The catalog's name is for messages.
func OpenFile(catalog, location string, tree Tree) Metastore {
	return &file{catalog: catalog, root: location, tree: tree}
}

func schemaName(schema string) string { return "." + schema + metadataFile }

func tableDir(name connector.SchemaTable) string { return path.Join(name.Schema, name.Table) }

func tableName(name connector.SchemaTable) string { return path.Join(tableDir(name), metadataFile) }

// A partition's name is not cleaned: what it has of dots is escaped or part of a name.
func partitionDir(table connector.SchemaTable, name string) string {
	return tableDir(table) + "/" + name
}

func partitionFileName(table connector.SchemaTable, name string) string {
	return partitionDir(table, name) + "/" + metadataFile
}

// ValidName refuses names that would lead out of their directory, or are hidden.
func ValidName(name string) bool {
	return name != "" && name[0] != '.' && !strings.ContainsAny(name, "/\x00")
}

// Databases lists the schemas.
func (m *file) Databases(ctx context.Context) ([]string, error) {
	entries, err := m.tree.List(ctx, "")
	if err != nil {
		return nil, failure(err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e, metadataFile); ok && strings.HasPrefix(name, ".") && ValidName(name[1:]) {
			names = append(names, name[1:])
		}
	}
	slices.Sort(names)
	return names, nil
}

// Database reads a schema.
func (m *file) Database(ctx context.Context, name string) (*Database, error) {
	if !ValidName(name) {
		return nil, nil
	}
	var f schemaFile
	found, _, err := m.read(ctx, schemaName(name), &f)
	if !found {
		return nil, err
	}
	d := &Database{Name: name, Location: f.Location, Owner: f.OwnerName, Comment: f.Comment, Parameters: parameters(f.Parameters)}
	if d.Location == "" {
		d.Location = Join(m.root, name)
	}
	return d, nil
}

// CreateDatabase writes a schema's file.
func (m *file) CreateDatabase(ctx context.Context, d *Database) error {
	m.change.Lock()
	defer m.change.Unlock()
	if !ValidName(d.Name) {
		return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid schema name: '%s'", d.Name)
	}
	if old, err := m.Database(ctx, d.Name); old != nil || err != nil {
		if err == nil {
			err = trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", m.catalog, d.Name)
		}
		return err
	}
	f := &schemaFile{WriterVersion: formatVersion, OwnerName: d.Owner, Comment: d.Comment, Parameters: parameters(d.Parameters)}
	if d.Location != Join(m.root, d.Name) {
		f.Location = d.Location
	}
	return m.write(ctx, schemaName(d.Name), f, nil)
}

// DropDatabase removes a schema's file. What is no table stays where it is.
func (m *file) DropDatabase(ctx context.Context, name string) error {
	m.change.Lock()
	defer m.change.Unlock()
	tables, err := m.Tables(ctx, name)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	if err := m.tree.Remove(ctx, schemaName(name)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", m.catalog, name)
		}
		return failure(err)
	}
	return failure(m.tree.RemoveEmpty(ctx, name, ""))
}

// Tables lists the tables of a schema. Which of them are views their files say.
func (m *file) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	if d, err := m.Database(ctx, schema); d == nil || err != nil {
		return nil, err
	}
	entries, err := m.tree.List(ctx, schema)
	if err != nil {
		return nil, failure(err)
	}
	found := make([]*tableFile, len(entries))
	if err := inParallel(ctx, len(entries), func(ctx context.Context, i int) error {
		name, isDir := strings.CutSuffix(entries[i], "/")
		if !isDir || !ValidName(name) {
			return nil
		}
		var f tableFile
		ok, _, err := m.read(ctx, tableName(connector.SchemaTable{Schema: schema, Table: name}), &f)
		if err != nil && trinoerr.CodeOf(err) == trinoerr.HiveInvalidMetadata {
			ok, err = true, nil // whoever asks for the table is told
		}
		if ok {
			found[i] = &f
		}
		return err
	}); err != nil {
		return nil, err
	}
	var list []connector.TableName
	for i, f := range found {
		if f != nil {
			name := connector.SchemaTable{Schema: schema, Table: strings.TrimSuffix(entries[i], "/")}
			list = append(list, connector.TableName{SchemaTable: name, View: f.TableType == VirtualView})
		}
	}
	return list, nil
}

// inParallel calls f for 0 to n-1, until one fails.
func inParallel(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelism)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return f(ctx, i)
		})
	}
	return g.Wait()
}

// managedLocation is where the data of a managed table lies: always beside its metadata, as in Trino.
func (m *file) managedLocation(name connector.SchemaTable) string {
	return Join(m.root, name.Schema, name.Table)
}

// Table reads a table.
func (m *file) Table(ctx context.Context, name connector.SchemaTable) (*Table, error) {
	if !ValidName(name.Schema) || !ValidName(name.Table) {
		return nil, nil
	}
	var f tableFile
	found, rest, err := m.read(ctx, tableName(name), &f)
	if !found {
		return nil, err
	}
	t, err := f.table(name, m.managedLocation(name), rest)
	if err != nil {
		return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "%s: %v", tableName(name), err)
	}
	if t.Type == VirtualView {
		t.Storage.Location = ""
	}
	return t, nil
}

// CreateTable writes a table's file.
func (m *file) CreateTable(ctx context.Context, t *Table) error {
	m.change.Lock()
	defer m.change.Unlock()
	version, err := m.checkFree(ctx, t.Name)
	if err != nil {
		return err
	}
	// Behind the table's name there may be something that makes the location unique.
	if rest, ok := strings.CutPrefix(t.Storage.Location, m.managedLocation(t.Name)); t.Type == ManagedTable && (!ok || rest != "" && rest[0] != '-') {
		return trinoerr.New(trinoerr.HiveMetastoreError, "Table directory must be %s", m.managedLocation(t.Name))
	}
	made := *t
	made.kept = &keptOfFile{version: version, statistics: map[string]ColumnStatistics{}}
	return m.put(ctx, &made)
}

// checkFree says why there cannot be a table of a name, and returns the version of its schema's file.
func (m *file) checkFree(ctx context.Context, name connector.SchemaTable) (version string, err error) {
	if !ValidName(name.Table) {
		return "", trinoerr.New(trinoerr.NotSupported, "Invalid table name: '%s'", name.Table)
	}
	var schema schemaFile
	found, _, err := m.read(ctx, schemaName(name.Schema), &schema)
	if err != nil {
		return "", err
	}
	if !found {
		return "", trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", name.Schema)
	}
	old, err := m.Table(ctx, name)
	if old != nil {
		return "", trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", m.catalog, name)
	}
	return schema.WriterVersion, err
}

func (m *file) put(ctx context.Context, t *Table) error {
	managed := m.managedLocation(t.Name)
	if t.Type == VirtualView {
		managed = ""
	}
	f, rest := t.file(managed)
	return m.write(ctx, tableName(t.Name), f, rest)
}

// ReplaceTable writes a table's file anew, but for the statistics.
func (m *file) ReplaceTable(ctx context.Context, t *Table) error {
	m.change.Lock()
	defer m.change.Unlock()
	old, err := m.existing(ctx, t.Name)
	if err != nil {
		return err
	}
	changed := *t
	changed.kept = old.kept
	return m.put(ctx, &changed)
}

func (m *file) existing(ctx context.Context, name connector.SchemaTable) (*Table, error) {
	t, err := m.Table(ctx, name)
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, name)
	}
	return t, err
}

// RenameTable renames a table's directory, with the data of a managed one.
func (m *file) RenameTable(ctx context.Context, name, to connector.SchemaTable) error {
	m.change.Lock()
	defer m.change.Unlock()
	if _, err := m.existing(ctx, name); err != nil {
		return err
	}
	if _, err := m.checkFree(ctx, to); err != nil {
		return err
	}
	return failure(m.tree.Rename(ctx, tableDir(name), tableDir(to)))
}

// DropTable makes a table invisible first: what is left after a crash is no table.
func (m *file) DropTable(ctx context.Context, name connector.SchemaTable, deleteData bool) error {
	m.change.Lock()
	defer m.change.Unlock()
	t, err := m.existing(ctx, name)
	if err != nil {
		return err
	}
	if err := m.tree.Remove(ctx, tableName(name)); err != nil {
		return failure(err)
	}
	if deleteData || t.Storage.Location != m.managedLocation(name) {
		return failure(m.tree.RemoveAll(ctx, tableDir(name)))
	}
	return nil
}

// PartitionNames finds the metadata files of table partitions, as deep as there are partitioning columns.
func (m *file) PartitionNames(ctx context.Context, t *Table) ([]string, error) {
	names := []string{""}
	for range t.PartitionColumns {
		below := make([][]string, len(names))
		if err := inParallel(ctx, len(names), func(ctx context.Context, i int) error {
			entries, err := m.tree.List(ctx, partitionDir(t.Name, names[i]))
			for _, e := range entries {
				if dir, ok := strings.CutSuffix(e, "/"); ok && !Hidden(dir) && strings.Contains(dir, "=") {
					below[i] = append(below[i], strings.TrimPrefix(names[i]+"/"+dir, "/"))
				}
			}
			return failure(err)
		}); err != nil {
			return nil, err
		}
		names = slices.Concat(below...)
	}
	found := make([]bool, len(names))
	err := inParallel(ctx, len(names), func(ctx context.Context, i int) (err error) {
		_, found[i], err = m.tree.Read(ctx, partitionFileName(t.Name, names[i]))
		return failure(err)
	})
	var out []string
	for i, ok := range found {
		if ok {
			out = append(out, names[i])
		}
	}
	return out, err
}

// Hidden files and directories are no part of a table.
func Hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// Partitions reads the files of table partitions.
func (m *file) Partitions(ctx context.Context, t *Table, names []string) ([]*Partition, error) {
	out := make([]*Partition, len(names))
	return out, inParallel(ctx, len(names), func(ctx context.Context, i int) (err error) {
		out[i], err = m.partition(ctx, t, names[i])
		return err
	})
}

func (m *file) partition(ctx context.Context, t *Table, name string) (*Partition, error) {
	var f partitionFile
	found, rest, err := m.read(ctx, partitionFileName(t.Name, name), &f)
	if !found {
		return nil, err
	}
	p := &Partition{Name: name, Columns: f.Columns, Parameters: parameters(f.Parameters), kept: &keptOfFile{statistics: f.ColumnStatistics, rest: rest}}
	if p.Storage, err = f.storage(Join(t.Storage.Location, name), t.Parameters); err != nil {
		return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "%s: %v", partitionFileName(t.Name, name), err)
	}
	return p, nil
}

// AddPartitions writes the files of table partitions.
func (m *file) AddPartitions(ctx context.Context, t *Table, parts []*Partition) error {
	m.change.Lock()
	defer m.change.Unlock()
	for _, p := range parts {
		if old, err := m.partition(ctx, t, p.Name); old != nil || err != nil {
			if err == nil {
				err = trinoerr.New(trinoerr.AlreadyExists, "Partition already exists: %s", p.Name)
			}
			return err
		}
	}
	return inParallel(ctx, len(parts), func(ctx context.Context, i int) error { return m.putPartition(ctx, t, parts[i]) })
}

func (m *file) putPartition(ctx context.Context, t *Table, p *Partition) error {
	managed := Join(t.Storage.Location, p.Name)
	if t.Type == ExternalTable {
		managed = "" // Trino wants to be told
	}
	f, rest := p.file(managed)
	return m.write(ctx, partitionFileName(t.Name, p.Name), f, rest)
}

// ReplacePartition writes a table partition's file anew, but for the statistics.
func (m *file) ReplacePartition(ctx context.Context, t *Table, p *Partition) error {
	m.change.Lock()
	defer m.change.Unlock()
	old, err := m.partition(ctx, t, p.Name)
	if err != nil {
		return err
	}
	if old == nil {
		return trinoerr.New(trinoerr.HivePartitionDroppedDuringQuery, "Partition no longer exists: %s", p.Name)
	}
	changed := *p
	changed.kept = old.kept
	return m.putPartition(ctx, t, &changed)
}

// DropPartition makes a table partition invisible first.
func (m *file) DropPartition(ctx context.Context, t *Table, name string, deleteData bool) error {
	m.change.Lock()
	defer m.change.Unlock()
	if err := m.tree.Remove(ctx, partitionFileName(t.Name, name)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = trinoerr.New(trinoerr.HivePartitionNotFound, "Partition not found: %s", name)
		}
		return failure(err)
	}
	dir := partitionDir(t.Name, name)
	if deleteData {
		if err := m.tree.RemoveAll(ctx, dir); err != nil {
			return failure(err)
		}
	}
	return failure(m.tree.RemoveEmpty(ctx, dir, tableDir(t.Name)))
}

// Statistics are in the files of tables and table partitions.
func (m *file) Statistics(ctx context.Context, t *Table, partitions []string) ([]map[string]ColumnStatistics, error) {
	if partitions == nil {
		return []map[string]ColumnStatistics{keptOf(t.kept).statistics}, nil
	}
	parts, err := m.Partitions(ctx, t, partitions)
	out := make([]map[string]ColumnStatistics, len(parts))
	for i, p := range parts {
		if p != nil {
			out[i] = keptOf(p.kept).statistics
		}
	}
	return out, err
}

// SetStatistics writes the file anew, unless there are no statistics to forget.
func (m *file) SetStatistics(ctx context.Context, t *Table, partition string, columns map[string]ColumnStatistics) error {
	m.change.Lock()
	defer m.change.Unlock()
	if columns == nil {
		columns = map[string]ColumnStatistics{}
	}
	if partition == "" {
		old, err := m.existing(ctx, t.Name)
		if err != nil || len(columns) == 0 && len(keptOf(old.kept).statistics) == 0 {
			return err
		}
		keptOf(old.kept).statistics = columns
		return m.put(ctx, old)
	}
	p, err := m.partition(ctx, t, partition)
	if p == nil || err != nil || len(columns) == 0 && len(keptOf(p.kept).statistics) == 0 {
		return err // dropped meanwhile, if there is no error
	}
	keptOf(p.kept).statistics = columns
	return m.putPartition(ctx, t, p)
}

// PartitionsFirst holds: what has no table's file above it is not seen.
func (m *file) PartitionsFirst() bool { return true }

// Close does nothing: no file stays open.
func (m *file) Close() error { return nil }

// read reads a file into v, and returns what v does not have.
func (m *file) read(ctx context.Context, name string, v any) (found bool, rest extras, err error) {
	data, found, err := m.tree.Read(ctx, name)
	if !found || err != nil {
		return false, nil, failure(err)
	}
	if err := decode(data, v, &rest); err != nil {
		return false, nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "%s: %v", Join(m.root, name), err)
	}
	return true, rest, nil
}

func (m *file) write(ctx context.Context, name string, v any, rest extras) error {
	data, err := encode(v, rest)
	if err != nil {
		return err
	}
	return failure(m.tree.Replace(ctx, name, data))
}

// failure words an error of the storage.
func failure(err error) error {
	return trinoerr.Wrap(err, trinoerr.HiveMetastoreError, "Metastore")
}
