package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestWriteParquetPartitioned(t *testing.T) {
	i := open(t, 0)
	ctx := context.Background()
	files, err := i.WriteParquet(ctx, "SELECT (range * 7) % 300 AS p, range AS a, 'v' || range AS s FROM range(300000) WHERE p <> 17",
		filepath.Join(i.cfg.ScratchDir, "out"), ParquetOptions{PartitionColumns: []string{"p"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 299 {
		t.Fatalf("%d files for 299 partitions", len(files))
	}
	last := -1
	for _, f := range files {
		p, err := f.Partition()
		if err != nil || p <= last || p == 17 || f.Rows != 1000 {
			t.Fatalf("%+v: partition %d after %d, %v", f, p, last, err)
		}
		last = p
		if st, err := os.Stat(f.Path); err != nil || st.Size() != f.Bytes {
			t.Errorf("%s: %v, expected %d bytes", f.Path, err, f.Bytes)
		}
	}
	p, err := i.BindFile(files[3].Path)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, i, "SELECT string_agg(column_name ORDER BY column_name) FROM (DESCRIBE SELECT * FROM read_parquet("+QuoteText(p)+"))"); got != "a,s\n" {
		t.Errorf("columns %s", got)
	}
	if got := text(t, i, "SELECT count(*)::VARCHAR, bool_and((a * 7) % 300 = 3 AND s = 'v' || a)::VARCHAR FROM read_parquet("+QuoteText(p)+")"); got != "1000|true\n" {
		t.Errorf("content %s", got)
	}
}

func TestWriteParquetSingle(t *testing.T) {
	i := open(t, 0)
	ctx := context.Background()
	files, err := i.WriteParquet(ctx, "SELECT range AS a FROM range(500000) ORDER BY range DESC -- comment at the end",
		filepath.Join(i.cfg.ScratchDir, "out"), ParquetOptions{RowGroupRows: 20480})
	if err != nil || len(files) != 1 || files[0].Rows != 500000 {
		t.Fatalf("%+v, %v", files, err)
	}
	// Order is kept although insertion order in general is not.
	got := text(t, i, "SELECT bool_and(a = 499999 - file_row_number)::VARCHAR, count(*)::VARCHAR FROM read_parquet("+
		QuoteText(files[0].Path)+", file_row_number = true)")
	if got != "true|500000\n" {
		t.Error(got)
	}
	got = text(t, i, "SELECT count(DISTINCT row_group_id)::VARCHAR FROM parquet_metadata("+QuoteText(files[0].Path)+")")
	if got != "25\n" {
		t.Errorf("%s row groups", got)
	}
}

func TestWriteParquetRolls(t *testing.T) {
	i := open(t, 0)
	files, err := i.WriteParquet(context.Background(), "SELECT hash(range) AS a FROM range(2000000)",
		filepath.Join(i.cfg.ScratchDir, "out"), ParquetOptions{MaxFileBytes: 2 << 20})
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var rows int64
	for _, f := range files {
		rows += f.Rows
	}
	if rows != 2000000 {
		t.Errorf("%d rows", rows)
	}
}

func TestWriteParquetEmpty(t *testing.T) {
	i := open(t, 0)
	for name, o := range map[string]ParquetOptions{
		"single": {}, "rolled": {MaxFileBytes: 1 << 20}, "partitioned": {PartitionColumns: []string{"p"}},
	} {
		files, err := i.WriteParquet(context.Background(), "SELECT 1 AS p, 2 AS a WHERE false", filepath.Join(i.cfg.ScratchDir, name), o)
		if err != nil || len(files) != 0 {
			t.Errorf("%s: %+v, %v", name, files, err)
		}
	}
}

func TestWriteParquetTablePartitions(t *testing.T) {
	i := open(t, 0)
	files, err := i.WriteParquet(context.Background(),
		`SELECT * FROM (VALUES (DATE '2020-01-01', 'a/b=c', 1), (NULL, '', 2)) t("d d", "k'", a)`,
		filepath.Join(i.cfg.ScratchDir, "out's"), ParquetOptions{PartitionColumns: []string{"d d", "k'"}})
	if err != nil || len(files) != 2 {
		t.Fatalf("%+v, %v", files, err)
	}
	var got []string
	for _, f := range files {
		s := ""
		for _, v := range f.Values {
			if v == nil {
				s += "<NULL>"
			} else {
				s += "<" + *v + ">"
			}
		}
		got = append(got, s)
	}
	if s := strings.Join(got, " "); s != "<2020-01-01><a/b=c> <NULL><>" && s != "<NULL><> <2020-01-01><a/b=c>" {
		t.Error(s)
	}
}

// A write to one file is paced above whatever the query is made of, keeps its order, and the type and nulls of the column by which it is paced.
func TestWriteParquetPacedAlone(t *testing.T) {
	i := open(t, 0)
	for name, query := range map[string]string{
		"scan":    "SELECT range AS c FROM range(100000)",
		"join":    "SELECT a.range AS c FROM range(1000) a, range(100) b",
		"order":   "SELECT range AS c FROM range(100000) ORDER BY hash(range)",
		"window":  "SELECT row_number() OVER (ORDER BY hash(range)) AS c FROM range(100000)",
		"groups":  "SELECT DISTINCT hash(range) AS c FROM range(100000)",
		"union":   "SELECT range AS c FROM range(50000) UNION ALL SELECT NULL FROM range(50000)",
		"texts":   "SELECT 'text ' || range AS \"C d\", 1 AS other FROM range(100000) -- comment",
		"structs": "SELECT {'a': range, 'b': [range]} AS c FROM range(100000)",
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			column := "c"
			if name == "texts" {
				column = "C d"
			}
			files, err := i.WriteParquet(t.Context(), query, filepath.Join(i.cfg.ScratchDir, name), ParquetOptions{PaceColumn: column, Pace: func() error { asked.Add(1); return nil }})
			if err != nil || len(files) != 1 || files[0].Rows != 100000 || asked.Load() < 100000/2048 {
				t.Fatalf("%+v, asked %d times, %v", files, asked.Load(), err)
			}
			// As many rows differ from those of the query, by position where they are in order, as there should be: none.
			plain, written := "SELECT * FROM ("+query+"\n)", "SELECT * FROM read_parquet("+QuoteText(files[0].Path)+")"
			check := "SELECT count(*)::VARCHAR FROM ((" + plain + " EXCEPT ALL " + written + ") UNION ALL (" + written + " EXCEPT ALL " + plain + "))"
			if got := text(t, i, check); got != "0\n" {
				t.Errorf("%q rows differ", got)
			}
			if name == "order" {
				wrong := "SELECT count(*)::VARCHAR FROM (SELECT hash(c) < lag(hash(c)) OVER (ORDER BY file_row_number) AS w FROM read_parquet(" + QuoteText(files[0].Path) + ", file_row_number=true)) WHERE w"
				if got := text(t, i, wrong); got != "0\n" {
					t.Errorf("%q rows are out of order", got)
				}
			}
			if a, b := text(t, i, "SELECT first(typeof(columns(*)))::VARCHAR FROM ("+plain+")"), text(t, i, "SELECT first(typeof(columns(*)))::VARCHAR FROM ("+written+")"); a != b {
				t.Errorf("types %s became %s", a, b)
			}
			stop := trinoerr.New(trinoerr.ExceededTimeLimit, "stopped")
			_, err = i.WriteParquet(t.Context(), query, filepath.Join(i.cfg.ScratchDir, name+"-stopped"), ParquetOptions{PaceColumn: column, Pace: func() error { return stop }})
			if trinoerr.CodeOf(err) != trinoerr.ExceededTimeLimit {
				t.Errorf("stopped: %v", err)
			}
		})
	}
}

