package connectortest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
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
}

// attempt deletes rows, by the text of their first column, and adds those of a query.
func (f *changed) attempt(handle []byte, id string, deleted []string, added string) []byte {
	f.t.Helper()
	sink, err := f.c.ChangeSink(f.t.Context(), handle, id)
	must(f.t, err)
	if added != "" {
		must(f.t, pour(f.t, sink, added))
	}
	must(f.t, sink.Delete(f.t.Context(), f.ids(deleted)))
	fragment, err := sink.Finish(f.t.Context())
	must(f.t, err)
	return fragment
}

// ids finds the ids of rows.
func (f *changed) ids(rows []string) *connector.Batch {
	f.t.Helper()
	table := f.table()
	columns, err := f.c.RowID(f.t.Context(), table)
	must(f.t, err)
	scan := scanOf(table)
	scan.Columns = slices.Concat(scan.Columns[:1], columns)
	b := &connector.Batch{Columns: make([]connector.Vector, len(columns))}
	found := readScan(f.t, f.conn, scan)
	slices.SortFunc(found, byID)
	for _, row := range found {
		parts := strings.Split(row, "|")
		if !slices.Contains(rows, parts[0]) {
			continue
		}
		b.Rows++
		for i, text := range parts[1:] {
			if columns[i].Type.Kind != types.BigInt {
				b.Columns[i].AppendBytes([]byte(text))
				continue
			}
			n, err := strconv.ParseInt(text, 10, 64)
			must(f.t, err)
			b.Columns[i].I64 = append(b.Columns[i].I64, n)
		}
	}
	if b.Rows != len(rows) {
		f.t.Fatalf("of rows %v there are %d in %v", rows, b.Rows, found)
	}
	return b
}

// byID orders rows by what comes behind the first column, numbers as such.
func byID(a, b string) int {
	x, y := strings.Split(a, "|")[1:], strings.Split(b, "|")[1:]
	for i := range x {
		if len(x[i]) != len(y[i]) {
			return len(x[i]) - len(y[i])
		}
		if c := strings.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return 0
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
	must(t, f.c.AbortWrite(t.Context(), handle)) // of a query that failed after its commit
	if sink, err := f.c.ChangeSink(t.Context(), handle, "several.1.0.2"); err == nil {
		if sink.Delete(t.Context(), f.ids([]string{"1"})) == nil {
			_, _ = sink.Finish(t.Context()) // it comes too late
		}
	}
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
