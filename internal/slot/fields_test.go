package slot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// What is not asked for of a row is not read: it does no harm that its bytes are none that can be decoded.
func TestFieldsAreReadAlone(t *testing.T) {
	dir := t.TempDir()
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 256 << 20, Threads: 1, ScratchDir: dir, ReadDirs: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	numbers := func(sql string) (out []int64, err error) {
		err = inst.QueryChunks(t.Context(), sql, func(c *engine.Chunk) error {
			for i := range c.Columns {
				out = append(out, int64(c.Columns[i].Integer(0).Lo))
			}
			return nil
		})
		return out, err
	}
	files, err := inst.WriteParquet(t.Context(), `SELECT CASE WHEN i % 10 <> 3 THEN {'x': i, 'big': repeat(md5(i::VARCHAR), 10), 's': {'p': i % 7, 'big': repeat(md5((i + 1)::VARCHAR), 10)}} END
		AS r FROM range(20000) t(i)`, filepath.Join(dir, "out"), engine.ParquetOptions{})
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	path, err := inst.BindFile(files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	from := " FROM read_parquet(" + engine.QuoteText(path) + ")"
	chunks, err := numbers(`SELECT min(dictionary_page_offset) FILTER (path_in_schema = 'r, big'), sum(total_compressed_size) FILTER (path_in_schema = 'r, big'),
		min(dictionary_page_offset) FILTER (path_in_schema = 'r, s, big'), sum(total_compressed_size) FILTER (path_in_schema = 'r, s, big'),
		count(DISTINCT row_group_id) FROM (SELECT * REPLACE (coalesce(dictionary_page_offset, data_page_offset) AS dictionary_page_offset) FROM parquet_metadata(` + engine.QuoteText(path) + `))`)
	if err != nil || chunks[4] != 1 {
		t.Fatal(chunks, err)
	}
	f, err := os.OpenFile(files[0].Path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := 0; i < 4; i += 2 {
		if _, err := f.WriteAt([]byte(strings.Repeat("\xff", int(chunks[i+1]))), chunks[i]); err != nil {
			t.Fatal(err)
		}
	}

	row := connector.Column{Name: "r", Type: types.MustParse("row(x bigint, big varchar, s row(p bigint, big varchar))")}
	columns := []connector.Column{connector.FieldColumn(row, []int{0}), connector.FieldColumn(row, []int{2, 0})}
	mapped, err := fileMapping(columns, []string{"BIGINT", "BIGINT"},
		connector.File{Columns: []connector.FileColumn{{Name: "r", Fields: []string{"x"}}, {Name: "r", Fields: []string{"s", "p"}}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := numbers(`SELECT sum("r.x"), count("r.s.p"), count(*) FROM (SELECT ` + mapped + from + `) WHERE "r.s.p" < 6 OR "r.x" IS NULL`)
	if err != nil || len(got) != 3 || got[1]+2000 != got[2] {
		t.Errorf("got %v, %v", got, err)
	}
	whole, err := fileMapping([]connector.Column{row}, []string{"STRUCT(f1 BIGINT, f2 VARCHAR, f3 STRUCT(f1 BIGINT, f2 VARCHAR))"},
		connector.File{Columns: []connector.FileColumn{{Name: "r"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := numbers(fmt.Sprintf("SELECT count(r.f2) FROM (SELECT %s%s)", whole, from)); err == nil {
		t.Errorf("the rest of the row can be read: %v", got)
	}
}