// Pace is asked for every vector, sees its error end the statement, and changes nothing else.
func TestWriteParquetPaced(t *testing.T) {
	i := open(t, 0)
	ctx := context.Background()
	var asked atomic.Int64
	query := "SELECT (range % 3)::INTEGER AS p, range AS a FROM range(100000) -- comment"
	files, err := i.WriteParquet(ctx, query, filepath.Join(i.cfg.ScratchDir, "out"),
		ParquetOptions{PartitionColumns: []string{"p"}, Pace: func() error { asked.Add(1); return nil }})
	if err != nil || len(files) != 3 || asked.Load() < 100000/2048 {
		t.Errorf("%d files, asked %d times, %v", len(files), asked.Load(), err)
	}
	for n, f := range files {
		if p, err := f.Partition(); err != nil || p != n || f.Rows < 33333 {
			t.Errorf("%+v: %v", f, err)
		}
	}
	stop := trinoerr.New(trinoerr.ExceededTimeLimit, "stopped")
	_, err = i.WriteParquet(ctx, query, filepath.Join(i.cfg.ScratchDir, "stopped"),
		ParquetOptions{PartitionColumns: []string{"p"}, Pace: func() error { return stop }})
	if trinoerr.CodeOf(err) != trinoerr.ExceededTimeLimit {
		t.Errorf("stopped: %v", err)
	}
	asked.Store(0)
	_, err = i.WriteParquet(ctx, query, filepath.Join(i.cfg.ScratchDir, "alone"), ParquetOptions{PartitionColumns: []string{"p"}})
	if err != nil || asked.Load() != 0 {
		t.Errorf("asked %d times by another statement, %v", asked.Load(), err)
	}
}

// Columns and their parts have the numbers that are asked for.
func TestParquetFieldIDs(t *testing.T) {
	i := open(t, 0)
	files, err := i.WriteParquet(t.Context(), "SELECT 1 AS a, {'x': 1, 'y z': [2]} AS s, MAP {'k': {'v': 1}} AS m, 5 AS p", filepath.Join(i.cfg.ScratchDir, "out"),
		ParquetOptions{PartitionColumns: []string{"p"}, FieldIDs: []FieldID{
			{Name: "a", ID: 1},
			{Name: "s", ID: 2, Parts: []FieldID{{Name: "x", ID: 3}, {Name: "y z", ID: 4, Parts: []FieldID{{Name: "element", ID: 5}}}}},
			{Name: "m", ID: 6, Parts: []FieldID{{Name: "key", ID: 7}, {Name: "value", ID: 8, Parts: []FieldID{{Name: "v", ID: 9}}}}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	path, err := i.BindFile(files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	sql := "SELECT string_agg(name || '=' || field_id, ' ') FROM parquet_schema(" + QuoteText(path) + ") WHERE field_id IS NOT NULL"
	if err := i.QueryChunks(t.Context(), sql, func(c *Chunk) error {
		got = string(c.Columns[0].Bytes(0))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "a=1 s=2 x=3 y z=4 element=5 m=6 key=7 value=8 v=9"; got != want {
		t.Errorf("numbers are %s, want %s", got, want)
	}
}
