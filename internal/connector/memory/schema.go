package memory

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
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

func readID(raw json.RawMessage) (int64, error) {
	h, err := readHandle(raw)
	return h.ID, err
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	c.Lock()
	defer c.Unlock()
	t := c.ByName[name]
	if t == nil {
		return nil, nil
	}
	h := handle{ID: t.ID}
	for _, col := range t.Columns {
		h.Columns = append(h.Columns, col.Name)
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return &connector.Table{Name: name, Columns: slices.Clone(t.Columns), Handle: raw, Comment: t.comment}, nil
}

// Statistics knows how many rows there are.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	c.Lock()
	defer c.Unlock()
	t := c.ByName[scan.Table]
	if t == nil {
		return connector.Statistics{Rows: -1}, nil
	}
	return connector.Statistics{Rows: float64(t.rows())}, nil
}

func (t *table) rows() (sum int64) {
	for _, b := range t.blobs {
		sum += b.Rows - b.Deleted
	}
	return sum
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	c.Lock()
	defer c.Unlock()
	if !c.SchemaNames[name] {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	var inside []connector.SchemaTable
	for t := range c.ByName {
		if t.Schema == name {
			inside = append(inside, t)
		}
	}
	isInside := func(v connector.SchemaTable, _ *connector.View) bool { return v.Schema == name }
	views := maps.Clone(c.Views)
	maps.DeleteFunc(views, isInside)
	if !cascade && len(inside)+len(c.Views)-len(views) > 0 {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, t := range inside {
		keys := c.ByName[t].takeAll()
		delete(c.ByName, t)
		if err := c.forget(ctx, keys); err != nil {
			return err
		}
	}
	c.Views = views
	delete(c.SchemaNames, name)
	return nil
}

// RenameSchema renames a schema and with it the names of tables and views.
func (c *Connector) RenameSchema(_ context.Context, name, to string) error {
	c.Lock()
	defer c.Unlock()
	switch {
	case !c.SchemaNames[name]:
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	case c.SchemaNames[to]:
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.catalog, to)
	}
	renamed := map[connector.SchemaTable]*table{}
	for n, t := range c.ByName {
		if n.Schema == name {
			n.Schema = to
		}
		renamed[n] = t
	}
	c.ByName = renamed
	c.renameViews(name, to)
	delete(c.SchemaNames, name)
	c.SchemaNames[to] = true
	return nil
}

// takeAll empties a table and returns the keys of what it held.
func (t *table) takeAll() []string {
	keys := append(t.retired, keysOf(t.blobs)...)
	t.blobs, t.retired = nil, nil
	return keys
}

func keysOf(blobs []blob) []string {
	keys := make([]string, len(blobs))
	for i, b := range blobs {
		keys[i] = b.Key
	}
	return keys
}

// forget deletes blobs.
func (c *Connector) forget(ctx context.Context, keys []string) error {
	for _, k := range keys {
		if err := c.blobs.Delete(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// CreateTable creates an empty table.
func (c *Connector) CreateTable(_ context.Context, t *connector.Table) error {
	c.Lock()
	defer c.Unlock()
	return c.Add(t.Name, newTable(t.Comment, t.Columns))
}

func newTable(comment *string, columns []connector.Column) *table {
	return &table{Table: tablemap.Table{Columns: slices.Clone(columns)}, comment: comment}
}

// DropTable drops a table and its rows.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	return c.Change(t, func(name connector.SchemaTable, t *table) error {
		delete(c.ByName, name)
		return c.forget(ctx, t.takeAll())
	})
}

// Truncate removes all rows.
func (c *Connector) Truncate(ctx context.Context, t *connector.Table) error {
	return c.Change(t, func(_ connector.SchemaTable, t *table) error {
		return c.forget(ctx, t.takeAll())
	})
}

// AddColumn adds a column, which is NULL in all rows that there are.
func (c *Connector) AddColumn(_ context.Context, t *connector.Table, col connector.Column) error {
	return c.Change(t, func(name connector.SchemaTable, t *table) error {
		if col.NotNull && t.rows() > 0 {
			return trinoerr.New(trinoerr.NotSupported, "Unable to add NOT NULL column '%s' for non-empty table: %s", col.Name, name)
		}
		t.Columns = append(slices.Clip(t.Columns), col)
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
func (c *Connector) SetComment(_ context.Context, t *connector.Table, column string, comment *string) error {
	if column != "" {
		return c.changeColumn(t, column, func(col *connector.Column) { col.Comment = comment })
	}
	return c.Change(t, func(_ connector.SchemaTable, t *table) error {
		t.comment = comment
		return nil
	})
}

// DropNotNull lets a column have NULLs.
func (c *Connector) DropNotNull(_ context.Context, t *connector.Table, column string) error {
	return c.changeColumn(t, column, func(col *connector.Column) { col.NotNull = false })
}

func (c *Connector) changeColumn(t *connector.Table, column string, f func(*connector.Column)) error {
	return c.Change(t, func(_ connector.SchemaTable, t *table) error {
		i := slices.IndexFunc(t.Columns, func(col connector.Column) bool { return col.Name == column })
		if i < 0 {
			return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
		}
		t.Columns = slices.Clone(t.Columns)
		f(&t.Columns[i])
		return nil
	})
}
