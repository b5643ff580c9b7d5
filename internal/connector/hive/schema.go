package hive

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Hidden columns, as Trino has them.
const (
	pathColumn      = "$path"
	sizeColumn      = "$file_size"
	modifiedColumn  = "$file_modified_time"
	partitionColumn = "$partition"
	bucketColumn    = "$bucket"
)

// table is a table as this package works with it.
type table struct {
	name             connector.SchemaTable
	meta             *metastore.Table
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
	// Lines is set for tables made of lines of text.
	Lines *lineFormat `json:"lines,omitempty"`
	// About is set for tables about a table, see tables_about.go.
	About string `json:"about,omitempty"`
}

// Schemas lists the schemas.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) { return c.store.Databases(ctx) }

// Tables lists the tables and views of a schema.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	return c.store.Tables(ctx, schema)
}

// Table describes a table.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	if base, about, ok := tableAbout(name); ok {
		return c.describeAbout(ctx, base, about)
	}
	t, err := c.load(ctx, name)
	if t == nil {
		return nil, err
	}
	f, err := t.lineFormat()
	if err != nil {
		return nil, err
	}
	h, err := json.Marshal(handle{Name: name, Lines: f})
	if err != nil {
		return nil, err
	}
	out := &connector.Table{Name: name, Handle: h, PartitionColumns: t.partitionNames(),
		Properties: map[string]any{propFormat: t.format()}}
	if comment, set := t.meta.Parameters[paramComment]; set {
		out.Comment = &comment
	}
	out.Columns = append(append(out.Columns, t.columns...), t.partitionColumns...)
	if len(t.partitionColumns) > 0 {
		out.Properties[propPartitionedBy] = t.partitionNames()
	}
	if t.external {
		out.Properties[propLocation] = t.location
	}
	describeLines(t, out.Properties)
	describeBuckets(t, out.Properties)
	out.Columns = append(out.Columns,
		connector.Column{Name: pathColumn, Type: types.Of(types.Varchar), Hidden: true},
		connector.Column{Name: sizeColumn, Type: types.Of(types.BigInt), Hidden: true},
		connector.Column{Name: modifiedColumn, Type: types.TimestampTZP(3), Hidden: true})
	if len(t.partitionColumns) > 0 {
		out.Columns = append(out.Columns, connector.Column{Name: partitionColumn, Type: types.Of(types.Varchar), Hidden: true})
	}
	if t.meta.Storage.Bucketing != nil {
		out.Columns = append(out.Columns, connector.Column{Name: bucketColumn, Type: types.Of(types.Integer), Hidden: true})
	}
	return out, nil
}

// format returns the storage format.
func (t *table) format() string { return t.meta.Storage.Format.Name() }

// load reads a table; nil when there is none.
func (c *Connector) load(ctx context.Context, name connector.SchemaTable) (*table, error) {
	f, err := c.store.Table(ctx, name)
	if f == nil {
		return nil, err
	}
	switch {
	case f.Type == metastore.VirtualView:
		return nil, nil // see View
	case strings.EqualFold(f.Parameters["table_type"], "iceberg"):
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "Cannot query Iceberg table '%s'", name)
	case strings.EqualFold(f.Parameters["spark.sql.sources.provider"], "delta"):
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "Cannot query Delta Lake table '%s'", name)
	}
	t := &table{name: name, meta: f, external: f.Type == metastore.ExternalTable, location: f.Storage.Location}
	if t.columns, err = c.columns(f.Columns, ""); err != nil {
		return nil, err
	}
	t.partitionColumns, err = c.columns(f.PartitionColumns, "partition key")
	return t, err
}

// columns makes sense of columns in the metastore.
func (c *Connector) columns(files []metastore.Column, extra string) ([]connector.Column, error) {
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
func (c *Connector) existing(ctx context.Context, name connector.SchemaTable) (*table, error) {
	t, err := c.load(ctx, name)
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, name)
	}
	return t, err
}

// readable says why the rows of a table cannot be read or written.
func (t *table) readable() error {
	if f := t.format(); f != parquetFormat && !lines.Known(f) {
		return trinoerr.New(trinoerr.NotSupported, "Hive storage format %s is not supported: %s; tables in PARQUET, CSV, JSON, OPENX_JSON and TEXTFILE are", f, t.name)
	}
	if strings.EqualFold(t.meta.Parameters["transactional"], "true") {
		return trinoerr.New(trinoerr.NotSupported, "Hive transactional tables are not supported: %s", t.name)
	}
	return nil
}
