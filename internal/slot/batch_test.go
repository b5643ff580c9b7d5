package slot

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// returned gives a batch of rows back, once.
type returned struct {
	batch *connector.Batch
	done  bool
}

func (r *returned) Partitions() int { return 1 }

func (r *returned) Open(context.Context, int, []int) (connector.BatchReader, error) { return r, nil }

func (r *returned) Next(b *connector.Batch, _ int) (int, error) {
	if r.done {
		return 0, nil
	}
	*b, r.done = *r.batch, true
	return b.Rows, nil
}

func (r *returned) Close() error { return nil }

// What is copied out of the engine and back into it is what it was, whichever way values are nested.
func TestBatchThereAndBack(t *testing.T) {
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	for _, tt := range []struct{ typ, rows string }{
		{"array(integer)", "([1, 2]), ([]), (NULL), ([NULL, 3])"},
		{"array(array(varchar))", "([['a', NULL], NULL, []]), (NULL), ([]), ([['a text longer than twelve']])"},
		{"map(varchar, decimal(38,2))", "(MAP {'a': 1.5, 'b': NULL}), (NULL), (MAP {}), (MAP {'x': -2})"},
		{"row(a integer, b row(c varchar))", "({'f1': 1, 'f2': {'f1': 'x'}}), (NULL), ({'f1': NULL, 'f2': NULL}), ({'f1': 2, 'f2': {'f1': NULL}})"},
		{"array(row(a date, b map(integer, boolean)))", "([{'f1': DATE '2020-01-01', 'f2': MAP {1: true}}, NULL]), (NULL), ([{'f1': NULL, 'f2': NULL}])"},
		{"decimal(4,2)", "(1.25), (NULL), (-1)"},
		{"varbinary", "('\\x00\\xff'::BLOB), (''::BLOB), (NULL)"},
	} {
		typ, err := types.Parse(tt.typ)
		if err != nil {
			t.Fatal(err)
		}
		duckType := engine.BatchColumnType(typ)
		values := "SELECT CAST(x AS " + duckType + ") AS x FROM (VALUES " + tt.rows + ") AS t(x)"
		var b connector.Batch
		if err := inst.QueryChunks(t.Context(), values, func(c *engine.Chunk) error {
			if c.Rows == 0 {
				return nil
			}
			return engine.FillBatch(&b, c, []types.Type{typ})
		}); err != nil {
			t.Fatalf("%s: %v", tt.typ, err)
		}
		table := engine.Table{Columns: []connector.Column{{Name: "x", Type: typ}}, Source: &returned{batch: &b}}
		if err := inst.BindBatches(t.Context(), "back", table); err != nil {
			t.Fatal(err)
		}
		if got, want := renderAll(t, inst, "SELECT x FROM back"), renderAll(t, inst, values); got != want {
			t.Errorf("%s: %s came back as %s", tt.typ, want, got)
		}
		if err := inst.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func renderAll(t *testing.T, inst *engine.Instance, sql string) (out string) {
	t.Helper()
	err := inst.QueryChunks(t.Context(), "SELECT string_agg(coalesce(CAST(x AS VARCHAR), 'NULL'), ' ; ') FROM ("+sql+") AS t", func(c *engine.Chunk) error {
		for i := range c.Rows {
			out += string(c.Columns[0].Bytes(i))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}
