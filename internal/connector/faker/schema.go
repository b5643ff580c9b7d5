package faker

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// handle is a table, with what tasks have to know of it: they have no metadata.
type handle struct {
	ID    int64  `json:"id"`
	Rows  int64  `json:"rows"`
	Specs []spec `json:"columns"`
	// Limited says that a limit has been pushed, so that the query says how many rows there are.
	Limited bool `json:"limited,omitempty"`
}

func readHandle(raw json.RawMessage) (handle, error) {
	var h handle
	err := json.Unmarshal(raw, &h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a faker table")
}

func readID(raw json.RawMessage) (int64, error) {
	h, err := readHandle(raw)
	return h.ID, err
}

// The properties' names.
const (
	nullProbability = "null_probability"
	defaultLimit    = "default_limit"
	generator       = "generator"
	minimum         = "min"
	maximum         = "max"
	allowedValues   = "allowed_values"
	step            = "step"
)

var (
	double  = types.Of(types.Double)
	bigint  = types.Of(types.BigInt)
	varchar = types.Of(types.Varchar)
)

// SchemaProperties are what tables of a schema have if they do not say otherwise.
func (c *Connector) SchemaProperties() []connector.Property {
	return []connector.Property{
		{Name: nullProbability, Type: double, Description: "Default probability of null values in any column that allows them, in any table of this schema"},
		{Name: defaultLimit, Type: bigint, Description: "Default limit of rows returned from any table in this schema if not specified in the query"},
	}
}

// TableProperties are Trino's.
func (c *Connector) TableProperties() []connector.Property {
	return []connector.Property{
		{Name: nullProbability, Type: double, Description: "Default probability of null values in any column in this table that allows them"},
		{Name: defaultLimit, Type: bigint, Description: "Default limit of rows returned from this table if not specified in the query"},
	}
}

// ColumnProperties are Trino's.
func (c *Connector) ColumnProperties() []connector.Property {
	return []connector.Property{
		{Name: nullProbability, Type: double, Description: "Default probability of null values in this column, if it allows them"},
		{Name: generator, Type: varchar, Description: "Name of the Faker library generator used to generate data for this column"},
		{Name: minimum, Type: varchar, Description: "Minimum generated value (inclusive)"},
		{Name: maximum, Type: varchar, Description: "Maximum generated value (inclusive)"},
		{Name: allowedValues, Type: types.ArrayOf(varchar), Description: "List of allowed values"},
		{Name: step, Type: varchar, Description: "If set, generate sequential values with this step. For date and time columns set this to a duration"},
	}
}

// checkCommon checks the two properties that schemas and tables share.
func checkCommon(code *trinoerr.Code, props map[string]any) error {
	if p, ok := props[nullProbability].(float64); ok && !(p >= 0 && p <= 1) {
		return trinoerr.New(code, "null_probability value must be between 0 and 1, inclusive")
	}
	if n, ok := props[defaultLimit].(int64); ok && n < 1 {
		return trinoerr.New(code, "default_limit value must be equal or greater than 1")
	}
	return nil
}

// CreateSchema creates a schema.
func (c *Connector) CreateSchema(ctx context.Context, name string, props map[string]any) error {
	if err := checkCommon(trinoerr.InvalidSchemaProperty, props); err != nil {
		return err
	}
	if err := c.Map.CreateSchema(ctx, name, nil); err != nil {
		return err
	}
	c.Lock()
	defer c.Unlock()
	c.schemas[name] = props
	return nil
}

// Schema returns the properties of a schema.
func (c *Connector) Schema(_ context.Context, name string) (map[string]any, error) {
	c.Lock()
	defer c.Unlock()
	return maps.Clone(c.schemas[name]), nil
}

// DropSchema drops a schema.
func (c *Connector) DropSchema(_ context.Context, name string, cascade bool) error {
	c.Lock()
	defer c.Unlock()
	if !c.SchemaNames[name] {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	for t := range c.ByName {
		if t.Schema != name {
			continue
		}
		if !cascade {
			return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s.%s'", c.catalog, name)
		}
		delete(c.ByName, t)
	}
	delete(c.SchemaNames, name)
	delete(c.schemas, name)
	return nil
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	c.Lock()
	defer c.Unlock()
	t := c.ByName[name]
	if t == nil {
		return nil, nil
	}
	raw, err := json.Marshal(handle{ID: t.ID, Rows: t.rows, Specs: t.specs})
	if err != nil {
		return nil, err
	}
	columns := append(slices.Clone(t.Columns), connector.Column{Name: rowID, Type: bigint, NotNull: true, Hidden: true})
	return &connector.Table{Name: name, Columns: columns, Handle: raw, Comment: t.comment, Properties: maps.Clone(t.properties)}, nil
}

// CreateTable keeps a definition.
func (c *Connector) CreateTable(_ context.Context, def *connector.Table) error {
	if err := checkCommon(trinoerr.InvalidTableProperty, def.Properties); err != nil {
		return err
	}
	c.Lock()
	defer c.Unlock()
	// Properties of the table come before those of the schema, and these before the catalog's.
	t := &table{Table: tablemap.Table{Columns: slices.Clone(def.Columns)}, rows: c.settings.rows, comment: def.Comment, properties: maps.Clone(def.Properties)}
	nulls := c.settings.nullProbability
	for _, props := range []map[string]any{c.schemas[def.Name.Schema], def.Properties} {
		if n, ok := props[defaultLimit].(int64); ok {
			t.rows = n
		}
		if p, ok := props[nullProbability].(float64); ok {
			nulls = p
		}
	}
	for _, col := range def.Columns {
		s, err := specOf(col, nulls)
		if err != nil {
			return err
		}
		t.specs = append(t.specs, s)
	}
	return c.Add(def.Name, t)
}

// DropTable forgets a definition.
func (c *Connector) DropTable(_ context.Context, t *connector.Table) error {
	return c.Change(t, func(name connector.SchemaTable, _ *table) error {
		delete(c.ByName, name)
		return nil
	})
}

// SetComment sets a comment.
func (c *Connector) SetComment(_ context.Context, t *connector.Table, column string, comment *string) error {
	return c.Change(t, func(_ connector.SchemaTable, t *table) error {
		if column == "" {
			t.comment = comment
			return nil
		}
		t.Columns = slices.Clone(t.Columns)
		for i := range t.Columns {
			if t.Columns[i].Name == column {
				t.Columns[i].Comment = comment
			}
		}
		return nil
	})
}

// Statistics knows how many rows there will be.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := readHandle(scan.Handle)
	return connector.Statistics{Rows: float64(h.Rows)}, err
}
