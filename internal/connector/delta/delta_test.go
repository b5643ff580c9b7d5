package delta

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// data is the rows of the tests' files.
type data struct {
	ID   int64   `parquet:"id"`
	Name *string `parquet:"name,optional"`
}

// newConnector makes a connector over a directory of the test, with a schema s.
func newConnector(t testing.TB, more ...string) (*Connector, string) {
	t.Helper()
	root := t.TempDir()
	text := "hive.metastore=file\nhive.metastore.catalog.dir=local:///m\nfs.native-local.enabled=true\nlocal.location=" + root + "\n" + strings.Join(more, "\n")
	f, err := config.ParseProperties("d.properties", text, nil)
	must(t, err)
	c, err := New(connector.CatalogConfig{Catalog: "d", File: f})
	must(t, err)
	t.Cleanup(func() { c.Close() })
	must(t, c.CreateSchema(t.Context(), "s", nil))
	return c, root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code *trinoerr.Code) {
	t.Helper()
	if err == nil || trinoerr.CodeOf(err) != code {
		t.Errorf("error is %v, want %s", err, code.Name)
	}
}

// definition is the tests' table.
func definition(name string, properties map[string]any) *connector.Table {
	return &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: name}, Properties: properties, Columns: []connector.Column{
		{Name: "id", Type: types.Of(types.BigInt)}, {Name: "name", Type: types.Of(types.Varchar)}, {Name: "p", Type: types.Of(types.Integer)}}}
}

func describe(t testing.TB, c *Connector, name string) *connector.Table {
	t.Helper()
	got, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: name})
	if err != nil || got == nil {
		t.Fatalf("table %s is %v, %v", name, got, err)
	}
	return got
}

// insert writes a file with rows from one id to another into a table partitioned by p.
func insert(t testing.TB, c *Connector, table, query, p string, from, to int64) {
	t.Helper()
	handle, err := c.BeginWrite(t.Context(), describe(t, c, table), false, connector.RetriesEnabled, query)
	must(t, err)
	must(t, c.FinishWrite(t.Context(), handle, [][]byte{attempt(t, c, handle, p, from, to)}))
}

func attempt(t testing.TB, c *Connector, handle []byte, p string, from, to int64) []byte {
	t.Helper()
	var rows []data
	for id := from; id <= to; id++ {
		rows = append(rows, data{id, new(fmt.Sprint("n", id))})
	}
	path := filepath.Join(t.TempDir(), "f.parquet")
	must(t, parquet.WriteFile(path, rows, parquet.MaxRowsPerRowGroup(2)))
	s, err := c.Sink(t.Context(), handle, "x")
	must(t, err)
	values := []*string{&p}
	if len(s.PartitionColumns()) == 0 {
		values = nil
	}
	must(t, s.Add(t.Context(), path, values, int64(len(rows)), 0))
	fragment, err := s.Finish(t.Context())
	must(t, err)
	return fragment
}

// splits lists the files of a scan, each by its rows.
func splits(t testing.TB, c *Connector, table *connector.Table, constraint ...connector.Domain) (out []split) {
	t.Helper()
	src, err := c.Splits(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:3], Constraint: constraint})
	must(t, err)
	defer src.Close()
	for {
		next, err := src.Next(t.Context(), 2)
		must(t, err)
		if len(next) == 0 {
			return out
		}
		for _, sp := range next {
			var s split
			must(t, json.Unmarshal(sp.Handle, &s))
			out = append(out, s)
		}
	}
}

func partitioned(t testing.TB, c *Connector, properties map[string]any) {
	t.Helper()
	if properties == nil {
		properties = map[string]any{}
	}
	properties[propPartitions] = []string{"p"}
	must(t, c.CreateTable(t.Context(), definition("t", properties)))
}

