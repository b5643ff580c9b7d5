//go:build e2e

package lake

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
)

// DuckDB reads of files with holes what it reads of the whole ones.
func TestDuckDBReadsHoles(t *testing.T) {
	dir := t.TempDir()
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 512 << 20, Threads: 2, ScratchDir: t.TempDir(), ReadDirs: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	byOther := writeWide(t, filepath.Join(dir, "other"), 8)
	out := filepath.Join(dir, "duck")
	written, err := inst.WriteParquet(t.Context(), `SELECT range AS id, md5(range::VARCHAR) || md5((range + 1)::VARCHAR) AS text, {'a': range * 2, 'b': md5(range::VARCHAR)} AS more,
		[range, NULL, range + 1] AS list FROM range(100000)`, out, engine.ParquetOptions{RowGroupRows: 10240, Compression: "zstd"})
	if err != nil || len(written) != 1 {
		t.Fatal(written, err)
	}
	byDuckDB := File{Location: written[0].Path, Size: written[0].Bytes}
	ask := func(path, query string, first, end int64) string {
		t.Helper()
		bound, err := inst.BindFile(path)
		if err != nil {
			t.Fatal(err)
		}
		where := ""
		if end > 0 {
			where = fmt.Sprintf(" WHERE file_row_number >= %d AND file_row_number < %d", first, end)
		}
		var rows []string
		err = inst.QueryChunks(t.Context(), fmt.Sprintf(strings.ReplaceAll(query, "FILE", "(SELECT * FROM read_parquet(%s, file_row_number=true, hive_partitioning=false)%s)"),
			engine.QuoteText(bound), where), func(c *engine.Chunk) error {
			for r := range c.Rows {
				rows = append(rows, string(c.Columns[0].Bytes(r)))
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return strings.Join(rows, "\n")
	}
	for _, file := range []File{byOther, byDuckDB} {
		foot, err := hive.ReadFooter(t.Context(), newRemote(dir), file)
		if err != nil {
			t.Fatal(err)
		}
		n := foot.Groups[0].Rows
		for _, tt := range []struct {
			query      string
			columns    []string
			first, end int64
		}{
			{"SELECT count(*)::VARCHAR FROM FILE", nil, 0, 0},
			{"SELECT count(*)::VARCHAR FROM FILE", nil, n, 3 * n},
			{"SELECT sum(id)::VARCHAR FROM FILE", []string{"id"}, 0, 0},
			{"SELECT sum(id)::VARCHAR FROM FILE", []string{"id"}, n, 2 * n},
			{"SELECT text FROM FILE WHERE id = 2500", []string{"id", "text"}, 0, 0},
			{"SELECT text FROM FILE WHERE id = 2500", []string{"id", "text"}, 2 * n, 4 * n},
			{"SELECT text FROM FILE WHERE id = 99999999", []string{"id", "text"}, 0, 0},
			{"SELECT md5(string_agg(more::VARCHAR || list::VARCHAR, ',' ORDER BY id)) FROM FILE", []string{"id", "more", "list"}, 3 * n, 5 * n},
			{"SELECT text FROM FILE ORDER BY id DESC LIMIT 3", []string{"id", "text"}, n, 2 * n},
		} {
			want := ask(file.Location, tt.query, tt.first, tt.end)
			r := newRemote(dir)
			src, err := hive.Fetch(t.Context(), r, []Part{{File: connector.File{Path: file.Location, FirstRow: tt.first, EndRow: tt.end, Columns: columns(tt.columns...)}, Size: file.Size}})
			if err != nil {
				t.Fatal(err)
			}
			if got := ask(src.Files[0].Path, tt.query, tt.first, tt.end); got != want {
				t.Errorf("%s of rows %d to %d: %q, want %q", tt.query, tt.first, tt.end, got, want)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
