package jdbctest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TypeCase is a column of a type with some values in it.
type TypeCase struct {
	// Native is the type in the database.
	Native string
	// Values are SQL in the database.
	Values []string
	// Want is Trino's type; empty: the column is left out.
	Want string
	// Texts are the values as text, parallel to Values; NULL is "NULL".
	Texts []string
	// ReadOnly says that values cannot be written.
	ReadOnly bool
}

// Types makes a table for each case, in a schema that is there, and checks that its values are read, compared and written as they are.
func Types(t *testing.T, c connector.Connector, schema string, exec func(t testing.TB, statements ...string), cases []TypeCase) {
	for i, tt := range cases {
		t.Run(tt.Native, func(t *testing.T) {
			name := connector.SchemaTable{Schema: schema, Table: "types_" + string(rune('a'+i/26)) + string(rune('a'+i%26))}
			exec(t, "CREATE TABLE "+name.String()+" (n int, v "+tt.Native+")")
			for n, v := range tt.Values {
				exec(t, "INSERT INTO "+name.String()+" VALUES ("+string(rune('0'+n))+", "+v+")")
			}
			table := describe(t, c, name)
			if tt.Want == "" {
				if len(table.Columns) != 1 {
					t.Fatalf("columns are %v", table.Columns)
				}
				return
			}
			if len(table.Columns) != 2 || table.Columns[1].Type.String() != tt.Want {
				t.Fatalf("columns are %v, want %s", table.Columns, tt.Want)
			}
			scan := connector.Scan{Table: name, Handle: table.Handle, Columns: table.Columns}
			got := texts(t, c, scan)
			if !slices.Equal(got, tt.Texts) {
				t.Errorf("values are %q, want %q", got, tt.Texts)
			}
			checkFilters(t, c, scan)
			if !tt.ReadOnly {
				copyTable(t, c, scan, got)
			}
		})
	}
}

func describe(t *testing.T, c connector.Connector, name connector.SchemaTable) *connector.Table {
	t.Helper()
	table, err := c.Table(t.Context(), name)
	if err != nil || table == nil {
		t.Fatalf("Table(%s) = %v, %v", name, table, err)
	}
	return table
}

// row is the values of two columns.
type row struct {
	n int64
	v any // nil: NULL
}

// read reads the rows of a scan of columns n and v, by n.
func read(t *testing.T, c connector.Connector, scan connector.Scan) (rows []row) {
	t.Helper()
	each(t, c, scan, func(b *connector.Batch) {
		for i := range b.Rows {
			r := row{n: int64(b.Columns[0].I32[i])}
			if !b.Columns[1].IsNull(i) {
				var ok bool
				if r.v, ok = jdbc.ValueAt(&b.Columns[1], scan.Columns[1].Type, i); !ok {
					r.v = items(&b.Columns[1], scan.Columns[1].Type, i)
				}
				if raw, ok := r.v.([]byte); ok {
					r.v = slices.Clone(raw)
				}
			}
			rows = append(rows, r)
		}
	})
	slices.SortFunc(rows, func(a, b row) int { return int(a.n - b.n) })
	return rows
}

// items are those of an array, or of a map key by key.
func items(v *connector.Vector, t types.Type, i int) any {
	from, end := int(v.Offsets[i]), int(v.Offsets[i+1])
	part := func(v *connector.Vector, t types.Type, n int) any {
		if v.IsNull(n) {
			return nil
		}
		value, _ := jdbc.ValueAt(v, t, n)
		return value
	}
	if t.Kind == types.Map {
		list := []types.MapEntry{}
		for n := from; n < end; n++ {
			list = append(list, types.MapEntry{Key: part(&v.Fields[0], t.Elem(0), n), Value: part(&v.Fields[1], t.Elem(1), n)})
		}
		return list
	}
	list := []any{}
	for n := from; n < end; n++ {
		list = append(list, part(v.Items, t.Elem(0), n))
	}
	return list
}

// each gives the batches of a scan, of few rows each.
func each(t *testing.T, c connector.Connector, scan connector.Scan, take func(*connector.Batch)) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	src, err := c.Splits(t.Context(), scan)
	must(err)
	splits, err := src.Next(t.Context(), 1000)
	must(err)
	source, err := c.Source(t.Context(), scan, splits)
	must(err)
	all := make([]int, len(scan.Columns))
	for i := range all {
		all[i] = i
	}
	for p := range source.Batches.Partitions() {
		reader, err := source.Batches.Open(t.Context(), p, all)
		must(err)
		var b connector.Batch
		for {
			n, err := reader.Next(&b, 2)
			must(err)
			if n == 0 {
				break
			}
			take(&b)
		}
		must(reader.Close())
	}
}

