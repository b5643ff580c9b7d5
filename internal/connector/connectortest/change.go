package connectortest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// changes checks the life of a change of rows: with several attempts, finished once, twice and in the middle of a failure,
// aborted, and beside others.
func changes(t *testing.T, h Harness) {
	t.Run("several attempts", func(t *testing.T) { severalChanges(t, h) })
	if h.Forgets {
		return
	}
	t.Run("abort", func(t *testing.T) {
		f := newChanged(t, h)
		before := traces(h)
		handle := f.begin("aborted")
		f.attempt(handle, "aborted.0.0.0", []string{"1", "2"}, oneRow("9", "x"))
		must(t, f.c.AbortWrite(t.Context(), handle))
		must(t, f.c.AbortWrite(t.Context(), handle))
		if after := traces(h); !slices.Equal(before, after) {
			t.Errorf("an aborted change left %v, before there was %v", after, before)
		}
		f.want(f.all...)
		drop(t, h, f.conn, f.name)
	})
	t.Run("all rows", func(t *testing.T) {
		f := newChanged(t, h)
		f.commit("most", []string{"1", "2", "4"}, "")
		f.commit("rest", []string{"3"}, "")
		f.want()
		f.commit("new", nil, oneRow("5", "five"))
		f.want("5|five" + tail)
		drop(t, h, f.conn, f.name)
	})
	t.Run("update", func(t *testing.T) {
		f := newChanged(t, h)
		handle := f.begin("updated")
		fragment, err := f.tryAttempt(handle, "updated.0.0.0", []string{"1"}, oneRow("5", "new"), oneRow("2", "changed")+" UNION ALL "+oneRow("4", "changed"))
		must(t, err)
		must(t, f.c.FinishWrite(t.Context(), handle, [][]byte{fragment}))
		settle(t, f.c, handle)
		f.want("2|changed"+tail, "3|three"+tail, "4|changed"+tail, "5|new"+tail)
		drop(t, h, f.conn, f.name)
	})
	t.Run("concurrent", func(t *testing.T) { concurrentChanges(t, h) })
	if h.Break != nil {
		t.Run("failure in finish", func(t *testing.T) { brokenChanges(t, h) })
	}
}

// changed is a table of four rows, in two files, to be changed.
type changed struct {
	t    *testing.T
	c    connector.RowChanger
	conn connector.Connector
	name connector.SchemaTable
	all  []string
}

func newChanged(t *testing.T, h Harness) *changed {
	t.Helper()
	c := h.New(t)
	f := &changed{t: t, conn: c, c: c.(connector.RowChanger), name: connector.SchemaTable{Schema: h.Schema, Table: "changed"},
		all: []string{"1|one" + tail, "2|two" + tail, "3|three" + tail, "4|four" + tail}}
	def := definition(h.Schema, "changed")
	fill(t, c, f.c, def, true, "filled1", oneRow("1", "one")+" UNION ALL "+oneRow("2", "two"))
	fill(t, c, f.c, f.table(), false, "filled2", oneRow("3", "three")+" UNION ALL "+oneRow("4", "four"))
	if h.Key != nil {
		h.Key(t, f.name)
	}
	return f
}

func (f *changed) table() *connector.Table { return describe(f.t, f.conn, f.name) }

func (f *changed) want(rows ...string) {
	f.t.Helper()
	wantRows(f.t, read(f.t, f.conn, f.table()), rows...)
}

func (f *changed) begin(query string) []byte {
	f.t.Helper()
	handle, err := f.c.BeginChange(f.t.Context(), f.table(), connector.RetriesEnabled, query)
	must(f.t, err)
	return handle
}

// commit does a change of one attempt.
func (f *changed) commit(query string, deleted []string, added string) {
	f.t.Helper()
	handle := f.begin(query)
	must(f.t, f.c.FinishWrite(f.t.Context(), handle, [][]byte{f.attempt(handle, query+".0.0.0", deleted, added)}))
	settle(f.t, f.c, handle)
}