// Files are left out by their table partition, and by their statistics.
func TestPruning(t *testing.T) {
	c, _ := newConnector(t)
	partitioned(t, c, nil)
	insert(t, c, "t", "q1", "1", 1, 10)
	insert(t, c, "t", "q2", "2", 11, 20)
	insert(t, c, "t", "q3", "2", 21, 30)
	table := describe(t, c, "t")
	at := func(v any) *connector.Bound { return &connector.Bound{Value: v, Inclusive: true} }
	for _, tt := range []struct {
		d    connector.Domain
		want int
	}{
		{connector.Domain{Column: "p", Values: []any{int64(2)}}, 2},
		{connector.Domain{Column: "p", Values: []any{int64(3)}}, 0},
		{connector.Domain{Column: "p", NullAllowed: true, Values: []any{}}, 0},
		{connector.Domain{Column: "id", Low: at(int64(20))}, 2},
		{connector.Domain{Column: "id", Low: &connector.Bound{Value: int64(20)}}, 1},
		{connector.Domain{Column: "id", High: at(int64(0))}, 0},
		{connector.Domain{Column: "name", Values: []any{"n15", "zzz"}}, 2},
		{connector.Domain{Column: "name", Values: []any{"m"}}, 0},
		{connector.Domain{Column: "name", NullAllowed: true, Values: []any{}}, 0},
		{connector.Domain{Column: "$path", Values: []any{"x"}}, 3},
	} {
		if got := splits(t, c, table, tt.d); len(got) != tt.want {
			t.Errorf("%+v leaves %d files, want %d", tt.d, len(got), tt.want)
		}
	}
	s, err := c.Statistics(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:3], Constraint: []connector.Domain{{Column: "p", Values: []any{int64(2)}}}})
	must(t, err)
	if id := s.Columns["id"]; s.Rows != 20 || id.Low != 11 || id.High != 30 || id.NullFraction != 0 || s.Columns["p"].Distinct != 1 {
		t.Errorf("statistics are %+v", s)
	}
}

// A handle pins a version, whatever is committed or checkpointed later.
func TestHandlesPin(t *testing.T) {
	c, root := newConnector(t, "delta.default-checkpoint-writing-interval=2")
	partitioned(t, c, nil)
	for i := range int64(3) {
		insert(t, c, "t", fmt.Sprint("q", i), "1", i, i)
	}
	table := describe(t, c, "t")
	before := string(render(splits(t, c, table)))
	for i := range int64(4) {
		insert(t, c, "t", fmt.Sprint("later", i), "1", i, i)
	}
	if got := string(render(splits(t, c, table))); got != before {
		t.Errorf("splits are %s, they were %s", got, before)
	}
	found, err := filepath.Glob(filepath.Join(root, "m/s/t-*/_delta_log/*.checkpoint.parquet"))
	if err != nil || len(found) != 3 {
		t.Errorf("with a checkpoint every second commit there are %v, %v", found, err)
	}
	old, err := c.TableVersion(t.Context(), table.Name, connector.Version{Type: types.Of(types.BigInt), Value: int64(1)})
	must(t, err)
	if got := splits(t, c, old); len(got) != 1 {
		t.Errorf("version 1 has %d files", len(got))
	}
	_, err = c.TableVersion(t.Context(), table.Name, connector.Version{Type: types.Of(types.BigInt), Value: int64(99)})
	wantCode(t, err, trinoerr.InvalidArguments)
}

// Each property of the catalog does something.
func TestProperties(t *testing.T) {
	for _, bad := range []string{"hive.metastore=glue", "hive.metastore=file", "nonsense=1", "hive.metastore=thrift"} {
		f, err := config.ParseProperties("d.properties", bad, nil)
		must(t, err)
		if _, err := New(connector.CatalogConfig{Catalog: "d", File: f}); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	c, root := newConnector(t, "delta.unique-table-location=false", "delta.compression-codec=ZSTD", "delta.target-max-file-size=5MB", "delta.max-split-size=1B",
		"delta.deletion-vectors-enabled=true", "delta.table-statistics-enabled=false", "delta.security=ALLOW_ALL")
	partitioned(t, c, nil)
	if _, err := os.Stat(filepath.Join(root, "m/s/t/_delta_log")); err != nil {
		t.Error(err)
	}
	insert(t, c, "t", "q", "1", 1, 6)
	table := describe(t, c, "t")
	if got := splits(t, c, table); len(got) != 3 || got[1].First != 2 || got[1].End != 4 {
		t.Errorf("a file of three row groups gives %+v", got)
	}
	handle, err := c.BeginWrite(t.Context(), table, false, connector.NoRetries, "w")
	must(t, err)
	s, err := c.Sink(t.Context(), handle, "x")
	must(t, err)
	if o := s.Options(); o.Compression != "zstd" || o.MaxFileBytes != 5<<20 || !o.UTC {
		t.Errorf("options of files are %+v", o)
	}
	if got, err := c.Statistics(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle}); err != nil || got.Rows >= 0 {
		t.Errorf("statistics that are off: %+v, %v", got, err)
	}
	i := slices.IndexFunc(c.TableProperties(), func(p connector.Property) bool { return p.Name == propVectors })
	if c.TableProperties()[i].Default != true {
		t.Error("deletion vectors are not the default")
	}
	if err := c.registerTable(t.Context(), connector.SchemaTable{Schema: "s", Table: "again"}, "local:///m/s/t"); trinoerr.CodeOf(err) != trinoerr.PermissionDenied {
		t.Errorf("register_table without permission: %v", err)
	}
}

