package hive

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Hidden columns, as Trino has them.
const (
	pathColumn      = "$path"
	sizeColumn      = "$file_size"
	modifiedColumn  = "$file_modified_time"
	partitionColumn = "$partition"
)

// table is a table as this package works with it.
type table struct {
	name             connector.SchemaTable
	file             *tableFile
	external         bool
	location         string
	columns          []connector.Column // in files
	partitionColumns []connector.Column
}

func (t *table) partitionNames() []string {
	names := make([]string, len(t.partitionColumns))
	for i, c := range t.partitionColumns {
		names[i] = c.Name
	}
	return names
}

// handle identifies a table. Its rows are those that are there when its splits are listed.
type handle struct {
	Name connector.SchemaTable `json:"name"`
}

// Schemas lists the schemas.
func (c *Connector) Schemas(context.Context) ([]string, error) { return c.store.schemas() }

// Tables lists the tables and views of a schema.
func (c *Connector) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	names, err := c.store.tables(schema)
	out := make([]connector.TableName, len(names))
	for i, n := range names {
		out[i] = connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: n}}
	}
	return out, err
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	t, err := c.load(name)
	if t == nil {
		return nil, err
	}
	h, err := json.Marshal(handle{name})
	if err != nil {
		return nil, err
	}
	out := &connector.Table{Name: name, Handle: h, PartitionColumns: t.partitionNames(),
		Properties: map[string]any{propFormat: t.format()}}
	if comment, set := t.file.Parameters[paramComment]; set {
		out.Comment = &comment
	}
	out.Columns = append(append(out.Columns, t.columns...), t.partitionColumns...)
	if len(t.partitionColumns) > 0 {
		out.Properties[propPartitionedBy] = t.partitionNames()
	}
	if t.external {
		out.Properties[propLocation] = t.location
	}
	out.Columns = append(out.Columns,
		connector.Column{Name: pathColumn, Type: types.Of(types.Varchar), Hidden: true},
		connector.Column{Name: sizeColumn, Type: types.Of(types.BigInt), Hidden: true},
		connector.Column{Name: modifiedColumn, Type: types.TimestampTZP(3), Hidden: true})
	if len(t.partitionColumns) > 0 {
		out.Columns = append(out.Columns, connector.Column{Name: partitionColumn, Type: types.Of(types.Varchar), Hidden: true})
	}
	return out, nil
}

// format returns the storage format.
func (t *table) format() string {
	var name string
	if json.Unmarshal(t.file.StorageFormat, &name) != nil {
		return string(t.file.StorageFormat) // some other combination of classes
	}
	return name
}

// load reads a table; nil when there is none.
func (c *Connector) load(name connector.SchemaTable) (*table, error) {
	f, err := c.store.table(name)
	if f == nil {
		return nil, err
	}
	switch {
	case f.TableType == virtualView:
		return nil, trinoerr.New(trinoerr.NotSupported, "Reading views is not supported: %s", name)
	case strings.EqualFold(f.Parameters["table_type"], "iceberg"):
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "Cannot query Iceberg table '%s'", name)
	case strings.EqualFold(f.Parameters["spark.sql.sources.provider"], "delta"):
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "Cannot query Delta Lake table '%s'", name)
	}
	t := &table{name: name, file: f, external: f.TableType == externalTable, location: c.managedLocation(name)}
	if f.ExternalLocation != "" {
		t.location = f.ExternalLocation
	}
	if t.columns, err = c.columns(f.DataColumns, ""); err != nil {
		return nil, err
	}
	t.partitionColumns, err = c.columns(f.PartitionColumns, "partition key")
	return t, err
}

// managedLocation is where the data of a managed table lies.
func (c *Connector) managedLocation(name connector.SchemaTable) string {
	return join(c.catalogDir, name.Schema, name.Table)
}

// columns makes sense of columns in the metastore.
func (c *Connector) columns(files []columnFile, extra string) ([]connector.Column, error) {
	var out []connector.Column
	for _, f := range files {
		t, err := parseHiveType(f.Type, c.digits())
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Column{Name: strings.ToLower(f.Name), Type: t, Comment: f.Comment, Extra: extra})
	}
	return out, nil
}

// digits is the precision of timestamps.
func (c *Connector) digits() int {
	return map[string]int{"MILLISECONDS": 3, "MICROSECONDS": 6, "NANOSECONDS": 9}[c.precision]
}

// existing reads the table of a statement, which may have been dropped since it was bound.
func (c *Connector) existing(name connector.SchemaTable) (*table, error) {
	t, err := c.load(name)
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, name)
	}
	return t, err
}

// readable says why the rows of a table cannot be read or written.
func (t *table) readable() error {
	if f := t.format(); f != parquetFormat {
		return trinoerr.New(trinoerr.NotSupported, "Hive storage format %s is not supported: %s", f, t.name)
	}
	if strings.EqualFold(t.file.Parameters["transactional"], "true") {
		return trinoerr.New(trinoerr.NotSupported, "Hive transactional tables are not supported: %s", t.name)
	}
	return nil
}