// attempt deletes rows, by the text of their first column, and adds those of a query.
func (f *changed) attempt(handle []byte, id string, deleted []string, added string) []byte {
	f.t.Helper()
	fragment, err := f.tryAttempt(handle, id, deleted, added, "")
	must(f.t, err)
	return fragment
}

// tryAttempt also updates rows: those of a query, by the text of their first column.
func (f *changed) tryAttempt(handle []byte, id string, deleted []string, added, updated string) ([]byte, error) {
	f.t.Helper()
	table := f.table()
	rowID, err := f.c.RowID(f.t.Context(), table)
	must(f.t, err)
	scan := scanOf(table)
	scan.Columns = slices.Concat(scan.Columns[:1], rowID)
	in, _, _ := tableInput(f.t, "old", scan, splitsOf(f.t, f.conn, scan, 1000))
	ids, noIDs := "", ""
	for _, c := range rowID {
		ids += `, old."` + c.Name + `"`
		noIDs += ", NULL::" + duck.TableType(c.Type)
	}
	const values = ", v.id, v.name, v.amount, v.day"
	noValues := ""
	for _, c := range visible(table) {
		noValues += ", NULL::" + duck.TableType(c.Type)
	}
	parts := []string{fmt.Sprintf("SELECT %d::TINYINT%s%s FROM old WHERE CAST(old.id AS VARCHAR) IN ('', '%s')", connector.DeleteRow, ids, noValues, strings.Join(deleted, "', '"))}
	if added != "" {
		parts = append(parts, fmt.Sprintf("SELECT %d::TINYINT%s%s FROM (%s) AS v", connector.InsertRow, noIDs, values, added))
	}
	if updated != "" {
		parts = append(parts, fmt.Sprintf("SELECT %d::TINYINT%s%s FROM old, (%s) AS v WHERE v.id = old.id", connector.UpdateRow, ids, values, updated))
	}
	done, err := attemptOf(f.t.Context(), f.t, f.conn, &rpcv1.Task{Id: id, Sql: strings.Join(parts, " UNION ALL "), Inputs: []*rpcv1.Input{in},
		Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: catalog, Handle: handle, SinkId: id, RowIdColumns: int32(len(rowID))}}})
	return done.GetFragment(), err
}

// severalChanges writes two partitions, one of them by two attempts; finishes twice; and lets an attempt come too late.
func severalChanges(t *testing.T, h Harness) {
	if h.Forgets {
		c := h.New(t).(connector.RowChanger)
		def := definition(h.Schema, "changed")
		must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
		f := &changed{t: t, c: c, conn: c.(connector.Connector), name: def.Name}
		f.commit("several", nil, oneRow("1", "one"))
		drop(t, h, f.conn, f.name)
		return
	}
	f := newChanged(t, h)
	handle := f.begin("several")
	f.attempt(handle, "several.1.0.0", []string{"1", "2"}, oneRow("1", "lost"))
	first := f.attempt(handle, "several.1.0.1", []string{"2", "3"}, oneRow("3", "changed"))
	second := f.attempt(handle, "several.1.1.0", []string{"4"}, oneRow("9", "new")+" UNION ALL "+oneRow("8", "new"))
	f.want(f.all...)
	must(t, f.c.FinishWrite(t.Context(), handle, [][]byte{first, second}))
	must(t, f.c.FinishWrite(t.Context(), handle, [][]byte{first, second}))
	must(t, f.c.AbortWrite(t.Context(), handle))                        // of a query that failed after its commit
	_, _ = f.tryAttempt(handle, "several.1.0.2", []string{"1"}, "", "") // it comes too late
	left := []string{"1|one" + tail, "3|changed" + tail, "8|new" + tail, "9|new" + tail}
	f.want(left...)
	if s, err := f.conn.Statistics(t.Context(), scanOf(f.table())); err != nil || s.Rows >= 0 && s.Rows != float64(len(left)) {
		t.Errorf("statistics say %v rows, %v", s.Rows, err)
	}
	drop(t, h, f.conn, f.name)
}

