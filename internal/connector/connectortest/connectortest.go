// Package connectortest is the suite that every connector passes: metadata that agrees with itself, splits that repeat, and
// writes of which exactly the selected attempts become visible, once.
//
// It plays the part of the engine: DuckDB writes the files that sinks take and reads the files that sources name. Start with
// Run.
package connectortest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Harness is what the suite needs to know of a connector. What it can do the suite finds out by itself.
type Harness struct {
	// New makes a connector without tables of the suite's names. It plays both the coordinator and a worker.
	New func(t *testing.T) connector.Connector
	// Schema exists; tables can be made in it.
	Schema string
	// Existing are tables that are there; the suite only reads them.
	Existing []connector.SchemaTable
	// Rows is how many rows those of them have of which that is known.
	Rows map[connector.SchemaTable]int
	// Forgets says that what is written cannot be read back.
	Forgets bool
	// OnlyAdds says that rows are added and never changed, and that the connector says so.
	OnlyAdds bool
	// Generates says that a table that was just made has rows.
	Generates bool
	// Types says what becomes of types, as SQL, that a column cannot have: the type that it gets instead, or nothing where there is no mapping and CREATE
	// TABLE refuses. All others are stored as they are.
	Types map[string]string
	// Without are literals of the suite that cannot be stored, such as dates that are too far away; "NULL AS type" is the NULL of a type.
	Without []string
	// Names, when not nil, are the odd names that tables and columns can have.
	Names []string
	// Tricky says that Schema has a table t with the rows of the constant Tricky, for connectors into which nothing can be written.
	Tricky bool
	// NamesStay says that tables and views cannot be renamed, for want of a storage that renames: that is refused, and changes nothing.
	NamesStay bool
	// Partitioned says that tables can have table partitions, with the property "partitioned_by".
	Partitioned bool
	// Break, when not nil, makes the n-th operation on the storage from now on fail, once, counted from 0.
	Break func(n int)
	// Key, when not nil, makes the column id of a table its primary key, without which single rows cannot be changed.
	Key func(t *testing.T, name connector.SchemaTable)
	// Traces lists what lies in the storage, for checking that nothing is left over; nil when it cannot be known.
	Traces func() []string
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	for _, name := range h.Existing {
		t.Run("read "+name.String(), func(t *testing.T) { readExisting(t, h, name) })
	}
	c := h.New(t)
	if _, ok := c.(connector.SchemaWriter); ok {
		t.Run("schemas", func(t *testing.T) { schemas(t, h) })
	}
	if _, ok := c.(connector.TableCreator); ok {
		t.Run("tables", func(t *testing.T) { tables(t, h) })
		t.Run("columns", func(t *testing.T) { alterColumns(t, h) })
	}
	if _, ok := c.(connector.Views); ok {
		t.Run("views", func(t *testing.T) { views(t, h) })
	}
	if _, ok := c.(connector.Routines); ok {
		t.Run("functions", func(t *testing.T) { routines(t, h) })
	}
	if _, ok := c.(connector.Writer); ok {
		t.Run("writes", func(t *testing.T) { writes(t, h) })
		t.Run("aborted writes", func(t *testing.T) { abortedWrites(t, h) })
		t.Run("concurrent writes", func(t *testing.T) { concurrentWrites(t, h) })
		t.Run("types", func(t *testing.T) { typeEdges(t, h) })
		t.Run("names", func(t *testing.T) { names(t, h) })
		t.Run("large", func(t *testing.T) { large(t, h) })
	}
	if _, ok := c.(connector.Writer); ok && !h.Forgets || h.Tricky {
		t.Run("pushdown", func(t *testing.T) { pushdowns(t, h) })
	}
	if _, ok := c.(connector.Versions); ok {
		t.Run("versions", func(t *testing.T) { versions(t, h) })
	}
	if p, ok := c.(connector.TableProcedures); ok {
		for _, p := range p.TableProcedures() {
			if p.Rewrite != nil {
				t.Run("rewrite "+p.Name, func(t *testing.T) { rewrites(t, h, p.Name) })
			}
		}
	}
	if r, ok := c.(connector.RowChanger); ok && h.OnlyAdds {
		t.Run("no changes", func(t *testing.T) { noChanges(t, h, r) })
	} else if ok {
		t.Run("changes", func(t *testing.T) { changes(t, h) })
	}
	if _, ok := c.(connector.FieldReader); ok {
		t.Run("fields", func(t *testing.T) { fields(t, h) })
	}
	t.Run("missing table", func(t *testing.T) {
		got, err := c.Table(t.Context(), connector.SchemaTable{Schema: "no_such_schema", Table: "no_such_table"})
		if got != nil || err != nil {
			t.Errorf("Table of a missing schema = %v, %v; want nil, nil", got, err)
		}
		names, err := c.Tables(t.Context(), "no_such_schema")
		if len(names) != 0 || err != nil {
			t.Errorf("Tables of a missing schema = %v, %v; want none, nil", names, err)
		}
	})
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

// readExisting checks a table that is there.
func readExisting(t *testing.T, h Harness, name connector.SchemaTable) {
	c := h.New(t)
	table := describe(t, c, name)
	names, err := c.Tables(t.Context(), name.Schema)
	if err != nil || !slices.Contains(names, connector.TableName{SchemaTable: name}) {
		t.Errorf("Tables(%s) = %v, %v: lacks the table", name.Schema, names, err)
	}
	scan := scanOf(table)
	splitting(t, c, scan)
	cancelled(t, c, scan)
	rows := len(read(t, c, table))
	if want, ok := h.Rows[name]; ok && rows != want {
		t.Errorf("there are %d rows, want %d", rows, want)
	}
	if s, err := c.Statistics(t.Context(), scan); err != nil {
		t.Errorf("Statistics: %v", err)
	} else if s.Rows >= 0 && rows > 0 && (s.Rows > 2*float64(rows) || s.Rows < float64(rows)/2) {
		t.Errorf("statistics say %v rows, there are %d", s.Rows, rows)
	}
}

func schemas(t *testing.T, h Harness) {
	c := h.New(t)
	w := c.(connector.SchemaWriter)
	must(t, w.CreateSchema(t.Context(), "made", nil))
	list, err := c.Schemas(t.Context())
	if err != nil || !slices.Contains(list, "made") || !slices.IsSorted(list) {
		t.Errorf("Schemas = %v, %v", list, err)
	}
	wantCode(t, w.CreateSchema(t.Context(), "made", nil), trinoerr.SchemaAlreadyExists)
	if tc, ok := c.(connector.TableCreator); ok {
		must(t, tc.CreateTable(t.Context(), definition("made", "inside")))
		err := w.DropSchema(t.Context(), "made", false)
		if trinoerr.CodeOf(err) == trinoerr.NotSupported {
			return
		}
		wantCode(t, err, trinoerr.SchemaNotEmpty)
		must(t, w.DropSchema(t.Context(), "made", true))
		if got, err := c.Table(t.Context(), connector.SchemaTable{Schema: "made", Table: "inside"}); got != nil || err != nil {
			t.Errorf("a table survived its schema: %v, %v", got, err)
		}
	}
	wantCode(t, w.DropSchema(t.Context(), "made", false), trinoerr.SchemaNotFound)
}

// definition is the table that the suite makes.
func definition(schema, name string) *connector.Table {
	return &connector.Table{
		Name: connector.SchemaTable{Schema: schema, Table: name},
		Columns: []connector.Column{
			{Name: "id", Type: types.Of(types.BigInt)},
			{Name: "name", Type: types.VarcharN(20)},
			{Name: "amount", Type: types.DecimalOf(12, 2)},
			{Name: "day", Type: types.Of(types.Date)},
		},
	}
}

func tables(t *testing.T, h Harness) {
	c := h.New(t)
	tc := c.(connector.TableCreator)
	def := definition(h.Schema, "suite")
	must(t, tc.CreateTable(t.Context(), def))
	table := describe(t, c, def.Name)
	for i, col := range visible(table) {
		want := def.Columns[i]
		if other := h.Types[want.Type.String()]; other != "" {
			want.Type = types.MustParse(other)
		}
		if col.Name != want.Name || !col.Type.Equal(want.Type) {
			t.Errorf("column %d is %s %s, want %s %s", i, col.Name, col.Type, want.Name, want.Type)
		}
	}
	if err := tc.CreateTable(t.Context(), def); err == nil {
		t.Error("a second table of the same name was made")
	}
	if rows := read(t, c, table); (len(rows) != 0) != h.Generates {
		t.Errorf("a new table has rows %v", rows)
	}
	if r, ok := c.(connector.TableRenamer); ok {
		to := connector.SchemaTable{Schema: h.Schema, Table: "renamed"}
		if err := r.RenameTable(t.Context(), table, to); h.NamesStay {
			wantCode(t, err, trinoerr.NotSupported)
			to = def.Name
		} else {
			must(t, err)
			if got, err := c.Table(t.Context(), def.Name); got != nil || err != nil {
				t.Errorf("the old name is still there: %v, %v", got, err)
			}
		}
		table = describe(t, c, to)
	}
	if cm, ok := c.(connector.Commenter); ok {
		must(t, cm.SetComment(t.Context(), table, "", new("of the table")))
		onColumns := cm.SetComment(t.Context(), table, "name", new("of the column"))
		if onColumns != nil {
			wantCode(t, onColumns, trinoerr.NotSupported)
		}
		table = describe(t, c, table.Name)
		if a, b := table.Comment, table.Columns[1].Comment; a == nil || *a != "of the table" || onColumns == nil && (b == nil || *b != "of the column") {
			t.Errorf("comments are %v, %v", a, b)
		}
	}
	must(t, tc.DropTable(t.Context(), table))
	if got, err := c.Table(t.Context(), table.Name); got != nil || err != nil {
		t.Errorf("a dropped table is still there: %v, %v", got, err)
	}
}

func alterColumns(t *testing.T, h Harness) {
	c := h.New(t)
	a, ok := c.(connector.ColumnAlterer)
	w, writer := c.(connector.Writer)
	if !ok || !writer || h.Forgets {
		return
	}
	def := definition(h.Schema, "altered")
	fill(t, c, w, def, true, "q1", "SELECT 1::BIGINT AS id, 'a' AS name, 1.5::DECIMAL(12,2) AS amount, DATE '2020-01-01' AS day")
	must(t, a.AddColumn(t.Context(), describe(t, c, def.Name), connector.Column{Name: "extra", Type: types.Of(types.Integer)}))
	wider := describe(t, c, def.Name)
	extra := duck.TableType(visible(wider)[4].Type) // not every system has such small integers
	fill(t, c, w, wider, false, "q2", "SELECT 2::BIGINT AS id, 'b' AS name, 2.5::DECIMAL(12,2) AS amount, DATE '2020-01-02' AS day, 7::"+extra+" AS extra")
	wantRows(t, read(t, c, describe(t, c, def.Name)), "1|a|1.50|2020-01-01|NULL", "2|b|2.50|2020-01-02|7")
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, def.Name)))
}

