package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// catalogOf opens a catalog in a new directory, with a schema s.
func catalogOf(t *testing.T, more string, inCommit func(ctx context.Context, query string) error) *Connector {
	t.Helper()
	text := strings.ReplaceAll("iceberg.catalog.type=jdbc\niceberg.jdbc-catalog.connection-url=jdbc:sqlite:ROOT/catalog.db\n"+
		"iceberg.jdbc-catalog.catalog-name=c\niceberg.jdbc-catalog.default-warehouse-dir=ROOT/tables\n", "ROOT", t.TempDir()) + more
	return configured(t, text, inCommit)
}

// configured opens a catalog with a catalog file's text, and makes a schema s in it.
func configured(t *testing.T, text string, inCommit func(ctx context.Context, query string) error) *Connector {
	t.Helper()
	c := opened(t, text, inCommit)
	must(t, c.CreateSchema(t.Context(), "s", nil))
	return c
}

// opened opens a catalog as it is.
func opened(t *testing.T, text string, inCommit func(ctx context.Context, query string) error) *Connector {
	t.Helper()
	f, err := config.ParseProperties("ice.properties", text, nil)
	must(t, err)
	c, err := New(t.Context(), connector.CatalogConfig{Catalog: "ice", File: f, Env: connector.Env{Coordinator: true, InCommit: inCommit}})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var tableName = connector.SchemaTable{Schema: "s", Table: "t"}

// testRow is a row of the tables of these tests.
type testRow struct {
	ID   *int64  `parquet:"id,optional,id(1)"`
	Name *string `parquet:"name,optional,id(2)"`
}

func row(id int64, name string) testRow { return testRow{&id, &name} }

func definitionOf(properties map[string]any) *connector.Table {
	return &connector.Table{Name: tableName, Properties: properties,
		Columns: []connector.Column{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "name", Type: types.Of(types.Varchar)}}}
}

func tableOf(t *testing.T, c *Connector) *connector.Table {
	t.Helper()
	tbl, err := c.Table(t.Context(), tableName)
	must(t, err)
	if tbl == nil {
		t.Fatal("there is no table")
	}
	return tbl
}

// fragmentOf writes rows as an attempt does, and deletes some by their ids.
func fragmentOf(t *testing.T, c *Connector, write json.RawMessage, rows []testRow, deleted map[string][]int64) []byte {
	t.Helper()
	s, err := c.sink(write, "1")
	must(t, err)
	if len(rows) > 0 {
		path := filepath.Join(t.TempDir(), "data.parquet")
		must(t, parquet.WriteFile(path, rows))
		must(t, s.Add(t.Context(), path, nil, int64(len(rows)), 0))
	}
	for name, list := range deleted {
		ids := &connector.Batch{Rows: len(list), Columns: make([]connector.Vector, 2)}
		for _, n := range list {
			ids.Columns[0].AppendBytes([]byte(name))
			ids.Columns[1].I64 = append(ids.Columns[1].I64, n)
		}
		must(t, s.Delete(t.Context(), ids))
	}
	f, err := s.Finish(t.Context())
	must(t, err)
	return f
}

// insert writes rows in a query.
func insert(t *testing.T, c *Connector, query string, rows ...testRow) {
	t.Helper()
	w, err := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, query)
	must(t, err)
	must(t, c.FinishWrite(t.Context(), w, [][]byte{fragmentOf(t, c, w, rows, nil)}))
}

