package hive

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
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
	return append([]connector.Property{
		{Name: propFormat, Type: varchar, Default: c.format,
			Description: "Hive storage format for the table. Possible values: [" + strings.Join(formats, ", ") + "]"},
		{Name: propLocation, Type: varchar, Description: "File system location URI for external table"},
		{Name: propPartitionedBy, Type: types.ArrayOf(varchar), Default: []string{}, Description: "Partition columns"},
		{Name: propCSVSeparator, Type: varchar, Description: "CSV separator character"},
		{Name: propCSVQuote, Type: varchar, Description: "CSV quote character"},
		{Name: propCSVEscape, Type: varchar, Description: "CSV escape character"},
		{Name: propTextSeparator, Type: varchar, Description: "TEXTFILE field separator character"},
		{Name: propTextEscape, Type: varchar, Description: "TEXTFILE field separator escape character"},
		{Name: propNullFormat, Type: varchar, Description: "Serialization format for NULL value"},
		{Name: propHeader, Type: types.Of(types.Integer), Description: "Number of header lines"},
		{Name: propFooter, Type: types.Of(types.Integer), Description: "Number of footer lines"},
	}, bucketProperties()...)
}

// SchemaProperties is the location.
func (c *Connector) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: propSchemaLocation, Type: types.Of(types.Varchar), Description: "Base file system location URI"}}
}

// Schema says where a schema lies.
func (c *Connector) Schema(ctx context.Context, name string) (map[string]any, error) {
	d, err := c.store.Database(ctx, name)
	if err != nil || d == nil {
		return nil, err
	}
	return map[string]any{propSchemaLocation: d.Location}, nil
}

// CreateSchema creates a schema, and its directory.
func (c *Connector) CreateSchema(ctx context.Context, name string, properties map[string]any) error {
	c.change.Lock()
	defer c.change.Unlock()
	d := &metastore.Database{Name: name, Parameters: map[string]string{}}
	if location, ok := properties[propSchemaLocation].(string); ok {
		if err := c.files.Check(location); err != nil {
			return trinoerr.New(trinoerr.InvalidSchemaProperty, "Invalid location URI: %s", location)
		}
		d.Location = location
	} else if c.catalogDir != "" && metastore.ValidName(name) {
		d.Location = join(c.catalogDir, name)
	}
	if err := c.store.CreateDatabase(ctx, d); err != nil {
		return err
	}
	if d.Location == "" {
		return nil // the metastore's affair
	}
	return filesystemError(c.files.CreateDir(ctx, d.Location), d.Location)
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	c.change.Lock()
	defer c.change.Unlock()
	d, err := c.store.Database(ctx, name)
	if err != nil {
		return err
	}
	if d == nil {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	tables, err := c.store.Tables(ctx, name)
	if err != nil {
		return err
	}
	if len(tables) > 0 && !cascade {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, t := range tables {
		if err := c.dropTable(ctx, t.SchemaTable); err != nil {
			return err
		}
	}
	return c.store.DropDatabase(ctx, name)
}

// checkFree says why a table of a name cannot be made, and returns the schema.
func (c *Connector) checkFree(ctx context.Context, name connector.SchemaTable) (*metastore.Database, error) {
	if !metastore.ValidName(name.Table) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Invalid table name: '%s'", name.Table)
	}
	d, err := c.store.Database(ctx, name.Schema)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, trinoerr.New(trinoerr.NotFound, "Schema %s not found", name.Schema)
	}
	if t, err := c.store.Table(ctx, name); t != nil || err != nil {
		if err == nil {
			err = trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, name)
		}
		return nil, err
	}
	return d, nil
}

// newTable makes a table of a definition; queryID is empty when no query writes it.
func (c *Connector) newTable(ctx context.Context, t *connector.Table, queryID string) (*table, error) {
	schema, err := c.checkFree(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	f := &metastore.Table{Name: t.Name, Owner: connector.SessionOf(ctx).User, Type: metastore.ManagedTable,
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
		if err := c.files.Check(location); err != nil {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "External location is not a valid file system URI: %s", location)
		}
		f.Type = metastore.ExternalTable
		f.Parameters["EXTERNAL"] = "TRUE"
	} else {
		location = join(schema.Location, t.Name.Table)
		if managed := join(c.catalogDir, t.Name.Schema, t.Name.Table); c.catalogDir != "" && location != managed {
			return nil, trinoerr.New(trinoerr.HiveMetastoreError, "Table directory must be %s", managed)
		}
	}
	f.Storage.Location = location
	if err := c.setColumns(f, t); err != nil {
		return nil, err
	}
	made := &table{name: t.Name, meta: f, external: external, location: location}
	if made.columns, err = c.columns(f.Columns, ""); err == nil {
		made.partitionColumns, err = c.columns(f.PartitionColumns, "partition key")
	}
	if err == nil {
		_, err = made.lineFormat() // whether the format can have such columns
	}
	return made, err
}

