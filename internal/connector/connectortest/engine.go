package connectortest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// open opens a DuckDB that can read the files of a connector.
func open(t *testing.T, c any) (*engine.Instance, string) {
	t.Helper()
	dir := t.TempDir()
	var readDirs []string
	if l, ok := c.(connector.LocalFiles); ok {
		readDirs = l.LocalDirs()
	}
	inst, err := engine.Open(background(), engine.Config{MemoryLimit: 256 << 20, Threads: 1, ScratchDir: dir, ReadDirs: strings.Join(readDirs, "\n")})
	must(t, err)
	t.Cleanup(func() { inst.Close() })
	return inst, dir
}

// attempt writes the rows of a query through a sink, as a task does.
func attempt(t *testing.T, _ connector.Connector, w connector.Writer, handle []byte, id, sql string) ([]byte, connector.Sink) {
	t.Helper()
	sink, err := w.Sink(t.Context(), handle, id)
	must(t, err)
	must(t, pour(t, sink, sql))
	fragment, err := sink.Finish(t.Context())
	must(t, err)
	return fragment, sink
}

// pour hands the rows of a query to a sink.
func pour(t *testing.T, sink connector.Sink, sql string) error {
	t.Helper()
	inst, dir := open(t, nil)
	o := sink.Options()
	if o.Columns != nil {
		sql = "SELECT * FROM (" + sql + ") AS v(" + quoted(o.Columns) + ")"
	}
	files, err := inst.WriteParquet(t.Context(), sql, filepath.Join(dir, "out"), engine.ParquetOptions{
		PartitionColumns: sink.PartitionColumns(), Compression: o.Compression, RowGroupRows: o.RowGroupRows,
	})
	must(t, err)
	for _, f := range files {
		if err := sink.Add(t.Context(), f.Path, f.Values, f.Rows, f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// read returns the rows of a table, sorted, each as its values' text with bars between them.
func read(t *testing.T, c connector.Connector, table *connector.Table) []string {
	t.Helper()
	return readScan(t, c, scanOf(table))
}

// readScan returns the rows of a scan.
func readScan(t *testing.T, c connector.Connector, scan connector.Scan) []string {
	t.Helper()
	splits := splitsOf(t, c, scan, 1000)
	if len(splits) == 0 {
		return nil
	}
	src, err := c.Source(t.Context(), scan, splits)
	must(t, err)
	inst, _ := open(t, c)
	var rows []string
	if src.Batches != nil {
		must(t, inst.BindBatches(t.Context(), "input", engine.Table{Columns: scan.Columns, Source: src.Batches}))
		rows = query(t, inst, "SELECT "+texts(scan.Columns)+" FROM input")
	}
	for _, f := range src.Files {
		path, err := inst.BindFile(f.Path)
		must(t, err)
		where := " WHERE true"
		if f.EndRow > 0 {
			where = fmt.Sprintf(" WHERE file_row_number >= %d AND file_row_number < %d", f.FirstRow, f.EndRow)
		}
		for _, row := range f.Deleted {
			where += fmt.Sprintf(" AND file_row_number <> %d", row)
		}
		rows = append(rows, query(t, inst, "SELECT "+fileTexts(scan.Columns, f.Columns)+" FROM read_parquet("+engine.QuoteText(path)+
			", hive_partitioning=false, file_row_number=true)"+where)...)
	}
	if src.Close != nil {
		must(t, src.Close())
	}
	slices.Sort(rows)
	return rows
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = engine.QuoteName(n)
	}
	return strings.Join(out, ", ")
}

func texts(columns []connector.Column) string {
	from := make([]connector.FileColumn, len(columns))
	for i, c := range columns {
		from[i].Name = c.Name
	}
	return fileTexts(columns, from)
}

// fileTexts selects columns as one text.
func fileTexts(columns []connector.Column, from []connector.FileColumn) string {
	parts := make([]string, len(columns))
	for i, c := range from {
		switch {
		case c.RowNumber:
			parts[i] = "CAST(file_row_number AS VARCHAR)"
		case c.Name != "":
			value := engine.QuoteName(c.Name)
			for _, field := range c.Fields {
				value = "struct_extract(" + value + ", " + engine.QuoteText(field) + ")"
			}
			parts[i] = "coalesce(CAST(" + value + " AS VARCHAR), 'NULL')"
		case c.Constant == nil:
			parts[i] = "'NULL'"
		default:
			parts[i] = engine.QuoteText(types.Text(columns[i].Type, c.Constant))
		}
	}
	return strings.Join(parts, " || '|' || ")
}

func query(t *testing.T, inst *engine.Instance, sql string) (rows []string) {
	t.Helper()
	must(t, inst.QueryChunks(t.Context(), sql, func(c *engine.Chunk) error {
		for r := range c.Rows {
			rows = append(rows, string(c.Columns[0].Bytes(r)))
		}
		return nil
	}))
	return rows
}