func texts(t *testing.T, c connector.Connector, scan connector.Scan) (list []string) {
	t.Helper()
	for _, r := range read(t, c, scan) {
		list = append(list, text(scan.Columns[1].Type, r.v))
	}
	return list
}

func text(t types.Type, v any) string {
	if v == nil {
		return "NULL"
	}
	return string(types.AppendWire(nil, t, v))
}

// checkFilters offers comparisons with each value: what is taken exactly gives exactly the rows that are equal, or differ, and what is taken otherwise
// gives at least them.
func checkFilters(t *testing.T, c connector.Connector, scan connector.Scan) {
	pusher, ok := c.(connector.FilterPushdown)
	if !ok {
		return
	}
	column := scan.Columns[1]
	all := read(t, c, scan)
	for _, r := range all {
		for _, op := range []string{connector.OpEqual, connector.OpNotEqual} {
			if r.v == nil {
				continue
			}
			e := &connector.Call{Function: op, Type: types.Of(types.Boolean), Args: []connector.Expression{
				&connector.Reference{Column: column.Name, Type: column.Type}, &connector.Constant{Type: column.Type, Value: r.v}}}
			var want []int64
			for _, other := range all {
				if other.v != nil && (text(column.Type, other.v) == text(column.Type, r.v)) == (op == connector.OpEqual) {
					want = append(want, other.n)
				}
			}
			pushed, taken, err := pusher.PushFilter(context.Background(), scan, []connector.Expression{e})
			if err != nil {
				t.Fatal(err)
			}
			if !taken {
				continue
			}
			filtered := scan
			filtered.Handle = pushed.Handle
			var got []int64
			for _, f := range read(t, c, filtered) {
				got = append(got, f.n)
			}
			if pushed.Exact[0] && !slices.Equal(got, want) {
				t.Errorf("%s gives rows %v, want %v", e, got, want)
			}
			for _, n := range want {
				if !slices.Contains(got, n) {
					t.Errorf("%s does not give row %d", e, n)
				}
			}
		}
	}
}

// copyTable writes the rows into a new table and into an equal one, and reads them again.
func copyTable(t *testing.T, c connector.Connector, scan connector.Scan, want []string) {
	t.Helper()
	w := c.(connector.Writer)
	table := describe(t, c, scan.Table)
	var created *connector.Table
	for _, create := range []bool{true, false} {
		target := table
		if create {
			target = &connector.Table{Name: connector.SchemaTable{Schema: scan.Table.Schema, Table: scan.Table.Table + "_copy"}, Columns: table.Columns}
		}
		handle, err := w.BeginWrite(t.Context(), target, create, connector.RetriesEnabled, "q_"+strings.ToLower(scan.Table.Table))
		if err != nil {
			t.Fatal(err)
		}
		sink, err := w.Sink(t.Context(), handle, "one")
		if err != nil {
			t.Fatal(err)
		}
		each(t, c, scan, func(b *connector.Batch) {
			if _, err := sink.(connector.BatchSink).Write(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		})
		fragment, err := sink.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.FinishWrite(t.Context(), handle, [][]byte{fragment}); err != nil {
			t.Fatal(err)
		}
		if err := c.(connector.Settler).SettleWrite(t.Context(), handle); err != nil {
			t.Fatal(err)
		}
		if create {
			created = describe(t, c, target.Name)
		}
	}
	if created.Columns[1].Type.Equal(scan.Columns[1].Type) {
		if got := texts(t, c, connector.Scan{Table: created.Name, Handle: created.Handle, Columns: created.Columns}); !slices.Equal(got, want) {
			t.Errorf("what was written is %q, want %q", got, want)
		}
	}
	// In the table itself each value is there twice now.
	twice := make([]string, 0, 2*len(want))
	for _, text := range want {
		twice = append(twice, text, text)
	}
	if got := texts(t, c, scan); !slices.Equal(got, twice) {
		t.Errorf("after INSERT there is %q, want %q", got, twice)
	}
}

// Texts are the values of a column of a table, as text, in the order of the table's first column.
func Texts(t *testing.T, c connector.Connector, table *connector.Table, column int) []string {
	t.Helper()
	return texts(t, c, connector.Scan{Table: table.Name, Handle: table.Handle, Columns: []connector.Column{table.Columns[0], table.Columns[column]}})
}

// Describe finds a table, which is there.
func Describe(t *testing.T, c connector.Connector, schema, name string) *connector.Table {
	t.Helper()
	return describe(t, c, connector.SchemaTable{Schema: schema, Table: name})
}