func (c *Connector) setFormat(f *metastore.Table, properties map[string]any) error {
	format := c.format
	if given, ok := properties[propFormat].(string); ok {
		format = strings.ToUpper(given)
	}
	if !slices.Contains(formats, format) {
		return trinoerr.New(trinoerr.InvalidTableProperty, "Unable to set catalog '%s' table property 'format' to ['%s']: Invalid value [%s]. Valid values: [%s]",
			c.catalog, format, format, strings.Join(formats, ", "))
	}
	if format != parquetFormat && !lines.Known(format) {
		return trinoerr.New(trinoerr.NotSupported, "Hive storage format %s is not supported; use PARQUET, CSV, JSON, OPENX_JSON or TEXTFILE", format)
	}
	f.Storage.Format = metastore.FormatOf(format)
	return setLineProperties(f, format, properties)
}

// setColumns divides columns into those in files and the partitioning ones, which come last.
func (c *Connector) setColumns(f *metastore.Table, t *connector.Table) error {
	keys, _ := t.Properties[propPartitionedBy].([]string)
	var err error
	var columns []connector.Column
	for _, col := range t.Columns {
		if !col.Hidden {
			columns = append(columns, col)
		}
	}
	if err := checkKeys(keys, columns); err != nil {
		return err
	}
	if f.Storage.Bucketing, err = bucketingOf(t.Properties, columns); err != nil {
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
		made := metastore.Column{Name: col.Name, Type: name, Comment: col.Comment, Properties: map[string]string{}}
		if i < len(columns)-len(keys) {
			f.Columns = append(f.Columns, made)
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
func (c *Connector) CreateTable(ctx context.Context, def *connector.Table) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.newTable(ctx, def, "")
	if err != nil {
		return err
	}
	if t.external {
		if err := c.checkDirectory(t.location); err != nil {
			return err
		}
	} else if err := c.checkEmpty(ctx, t); err != nil {
		return err
	}
	return c.store.CreateTable(ctx, t.meta)
}

// checkEmpty refuses a directory for a new table in which there is something already. Writes that are under way do not count.
func (c *Connector) checkEmpty(ctx context.Context, t *table) error {
	err := c.files.ListDir(ctx, t.location, func(e filesystem.Entry) error {
		if filesystem.Name(e.Location) != stagingDir {
			return trinoerr.New(trinoerr.HivePathAlreadyExists, "Target directory for table '%s' already exists: %s", t.name, t.location)
		}
		return nil
	})
	return filesystemError(err, t.location)
}

// checkDirectory refuses the location of an external table that is no directory. Object stores have none: there, nothing is known.
func (c *Connector) checkDirectory(location string) error {
	if err := c.files.Check(location); err != nil {
		return err
	}
	if dir, ok := c.files.LocalPath(location); ok {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return trinoerr.New(trinoerr.InvalidTableProperty, "External location must be a directory: %s", location)
		}
	}
	return nil
}

// DropTable drops a table; the data of an external one stays.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	c.change.Lock()
	defer c.change.Unlock()
	return c.dropTable(ctx, t.Name)
}

func (c *Connector) dropTable(ctx context.Context, name connector.SchemaTable) error {
	t, err := c.store.Table(ctx, name)
	if err != nil {
		return err
	}
	if t == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, name)
	}
	return c.store.DropTable(ctx, name, t.Type == metastore.ManagedTable)
}

// RenameTable renames a table. The data of a managed one moves along.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	c.change.Lock()
	defer c.change.Unlock()
	if _, err := c.checkFree(ctx, to); err != nil {
		return err
	}
	return c.store.RenameTable(ctx, t.Name, to)
}

