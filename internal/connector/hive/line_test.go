package hive

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// scanLines reads columns of a table, through splits, and renders the rows, sorted.
func scanLines(t *testing.T, c *Connector, table *connector.Table, names ...string) (rows []string, splits int) {
	t.Helper()
	scan := connector.Scan{Table: table.Name, Handle: table.Handle}
	for _, name := range names {
		i := slices.IndexFunc(table.Columns, func(col connector.Column) bool { return col.Name == name })
		scan.Columns = append(scan.Columns, table.Columns[i])
	}
	src, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	list, err := src.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	source, err := c.Source(t.Context(), scan, list)
	if err != nil {
		t.Fatal(err)
	}
	projection := make([]int, len(names))
	for i := range projection {
		projection[i] = i
	}
	for p := range source.Batches.Partitions() {
		r, err := source.Batches.Open(t.Context(), p, projection)
		if err != nil {
			t.Fatal(err)
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, 3)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			for row := range n {
				var cells []string
				for i, col := range scan.Columns {
					text := "NULL"
					if s := lines.ScalarText(&b.Columns[i], col.Type, row); s != nil {
						text = *s
					}
					cells = append(cells, text)
				}
				rows = append(rows, strings.Join(cells, "|"))
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(rows)
	return rows, len(list)
}

// texts makes a batch of columns of texts.
func texts(columns ...[]string) *connector.Batch {
	b := &connector.Batch{Rows: len(columns[0]), Columns: make([]connector.Vector, len(columns))}
	for i, col := range columns {
		for row, s := range col {
			if s == "NULL" {
				b.Columns[i].SetNull(row, len(col))
				s = ""
			}
			b.Columns[i].AppendBytes([]byte(s))
		}
	}
	return b
}

// What is written as lines is read again, in every format and codec, with table partitions and without.
func TestWriteLines(t *testing.T) {
	for _, format := range []string{"CSV", "JSON", "OPENX_JSON", "TEXTFILE"} {
		for codec, end := range map[string]string{"NONE": "", "GZIP": ".gz", "ZSTD": ".zst"} {
			t.Run(format+" "+codec, func(t *testing.T) {
				c, root := open(t, "hive.compression-codec="+codec)
				def := definition("t", "a varchar, b varchar, k varchar", map[string]any{"format": format, "partitioned_by": []string{"k"}})
				write, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "q1")
				if err != nil {
					t.Fatal(err)
				}
				var fragments [][]byte
				for _, id := range []string{"a.0", "a.1"} {
					s, err := c.Sink(t.Context(), write, id)
					if err != nil {
						t.Fatal(err)
					}
					lineSink := s.(connector.BatchSink)
					for range 2 {
						if _, err := lineSink.Write(t.Context(), texts([]string{"x,\"y", "é", "NULL"}, []string{"1", "NULL", "3"}, []string{"p", "NULL", "p/q"})); err != nil {
							t.Fatal(err)
						}
					}
					f, err := s.Finish(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if id == "a.1" {
						fragments = append(fragments, f)
					}
				}
				if err := c.FinishWrite(t.Context(), write, fragments); err != nil {
					t.Fatal(err)
				}
				table, err := c.Table(t.Context(), def.Name)
				if err != nil {
					t.Fatal(err)
				}
				got, _ := scanLines(t, c, table, "k", "a", "b")
				null := "NULL"
				if want := []string{"NULL|é|" + null, "NULL|é|" + null, "p/q|NULL|3", "p/q|NULL|3", `p|x,"y|1`, `p|x,"y|1`}; format != "CSV" && !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				} else if format == "CSV" && len(got) != 6 {
					t.Errorf("got %q", got)
				}
				stored := files(t, filepath.Join(root, "m", "s", "t"))
				if len(stored) != 3 || !strings.HasSuffix(stored[0], end) {
					t.Errorf("files: %q", stored)
				}
				if s, err := c.Statistics(t.Context(), connector.Scan{Table: def.Name, Handle: table.Handle, Columns: table.Columns[:1]}); err != nil || s.Rows != 6 {
					t.Errorf("statistics: %v, %v", s, err)
				}
			})
		}
	}
}

// Large files are read in parts, those that cannot be cut as a whole; hidden columns and those of partitions are there.
func TestReadLines(t *testing.T) {
	c, root := open(t, "hive.max-split-size=10B")
	dir := filepath.Join(root, "ext")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f.csv"), []byte("h;i\n1;one\n2;two\n3;three\n4;'f;r'\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for header, wantSplits := range map[int64]int{1: 4, 2: 1} {
		name := fmt.Sprint("t", header)
		def := definition(name, "a varchar, b varchar", map[string]any{"format": "csv", "external_location": "local:///ext", "csv_separator": ";", "csv_quote": "'", "skip_header_line_count": header})
		if err := c.CreateTable(t.Context(), def); err != nil {
			t.Fatal(err)
		}
		table, err := c.Table(t.Context(), def.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p := table.Properties; p["csv_separator"] != ";" || p["csv_quote"] != "'" || p["skip_header_line_count"] != header || p["csv_escape"] != nil {
			t.Errorf("properties: %v", p)
		}
		rows, splits := scanLines(t, c, table, "b", "$file_size", "a", "$path")
		want := []string{"f;r|32|4|local:///ext/f.csv", "one|32|1|local:///ext/f.csv", "three|32|3|local:///ext/f.csv", "two|32|2|local:///ext/f.csv"}
		if header == 2 {
			want = slices.Delete(want, 1, 2)
		}
		if !slices.Equal(rows, want) || splits != wantSplits {
			t.Errorf("header %d: %d splits, rows %q", header, splits, rows)
		}
	}
}

// Fields of rows can be read alone.
func TestLineFields(t *testing.T) {
	c, root := open(t)
	dir := filepath.Join(root, "ext")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("{\"r\":{\"x\":1,\"y\":{\"z\":\"q\"}}}\n{\"r\":null}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	def := &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: "j"}, Properties: map[string]any{"format": "JSON", "external_location": "local:///ext"}}
	row, err := types.Parse("row(x integer, y row(z varchar))")
	if err != nil {
		t.Fatal(err)
	}
	def.Columns = []connector.Column{{Name: "r", Type: row}}
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	table, err := c.Table(t.Context(), def.Name)
	if err != nil {
		t.Fatal(err)
	}
	table.Columns = append(table.Columns, connector.Column{Name: "r.y.z", Type: types.Of(types.Varchar), Base: "r", Fields: []int{1, 0}},
		connector.Column{Name: "r.x", Type: types.Of(types.Integer), Base: "r", Fields: []int{0}})
	if rows, _ := scanLines(t, c, table, "r.y.z", "r.x"); !slices.Equal(rows, []string{"NULL|NULL", "q|1"}) {
		t.Errorf("got %q", rows)
	}
}

func TestLineTablesRefused(t *testing.T) {
	c, _ := open(t)
	for _, tt := range []struct {
		columns    string
		properties map[string]any
		code       *trinoerr.Code
		want       string
	}{
		{"a bigint", map[string]any{"format": "CSV"}, trinoerr.NotSupported, "Hive CSV storage format only supports VARCHAR (unbounded). Unsupported columns: a bigint"},
		{"a varchar", map[string]any{"format": "JSON", "csv_separator": ";"}, trinoerr.InvalidTableProperty, "Cannot specify csv_separator table property for storage format: JSON"},
		{"a varchar", map[string]any{"format": "CSV", "csv_separator": ";;"}, trinoerr.InvalidTableProperty, "csv_separator must be a single character string, but was: ';;'"},
		{"a varchar", map[string]any{"format": "PARQUET", "skip_header_line_count": int64(1)}, trinoerr.InvalidTableProperty, "Cannot specify skip_header_line_count table property for storage format: PARQUET"},
		{"a varchar", map[string]any{"format": "AVRO"}, trinoerr.NotSupported, "Hive storage format AVRO is not supported"},
	} {
		err := c.CreateTable(t.Context(), definition("t", tt.columns, tt.properties))
		if err == nil || trinoerr.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v", tt.properties, err)
		}
	}
	if err := c.CreateTable(t.Context(), definition("two", "a varchar", map[string]any{"format": "CSV", "skip_header_line_count": int64(2)})); err != nil {
		t.Fatal(err)
	}
	if _, err := c.BeginWrite(t.Context(), definition("two", "a varchar", nil), false, connector.NoRetries, "q"); err == nil || trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("a write into a table with two lines of header: %v", err)
	}
}
