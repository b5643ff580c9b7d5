package connectortest

import (
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// views checks a connector that keeps views.
func views(t *testing.T, h Harness) {
	c := h.New(t)
	v := c.(connector.Views)
	ctx := t.Context()
	name := connector.SchemaTable{Schema: h.Schema, Table: "view"}
	view := &connector.View{Name: name, SQL: "SELECT 1 AS x", Catalog: "a", Schema: "b", Path: "c", Owner: "alice", Comment: new(""),
		Columns: []connector.ViewColumn{{Name: "x", Type: types.Of(types.BigInt), Comment: new("one")}}}
	must(t, v.PutView(ctx, view, false))
	if got, err := v.View(ctx, name); err != nil || got == nil || got.SQL != view.SQL || got.Owner != "alice" || got.Comment == nil || *got.Comment != "" ||
		len(got.Columns) != 1 || *got.Columns[0].Comment != "one" {
		t.Errorf("View = %+v, %v", got, err)
	}
	if got, err := c.Table(ctx, name); got != nil || err != nil {
		t.Errorf("a view is a table: %v, %v", got, err)
	}
	list, err := c.Tables(ctx, h.Schema)
	if err != nil || !slices.Contains(list, connector.TableName{SchemaTable: name, View: true}) {
		t.Errorf("Tables = %v, %v: lacks the view", list, err)
	}
	wantCode(t, v.PutView(ctx, view, false), trinoerr.TableAlreadyExists)
	changed := *view
	changed.SQL = "SELECT 2 AS x"
	must(t, v.PutView(ctx, &changed, true))
	if view.SQL != "SELECT 1 AS x" {
		t.Error("a view that was handed out changed")
	}
	if tc, ok := c.(connector.TableCreator); ok {
		wantCode(t, tc.CreateTable(ctx, definition(name.Schema, name.Table)), trinoerr.TableAlreadyExists)
		must(t, tc.CreateTable(ctx, definition(h.Schema, "beside")))
		beside := *view
		beside.Name.Table = "beside"
		wantCode(t, v.PutView(ctx, &beside, true), trinoerr.TableAlreadyExists)
		wantCode(t, v.RenameView(ctx, name, beside.Name), trinoerr.TableAlreadyExists)
	}
	elsewhere := *view
	elsewhere.Name.Schema = "no_such_schema"
	wantCode(t, v.PutView(ctx, &elsewhere, false), trinoerr.NotFound)
	wantCode(t, v.RenameView(ctx, name, elsewhere.Name), trinoerr.NotFound)
	to := connector.SchemaTable{Schema: h.Schema, Table: "renamed_view"}
	if err := v.RenameView(ctx, name, to); h.NamesStay {
		wantCode(t, err, trinoerr.NotSupported)
		to = name
	} else {
		must(t, err)
		if got, err := v.View(ctx, name); got != nil || err != nil {
			t.Errorf("the old name is still there: %v, %v", got, err)
		}
	}
	if got, err := v.View(ctx, to); err != nil || got == nil || got.Name != to || got.SQL != changed.SQL {
		t.Errorf("View = %+v, %v", got, err)
	}
	must(t, v.DropView(ctx, to))
	wantCode(t, v.DropView(ctx, to), trinoerr.TableNotFound)
	wantCode(t, v.RenameView(ctx, to, name), trinoerr.TableNotFound)
	if w, ok := c.(connector.SchemaWriter); ok {
		must(t, w.CreateSchema(ctx, "of_views", nil))
		inside := *view
		inside.Name.Schema = "of_views"
		must(t, v.PutView(ctx, &inside, false))
		wantCode(t, w.DropSchema(ctx, "of_views", false), trinoerr.SchemaNotEmpty)
		must(t, w.DropSchema(ctx, "of_views", true))
		if got, err := v.View(ctx, inside.Name); got != nil || err != nil {
			t.Errorf("a view survived its schema: %v, %v", got, err)
		}
	}
}

// routines checks a connector that keeps functions.
func routines(t *testing.T, h Harness) {
	r := h.New(t).(connector.Routines)
	ctx := t.Context()
	one := connector.Routine{Schema: h.Schema, Name: "f", Signature: "bigint", SQL: "FUNCTION one", Path: "p", Owner: "alice"}
	other := connector.Routine{Schema: h.Schema, Name: "f", Signature: "varchar", SQL: "FUNCTION two"}
	last := connector.Routine{Schema: h.Schema, Name: "g", SQL: "FUNCTION three"}
	for _, f := range []connector.Routine{last, other, one} {
		must(t, r.PutRoutine(ctx, f, false))
	}
	want := func(name string, want ...connector.Routine) {
		t.Helper()
		if got, err := r.Routines(ctx, h.Schema, name); err != nil || !slices.Equal(got, want) {
			t.Errorf("Routines(%q) = %v, %v, want %v", name, got, err, want)
		}
	}
	want("", one, other, last)
	want("f", one, other)
	wantCode(t, r.PutRoutine(ctx, one, false), trinoerr.AlreadyExists)
	one.SQL = "FUNCTION changed"
	must(t, r.PutRoutine(ctx, one, true))
	want("f", one, other)
	must(t, r.DropRoutine(ctx, h.Schema, "f", "varchar"))
	want("", one, last)
	wantCode(t, r.DropRoutine(ctx, h.Schema, "f", "varchar"), trinoerr.NotFound)
}
