package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Properties of tables and schemas.
const (
	propFormat         = "format"
	propLocation       = "external_location"
	propPartitionedBy  = "partitioned_by"
	propSchemaLocation = "location"
)

// TableProperties are those of Trino's that have a meaning for Parquet files.
func (c *Connector) TableProperties() []connector.Property {
	varchar := types.Of(types.Varchar)
	return []connector.Property{
		{Name: propFormat, Type: varchar, Default: c.format,
			Description: "Hive storage format for the table. Possible values: [" + strings.Join(formats, ", ") + "]"},
		{Name: propLocation, Type: varchar, Description: "File system location URI for external table"},
		{Name: propPartitionedBy, Type: types.ArrayOf(varchar), Default: []string{}, Description: "Partition columns"},
	}
}

// SchemaProperties is the location.
func (c *Connector) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: propSchemaLocation, Type: types.Of(types.Varchar), Description: "Base file system location URI"}}
}

// Schema says where a schema lies.
func (c *Connector) Schema(_ context.Context, name string) (map[string]any, error) {
	s, err := c.store.schema(name)
	if err != nil || s == nil {
		return nil, err
	}
	location := s.Location
	if location == "" {
		location = join(c.catalogDir, name)
	}
	return map[string]any{propSchemaLocation: location}, nil
}

// CreateSchema creates a schema.
func (c *Connector) CreateSchema(_ context.Context, name string, properties map[string]any) error {
	c.change.Lock()
	defer c.change.Unlock()
	if !validName(name) {
		return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid schema name: '%s'", name)
	}
	old, err := c.store.schema(name)
	if err != nil {
		return err
	}
	if old != nil {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.catalog, name)
	}
	s := &schemaFile{WriterVersion: formatVersion, Parameters: map[string]string{}}
	if location, ok := properties[propSchemaLocation].(string); ok {
		if _, err := c.path(location); err != nil {
			return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid location URI: %s", location)
		}
		s.Location = location
	}
	if err := os.MkdirAll(c.store.schemaDir(name), 0o777); err != nil {
		return metastoreError(err)
	}
	return writeMetadata(c.store.schemaFile(name), s, nil)
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(_ context.Context, name string, cascade bool) error {
	c.change.Lock()
	defer c.change.Unlock()
	s, err := c.store.schema(name)
	if err != nil {
		return err
	}
	if s == nil {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	tables, err := c.store.tables(name)
	if err != nil {
		return err
	}
	if len(tables) > 0 && !cascade {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, t := range tables {
		if err := c.dropTable(connector.SchemaTable{Schema: name, Table: t}); err != nil {
			return err
		}
	}
	if err := os.Remove(c.store.schemaFile(name)); err != nil {
		return metastoreError(err)
	}
	// What is no table stays where it is.
	if err := os.Remove(c.store.schemaDir(name)); err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotEmpty(err) {
		return metastoreError(err)
	}
	return nil
}

// checkFree says why a table of a name cannot be made, and returns the schema.
func (c *Connector) checkFree(name connector.SchemaTable) (*schemaFile, error) {
	if !validName(name.Table) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Invalid table name: '%s'", name.Table)
	}
	s, err := c.store.schema(name.Schema)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, trinoerr.New(trinoerr.NotFound, "Schema %s not found", name.Schema)
	}
	if _, err := os.Stat(c.store.tableFile(name)); err == nil {
		return nil, trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, name)
	}
	return s, nil
}

