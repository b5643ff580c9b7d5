// Package tablemap has the metadata of connectors that keep their tables' definitions in the coordinator's memory: which
// schemas and tables there are, and under which numbers handles know the tables.
//
// It has what such connectors do alike and no more: what else a table is, which changes a connector allows and what a
// handle looks like are the connector's own. It knows nothing of rows. Start with Map.
package tablemap

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Table is what every table has. Connectors embed it in their own.
type Table struct {
	// ID is the number that handles have: names change and are used again. Add gives it.
	ID int64
	// Columns are shared with descriptions that were handed out: they are replaced, not changed.
	Columns []connector.Column
}

func (t *Table) id() *int64 { return &t.ID }

// entry is a pointer to a connector's own struct that embeds Table.
type entry interface {
	comparable
	id() *int64
}

// Map is the schemas and tables of a catalog. A connector embeds it and so gets Schemas, Tables, CreateSchema and
// RenameTable. The lock is the connector's too, for what else it keeps consistent with its tables.
type Map[T entry] struct {
	catalog string
	readID  func(handle json.RawMessage) (int64, error)

	sync.Mutex
	// SchemaNames and ByName are for who holds the lock. Tables are added by Add.
	SchemaNames map[string]bool
	ByName      map[connector.SchemaTable]T
	// Views share the tables' names; it is nil for connectors that keep none.
	Views  map[connector.SchemaTable]*connector.View
	lastID int64
}

// New makes the metadata of a catalog with an empty schema "default". Of a table's handle, readID tells the table's number.
func New[T entry](catalog string, readID func(handle json.RawMessage) (int64, error)) *Map[T] {
	return &Map[T]{
		catalog:     catalog,
		readID:      readID,
		SchemaNames: map[string]bool{"default": true},
		ByName:      map[connector.SchemaTable]T{},
	}
}

// Schemas lists the schemas.
func (m *Map[T]) Schemas(context.Context) ([]string, error) {
	m.Lock()
	defer m.Unlock()
	return slices.Sorted(maps.Keys(m.SchemaNames)), nil
}

// Tables lists the tables and views of a schema.
func (m *Map[T]) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	m.Lock()
	defer m.Unlock()
	var names []connector.TableName
	for name := range m.ByName {
		if name.Schema == schema {
			names = append(names, connector.TableName{SchemaTable: name})
		}
	}
	for name := range m.Views {
		if name.Schema == schema {
			names = append(names, connector.TableName{SchemaTable: name, View: true})
		}
	}
	slices.SortFunc(names, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return names, nil
}

// CreateSchema creates a schema.
func (m *Map[T]) CreateSchema(_ context.Context, name string, _ map[string]any) error {
	m.Lock()
	defer m.Unlock()
	if m.SchemaNames[name] {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", m.catalog, name)
	}
	m.SchemaNames[name] = true
	return nil
}

// RenameTable renames a table, perhaps into another schema.
func (m *Map[T]) RenameTable(_ context.Context, t *connector.Table, to connector.SchemaTable) error {
	return m.Change(t, func(name connector.SchemaTable, t T) error {
		if err := m.CheckFree(to); err != nil {
			return err
		}
		delete(m.ByName, name)
		m.ByName[to] = t
		return nil
	})
}

// CheckFree says why a table or view of a name cannot be made. The caller holds the lock.
func (m *Map[T]) CheckFree(name connector.SchemaTable) error {
	if !m.SchemaNames[name.Schema] {
		return trinoerr.New(trinoerr.NotFound, "Schema %s not found", name.Schema)
	}
	if _, taken := m.ByName[name]; taken {
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", m.catalog, name)
	}
	if m.Views[name] != nil {
		return trinoerr.New(trinoerr.TableAlreadyExists, "View '%s.%s' already exists", m.catalog, name)
	}
	return nil
}

// Add gives a table its place and number. The caller holds the lock.
func (m *Map[T]) Add(name connector.SchemaTable, t T) error {
	if err := m.CheckFree(name); err != nil {
		return err
	}
	m.lastID++
	*t.id() = m.lastID
	m.ByName[name] = t
	return nil
}

// Find finds a table by its number, whatever its name is by now; nil when it was dropped. The caller holds the lock.
func (m *Map[T]) Find(id int64) (name connector.SchemaTable, t T) {
	for name, t := range m.ByName {
		if *t.id() == id {
			return name, t
		}
	}
	return name, t
}

// Change runs f, under the lock, with the table that t describes, which must still be there.
func (m *Map[T]) Change(t *connector.Table, f func(name connector.SchemaTable, t T) error) error {
	id, err := m.readID(t.Handle)
	if err != nil {
		return err
	}
	m.Lock()
	defer m.Unlock()
	name, found := m.Find(id)
	var none T
	if found == none {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, t.Name)
	}
	return f(name, found)
}