// concurrentChanges lets statements change the same and different rows at a time. No change is lost.
func concurrentChanges(t *testing.T, h Harness) {
	f := newChanged(t, h)
	one, two, three := f.begin("one"), f.begin("two"), f.begin("three")
	a := f.attempt(one, "one.0.0.0", []string{"1", "2"}, oneRow("1", "by one"))
	b := f.attempt(two, "two.0.0.0", []string{"2"}, oneRow("2", "by two"))
	c := f.attempt(three, "three.0.0.0", []string{"3"}, "")
	fill(t, f.conn, f.c, f.table(), false, "beside", oneRow("7", "beside"))
	must(t, f.c.FinishWrite(t.Context(), three, [][]byte{c}))
	must(t, f.c.FinishWrite(t.Context(), one, [][]byte{a}))
	settle(t, f.c, three, one)
	wantCode(t, f.c.FinishWrite(t.Context(), two, [][]byte{b}), trinoerr.TransactionConflict)
	must(t, f.c.AbortWrite(t.Context(), two))
	f.want("1|by one"+tail, "4|four"+tail, "7|beside"+tail)
	four := f.begin("four")
	d := f.attempt(four, "four.0.0.0", []string{"4"}, "")
	f.commit("five", []string{"1", "4", "7"}, "")
	wantCode(t, f.c.FinishWrite(t.Context(), four, [][]byte{d}), trinoerr.TransactionConflict)
	must(t, f.c.AbortWrite(t.Context(), four))
	f.want()
	drop(t, h, f.conn, f.name)
}

// brokenChanges lets a commit fail at each of its steps. Repeated, it is done, once; given up, it is done wholly or not at all.
func brokenChanges(t *testing.T, h Harness) {
	for _, end := range []string{"repeated", "given up"} {
		for n := 0; ; n++ {
			if n == 100 {
				t.Fatal("the commit does not end")
			}
			f := newChanged(t, h)
			handle := f.begin("broken")
			fragment := f.attempt(handle, "broken.0.0.0", []string{"1", "3"}, oneRow("3", "changed"))
			f.attempt(handle, "broken.0.0.1", []string{"1", "3"}, oneRow("3", "lost"))
			h.Break(n)
			err := f.c.FinishWrite(t.Context(), handle, [][]byte{fragment})
			h.Break(-1)
			before, after := f.all, []string{"2|two" + tail, "3|changed" + tail, "4|four" + tail}
			switch got := read(t, f.conn, f.table()); {
			case end == "repeated":
				must(t, f.c.FinishWrite(t.Context(), handle, [][]byte{fragment}))
				f.want(after...)
			case err == nil || slices.Equal(got, after):
				must(t, f.c.AbortWrite(t.Context(), handle))
				f.want(after...)
			default:
				must(t, f.c.AbortWrite(t.Context(), handle))
				f.want(before...)
			}
			drop(t, h, f.conn, f.name)
			if err == nil {
				break // there is no n-th step
			}
		}
	}
}

// noChanges checks that a connector says that it does not change rows.
func noChanges(t *testing.T, h Harness, r connector.RowChanger) {
	c := h.New(t)
	defer c.Close()
	insert(t, c, h.Schema, "unchanging", "CREATE TABLE unchanging AS SELECT 1 AS id")
	table := describe(t, c, connector.SchemaTable{Schema: h.Schema, Table: "unchanging"})
	if _, err := r.RowID(t.Context(), table); trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("RowID = %v", err)
	}
	if d, ok := c.(connector.Deleter); ok {
		if can, err := d.CanDelete(t.Context(), table, nil); can || err != nil {
			t.Errorf("CanDelete = %v, %v", can, err)
		}
	}
}