// newTable makes a table of a definition; queryID is empty when no query writes it.
func (c *Connector) newTable(t *connector.Table, queryID string) (*table, error) {
	schema, err := c.checkFree(t.Name)
	if err != nil {
		return nil, err
	}
	f := &tableFile{WriterVersion: schema.WriterVersion, TableType: managedTable, SerdeParameters: map[string]string{},
		DataColumns: []columnFile{}, PartitionColumns: []columnFile{}, ColumnStatistics: json.RawMessage("{}"),
		Parameters: map[string]string{"transactional": "false", "auto.purge": "false"}}
	if queryID != "" {
		f.Parameters[paramQuery] = queryID
	}
	if t.Comment != nil {
		f.Parameters[paramComment] = *t.Comment
	}
	if err := c.setFormat(f, t.Properties); err != nil {
		return nil, err
	}
	location, external := t.Properties[propLocation].(string)
	if external {
		if _, err := c.path(location); err != nil {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "External location is not a valid file system URI: %s", location)
		}
		f.TableType, f.ExternalLocation = externalTable, location
		f.Parameters["EXTERNAL"] = "TRUE"
	} else {
		location = c.managedLocation(t.Name)
		if schema.Location != "" && schema.Location != join(c.catalogDir, t.Name.Schema) {
			return nil, trinoerr.New(trinoerr.HiveMetastoreError, "Table directory must be %s", location)
		}
	}
	if err := c.setColumns(f, t); err != nil {
		return nil, err
	}
	made := &table{name: t.Name, file: f, external: external, location: location}
	if made.columns, err = c.columns(f.DataColumns, ""); err == nil {
		made.partitionColumns, err = c.columns(f.PartitionColumns, "partition key")
	}
	return made, err
}

func (c *Connector) setFormat(f *tableFile, properties map[string]any) error {
	format := c.format
	if given, ok := properties[propFormat].(string); ok {
		format = strings.ToUpper(given)
	}
	if !slices.Contains(formats, format) {
		return trinoerr.New(trinoerr.InvalidTableProperty, "Unable to set catalog '%s' table property 'format' to ['%s']: Invalid value [%s]. Valid values: [%s]",
			c.catalog, format, format, strings.Join(formats, ", "))
	}
	if format != parquetFormat {
		return trinoerr.New(trinoerr.NotSupported, "Hive storage format %s is not supported; use PARQUET", format)
	}
	var err error
	f.StorageFormat, err = json.Marshal(format)
	return err
}

// setColumns divides columns into those in files and the partitioning ones, which come last.
func (c *Connector) setColumns(f *tableFile, t *connector.Table) error {
	keys, _ := t.Properties[propPartitionedBy].([]string)
	var columns []connector.Column
	for _, col := range t.Columns {
		if !col.Hidden {
			columns = append(columns, col)
		}
	}
	if err := checkKeys(keys, columns); err != nil {
		return err
	}
	for i, col := range columns {
		if col.NotNull {
			return trinoerr.New(trinoerr.NotSupported, "Catalog '%s' does not support non-null column for column name '%s'", c.catalog, col.Name)
		}
		if err := c.checkTimestamps(col.Type, col.Name); err != nil {
			return err
		}
		name, err := hiveType(col.Type)
		if err != nil {
			return err
		}
		made := columnFile{Name: col.Name, Type: name, Comment: col.Comment, Properties: map[string]string{}}
		if i < len(columns)-len(keys) {
			f.DataColumns = append(f.DataColumns, made)
			continue
		}
		if !partitionable(col.Type) {
			return trinoerr.New(trinoerr.NotSupported, "Unsupported type [%s] for partition: %s", col.Type, col.Name)
		}
		f.PartitionColumns = append(f.PartitionColumns, made)
	}
	return nil
}

// checkKeys says why columns cannot be the partitioning columns of a table.
func checkKeys(keys []string, columns []connector.Column) error {
	var missing []string
	for i, k := range keys {
		keys[i] = strings.ToLower(k)
		if !slices.ContainsFunc(columns, func(c connector.Column) bool { return c.Name == keys[i] }) {
			missing = append(missing, k)
		}
	}
	switch {
	case len(missing) > 0:
		return trinoerr.New(trinoerr.InvalidTableProperty, "Partition columns [%s] not present in schema", strings.Join(missing, ", "))
	case len(keys) >= len(columns):
		return trinoerr.New(trinoerr.InvalidTableProperty, "Table contains only partition columns")
	}
	for i, col := range columns[len(columns)-len(keys):] {
		if col.Name != keys[i] {
			return trinoerr.New(trinoerr.HiveColumnOrderMismatch,
				"Partition keys must be the last columns in the table and in the same order as the table properties: [%s]", strings.Join(keys, ", "))
		}
	}
	return nil
}