// Helpers.

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code *trinoerr.Code) {
	t.Helper()
	if err == nil || trinoerr.CodeOf(err) != code {
		t.Errorf("error is %v, want %s", err, code.Name)
	}
}

func wantRows(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("rows are\n%q\nwant\n%q", got, want)
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

func visible(t *connector.Table) (list []connector.Column) {
	for _, c := range t.Columns {
		if !c.Hidden {
			list = append(list, c)
		}
	}
	return list
}

func scanOf(t *connector.Table) connector.Scan {
	return connector.Scan{Table: t.Name, Handle: t.Handle, Columns: visible(t)}
}

func splitsOf(t *testing.T, c connector.Connector, scan connector.Scan, batch int) []connector.Split {
	t.Helper()
	src, err := c.Splits(t.Context(), scan)
	must(t, err)
	defer src.Close()
	var all []connector.Split
	for {
		next, err := src.Next(t.Context(), batch)
		must(t, err)
		if len(next) == 0 {
			return all
		}
		if len(next) > batch {
			t.Fatalf("%d splits at once instead of %d", len(next), batch)
		}
		all = append(all, next...)
	}
}

// fill writes the rows of a query as one attempt and finishes.
func fill(t *testing.T, c connector.Connector, w connector.Writer, table *connector.Table, create bool, queryID, sql string) {
	t.Helper()
	handle, err := w.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, queryID)
	must(t, err)
	fragment := attempt(t, c, handle, fmt.Sprintf("%s.0.0.0", queryID), sql)
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
	settle(t, c, handle)
}