// rowsOf reads a table: the ids of its rows in order.
func rowsOf(t *testing.T, c *Connector, tbl *connector.Table) (ids []int64) {
	t.Helper()
	scan := connector.Scan{Table: tbl.Name, Handle: tbl.Handle, Columns: tbl.Columns[:1]}
	src, err := c.Splits(t.Context(), scan)
	must(t, err)
	splits, err := src.Next(t.Context(), 1000)
	must(t, err)
	files, err := c.Source(t.Context(), scan, splits)
	must(t, err)
	for _, f := range files.Files {
		rows, err := parquet.ReadFile[testRow](f.Path)
		must(t, err)
		for n, r := range rows {
			if _, gone := slices.BinarySearch(f.Deleted, int64(n)); !gone && (f.EndRow == 0 || int64(n) >= f.FirstRow && int64(n) < f.EndRow) {
				ids = append(ids, *r.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func expectRows(t *testing.T, c *Connector, want ...int64) {
	t.Helper()
	if got := rowsOf(t, c, tableOf(t, c)); !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

func snapshots(t *testing.T, c *Connector) int {
	t.Helper()
	tbl, err := c.load(t.Context(), tableName)
	must(t, err)
	return len(tbl.Metadata().Snapshots())
}

// A commit that is repeated finds that it was done.
func TestFinishTwice(t *testing.T) {
	c := catalogOf(t, "", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	w, err := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, "q1")
	must(t, err)
	f := [][]byte{fragmentOf(t, c, w, []testRow{row(1, "a"), row(2, "b")}, nil)}
	for range 3 {
		must(t, c.FinishWrite(t.Context(), w, f))
	}
	insert(t, c, "q2", row(3, "c"))
	must(t, c.FinishWrite(t.Context(), w, f)) // by a coordinator that was thought dead
	must(t, c.AbortWrite(t.Context(), w))     // and takes nothing back
	expectRows(t, c, 1, 2, 3)
	if n := snapshots(t, c); n != 2 {
		t.Errorf("%d snapshots, want 2", n)
	}
}

// A table is made with its rows, once.
func TestCreateTwice(t *testing.T) {
	for _, version := range []int64{1, 2, 3} {
		c := catalogOf(t, "", nil)
		w, err := c.BeginWrite(t.Context(), definitionOf(map[string]any{"format_version": version, "partitioning": []string{}}), true, connector.RetriesEnabled, "q1")
		must(t, err)
		if tbl, err := c.Table(t.Context(), tableName); version > 1 && tbl != nil || err != nil {
			t.Fatalf("before the commit there is %v, %v", tbl, err)
		}
		f := [][]byte{fragmentOf(t, c, w, []testRow{row(1, "a")}, nil)}
		must(t, c.FinishWrite(t.Context(), w, f))
		must(t, c.FinishWrite(t.Context(), w, f))
		expectRows(t, c, 1)
		if got := tableOf(t, c).Properties["format_version"]; got != version {
			t.Errorf("version %v, want %d", got, version)
		}
	}
}

// Another commit in the middle of one is no hindrance.
func TestRebase(t *testing.T) {
	var c *Connector
	others := 3
	c = catalogOf(t, "", func(_ context.Context, query string) error {
		if query == "q1" && others > 0 {
			others--
			insert(t, c, "other"+string(rune('0'+others)), row(int64(10+others), "o"))
		}
		return nil
	})
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert(t, c, "q1", row(1, "a"))
	expectRows(t, c, 1, 10, 11, 12)
}

// What fails in the middle of a commit leaves nothing, and can be done again.
func TestFailedCommit(t *testing.T) {
	fail := errors.New("broken")
	var err error
	c := catalogOf(t, "", func(context.Context, string) error { return err })
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	w, e := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, "q1")
	must(t, e)
	f := [][]byte{fragmentOf(t, c, w, []testRow{row(1, "a")}, nil)}
	err = fail
	if e := c.FinishWrite(t.Context(), w, f); !errors.Is(e, fail) {
		t.Errorf("the error is %v", e)
	}
	expectRows(t, c)
	err = nil
	must(t, c.FinishWrite(t.Context(), w, f))
	expectRows(t, c, 1)
}

// Changes of different rows, of one file too, go together in either order. Changes of one row do not.
func TestChanges(t *testing.T) {
	for _, version := range []int64{2, 3} {
		c := catalogOf(t, "", nil)
		must(t, c.CreateTable(t.Context(), definitionOf(map[string]any{"format_version": version})))
		insert(t, c, "q0", row(0, "a"), row(1, "b"), row(2, "c"), row(3, "d"), row(4, "e"))
		file := fileOf(t, c)
		begin := func(query string) json.RawMessage {
			w, err := c.BeginChange(t.Context(), tableOf(t, c), connector.RetriesEnabled, query)
			must(t, err)
			return w
		}
		finish := func(w json.RawMessage, rows []testRow, deleted ...int64) error {
			return c.FinishWrite(t.Context(), w, [][]byte{fragmentOf(t, c, w, rows, map[string][]int64{file: deleted})})
		}
		w1, w2, w3, w4 := begin("q1"), begin("q2"), begin("q3"), begin("q4")
		must(t, finish(w1, nil, 1))
		must(t, finish(w2, []testRow{row(20, "x")}, 2))
		must(t, finish(w3, nil, 3))
		expectRows(t, c, 0, 4, 20)
		if err := finish(w4, []testRow{row(30, "y")}, 3); trinoerr.CodeOf(err) != trinoerr.TransactionConflict {
			t.Errorf("version %d: an update of a row that another statement deleted gives %v", version, err)
		}
		must(t, finish(w2, []testRow{row(20, "x")}, 2)) // again
		expectRows(t, c, 0, 4, 20)
	}
}

// fileOf is the only data file of the table.
func fileOf(t *testing.T, c *Connector) string {
	t.Helper()
	tbl := tableOf(t, c)
	h, err := readHandle(tbl.Handle)
	must(t, err)
	tasks, _, err := c.plan(t.Context(), h, nil)
	must(t, err)
	if len(tasks) != 1 {
		t.Fatalf("%d files", len(tasks))
	}
	return tasks[0].File.FilePath()
}

// Older snapshots are read with the rows and columns of then.
func TestVersions(t *testing.T) {
	c := catalogOf(t, "", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert(t, c, "q1", row(1, "a"))
	h, err := readHandle(tableOf(t, c).Handle)
	must(t, err)
	must(t, c.AddColumn(t.Context(), tableOf(t, c), connector.Column{Name: "more", Type: types.Of(types.Integer)}))
	insert(t, c, "q2", row(2, "b"))
	old, err := c.TableVersion(t.Context(), tableName, connector.Version{Type: types.Of(types.BigInt), Value: *h.Snapshot})
	must(t, err)
	if got := rowsOf(t, c, old); !slices.Equal(got, []int64{1}) {
		t.Errorf("rows %v of then", got)
	}
	if slices.ContainsFunc(old.Columns, func(c connector.Column) bool { return c.Name == "more" }) {
		t.Error("the column was added later")
	}
	expectRows(t, c, 1, 2)
	if _, err := c.TableVersion(t.Context(), tableName, connector.Version{Type: types.Of(types.BigInt), Value: int64(7)}); trinoerr.CodeOf(err) != trinoerr.InvalidArguments {
		t.Errorf("an unknown snapshot gives %v", err)
	}
	must(t, c.rollBack(t.Context(), []any{"s", "t", *h.Snapshot}))
	expectRows(t, c, 1)
}

// A table is rewritten with the same rows, and old snapshots and files go.
func TestMaintenance(t *testing.T) {
	c := catalogOf(t, "iceberg.expire-snapshots.min-retention=0s\niceberg.remove-orphan-files.min-retention=0s\n", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert(t, c, "q1", row(1, "a"))
	insert(t, c, "q2", row(2, "b"))
	small, err := c.optimize(t.Context(), tableOf(t, c), map[string]any{argThreshold: "100MB"}, nil)
	must(t, err)
	w, err := c.BeginRewrite(t.Context(), "OPTIMIZE", small, connector.RetriesEnabled, "q3")
	must(t, err)
	insert(t, c, "q4", row(4, "d"))
	f := [][]byte{fragmentOf(t, c, w, []testRow{row(1, "a"), row(2, "b")}, nil)}
	must(t, c.FinishWrite(t.Context(), w, f))
	must(t, c.FinishWrite(t.Context(), w, f))
	expectRows(t, c, 1, 2, 4)
	if err := c.expireSnapshots(t.Context(), tableOf(t, c), map[string]any{argRetention: "0s"}, nil); err != nil {
		t.Fatal(err)
	}
	if n := snapshots(t, c); n != 1 {
		t.Errorf("%d snapshots are left, want 1", n)
	}
	must(t, c.removeOrphanFiles(t.Context(), tableOf(t, c), map[string]any{argRetention: "0s"}, nil))
	expectRows(t, c, 1, 2, 4)
	if rest, err := c.optimize(t.Context(), tableOf(t, c), map[string]any{argThreshold: "1B"}, nil); err != nil || rest != nil {
		t.Errorf("files that are large enough are rewritten: %v, %v", rest, err)
	}
}

// Rows of the third version's tables, too, are rewritten without those that a deletion vector took.
func TestRewriteVectors(t *testing.T) {
	c := catalogOf(t, "", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(map[string]any{"format_version": int64(3)})))
	insert(t, c, "q1", row(1, "a"), row(2, "b"))
	file := fileOf(t, c)
	w, err := c.BeginChange(t.Context(), tableOf(t, c), connector.RetriesEnabled, "q2")
	must(t, err)
	must(t, c.FinishWrite(t.Context(), w, [][]byte{fragmentOf(t, c, w, nil, map[string][]int64{file: {0}})}))
	expectRows(t, c, 2)
	dirty, err := c.optimize(t.Context(), tableOf(t, c), map[string]any{argThreshold: "100MB"}, nil)
	must(t, err)
	w, err = c.BeginRewrite(t.Context(), "OPTIMIZE", dirty, connector.RetriesEnabled, "q3")
	must(t, err)
	must(t, c.FinishWrite(t.Context(), w, [][]byte{fragmentOf(t, c, w, []testRow{row(2, "b")}, nil)}))
	expectRows(t, c, 2)
	if n, err := c.Delete(t.Context(), tableOf(t, c), nil); n != 1 || err != nil {
		t.Errorf("%d rows were deleted, want 1: %v", n, err)
	}
	expectRows(t, c)
}
