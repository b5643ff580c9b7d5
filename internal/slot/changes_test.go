package slot

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// notingCatalog has a sink of changes that notes what it is told.
type notingCatalog struct {
	connector.Connector
	connector.RowChanger
	t       *testing.T
	updates bool
	sink    *notingSink
}

func (c *notingCatalog) ChangeSink(context.Context, json.RawMessage, string) (connector.ChangeSink, error) {
	c.sink = &notingSink{t: c.t}
	if c.updates {
		return updatingSink{c.sink}, nil
	}
	return c.sink, nil
}

type notingSink struct {
	t     *testing.T
	notes []string
}

func (*notingSink) PartitionColumns() []string { return nil }
func (*notingSink) Options() connector.FileOptions {
	return connector.FileOptions{Columns: []string{"a", "b"}}
}
func (s *notingSink) Add(_ context.Context, path string, _ []*string, rows, _ int64) error {
	inst, err := engine.Open(context.Background(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: s.t.TempDir(), ReadDirs: filepath.Dir(path)})
	if err != nil {
		return err
	}
	defer inst.Close()
	bound, err := inst.BindFile(path)
	if err != nil {
		return err
	}
	err = inst.QueryChunks(context.Background(), "SELECT CAST(t AS VARCHAR) FROM read_parquet("+engine.QuoteText(bound)+") t ORDER BY a", func(c *engine.Chunk) error {
		for i := range c.Rows {
			s.notes = append(s.notes, "add "+string(c.Columns[0].Bytes(i)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return os.Remove(path)
}
func (s *notingSink) Delete(_ context.Context, b *connector.Batch) error { return s.note("delete", b) }
func (s *notingSink) Finish(context.Context) ([]byte, error)             { return []byte("fragment"), nil }
func (s *notingSink) Abort(context.Context) error {
	s.notes = append(s.notes, "abort")
	return nil
}

// note writes down the rows of a batch: numbers as such, texts as such, NULL as a dash.
func (s *notingSink) note(what string, b *connector.Batch) error {
	for i := range b.Rows {
		line := what
		for n := range b.Columns {
			line += " " + cell(&b.Columns[n], i)
		}
		s.notes = append(s.notes, line)
	}
	return nil
}

func cell(v *connector.Vector, i int) string {
	switch {
	case v.IsNull(i):
		return "-"
	case v.I8 != nil:
		return fmt.Sprint(v.I8[i])
	case v.I16 != nil:
		return fmt.Sprint(v.I16[i])
	case v.I32 != nil:
		return fmt.Sprint(v.I32[i])
	case v.I64 != nil:
		return fmt.Sprint(v.I64[i])
	case v.I128 != nil:
		return fmt.Sprintf("%d:%d", v.I128[i].Hi, v.I128[i].Lo)
	case v.F32 != nil:
		return fmt.Sprint(v.F32[i])
	case v.F64 != nil:
		return fmt.Sprint(v.F64[i])
	}
	return string(v.Data[v.Offsets[i]:v.Offsets[i+1]])
}

type updatingSink struct{ *notingSink }

func (s updatingSink) Update(_ context.Context, b *connector.Batch) error { return s.note("update", b) }

// changing is a task that changes rows whose id has two columns.
func changing(id, rows string, unique bool) *rpcv1.Task {
	return &rpcv1.Task{Id: id, Sql: "SELECT op::TINYINT AS \"$operation\", f AS \"$id0\", r::BIGINT AS \"$id1\", a::BIGINT AS \"$c0\", b AS \"$c1\" FROM (VALUES " +
		rows + ") AS v(op, f, r, a, b)", Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: "noting", SinkId: id, RowIdColumns: 2, UniqueRows: unique}}}
}

// Each operation comes to the method of the sink that is for it; ids in order.
func TestChanges(t *testing.T) {
	const rows = "(2, 'g', 7, NULL, NULL), (3, 'f', 2, 20, 'new'), (1, NULL, NULL, 30, 'x'), (2, 'f', 1, NULL, NULL), (3, 'a', 9, 10, NULL)"
	for _, tt := range []struct {
		name, rows      string
		updates, unique bool
		want            string
		fails           string
	}{
		{"updates as deletes and adds", rows, false, true,
			"add {'a': 10, 'b': NULL}; add {'a': 20, 'b': new}; add {'a': 30, 'b': x}; delete a 9; delete f 1; delete f 2; delete g 7", ""},
		{"updates", rows, true, true, "add {'a': 30, 'b': x}; delete f 1; delete g 7; update a 9 10 -; update f 2 20 new", ""},
		{"nothing", "(1, 'a', 1, 1, 'a')) AS v(op, f, r, a, b) WHERE false --", false, true, "", ""},
		{"a row twice", "(2, 'f', 1, NULL, NULL), (3, 'f', 1, 1, 'a')", false, true, "abort", "MERGE_TARGET_ROW_MULTIPLE_MATCHES"},
		{"a new row twice", "(1, NULL, NULL, 1, 'a'), (1, NULL, NULL, 1, 'a')", false, true, "add {'a': 1, 'b': a}; add {'a': 1, 'b': a}", ""},
		{"a row twice, known not to be", "(2, 'f', 1, NULL, NULL), (2, 'f', 1, NULL, NULL)", false, false, "delete f 1; delete f 1", ""},
		{"failing", "(2, error('no'), 1, NULL, NULL)", false, false, "abort", "GENERIC_INTERNAL_ERROR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			catalog := &notingCatalog{t: t, updates: tt.updates}
			f := begin(t, func(c *Config) { c.Catalogs["noting"] = catalog })
			for attempt := range 2 { // the second finds the slot in order
				task := changing(fmt.Sprintf("q.0.0.%d", attempt), tt.rows, tt.unique)
				f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
				m := f.end()
				if got := m.GetFailed().GetFailure().GetCode(); got != tt.fails && (tt.name != "failing" || got == "") {
					t.Fatalf("failed with %v, want %q", m.GetFailed(), tt.fails)
				}
				if got := strings.Join(catalog.sink.notes, "; "); got != tt.want {
					t.Errorf("the sink was told\n%s\nwant\n%s", got, tt.want)
				}
				if done := m.GetFinished(); done != nil && (string(done.Fragment) != "fragment" || done.Stats.OutputRows != countRows(tt.rows, tt.name)) {
					t.Errorf("%d rows, fragment %q", done.Stats.OutputRows, done.Fragment)
				}
			}
			f.idle()
		})
	}
}

func countRows(rows, name string) int64 {
	if name == "nothing" {
		return 0
	}
	return int64(strings.Count(rows, "), (")) + 1
}

// Every type of a batch arrives as it is.
func TestFillBatch(t *testing.T) {
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	for _, tt := range []struct{ sql, want string }{
		{"true", "1"}, {"7::TINYINT", "7"}, {"-7::SMALLINT", "-7"}, {"7::INTEGER", "7"}, {"7::BIGINT", "7"}, {"1.5::FLOAT", "1.5"}, {"2.5::DOUBLE", "2.5"},
		{"DATE '1970-01-03'", "2"}, {"TIME '00:00:00.000005'", "5"}, {"TIMESTAMP '1970-01-01 00:00:01'", "1000000"},
		{"row(TIMESTAMP '1970-01-01 00:00:01', 'UTC')", "1000"}, {"1.25::DECIMAL(4,2)", "125"}, {"1.25::DECIMAL(18,2)", "125"},
		{"-1.25::DECIMAL(38,2)", "-1:18446744073709551491"}, {"'text longer than twelve'", "text longer than twelve"}, {"from_hex('00ff')", "\x00\xff"},
		{"UUID '00000000-0000-0000-0000-000000000005'", "0:5"}, {"NULL::VARCHAR", "-"}, {"NULL::BIGINT", "-"},
		{"{'a': 1}", "error"}, {"INTERVAL 1 DAY", "error"},
	} {
		var b connector.Batch
		err := inst.QueryChunks(t.Context(), "SELECT "+tt.sql, func(c *engine.Chunk) error { return engine.FillBatch(&b, c, nil) })
		got := "error"
		if err == nil {
			got = cell(&b.Columns[0], 0)
		}
		if got != tt.want {
			t.Errorf("%s is %q, want %q (%v)", tt.sql, got, tt.want, err)
		}
	}
}

// Rows that are no more are not read, and rows know their numbers, also in files that are read in parts.
func TestDeletedRows(t *testing.T) {
	dir := t.TempDir()
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 2, ScratchDir: dir, ReadDirs: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	made, err := inst.WriteParquet(t.Context(), "SELECT range * 2 AS v FROM range(5000)", filepath.Join(dir, "made"), engine.ParquetOptions{RowGroupRows: 2048})
	if err != nil || len(made) != 1 {
		t.Fatal(made, err)
	}
	var odd []int64
	for n := int64(1); n < 5000; n += 2 {
		odd = append(odd, n)
	}
	columns := []connector.Column{{Name: "v", Type: types.Of(types.BigInt)}, {Name: "$file", Type: types.Of(types.BigInt)}, {Name: "$row", Type: types.Of(types.BigInt)}}
	file := func(id, first, end int64, deleted ...int64) connector.File {
		return connector.File{Path: made[0].Path, Physical: true, FirstRow: first, EndRow: end, Deleted: deleted,
			Columns: []connector.FileColumn{{Name: "v"}, {Constant: id}, {RowNumber: true}}}
	}
	plain := file(1, 0, 0)
	plain.Columns[2] = connector.FileColumn{Constant: int64(-1)}
	for _, tt := range []struct {
		name  string
		files []connector.File
		want  string // rows, sums
	}{
		{"numbered", []connector.File{file(1, 0, 0)}, "5000 24995000 5000 12497500"},
		{"without some", []connector.File{file(1, 0, 0, 0, 4999)}, "4998 24985002 4998 12492501"},
		{"without half", []connector.File{file(1, 0, 0, odd...)}, "2500 12495000 2500 6247500"},
		{"a part, without half", []connector.File{file(1, 1000, 3000, odd...)}, "1000 3998000 1000 1999000"},
		{"two", []connector.File{file(1, 0, 0, 0), file(2, 4998, 5000, 1, 4998)}, "5000 25004998 5001 12502499"},
		{"beside one as it is", []connector.File{plain, file(2, 0, 2, 0)}, "5001 24995002 5002 -4999"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &attempt{instance: inst}
			if err := a.bindFiles(t.Context(), "in0", columns, []string{"BIGINT", "BIGINT", "BIGINT"}, tt.files); err != nil {
				t.Fatal(err)
			}
			got := ""
			err := inst.QueryChunks(t.Context(), `SELECT concat_ws(' ', count(*), sum(v), sum("$file"), sum("$row")) FROM in0`, func(c *engine.Chunk) error {
				got = string(c.Columns[0].Bytes(0))
				return nil
			})
			if err != nil || got != tt.want {
				t.Errorf("got %s, want %s, %v", got, tt.want, err)
			}
			if err := inst.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}
