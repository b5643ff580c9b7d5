package memory

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// handle identifies a table and has what tasks need to know of it.
type handle struct {
	ID int64 `json:"id"`
	// Columns are the names of the columns, in the order of their numbers.
	Columns []string `json:"columns"`
}

func readHandle(raw json.RawMessage) (handle, error) {
	var h handle
	err := json.Unmarshal(raw, &h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a table in memory")
}

// Schemas lists the schemas.
func (c *Connector) Schemas(context.Context) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.schemas)), nil
}

// Tables lists the tables of a schema.
func (c *Connector) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []connector.TableName
	for name := range c.tables {
		if name.Schema == schema {
			names = append(names, connector.TableName{SchemaTable: name})
		}
	}
	slices.SortFunc(names, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return names, nil
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tables[name]
	if t == nil {
		return nil, nil
	}
	h := handle{ID: t.id}
	for _, col := range t.columns {
		h.Columns = append(h.Columns, col.Name)
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return &connector.Table{Name: name, Columns: slices.Clone(t.columns), Handle: raw, Comment: t.comment}, nil
}

// Statistics knows how many rows there are.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tables[scan.Table]
	if t == nil {
		return connector.Statistics{Rows: -1}, nil
	}
	return connector.Statistics{Rows: float64(t.rows())}, nil
}

func (t *table) rows() (sum int64) {
	for _, b := range t.blobs {
		sum += b.Rows
	}
	return sum
}

// CreateSchema creates a schema.
func (c *Connector) CreateSchema(_ context.Context, name string, _ map[string]any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.schemas[name] {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.catalog, name)
	}
	c.schemas[name] = true
	return nil
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.schemas[name] {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	var inside []connector.SchemaTable
	for t := range c.tables {
		if t.Schema == name {
			inside = append(inside, t)
		}
	}
	if len(inside) > 0 && !cascade {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, t := range inside {
		blobs := c.tables[t].blobs
		delete(c.tables, t)
		if err := c.forget(ctx, blobs); err != nil {
			return err
		}
	}
	delete(c.schemas, name)
	return nil
}

// RenameSchema renames a schema and with it the tables' names.
func (c *Connector) RenameSchema(_ context.Context, name, to string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.schemas[name]:
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	case c.schemas[to]:
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.catalog, to)
	}
	renamed := map[connector.SchemaTable]*table{}
	for n, t := range c.tables {
		if n.Schema == name {
			n.Schema = to
		}
		renamed[n] = t
	}
	c.tables = renamed
	delete(c.schemas, name)
	c.schemas[to] = true
	return nil
}

// forget deletes blobs.
func (c *Connector) forget(ctx context.Context, blobs []blob) error {
	for _, b := range blobs {
		if err := c.blobs.Delete(ctx, b.Key); err != nil {
			return err
		}
	}
	return nil
}

// checkFree says why a table of a name cannot be made.
func (c *Connector) checkFree(name connector.SchemaTable) error {
	if !c.schemas[name.Schema] {
		return trinoerr.New(trinoerr.NotFound, "Schema %s not found", name.Schema)
	}
	if c.tables[name] != nil {
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, name)
	}
	return nil
}

// CreateTable creates an empty table.
func (c *Connector) CreateTable(_ context.Context, t *connector.Table) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.checkFree(t.Name); err != nil {
		return err
	}
	c.create(t.Name, t.Comment, t.Columns)
	return nil
}

func (c *Connector) create(name connector.SchemaTable, comment string, columns []connector.Column) *table {
	c.nextID++
	t := &table{id: c.nextID, comment: comment, columns: slices.Clone(columns)}
	c.tables[name] = t
	return t
}

// change runs f with the table that t describes, which must still be there.
func (c *Connector) change(t *connector.Table, f func(name connector.SchemaTable, t *table) error) error {
	h, err := readHandle(t.Handle)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, found := range c.tables {
		if found.id == h.ID {
			return f(name, found)
		}
	}
	return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, t.Name)
}

// DropTable drops a table and its rows.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	return c.change(t, func(name connector.SchemaTable, t *table) error {
		delete(c.tables, name)
		return c.forget(ctx, t.blobs)
	})
}

// Truncate removes all rows.
func (c *Connector) Truncate(ctx context.Context, t *connector.Table) error {
	return c.change(t, func(_ connector.SchemaTable, t *table) error {
		blobs := t.blobs
		t.blobs = nil
		return c.forget(ctx, blobs)
	})
}

// RenameTable renames a table, perhaps into another schema.
func (c *Connector) RenameTable(_ context.Context, t *connector.Table, to connector.SchemaTable) error {
	return c.change(t, func(name connector.SchemaTable, t *table) error {
		if err := c.checkFree(to); err != nil {
			return err
		}
		delete(c.tables, name)
		c.tables[to] = t
		return nil
	})
}

// AddColumn adds a column, which is NULL in all rows that there are.
func (c *Connector) AddColumn(_ context.Context, t *connector.Table, col connector.Column) error {
	return c.change(t, func(_ connector.SchemaTable, t *table) error {
		if col.NotNull {
			return trinoerr.New(trinoerr.NotSupported, "This connector does not support adding not null columns")
		}
		t.columns = append(slices.Clip(t.columns), col)
		return nil
	})
}

// DropColumn is not supported, as in Trino.
func (c *Connector) DropColumn(context.Context, *connector.Table, string) error {
	return trinoerr.New(trinoerr.NotSupported, "This connector does not support dropping columns")
}

// RenameColumn renames a column.
func (c *Connector) RenameColumn(_ context.Context, t *connector.Table, column, to string) error {
	return c.changeColumn(t, column, func(col *connector.Column) { col.Name = to })
}

// SetComment sets the comment of a table or column.
func (c *Connector) SetComment(_ context.Context, t *connector.Table, column, comment string) error {
	if column != "" {
		return c.changeColumn(t, column, func(col *connector.Column) { col.Comment = comment })
	}
	return c.change(t, func(_ connector.SchemaTable, t *table) error {
		t.comment = comment
		return nil
	})
}

func (c *Connector) changeColumn(t *connector.Table, column string, f func(*connector.Column)) error {
	return c.change(t, func(_ connector.SchemaTable, t *table) error {
		i := slices.IndexFunc(t.columns, func(col connector.Column) bool { return col.Name == column })
		if i < 0 {
			return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
		}
		t.columns = slices.Clone(t.columns)
		f(&t.columns[i])
		return nil
	})
}