// checkTimestamps refuses timestamps of another precision than the configured one.
func (c *Connector) checkTimestamps(t types.Type, column string) error {
	if t.Kind == types.Timestamp && t.P != c.digits() {
		return trinoerr.New(trinoerr.NotSupported, "Incorrect timestamp precision for %s; the configured precision is %s; column name: %s", t, c.precision, column)
	}
	for _, a := range t.Args {
		if err := c.checkTimestamps(a.Type, column); err != nil {
			return err
		}
	}
	return nil
}

// CreateTable creates an empty managed table, or an external one over files that are there.
func (c *Connector) CreateTable(_ context.Context, def *connector.Table) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.newTable(def, "")
	if err != nil {
		return err
	}
	if t.external {
		if dir, err := c.path(t.location); err != nil {
			return err
		} else if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return trinoerr.New(trinoerr.InvalidTableProperty, "External location must be a directory: %s", t.location)
		}
	} else if err := c.checkEmpty(t); err != nil {
		return err
	}
	return c.store.putTable(t.name, t.file)
}

// checkEmpty refuses a directory for a new table in which there is something already. Writes that are under way do not count.
func (c *Connector) checkEmpty(t *table) error {
	dir, err := c.path(t.location)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return filesystemError(err, t.location)
	}
	for _, e := range entries {
		if e.Name() != stagingDir {
			return trinoerr.New(trinoerr.HivePathAlreadyExists, "Target directory for table '%s' already exists: %s", t.name, t.location)
		}
	}
	return nil
}

// DropTable drops a table; the data of an external one stays.
func (c *Connector) DropTable(_ context.Context, t *connector.Table) error {
	c.change.Lock()
	defer c.change.Unlock()
	return c.dropTable(t.Name)
}

// dropTable makes a table invisible first: what is left after a crash is no table.
func (c *Connector) dropTable(name connector.SchemaTable) error {
	if err := os.Remove(c.store.tableFile(name)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, name)
		}
		return metastoreError(err)
	}
	if err := os.RemoveAll(c.store.tableDir(name)); err != nil {
		return metastoreError(err)
	}
	return syncDir(c.store.schemaDir(name.Schema))
}

// RenameTable renames a table. The data of a managed one moves along.
func (c *Connector) RenameTable(_ context.Context, t *connector.Table, to connector.SchemaTable) error {
	c.change.Lock()
	defer c.change.Unlock()
	if _, err := c.checkFree(to); err != nil {
		return err
	}
	if err := os.MkdirAll(c.store.schemaDir(to.Schema), 0o777); err != nil {
		return metastoreError(err)
	}
	if err := os.Rename(c.store.tableDir(t.Name), c.store.tableDir(to)); err != nil {
		return metastoreError(err)
	}
	return errors.Join(syncDir(c.store.schemaDir(t.Name.Schema)), syncDir(c.store.schemaDir(to.Schema)))
}

// update changes the file of a table.
func (c *Connector) update(name connector.SchemaTable, f func(t *tableFile) error) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(name)
	if err != nil {
		return err
	}
	if err := f(t.file); err != nil {
		return err
	}
	return c.store.putTable(name, t.file)
}

func isColumn(name string) func(columnFile) bool {
	return func(c columnFile) bool { return strings.EqualFold(c.Name, name) }
}

// AddColumn adds a column, which is NULL in the files that there are.
func (c *Connector) AddColumn(_ context.Context, t *connector.Table, col connector.Column) error {
	if col.NotNull {
		return trinoerr.New(trinoerr.NotSupported, "Catalog '%s' does not support NOT NULL for column '%s'", c.catalog, col.Name)
	}
	name, err := hiveType(col.Type)
	if err != nil {
		return err
	}
	return c.update(t.Name, func(f *tableFile) error {
		f.DataColumns = append(f.DataColumns, columnFile{Name: col.Name, Type: name, Comment: col.Comment, Properties: map[string]string{}})
		return nil
	})
}

// DropColumn drops a column from the metadata; files keep it.
func (c *Connector) DropColumn(_ context.Context, t *connector.Table, column string) error {
	return c.update(t.Name, func(f *tableFile) error {
		if slices.ContainsFunc(f.PartitionColumns, isColumn(column)) {
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop partition columns")
		}
		if len(f.DataColumns) <= 1 {
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop the only non-partition column in a table")
		}
		f.DataColumns = slices.DeleteFunc(f.DataColumns, isColumn(column))
		return nil
	})
}