// Statements that commit at the same time come one after the other.
func TestConcurrentCommits(t *testing.T) {
	c, _ := newConnector(t)
	partitioned(t, c, nil)
	const writers = 8
	handles := make([]json.RawMessage, writers)
	fragments := make([][]byte, writers)
	for i := range writers {
		var err error
		handles[i], err = c.BeginWrite(t.Context(), describe(t, c, "t"), false, connector.RetriesEnabled, fmt.Sprint("q", i))
		must(t, err)
		fragments[i] = attempt(t, c, handles[i], "1", int64(i), int64(i))
	}
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for range 2 {
				if err := c.FinishWrite(t.Context(), handles[i], [][]byte{fragments[i]}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	table, err := c.load(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"}, deltalog.Latest)
	must(t, err)
	if got := splits(t, c, describe(t, c, "t")); len(got) != writers || table.Version != writers {
		t.Errorf("there are %d files in version %d", len(got), table.Version)
	}
}

// An insert that others have changed the table's columns under is refused.
func TestConflicts(t *testing.T) {
	c, _ := newConnector(t)
	partitioned(t, c, nil)
	handle, err := c.BeginWrite(t.Context(), describe(t, c, "t"), false, connector.RetriesEnabled, "q")
	must(t, err)
	fragment := attempt(t, c, handle, "1", 1, 1)
	must(t, c.AddColumn(t.Context(), describe(t, c, "t"), connector.Column{Name: "more", Type: types.TimestampP(3)}))
	wantCode(t, c.FinishWrite(t.Context(), handle, [][]byte{fragment}), trinoerr.TransactionConflict)
	must(t, c.AbortWrite(t.Context(), handle))
	got := describe(t, c, "t")
	if more := got.Columns[3]; more.Name != "more" || !more.Type.Equal(types.TimestampP(6)) {
		t.Errorf("the added column is %+v", more)
	}
	wantCode(t, c.DropColumn(t.Context(), got, "more"), trinoerr.NotSupported)
	must(t, c.SetProperties(t.Context(), got, map[string]any{propMapping: "NAME"}))
	must(t, c.RenameColumn(t.Context(), describe(t, c, "t"), "more", "other"))
	must(t, c.DropColumn(t.Context(), describe(t, c, "t"), "name"))
	if got = describe(t, c, "t"); got.Columns[2].Name != "other" || got.Properties[propMapping] != "NAME" {
		t.Errorf("the table is %+v", got)
	}
}

// Whole table partitions are deleted by the log alone; an append-only table keeps its rows.
func TestDeletePartitions(t *testing.T) {
	c, _ := newConnector(t)
	partitioned(t, c, nil)
	insert(t, c, "t", "q1", "1", 1, 3)
	insert(t, c, "t", "q2", "2", 4, 5)
	def := describe(t, c, "t")
	one := []connector.Domain{{Column: "p", Values: []any{int64(1)}}}
	if can, err := c.CanDelete(t.Context(), def, []connector.Domain{{Column: "id", Values: []any{int64(1)}}}); can || err != nil {
		t.Errorf("by a column of files: %v, %v", can, err)
	}
	if can, err := c.CanDelete(t.Context(), def, one); !can || err != nil {
		t.Errorf("by the table partition: %v, %v", can, err)
	}
	if n, err := c.Delete(t.Context(), def, one); n != 3 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	if got := splits(t, c, describe(t, c, "t")); len(got) != 1 || *got[0].Partition["p"] != "2" {
		t.Errorf("left are %+v", got)
	}
	must(t, c.alter(t.Context(), def, "x", func(_ *table, _ *deltalog.Protocol, m *deltalog.Metadata) error {
		m.Configuration[deltalog.PropAppendOnly] = "true"
		return nil
	}))
	wantCode(t, c.Truncate(t.Context(), def), trinoerr.NotSupported)
	_, err := c.RowID(t.Context(), describe(t, c, "t"))
	wantCode(t, err, trinoerr.NotSupported)
}

// Tables that ask for what is not known are refused by name, and not taken for others.
func TestUnknownFeatures(t *testing.T) {
	c, root := newConnector(t, "delta.register-table-procedure.enabled=true")
	partitioned(t, c, nil)
	dirs, err := filepath.Glob(filepath.Join(root, "m/s/t-*"))
	must(t, err)
	put := func(version int64, text string) {
		must(t, os.WriteFile(filepath.Join(dirs[0], deltalog.CommitName(version)), []byte(text), 0o666))
	}
	put(1, `{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["rowTracking"]}}`)
	_, err = c.BeginWrite(t.Context(), describe(t, c, "t"), false, connector.NoRetries, "q")
	wantCode(t, err, trinoerr.NotSupported)
	if !strings.Contains(fmt.Sprint(err), "rowTracking") {
		t.Errorf("the error is %v", err)
	}
	put(2, `{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],"writerFeatures":["catalogManaged"]}}`)
	_, err = c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
	wantCode(t, err, trinoerr.NotSupported)
	wantCode(t, c.registerTable(t.Context(), connector.SchemaTable{Schema: "s", Table: "nothing"}, "local:///nowhere"), trinoerr.GenericUserError)
}

// Vacuum deletes what no version within the retention knows of, and only that.
func TestVacuum(t *testing.T) {
	c, root := newConnector(t, "delta.vacuum.min-retention=1h")
	partitioned(t, c, nil)
	insert(t, c, "t", "q1", "1", 1, 3)
	insert(t, c, "t", "q2", "2", 4, 5)
	dirs, err := filepath.Glob(filepath.Join(root, "m/s/t-*"))
	must(t, err)
	stray := filepath.Join(dirs[0], "stray.parquet")
	must(t, os.WriteFile(stray, nil, 0o666))
	count := func() int {
		found, err := filepath.Glob(filepath.Join(dirs[0], "q*/*.parquet"))
		must(t, err)
		return len(found)
	}
	_, err = c.Delete(t.Context(), describe(t, c, "t"), []connector.Domain{{Column: "p", Values: []any{int64(1)}}})
	must(t, err)
	name := connector.SchemaTable{Schema: "s", Table: "t"}
	wantCode(t, c.vacuum(t.Context(), name, "59m"), trinoerr.GenericUserError)
	wantCode(t, c.vacuum(t.Context(), name, "soon"), trinoerr.InvalidProcedureArgument)
	must(t, c.vacuum(t.Context(), name, "2h"))
	if count() != 2 {
		t.Error("a file that was removed just now is gone")
	}
	c.now = func() time.Time { return time.Now().Add(3 * time.Hour) }
	must(t, c.vacuum(t.Context(), name, "2h"))
	if _, err := os.Stat(stray); err == nil || count() != 1 {
		t.Errorf("there are %d files, and the stray one: %v", count(), err)
	}
	if got := splits(t, c, describe(t, c, "t")); len(got) != 1 {
		t.Errorf("the table has %d files", len(got))
	}
}

// A copy has all rows but those that are deleted, as they were.
func TestCopyWithout(t *testing.T) {
	var from, to strings.Builder
	w := parquet.NewGenericWriter[data](&from, parquet.MaxRowsPerRowGroup(3))
	var rows []data
	for id := range int64(10) {
		rows = append(rows, data{ID: id})
		if id%2 == 0 {
			rows[id].Name = new(strings.Repeat("x", int(id)))
		}
	}
	_, err := w.Write(rows)
	must(t, err)
	must(t, w.Close())
	must(t, copyWithout(t.Context(), &to, strings.NewReader(from.String()), int64(from.Len()), []int64{0, 2, 3, 4, 5, 9}, "snappy"))
	got, err := parquet.Read[data](strings.NewReader(to.String()), int64(to.Len()))
	must(t, err)
	want := []data{rows[1], rows[6], rows[7], rows[8]}
	if a, b := render(got), render(want); string(a) != string(b) {
		t.Errorf("the copy has %s, want %s", a, b)
	}
	if copyWithout(t.Context(), &to, strings.NewReader("nonsense"), 8, nil, "snappy") == nil {
		t.Error("nonsense was copied")
	}
}
