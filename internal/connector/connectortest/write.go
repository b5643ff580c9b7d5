package connectortest

import (
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// oneRow is a row of the suite's table.
func oneRow(id, name string) string {
	return "SELECT " + id + "::BIGINT AS id, '" + name + "' AS name, 1.5::DECIMAL(12,2) AS amount, DATE '2020-01-01' AS day"
}

const tail = "|1.50|2020-01-01"

// writes checks the life of a write: with several attempts of each partition, finished once or twice, aborted, and with attempts
// that come too late.
func writes(t *testing.T, h Harness) {
	t.Run("create", func(t *testing.T) {
		c := h.New(t)
		def := definition(h.Schema, "created")
		several(t, h, c, def, true)
		drop(t, h, c, def.Name)
	})
	t.Run("insert", func(t *testing.T) {
		c := h.New(t)
		def := definition(h.Schema, "inserted")
		must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
		several(t, h, c, describe(t, c, def.Name), false)
		empty(t, h, c, def.Name)
		drop(t, h, c, def.Name)
	})
	if h.Partitioned {
		t.Run("partitioned", func(t *testing.T) { partitioned(t, h) })
	}
	t.Run("abort create", func(t *testing.T) {
		c := h.New(t)
		def := definition(h.Schema, "aborted")
		before := traces(h)
		handle, fragment := begin(t, c, def, true)
		w := c.(connector.Writer)
		must(t, w.AbortWrite(t.Context(), handle))
		must(t, w.AbortWrite(t.Context(), handle))
		if got, err := c.Table(t.Context(), def.Name); got != nil || err != nil {
			t.Errorf("an aborted CREATE TABLE AS left %v, %v", got, err)
		}
		if after := traces(h); !slices.Equal(before, after) {
			t.Errorf("an aborted write left %v, before there was %v", after, before)
		}
		_ = fragment
	})
	t.Run("abort insert", func(t *testing.T) {
		c := h.New(t)
		w := c.(connector.Writer)
		def := definition(h.Schema, "aborted_insert")
		fill(t, c, w, def, true, "kept", oneRow("1", "kept"))
		before := traces(h)
		handle, _ := begin(t, c, describe(t, c, def.Name), false)
		must(t, w.AbortWrite(t.Context(), handle))
		if after := traces(h); !slices.Equal(before, after) {
			t.Errorf("an aborted write left %v, before there was %v", after, before)
		}
		if !h.Forgets {
			wantRows(t, read(t, c, describe(t, c, def.Name)), "1|kept"+tail)
		}
		drop(t, h, c, def.Name)
	})
	t.Run("two at a time", func(t *testing.T) {
		c := h.New(t)
		w := c.(connector.Writer)
		def := definition(h.Schema, "shared")
		must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
		one, err := w.BeginWrite(t.Context(), describe(t, c, def.Name), false, connector.RetriesEnabled, "one")
		must(t, err)
		two, err := w.BeginWrite(t.Context(), describe(t, c, def.Name), false, connector.RetriesEnabled, "two")
		must(t, err)
		a := attempt(t, c, one, "one.0.0.0", oneRow("1", "one"))
		b := attempt(t, c, two, "two.0.0.0", oneRow("2", "two"))
		must(t, w.FinishWrite(t.Context(), two, [][]byte{b}))
		must(t, w.FinishWrite(t.Context(), one, [][]byte{a}))
		must(t, w.FinishWrite(t.Context(), two, [][]byte{b}))
		settle(t, c, one, two)
		if !h.Forgets {
			wantRows(t, read(t, c, describe(t, c, def.Name)), "1|one"+tail, "2|two"+tail)
		}
		drop(t, h, c, def.Name)
	})
	if h.Break != nil {
		t.Run("failure in finish", func(t *testing.T) {
			broken(t, h, true)
			broken(t, h, false)
		})
	}
	t.Run("nothing written", func(t *testing.T) {
		c := h.New(t)
		w := c.(connector.Writer)
		def := definition(h.Schema, "nothing")
		handle, err := w.BeginWrite(t.Context(), def, true, connector.NoRetries, "none")
		must(t, err)
		must(t, w.FinishWrite(t.Context(), handle, nil))
		settle(t, c, handle)
		if rows := read(t, c, describe(t, c, def.Name)); len(rows) != 0 {
			t.Errorf("rows %v from nowhere", rows)
		}
		drop(t, h, c, def.Name)
	})
}

// broken lets a commit fail at each of its steps, then repeats it: the rows are there, once.
func broken(t *testing.T, h Harness, create bool) {
	t.Helper()
	for n := 0; ; n++ {
		if n == 100 {
			t.Fatal("the commit does not end")
		}
		c := h.New(t)
		w := c.(connector.Writer)
		def := definition(h.Schema, "broken")
		want := []string{"9|x" + tail}
		if !create {
			fill(t, c, w, def, true, "before", oneRow("1", "before"))
			def = describe(t, c, def.Name)
			want = []string{"1|before" + tail, "9|x" + tail}
		}
		handle, fragment := begin(t, c, def, create)
		attempt(t, c, handle, "begun.0.0.1", oneRow("9", "lost"))
		h.Break(n)
		err := w.FinishWrite(t.Context(), handle, [][]byte{fragment})
		h.Break(-1)
		must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
		settle(t, c, handle)
		wantRows(t, read(t, c, describe(t, c, def.Name)), want...)
		drop(t, h, c, def.Name)
		if err == nil {
			return
		}
	}
}

// begin writes one attempt and does not finish.
func begin(t *testing.T, c connector.Connector, table *connector.Table, create bool) (handle []byte, fragment []byte) {
	t.Helper()
	w := c.(connector.Writer)
	handle, err := w.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, "begun")
	must(t, err)
	fragment = attempt(t, c, handle, "begun.0.0.0", oneRow("9", "x"))
	return handle, fragment
}

