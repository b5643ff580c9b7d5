package metastore

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Run is what every metastore passes. open gives an empty one, and the location in which schemas can lie.
func Run(t *testing.T, open func(t *testing.T) (m Metastore, root string)) {
	t.Run("schemas", func(t *testing.T) { m, root := open(t); suiteSchemas(t, m, root) })
	t.Run("tables", func(t *testing.T) { m, root := open(t); suiteTables(t, m, root) })
	t.Run("views", func(t *testing.T) { m, root := open(t); suiteViews(t, m, root) })
	t.Run("partitions", func(t *testing.T) { m, root := open(t); suitePartitions(t, m, root) })
	t.Run("statistics", func(t *testing.T) { m, root := open(t); suiteStatistics(t, m, root) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code *trinoerr.Code) {
	t.Helper()
	if err == nil || trinoerr.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code.Name)
	}
}

func suiteSchema(t *testing.T, m Metastore, root string) {
	t.Helper()
	comment := "a schema"
	must(t, m.CreateDatabase(t.Context(), &Database{Name: "suite", Location: Join(root, "suite"), Owner: "alice", Comment: &comment, Parameters: map[string]string{"p": "v"}}))
	t.Cleanup(func() { _ = m.Close() })
}

func suiteSchemas(t *testing.T, m Metastore, root string) {
	suiteSchema(t, m, root)
	wantCode(t, m.CreateDatabase(t.Context(), &Database{Name: "suite", Location: Join(root, "suite")}), trinoerr.SchemaAlreadyExists)
	d, err := m.Database(t.Context(), "suite")
	if err != nil || d == nil || d.Location != Join(root, "suite") || d.Owner != "alice" || d.Comment == nil || *d.Comment != "a schema" || d.Parameters["p"] != "v" {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err := m.Database(t.Context(), "none"); d != nil || err != nil {
		t.Errorf("a schema that is not there: %v, %v", d, err)
	}
	names, err := m.Databases(t.Context())
	if err != nil || !contains(names, "suite") {
		t.Errorf("schemas: %v, %v", names, err)
	}
	must(t, m.CreateTable(t.Context(), suiteTable(root, "t")))
	wantCode(t, m.DropDatabase(t.Context(), "suite"), trinoerr.SchemaNotEmpty)
	must(t, m.DropTable(t.Context(), connector.SchemaTable{Schema: "suite", Table: "t"}, true))
	must(t, m.DropDatabase(t.Context(), "suite"))
	wantCode(t, m.DropDatabase(t.Context(), "suite"), trinoerr.SchemaNotFound)
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

func suiteTable(root, name string) *Table {
	comment := "of a"
	return &Table{
		Name: connector.SchemaTable{Schema: "suite", Table: name}, Owner: "alice", Type: ManagedTable,
		Columns:          []Column{{Name: "a", Type: "int", Comment: &comment}, {Name: "b", Type: "struct<x:string,y:array<date>>"}},
		PartitionColumns: []Column{},
		Parameters:       map[string]string{"trino_query_id": "q1", "comment": "it's"},
		Storage: Storage{Format: FormatOf("TEXTFILE"), Location: Join(root, "suite", name), SerdeParameters: map[string]string{"field.delim": "\x01"},
			Bucketing: &Bucketing{Columns: []string{"a"}, Version: 1, Count: 8, SortedBy: []SortColumn{{Name: "a", Descending: true}}}},
	}
}

func suiteTables(t *testing.T, m Metastore, root string) {
	suiteSchema(t, m, root)
	want := suiteTable(root, "t")
	must(t, m.CreateTable(t.Context(), want))
	wantCode(t, m.CreateTable(t.Context(), want), trinoerr.TableAlreadyExists)
	got, err := m.Table(t.Context(), want.Name)
	must(t, err)
	sameTable(t, got, want)
	if none, err := m.Table(t.Context(), connector.SchemaTable{Schema: "suite", Table: "none"}); none != nil || err != nil {
		t.Errorf("a table that is not there: %v, %v", none, err)
	}
	if none, err := m.Table(t.Context(), connector.SchemaTable{Schema: "none", Table: "t"}); none != nil || err != nil {
		t.Errorf("a table of a schema that is not there: %v, %v", none, err)
	}

	got.Columns = append(got.Columns, Column{Name: "c", Type: "bigint"})
	got.Parameters["trino_query_id"] = "q2"
	delete(got.Parameters, "comment")
	must(t, m.ReplaceTable(t.Context(), got))
	again, err := m.Table(t.Context(), want.Name)
	must(t, err)
	sameTable(t, again, got)
	if _, there := again.Parameters["comment"]; there {
		t.Error("a parameter was not removed")
	}

	to := connector.SchemaTable{Schema: "suite", Table: "u"}
	must(t, m.RenameTable(t.Context(), want.Name, to))
	list, err := m.Tables(t.Context(), "suite")
	if err != nil || !reflect.DeepEqual(list, []connector.TableName{{SchemaTable: to}}) {
		t.Errorf("tables: %v, %v", list, err)
	}
	// Whether the data moves too is up to the metastore, which says where it is.
	if moved, err := m.Table(t.Context(), to); err != nil || moved == nil || moved.Storage.Location != Join(root, "suite", "u") && moved.Storage.Location != want.Storage.Location {
		t.Errorf("renamed: %+v, %v", moved, err)
	}
	must(t, m.DropTable(t.Context(), to, true))
	wantCode(t, m.DropTable(t.Context(), to, true), trinoerr.TableNotFound)
	if list, err := m.Tables(t.Context(), "none"); len(list) > 0 || err != nil {
		t.Errorf("tables of no schema: %v, %v", list, err)
	}
}

// sameTable compares tables, but for what a metastore adds.
func sameTable(t *testing.T, got, want *Table) {
	t.Helper()
	if got == nil {
		t.Fatal("the table is not there")
	}
	for name, v := range want.Parameters {
		if got.Parameters[name] != v {
			t.Errorf("parameter %s is %q, want %q", name, got.Parameters[name], v)
		}
	}
	plain := func(t *Table) string {
		c := *t
		c.Parameters, c.kept = nil, nil
		c.Columns, c.PartitionColumns = columns(c.Columns), columns(c.PartitionColumns)
		text, _ := json.Marshal(c)
		return string(text)
	}
	if plain(got) != plain(want) {
		t.Errorf("got  %s\nwant %s", plain(got), plain(want))
	}
}

func suiteViews(t *testing.T, m Metastore, root string) {
	suiteSchema(t, m, root)
	original, expanded := "/* Presto View: eyJ9 */", "/* Presto View */"
	v := &Table{Name: connector.SchemaTable{Schema: "suite", Table: "v"}, Owner: "alice", Type: VirtualView, Columns: []Column{{Name: "dummy", Type: "string"}},
		Parameters: map[string]string{"presto_view": "true"}, ViewOriginalText: &original, ViewExpandedText: &expanded}
	must(t, m.CreateTable(t.Context(), v))
	list, err := m.Tables(t.Context(), "suite")
	if err != nil || len(list) != 1 || !list[0].View {
		t.Errorf("tables: %v, %v", list, err)
	}
	got, err := m.Table(t.Context(), v.Name)
	must(t, err)
	if got.Type != VirtualView || got.ViewOriginalText == nil || *got.ViewOriginalText != original || got.ViewExpandedText == nil || *got.ViewExpandedText != expanded || got.Parameters["presto_view"] != "true" {
		t.Errorf("got %+v", got)
	}
	must(t, m.RenameTable(t.Context(), v.Name, connector.SchemaTable{Schema: "suite", Table: "w"}))
	must(t, m.DropTable(t.Context(), connector.SchemaTable{Schema: "suite", Table: "w"}, false))
}

func suitePartitions(t *testing.T, m Metastore, root string) {
	suiteSchema(t, m, root)
	table := suiteTable(root, "t")
	table.PartitionColumns = []Column{{Name: "k", Type: "string"}, {Name: "n", Type: "int"}}
	table.Storage.Bucketing = nil
	must(t, m.CreateTable(t.Context(), table))
	made, err := m.Table(t.Context(), table.Name)
	must(t, err)
	a, slash := "a", "x/y =%"
	one, two := "1", "2"
	names := []string{PartitionName([]string{"k", "n"}, []*string{&a, &one}), PartitionName([]string{"k", "n"}, []*string{nil, &two}), PartitionName([]string{"k", "n"}, []*string{&slash, &one})}
	var parts []*Partition
	for _, name := range names {
		s := table.Storage
		s.Location = Join(table.Storage.Location, name)
		parts = append(parts, &Partition{Name: name, Columns: table.Columns, Parameters: map[string]string{"numRows": "7"}, Storage: s})
	}
	must(t, m.AddPartitions(t.Context(), made, parts))
	wantCode(t, m.AddPartitions(t.Context(), made, parts[:1]), trinoerr.AlreadyExists)
	list, err := m.PartitionNames(t.Context(), made)
	if err != nil || len(list) != 3 || !contains(list, names[0]) || !contains(list, names[1]) || !contains(list, names[2]) {
		t.Errorf("names: %q, %v; want %q", list, err, names)
	}
	got, err := m.Partitions(t.Context(), made, []string{names[2], "k=none/n=1", names[0]})
	if err != nil || len(got) != 3 || got[0] == nil || got[1] != nil || got[2] == nil {
		t.Fatalf("partitions: %v, %v", got, err)
	}
	if p := got[0]; p.Name != names[2] || p.Storage.Location != Join(table.Storage.Location, names[2]) || p.Parameters["numRows"] != "7" || p.Storage.Format.Name() != "TEXTFILE" || len(p.Columns) != 2 {
		t.Errorf("got %+v", p)
	}
	got[2].Parameters["numRows"] = "8"
	must(t, m.ReplacePartition(t.Context(), made, got[2]))
	again, err := m.Partitions(t.Context(), made, names[:1])
	if err != nil || again[0].Parameters["numRows"] != "8" {
		t.Errorf("replaced: %+v, %v", again[0], err)
	}
	must(t, m.DropPartition(t.Context(), made, names[1], true))
	wantCode(t, m.DropPartition(t.Context(), made, names[1], true), trinoerr.HivePartitionNotFound)
	must(t, m.DropPartition(t.Context(), made, names[2], false))
	if list, err := m.PartitionNames(t.Context(), made); err != nil || len(list) != 1 {
		t.Errorf("left: %q, %v", list, err)
	}
}

func suiteStatistics(t *testing.T, m Metastore, root string) {
	suiteSchema(t, m, root)
	table := suiteTable(root, "t")
	table.Columns = []Column{{Name: "i", Type: "int"}, {Name: "d", Type: "double"}, {Name: "n", Type: "decimal(5,2)"}, {Name: "s", Type: "string"}, {Name: "day", Type: "date"},
		{Name: "yes", Type: "boolean"}, {Name: "bin", Type: "binary"}}
	table.PartitionColumns, table.Storage.Bucketing = []Column{{Name: "k", Type: "int"}}, nil
	must(t, m.CreateTable(t.Context(), table))
	made, err := m.Table(t.Context(), table.Name)
	must(t, err)
	p := &Partition{Name: "k=1", Columns: table.Columns, Parameters: map[string]string{}, Storage: table.Storage}
	p.Storage.Location = Join(table.Storage.Location, "k=1")
	must(t, m.AddPartitions(t.Context(), made, []*Partition{p}))
	n := func(v int64) *int64 { return &v }
	average := 2.5
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	want := map[string]ColumnStatistics{
		"i":   {Integer: &Bounds{raw("-3"), raw("7")}, Nulls: n(1), Distinct: n(4)},
		"d":   {Double: &Bounds{raw("-0.5"), raw("1.5")}, Nulls: n(0), Distinct: n(4)},
		"n":   {Decimal: &Bounds{raw("-1.25"), raw("300.00")}, Nulls: n(0), Distinct: n(4)},
		"s":   {Longest: n(9), Average: &average, Nulls: n(2), Distinct: n(4)},
		"day": {Date: &Bounds{raw(`"1969-12-30"`), raw(`"2020-02-29"`)}, Nulls: n(0), Distinct: n(4)},
		"yes": {Boolean: &Truths{n(3), n(4)}, Nulls: n(0)},
		"bin": {Longest: n(9), Average: &average, Nulls: n(0)},
	}
	for _, partition := range []string{"k=1"} {
		must(t, m.SetStatistics(t.Context(), made, partition, want))
		got, err := m.Statistics(t.Context(), made, []string{partition})
		must(t, err)
		for name := range want {
			g, _ := json.Marshal(got[0][name])
			w, _ := json.Marshal(want[name])
			if string(g) != string(w) {
				t.Errorf("%s: got %s, want %s", name, g, w)
			}
		}
		must(t, m.SetStatistics(t.Context(), made, partition, nil))
		if got, err := m.Statistics(t.Context(), made, []string{partition}); err != nil || len(got) != 1 || len(got[0]) != 0 {
			t.Errorf("forgotten: %v, %v", got, err)
		}
	}
	plain := suiteTable(root, "plain")
	plain.Columns = table.Columns
	plain.Storage.Bucketing = nil
	must(t, m.CreateTable(t.Context(), plain))
	must(t, m.SetStatistics(t.Context(), plain, "", want))
	again, err := m.Table(t.Context(), plain.Name)
	must(t, err)
	got, err := m.Statistics(t.Context(), again, nil)
	if err != nil || len(got) != 1 || len(got[0]) != len(want) {
		t.Errorf("of a table: %v, %v", got, err)
	}
}
