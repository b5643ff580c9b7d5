package tablemap

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

type noted struct {
	Table
	note string
}

func name(schema, table string) connector.SchemaTable {
	return connector.SchemaTable{Schema: schema, Table: table}
}

var errHandle = errors.New("no handle")

// open makes a catalog with table default.t, number 1, and empty schema s. Handles are numbers.
func open(t *testing.T) *Map[*noted] {
	t.Helper()
	m := New[*noted]("c", func(raw json.RawMessage) (int64, error) {
		id, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return 0, errHandle
		}
		return id, nil
	})
	if err := m.CreateSchema(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	if err := add(m, name("default", "t"), "first"); err != nil {
		t.Fatal(err)
	}
	return m
}

func add(m *Map[*noted], n connector.SchemaTable, note string) error {
	m.Lock()
	defer m.Unlock()
	return m.Add(n, &noted{note: note})
}

func described(n connector.SchemaTable, handle string) *connector.Table {
	return &connector.Table{Name: n, Handle: json.RawMessage(handle)}
}

func tables(t *testing.T, m *Map[*noted], schema string) (names []string) {
	t.Helper()
	list, err := m.Tables(t.Context(), schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		names = append(names, n.Table)
	}
	return names
}

func TestLists(t *testing.T) {
	m := open(t)
	for _, n := range []string{"z", "a"} {
		if err := add(m, name("default", n), ""); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.Schemas(t.Context()); err != nil || !slices.Equal(got, []string{"default", "s"}) {
		t.Errorf("schemas are %v, %v", got, err)
	}
	for schema, want := range map[string][]string{"default": {"a", "t", "z"}, "s": nil, "missing": nil} {
		if got := tables(t, m, schema); !slices.Equal(got, want) {
			t.Errorf("tables of %s are %v, want %v", schema, got, want)
		}
	}
}

// The messages are Trino's.
func TestErrors(t *testing.T) {
	m := open(t)
	there := described(name("default", "t"), "1")
	keep := func(connector.SchemaTable, *noted) error { return nil }
	tests := []struct {
		name, want string
		err        error
	}{
		{"schema exists", "Schema 'c.s' already exists", m.CreateSchema(t.Context(), "s", nil)},
		{"table exists", "Table 'c.default.t' already exists", add(m, name("default", "t"), "")},
		{"table in missing schema", "Schema x not found", add(m, name("x", "t"), "")},
		{"rename to itself", "Table 'c.default.t' already exists", m.RenameTable(t.Context(), there, there.Name)},
		{"rename into missing schema", "Schema x not found", m.RenameTable(t.Context(), there, name("x", "t"))},
		{"dropped table", "Table 'c.default.gone' does not exist", m.Change(described(name("default", "gone"), "9"), keep)},
		{"unreadable handle", errHandle.Error(), m.Change(described(name("default", "t"), "{}"), keep)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got %v, want %q", tt.err, tt.want)
			}
		})
	}
	if got := tables(t, m, "default"); !slices.Equal(got, []string{"t"}) {
		t.Errorf("what failed left tables %v", got)
	}
}

// A handle stays with its table when the table is renamed and its name is used again.
func TestHandlesOutliveNames(t *testing.T) {
	m := open(t)
	before := described(name("default", "t"), "1")
	if err := m.RenameTable(t.Context(), before, name("s", "u")); err != nil {
		t.Fatal(err)
	}
	if err := add(m, before.Name, "second"); err != nil {
		t.Fatal(err)
	}
	err := m.Change(before, func(n connector.SchemaTable, found *noted) error {
		if n != name("s", "u") || found.note != "first" {
			t.Errorf("found %s, %s", n, found.note)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n, found := m.Find(2); n != before.Name || found == nil || found.note != "second" {
		t.Errorf("number 2 is %s, %v", n, found)
	}
	if _, found := m.Find(3); found != nil {
		t.Errorf("number 3 is %v", found)
	}
}
