package system

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fakeSystem is a cluster with two catalogs. It notes which tables were described.
type fakeSystem struct {
	described []string
	killed    []string
}

func (s *fakeSystem) Catalogs() []connector.CatalogInfo {
	lake := &fakeMetadata{system: s, name: "lake", tables: []*connector.Table{
		{Name: connector.SchemaTable{Schema: "s1", Table: "t"}, Comment: new("a table"), Columns: columnsOf(
			"b boolean", "ti tinyint", "si smallint", "i integer", "bi bigint", "r real", "d double", "dec decimal(10,2)", "v varchar", "v7 varchar(7)",
			"c char(3)", "vb varbinary", "j json", "da date", "t0 time(0)", "t12 time(12)", "tz6 time(6) with time zone", "ts0 timestamp(0)",
			"ts9 timestamp(9)", "tsz3 timestamp(3) with time zone", "u uuid", "a array(integer)", "m map(varchar, bigint)",
			"ro row(x integer, y varchar)", "hll HyperLogLog")},
		{Name: connector.SchemaTable{Schema: "s2", Table: "u"}, Columns: []connector.Column{
			{Name: "id", Type: types.Of(types.Integer), NotNull: true, Comment: new("hello")},
			{Name: "$path", Type: types.Of(types.Varchar), Hidden: true},
			{Name: "x", Type: types.Of(types.BigInt)}}},
		{Name: connector.SchemaTable{Schema: "s2", Table: "w"}, Columns: columnsOf("a bigint")},
	}}
	pond := &fakeMetadata{system: s, name: "pond", tables: []*connector.Table{
		{Name: connector.SchemaTable{Schema: "s1", Table: "p"}, Columns: columnsOf("a bigint")},
	}}
	return []connector.CatalogInfo{{Name: "lake", ConnectorName: "hive", Metadata: lake, Properties: lake},
		{Name: "pond", ConnectorName: "tpch", Metadata: pond}}
}

func (s *fakeSystem) Rows(_ context.Context, table string) ([][]any, error) {
	at := types.TimestampTZValue{EpochMillis: 1_700_000_000_123, Zone: types.UTC}
	switch table {
	case "nodes":
		return [][]any{{"n1", "http://n1", "1.0", true, "active"}, {"n2", "http://n2", "1.0", false, "draining"}}, nil
	case "queries":
		return [][]any{{"q1", "FINISHED", "alice", nil, "SELECT 'é\"'", []any{"global", "etl"}, int64(0), int64(1), int64(2), at, at, at, at, nil, nil},
			{"q2", "RUNNING", "bob", "cli", "SELECT 2", []any{}, int64(0), int64(1), int64(1) << 60, at, nil, at, nil, nil, nil}}, nil
	}
	return nil, trinoerr.New(trinoerr.GenericInternalError, "no rows of %s", table)
}

func (s *fakeSystem) KillQuery(_ context.Context, id, message string) error {
	s.killed = append(s.killed, id+":"+message)
	return nil
}

type fakeMetadata struct {
	system *fakeSystem
	name   string
	tables []*connector.Table
}

func (m *fakeMetadata) Schemas(context.Context) (out []string, err error) {
	for _, t := range m.tables {
		out = append(out, t.Name.Schema)
	}
	return slices.Compact(out), nil
}

func (m *fakeMetadata) Tables(_ context.Context, schema string) (out []connector.TableName, err error) {
	for _, t := range m.tables {
		if t.Name.Schema == schema {
			out = append(out, connector.TableName{SchemaTable: t.Name, View: t.Name.Table == "w"})
		}
	}
	return out, nil
}

func (m *fakeMetadata) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	m.system.described = append(m.system.described, m.name+"."+name.String())
	for _, t := range m.tables {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, nil
}

func (m *fakeMetadata) Statistics(context.Context, connector.Scan) (connector.Statistics, error) {
	return connector.Statistics{}, nil
}

func (m *fakeMetadata) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: "location", Type: types.Of(types.Varchar), Description: "Where it lies"}}
}

