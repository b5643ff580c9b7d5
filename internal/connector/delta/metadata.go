package delta

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Schemas lists the schemas.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) { return c.store.Databases(ctx) }

// Tables lists the tables of a schema.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	return c.store.Tables(ctx, schema)
}

// Table describes a table, or one about a table.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	if base, part, ok := systemTable(name); ok {
		t, err := c.load(ctx, base, deltalog.Latest)
		if t == nil || err != nil {
			return nil, err
		}
		return t.describePart(name, part)
	}
	t, err := c.load(ctx, name, deltalog.Latest)
	if t == nil || err != nil {
		return nil, err
	}
	return t.describe()
}

// describe is the table as the engine knows it.
func (t *table) describe() (*connector.Table, error) {
	h, err := json.Marshal(t.handle)
	if err != nil {
		return nil, err
	}
	out := &connector.Table{Name: t.Name, Handle: h, Comment: t.snapshot.Metadata.Description, Properties: t.properties()}
	for _, col := range t.columns {
		out.Columns = append(out.Columns, col.Column)
	}
	out.Columns = append(out.Columns, hiddenColumns()...)
	for _, p := range t.partitions {
		out.PartitionColumns = append(out.PartitionColumns, p.Name)
	}
	return out, nil
}

// Properties of tables and schemas, in statements.
const (
	propLocation   = "location"
	propPartitions = "partitioned_by"
	propInterval   = "checkpoint_interval"
	propFeed       = "change_data_feed_enabled"
	propMapping    = "column_mapping_mode"
	propVectors    = "deletion_vectors_enabled"
)

// TableProperties are Trino's.
func (c *Connector) TableProperties() []connector.Property {
	varchar := types.Of(types.Varchar)
	return []connector.Property{
		{Name: propLocation, Type: varchar, Description: "File system location URI for the table"},
		{Name: propPartitions, Type: types.ArrayOf(varchar), Default: []string{}, Description: "Partition columns"},
		{Name: propInterval, Type: types.Of(types.BigInt), Description: "Checkpoint interval"},
		{Name: propFeed, Type: types.Of(types.Boolean), Description: "Enables storing change data feed entries"},
		{Name: propMapping, Type: varchar, Default: "NONE", Description: "Column mapping mode. Possible values: [ID, NAME, NONE]"},
		{Name: propVectors, Type: types.Of(types.Boolean), Default: c.vectors, Description: "Enables deletion vectors"},
	}
}

// SchemaProperties is the location.
func (c *Connector) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: propLocation, Type: types.Of(types.Varchar), Description: "URI for the default location to store tables created in this schema"}}
}

// properties are those of the table as SHOW CREATE TABLE prints them.
func (t *table) properties() map[string]any {
	out := map[string]any{propLocation: t.Location}
	var names []string
	for _, p := range t.partitions {
		names = append(names, p.Name)
	}
	if len(names) > 0 {
		out[propPartitions] = names
	}
	m := &t.snapshot.Metadata
	if n, err := strconv.ParseInt(m.Configuration[deltalog.PropInterval], 10, 64); err == nil {
		out[propInterval] = n
	}
	if m.Flag(deltalog.PropChangeFeed) {
		out[propFeed] = true
	}
	if t.mode != deltalog.MapNone {
		out[propMapping] = strings.ToUpper(string(t.mode))
	}
	if m.Flag(deltalog.PropVectors) {
		out[propVectors] = true
	}
	return out
}