// RenameColumn renames a column in the metadata; in files that are read by name it is then missing, as in Trino.
func (c *Connector) RenameColumn(_ context.Context, t *connector.Table, column, to string) error {
	return c.update(t.Name, func(f *tableFile) error {
		if slices.ContainsFunc(f.PartitionColumns, isColumn(column)) {
			return trinoerr.New(trinoerr.NotSupported, "Renaming partition columns is not supported")
		}
		if i := slices.IndexFunc(f.DataColumns, isColumn(column)); i >= 0 {
			f.DataColumns[i].Name = to
		}
		return nil
	})
}

// SetComment sets the comment of a table or column.
func (c *Connector) SetComment(_ context.Context, t *connector.Table, column string, comment *string) error {
	return c.update(t.Name, func(f *tableFile) error {
		if column == "" {
			if delete(f.Parameters, paramComment); comment != nil {
				f.Parameters[paramComment] = *comment
			}
			return nil
		}
		for _, list := range [][]columnFile{f.DataColumns, f.PartitionColumns} {
			if i := slices.IndexFunc(list, isColumn(column)); i >= 0 {
				list[i].Comment = comment
			}
		}
		return nil
	})
}

// CanDelete holds for whole table partitions: for a constraint on nothing but the columns that they are made by.
func (c *Connector) CanDelete(_ context.Context, def *connector.Table, constraint []connector.Domain) (bool, error) {
	for _, d := range constraint {
		i := slices.IndexFunc(def.Columns, func(c connector.Column) bool { return c.Name == d.Column })
		if i < 0 || !slices.Contains(def.PartitionColumns, d.Column) || !exact(def.Columns[i].Type) {
			return false, nil
		}
	}
	return true, nil
}

// RowID refuses: rows stay as they were written.
func (c *Connector) RowID(context.Context, *connector.Table) ([]connector.Column, error) {
	return nil, trinoerr.New(trinoerr.NotSupported, "Modifying Hive table rows is only supported for transactional tables")
}

// exact reports whether a constraint on values of a type leaves no doubt: of others, pruning may keep what it cannot judge.
func exact(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal, types.Date, types.Timestamp, types.Varchar:
		return true
	}
	return false
}

// Delete removes table partitions of a managed table, or all its files. How many rows there were is not counted.
func (c *Connector) Delete(_ context.Context, def *connector.Table, constraint []connector.Domain) (int64, error) {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(def.Name)
	if err != nil {
		return 0, err
	}
	if t.external {
		return 0, trinoerr.New(trinoerr.NotSupported, "Cannot delete from non-managed Hive table")
	}
	if len(t.partitionColumns) > 0 {
		return -1, c.dropPartitions(t, constraint)
	}
	p := &partition{location: t.location}
	if err := c.listFiles(p); err != nil {
		return 0, err
	}
	for _, f := range p.files {
		if err := os.Remove(f.path); err != nil {
			return 0, filesystemError(err, t.location)
		}
	}
	forgetStatistics(t.file.Parameters)
	t.file.ColumnStatistics = json.RawMessage("{}")
	return -1, c.store.putTable(t.name, t.file)
}

// dropPartitions drops the table partitions that satisfy a constraint, each by removing its metadata first.
func (c *Connector) dropPartitions(t *table, constraint []connector.Domain) error {
	names, err := c.store.partitionNames(t.name, len(t.partitionColumns))
	if err != nil {
		return err
	}
	for _, name := range names {
		p, err := t.partition(name)
		if err != nil {
			return err
		}
		if !p.satisfies(t, constraint) {
			continue
		}
		file := c.store.partitionFile(t.name, name)
		if err := os.Remove(file); err != nil {
			return metastoreError(err)
		}
		dir := filepath.Dir(file)
		if err := os.RemoveAll(dir); err != nil {
			return metastoreError(err)
		}
		removeEmpty(filepath.Dir(dir), c.store.tableDir(t.name))
	}
	return nil
}

// removeEmpty removes directories from dir upwards, as long as they are empty and below root.
func removeEmpty(dir, root string) {
	for strings.HasPrefix(dir, root+string(filepath.Separator)) && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