func (m *fakeMetadata) TableProperties() []connector.Property {
	return []connector.Property{
		{Name: "partitioned_by", Type: types.ArrayOf(types.Of(types.Varchar)), Default: []string{}, Description: "Partition columns"},
		{Name: "count", Type: types.Of(types.BigInt), Default: int64(3)},
		{Name: "auto", Type: types.Of(types.Boolean), Default: true},
	}
}

func columnsOf(list ...string) (out []connector.Column) {
	for _, c := range list {
		name, typ, _ := strings.Cut(c, " ")
		out = append(out, connector.Column{Name: name, Type: types.MustParse(typ)})
	}
	return out
}

func open(t *testing.T, s connector.System) *Connector {
	t.Helper()
	c, err := New(connector.CatalogConfig{Catalog: Catalog, Env: connector.Env{System: s}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRows reads tables over a fake cluster: "rows table=schema.name", with conditions column=value as further arguments.
func TestRows(t *testing.T) {
	datadriven.RunTest(t, "testdata/rows.txt", func(t *testing.T, d *datadriven.TestData) string {
		s := &fakeSystem{}
		var scan connector.Scan
		for _, arg := range d.CmdArgs {
			if arg.Key == "table" {
				scan.Table.Schema, scan.Table.Table, _ = strings.Cut(arg.Vals[0], ".")
				continue
			}
			domain := connector.Domain{Column: arg.Key}
			for _, v := range arg.Vals {
				domain.Values = append(domain.Values, v)
			}
			scan.Constraint = append(scan.Constraint, domain)
		}
		c := open(t, s)
		table, err := c.Table(t.Context(), scan.Table)
		if table == nil || err != nil {
			return fmt.Sprint("no table ", err)
		}
		scan.Columns = table.Columns
		out, err := readAll(t.Context(), c, scan)
		if err != nil {
			return err.Error() + "\n"
		}
		if s.described != nil {
			out += fmt.Sprintf("described: %s\n", strings.Join(s.described, ", "))
		}
		return out
	})
}

// readAll renders the rows of a scan as JSON, one a line.
func readAll(ctx context.Context, c *Connector, scan connector.Scan) (string, error) {
	splits, err := c.Splits(ctx, scan)
	if err != nil {
		return "", err
	}
	all, err := splits.Next(ctx, 1000)
	if err != nil {
		return "", err
	}
	src, err := c.Source(ctx, scan, all)
	if err != nil {
		return "", err
	}
	var projection []int
	for i := range scan.Columns {
		projection = append(projection, i)
	}
	var out strings.Builder
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(ctx, p, projection)
		if err != nil {
			return "", err
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, 3)
			if err != nil {
				return "", err
			}
			if n == 0 {
				break
			}
			for row := range n {
				var values []any
				for i, col := range scan.Columns {
					values = append(values, valueAt(&b.Columns[i], col.Type, row))
				}
				text, err := json.Marshal(values)
				if err != nil {
					return "", err
				}
				out.Write(append(text, '\n'))
			}
		}
		if err := r.Close(); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func valueAt(v *connector.Vector, t types.Type, i int) any {
	switch {
	case v.IsNull(i):
		return nil
	case t.Kind == types.Boolean:
		return v.I8[i] != 0
	case t.Kind == types.Varchar:
		return string(v.Data[v.Offsets[i]:v.Offsets[i+1]])
	case t.Kind == types.Array:
		items := []any{}
		for k := v.Offsets[i]; k < v.Offsets[i+1]; k++ {
			items = append(items, valueAt(v.Items, t.Elem(0), int(k)))
		}
		return items
	}
	return v.I64[i]
}

// furtherColumns come after Trino's.
var furtherColumns = map[string]string{
	"runtime.tasks": "  attempt bigint\n  execution_class varchar\n  requested_memory_bytes bigint\n  peak_memory_bytes bigint\n  error_code varchar\n",
}

// The columns of all tables are those of a Trino 476, recorded from its information_schema, and those above.
func TestColumns(t *testing.T) {
	recorded, err := os.ReadFile("testdata/trino_columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, nil)
	have := map[string]bool{}
	schemas, err := c.Schemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ours strings.Builder
	for _, schema := range schemas {
		list, err := c.Tables(t.Context(), schema)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range list {
			table, err := c.Table(t.Context(), name.SchemaTable)
			if err != nil {
				t.Fatal(err)
			}
			have[name.String()] = true
			fmt.Fprintf(&ours, "%s\n", name)
			for _, col := range table.Columns {
				fmt.Fprintf(&ours, "  %s %s\n", col.Name, col.Type)
			}
		}
	}
	// What Trino tells of its optimizer's rules has no counterpart.
	var want strings.Builder
	keep, further := false, ""
	for line := range strings.Lines(string(recorded)) {
		if !strings.HasPrefix(line, " ") {
			want.WriteString(further)
			keep, further = strings.TrimSpace(line) != "runtime.optimizer_rule_stats", furtherColumns[strings.TrimSpace(line)]
		}
		if keep {
			want.WriteString(line)
		}
	}
	want.WriteString(further)
	if ours.String() != want.String() {
		t.Errorf("got\n%s\nwant\n%s", ours.String(), want.String())
	}
}

// Long tables are cut into splits, and each row is in one of them.
func TestManySplits(t *testing.T) {
	var rows [][]any
	for i := range 10_000 {
		rows = append(rows, []any{fmt.Sprint("row ", i, strings.Repeat(" ", 50)), int64(i)})
	}
	s, err := cut(rows, []int{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.rest) < 4 {
		t.Errorf("%d splits", len(s.rest))
	}
	next := int64(0)
	for _, sp := range s.rest {
		var part [][]any
		if err := json.Unmarshal(sp.Handle, &part); err != nil {
			t.Fatal(err)
		}
		if int64(len(part)) != sp.Rows || sp.Bytes > splitBytes+1000 {
			t.Errorf("split of %d rows and %d bytes has %d rows", sp.Rows, sp.Bytes, len(part))
		}
		for _, row := range part {
			if row[0] != float64(next) {
				t.Fatalf("row %v, want %d", row[0], next)
			}
			next++
		}
	}
	if next != int64(len(rows)) {
		t.Errorf("%d rows", next)
	}
}

// Names outside of a range are not listed.
func TestFilter(t *testing.T) {
	bound := func(v any, inclusive bool) *connector.Bound { return &connector.Bound{Value: v, Inclusive: inclusive} }
	for _, c := range []struct {
		domain connector.Domain
		want   string
	}{
		{connector.Domain{Values: []any{"b", "d"}}, "b d"},
		{connector.Domain{Values: []any{}}, ""},
		{connector.Domain{Low: bound("b", true)}, "b c d"},
		{connector.Domain{Low: bound("b", false)}, "c d"},
		{connector.Domain{High: bound("b", true)}, "a b"},
		{connector.Domain{Low: bound("a", false), High: bound("d", false)}, "b c"},
		{connector.Domain{Low: bound(int64(1), false)}, "a b c d"},
		{connector.Domain{Column: "other", Values: []any{"z"}}, "a b c d"},
	} {
		if c.domain.Column == "" {
			c.domain.Column = "name"
		}
		var got []string
		for _, name := range []string{"a", "b", "c", "d"} {
			if (filter{c.domain}).allows("name", name) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v lets %v through, want %s", c.domain, got, c.want)
		}
	}
}

func TestKillQuery(t *testing.T) {
	s := &fakeSystem{}
	kill := open(t, s).Procedures()[0]
	if err := kill.Run(t.Context(), []any{"q1", "too slow"}); err != nil {
		t.Error(err)
	}
	if err := kill.Run(t.Context(), []any{"q2", nil}); err != nil {
		t.Error(err)
	}
	if err := kill.Run(t.Context(), []any{nil, ""}); trinoerr.CodeOf(err) != trinoerr.InvalidProcedureArgument {
		t.Errorf("killed nothing: %v", err)
	}
	if got := strings.Join(s.killed, " "); got != "q1:too slow q2:" {
		t.Errorf("killed %s", got)
	}
}
