package binder

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestStored runs scripts on a catalog "store" that keeps tables, views and functions. "run" carries a statement out, "bind" prints
// its plan and "error" wants an error.
func TestStored(t *testing.T) {
	datadriven.Walk(t, "testdata/stored", func(t *testing.T, path string) {
		file, err := config.ParseProperties("store.properties", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		store, err := memory.New(connector.CatalogConfig{Catalog: "store", File: file})
		if err != nil {
			t.Fatal(err)
		}
		env := fakeEnv(t)
		env.Catalogs.(fakeCatalogs)["store"] = store
		env.Session.Catalog, env.Session.Schema = "store", "default"
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			bound, err := bindText(env, strings.TrimSpace(d.Input))
			if err == nil && d.Cmd == "run" {
				err = carryOut(t, store, bound)
			}
			switch {
			case err != nil:
				if d.Cmd != "error" {
					t.Errorf("%s: %v", d.Pos, err)
				}
				return trinoerr.CodeOf(err).Name + " " + err.Error() + "\n"
			case d.Cmd == "error":
				t.Errorf("%s: no error", d.Pos)
			case d.Cmd == "run":
				return bound.UpdateType() + "\n"
			}
			return printBound(t, bound)
		})
	})
}

// carryOut does what the coordinator does with a bound statement.
func carryOut(t *testing.T, store *memory.Connector, bound Bound) error {
	ctx := t.Context()
	switch b := bound.(type) {
	case *PutView:
		return store.PutView(ctx, b.View, b.Replace)
	case *DropView:
		return store.DropView(ctx, b.Name)
	case *RenameView:
		return store.RenameView(ctx, b.Name, b.To)
	case *CreateFunction:
		return store.PutRoutine(ctx, b.Routine, b.Replace)
	case *DropFunction:
		return store.DropRoutine(ctx, b.Schema, b.Name, b.Signature)
	case *CreateTable:
		return store.CreateTable(ctx, b.Table)
	case *DropTable:
		return store.DropTable(ctx, b.Table)
	case *AddColumn:
		return store.AddColumn(ctx, b.Table, b.Column)
	case *DropNotNull:
		return store.DropNotNull(ctx, b.Table, b.Column)
	case *Nothing:
		return nil
	}
	t.Fatalf("cannot carry out %T", bound)
	return nil
}
