package memory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func open(t *testing.T, text string) (*memory.Connector, *blob.Store) {
	t.Helper()
	f, err := config.ParseProperties("memory.properties", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	store := blob.NewStore(1 << 20)
	c, err := memory.New(connector.CatalogConfig{Catalog: "memory", File: f, Env: connector.Env{Blobs: store}})
	if err != nil {
		t.Fatal(err)
	}
	return c, store
}

func name(schema, table string) connector.SchemaTable {
	return connector.SchemaTable{Schema: schema, Table: table}
}

func definition(n connector.SchemaTable) *connector.Table {
	return &connector.Table{Name: n, Columns: []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}}
}

// The messages are Trino's.
func TestErrors(t *testing.T) {
	c, _ := open(t, "")
	ctx := t.Context()
	made := func(n connector.SchemaTable) *connector.Table {
		d, err := c.Table(ctx, n)
		if err != nil || d == nil {
			t.Fatalf("Table(%s) = %v, %v", n, d, err)
		}
		return d
	}
	if err := c.CreateTable(ctx, definition(name("default", "t"))); err != nil {
		t.Fatal(err)
	}
	dropped := definition(name("default", "gone"))
	dropped.Handle = []byte(`{"id": 99}`)
	tests := []struct {
		name, want string
		err        error
	}{
		{"schema exists", "Schema 'memory.default' already exists", c.CreateSchema(ctx, "default", nil)},
		{"schema missing", "Schema 'memory.x' does not exist", c.DropSchema(ctx, "x", false)},
		{"schema not empty", "Cannot drop non-empty schema 'default'", c.DropSchema(ctx, "default", false)},
		{"rename missing schema", "Schema 'memory.x' does not exist", c.RenameSchema(ctx, "x", "y")},
		{"rename to existing schema", "Schema 'memory.default' already exists", c.RenameSchema(ctx, "default", "default")},
		{"table exists", "Table 'memory.default.t' already exists", c.CreateTable(ctx, definition(name("default", "t")))},
		{"table in missing schema", "Schema x not found", c.CreateTable(ctx, definition(name("x", "t")))},
		{"rename into missing schema", "Schema x not found", c.RenameTable(ctx, made(name("default", "t")), name("x", "t"))},
		{"drop column", "This connector does not support dropping columns", c.DropColumn(ctx, made(name("default", "t")), "a")},
		{"rename missing column", "Column 'b' does not exist", c.RenameColumn(ctx, made(name("default", "t")), "b", "c")},
		{"dropped table", "Table 'memory.default.gone' does not exist", c.DropTable(ctx, dropped)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got %v, want %q", tt.err, tt.want)
			}
		})
	}
}

func TestRenameSchema(t *testing.T) {
	c, _ := open(t, "")
	if err := c.CreateTable(t.Context(), definition(name("default", "t"))); err != nil {
		t.Fatal(err)
	}
	if err := c.PutView(t.Context(), &connector.View{Name: name("default", "v")}, false); err != nil {
		t.Fatal(err)
	}
	if err := c.RenameSchema(t.Context(), "default", "other"); err != nil {
		t.Fatal(err)
	}
	if d, err := c.Table(t.Context(), name("other", "t")); d == nil || err != nil {
		t.Errorf("the table did not move: %v, %v", d, err)
	}
	if v, err := c.View(t.Context(), name("other", "v")); v == nil || err != nil || v.Name.Schema != "other" {
		t.Errorf("the view did not move: %v, %v", v, err)
	}
	if list, _ := c.Schemas(t.Context()); strings.Join(list, ",") != "other" {
		t.Errorf("schemas are %v", list)
	}
}

// A write that exceeds the limit fails, by itself or together with what other tables hold, and leaves nothing.
func TestLimit(t *testing.T) {
	c, store := open(t, "memory.max-data-per-node=10B")
	write := func(query string, bytes int) error {
		def := definition(name("default", query))
		handle, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, query)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, make([]byte, bytes), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := c.Sink(t.Context(), handle, "0")
		if err != nil {
			t.Fatal(err)
		}
		err = s.Add(t.Context(), path, nil, 1, int64(bytes))
		if err == nil {
			fragment, _ := s.Finish(t.Context())
			err = c.FinishWrite(t.Context(), handle, [][]byte{fragment})
		}
		if err != nil {
			if e := c.AbortWrite(t.Context(), handle); e != nil {
				t.Error(e)
			}
		}
		return err
	}
	const exceeded = "Memory limit [10] for memory connector exceeded"
	if err := write("q1", 11); err == nil || err.Error() != exceeded {
		t.Errorf("one large file: %v", err)
	}
	if err := write("q2", 6); err != nil {
		t.Errorf("a file below the limit: %v", err)
	}
	if err := write("q3", 6); err == nil || err.Error() != exceeded {
		t.Errorf("together too large: %v", err)
	}
	if keys := store.Keys(); len(keys) != 1 {
		t.Errorf("blobs are %v", keys)
	}
}

func TestUnknownProperty(t *testing.T) {
	f, _ := config.ParseProperties("etc/catalog/m.properties", "# x\nmemory.max-data-per-nod=1GB", nil)
	_, err := memory.New(connector.CatalogConfig{Catalog: "m", File: f})
	const want = "etc/catalog/m.properties:2: unknown property 'memory.max-data-per-nod'; did you mean 'memory.max-data-per-node'?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