// several writes two partitions, each by two attempts, and has one of each selected; then finishes once more, and lets an
// attempt come too late.
func several(t *testing.T, h Harness, c connector.Connector, table *connector.Table, create bool) {
	t.Helper()
	w := c.(connector.Writer)
	handle, err := w.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, "several")
	must(t, err)
	attempt(t, c, handle, "several.1.0.0", oneRow("1", "lost"))
	first := attempt(t, c, handle, "several.1.0.1", oneRow("1", "one"))
	second := attempt(t, c, handle, "several.1.1.0", oneRow("2", "two"))
	attempt(t, c, handle, "several.1.1.1", oneRow("2", "lost"))
	aborted, err := w.Sink(t.Context(), handle, "several.1.1.2")
	must(t, err)
	must(t, aborted.Abort(t.Context()))
	must(t, aborted.Abort(t.Context()))
	if create {
		if got, err := c.Table(t.Context(), table.Name); got != nil || err != nil {
			t.Errorf("the table is visible before the write is finished: %v, %v", got, err)
		}
	} else if rows := read(t, c, describe(t, c, table.Name)); len(rows) != 0 {
		t.Errorf("rows are visible before the write is finished: %v", rows)
	}
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{first, second}))
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{first, second}))
	settle(t, c, handle, handle)               // by two coordinators
	must(t, w.AbortWrite(t.Context(), handle)) // of a query that failed after its commit
	late(t, c, handle)
	if h.Forgets {
		return
	}
	described := describe(t, c, table.Name)
	wantRows(t, read(t, c, described), "1|one"+tail, "2|two"+tail)
	if s, err := c.Statistics(t.Context(), scanOf(described)); err != nil || s.Rows >= 0 && s.Rows != 2 {
		t.Errorf("statistics say %v rows, %v", s.Rows, err)
	}
}

// settle ends writes that have been finished.
func settle(t *testing.T, c any, handles ...[]byte) {
	t.Helper()
	if s, ok := c.(connector.Settler); ok {
		for _, handle := range handles {
			must(t, s.SettleWrite(t.Context(), handle))
		}
	}
}

// late writes an attempt after the end of its write: it may fail but must not show.
func late(t *testing.T, c connector.Connector, handle []byte) {
	t.Helper()
	_, _ = tryAttempt(t, c, handle, "several.1.0.2", oneRow("1", "late"))
}

// empty empties a table in the ways that the connector has.
func empty(t *testing.T, h Harness, c connector.Connector, name connector.SchemaTable) {
	t.Helper()
	if h.Forgets {
		return
	}
	if tr, ok := c.(connector.Truncater); ok {
		must(t, tr.Truncate(t.Context(), describe(t, c, name)))
		wantRows(t, read(t, c, describe(t, c, name)))
		fill(t, c, c.(connector.Writer), describe(t, c, name), false, "again", oneRow("3", "again"))
		wantRows(t, read(t, c, describe(t, c, name)), "3|again"+tail)
	}
	if d, ok := c.(connector.Deleter); ok {
		if can, err := d.CanDelete(t.Context(), describe(t, c, name), nil); err != nil || !can {
			return // only row by row
		}
		rows := len(read(t, c, describe(t, c, name)))
		n, err := d.Delete(t.Context(), describe(t, c, name), nil)
		if err != nil || n > 0 && n != int64(rows) {
			t.Errorf("Delete = %d, %v", n, err)
		}
		wantRows(t, read(t, c, describe(t, c, name)))
	}
}

func partitioned(t *testing.T, h Harness) {
	c := h.New(t)
	w := c.(connector.Writer)
	def := definition(h.Schema, "partitioned")
	def.Columns[1], def.Columns[3] = def.Columns[3], def.Columns[1] // id, day, amount, name
	def.Properties = map[string]any{"partitioned_by": []string{"amount", "name"}}
	rows := `SELECT id::BIGINT AS id, DATE '2020-01-01' AS day, amount::DECIMAL(12,2) AS amount, name FROM
		(VALUES (1, 1.5, 'a'), (2, 1.5, 'b/=%'), (3, NULL, 'a'), (4, 2, NULL), (5, 1.5, 'a')) AS v(id, amount, name)`
	handle, err := w.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "parted")
	must(t, err)
	attempt(t, c, handle, "parted.0.0.0", rows)
	fragment := attempt(t, c, handle, "parted.0.0.1", rows)
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
	settle(t, c, handle)
	want := []string{"1|2020-01-01|1.50|a", "2|2020-01-01|1.50|b/=%", "3|2020-01-01|NULL|a", "4|2020-01-01|2.00|NULL", "5|2020-01-01|1.50|a"}
	wantRows(t, read(t, c, describe(t, c, def.Name)), want...)
	fill(t, c, w, describe(t, c, def.Name), false, "more", `SELECT 6::BIGINT AS id, NULL::DATE AS day, 1.5::DECIMAL(12,2) AS amount, 'a' AS name`)
	wantRows(t, read(t, c, describe(t, c, def.Name)), append(want, "6|NULL|1.50|a")...)
	drop(t, h, c, def.Name)
}

// drop drops a table and checks that nothing is left of it.
func drop(t *testing.T, h Harness, c connector.Connector, name connector.SchemaTable) {
	t.Helper()
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, name)))
	if left := traces(h); len(left) > 0 {
		t.Errorf("a dropped table left %v", left)
	}
}

func traces(h Harness) []string {
	if h.Traces == nil {
		return nil
	}
	return h.Traces()
}