// update changes the metadata of a table.
func (c *Connector) update(ctx context.Context, name connector.SchemaTable, f func(t *metastore.Table) error) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(ctx, name)
	if err != nil {
		return err
	}
	if err := f(t.meta); err != nil {
		return err
	}
	return c.store.ReplaceTable(ctx, t.meta)
}

func isColumn(name string) func(metastore.Column) bool {
	return func(c metastore.Column) bool { return strings.EqualFold(c.Name, name) }
}

// AddColumn adds a column, which is NULL in the files that there are.
func (c *Connector) AddColumn(ctx context.Context, t *connector.Table, col connector.Column) error {
	if col.NotNull {
		return trinoerr.New(trinoerr.NotSupported, "Catalog '%s' does not support NOT NULL for column '%s'", c.catalog, col.Name)
	}
	name, err := hiveType(col.Type)
	if err != nil {
		return err
	}
	return c.update(ctx, t.Name, func(f *metastore.Table) error {
		f.Columns = append(f.Columns, metastore.Column{Name: col.Name, Type: name, Comment: col.Comment, Properties: map[string]string{}})
		return nil
	})
}

// DropColumn drops a column from the metadata; files keep it.
func (c *Connector) DropColumn(ctx context.Context, t *connector.Table, column string) error {
	return c.update(ctx, t.Name, func(f *metastore.Table) error {
		if slices.ContainsFunc(f.PartitionColumns, isColumn(column)) {
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop partition columns")
		}
		if bucketedOn(f, column) {
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop bucketing or sorting column '%s'", column)
		}
		if len(f.Columns) <= 1 {
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop the only non-partition column in a table")
		}
		f.Columns = slices.DeleteFunc(f.Columns, isColumn(column))
		return nil
	})
}

// RenameColumn renames a column in the metadata; in files that are read by name it is then missing, as in Trino.
func (c *Connector) RenameColumn(ctx context.Context, t *connector.Table, column, to string) error {
	return c.update(ctx, t.Name, func(f *metastore.Table) error {
		if slices.ContainsFunc(f.PartitionColumns, isColumn(column)) {
			return trinoerr.New(trinoerr.NotSupported, "Renaming partition columns is not supported")
		}
		if bucketedOn(f, column) {
			return trinoerr.New(trinoerr.NotSupported, "Cannot rename bucketing or sorting column '%s'", column)
		}
		if i := slices.IndexFunc(f.Columns, isColumn(column)); i >= 0 {
			f.Columns[i].Name = to
		}
		return nil
	})
}

// SetComment sets the comment of a table or column.
func (c *Connector) SetComment(ctx context.Context, t *connector.Table, column string, comment *string) error {
	return c.update(ctx, t.Name, func(f *metastore.Table) error {
		if column == "" {
			if delete(f.Parameters, paramComment); comment != nil {
				f.Parameters[paramComment] = *comment
			}
			return nil
		}
		for _, list := range [][]metastore.Column{f.Columns, f.PartitionColumns} {
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
func (c *Connector) Delete(ctx context.Context, def *connector.Table, constraint []connector.Domain) (int64, error) {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(ctx, def.Name)
	if err != nil {
		return 0, err
	}
	if t.external {
		return 0, trinoerr.New(trinoerr.NotSupported, "Cannot delete from non-managed Hive table")
	}
	if len(t.partitionColumns) > 0 {
		return -1, c.dropPartitions(ctx, t, constraint)
	}
	p := &partition{location: t.location}
	if err := c.listFiles(ctx, p); err != nil {
		return 0, err
	}
	for _, f := range p.files {
		if err := c.files.Delete(ctx, f.Location); err != nil {
			return 0, filesystemError(err, t.location)
		}
	}
	if err := c.store.SetStatistics(ctx, t.meta, "", nil); err != nil {
		return 0, err
	}
	forgetStatistics(t.meta.Parameters)
	return -1, c.store.ReplaceTable(ctx, t.meta)
}

// dropPartitions drops the table partitions that satisfy a constraint.
func (c *Connector) dropPartitions(ctx context.Context, t *table, constraint []connector.Domain) error {
	names, err := c.store.PartitionNames(ctx, t.meta)
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
		if err := c.store.DropPartition(ctx, t.meta, name, true); err != nil {
			return err
		}
	}
	return nil
}
