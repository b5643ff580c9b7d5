package engine

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ParquetOptions say how WriteParquet writes.
type ParquetOptions struct {
	// PartitionColumns are columns of the query's result by whose values its rows go to different files, and which are
	// not written. None gives one file.
	PartitionColumns []string
	// Compression is a DuckDB Parquet codec; empty is lz4_raw, the cheapest.
	Compression string
	// RowGroupRows is the number of rows per row group; zero is DuckDB's default of 122,880.
	RowGroupRows int64
	// FieldIDs are the numbers of columns in the files' schemas.
	FieldIDs []FieldID
	// MaxFileBytes starts another file when one exceeds it; zero is no limit. It cannot be combined with PartitionColumns.
	MaxFileBytes int64
	// Pace, when set, is called by the threads of the statement for every vector of rows that is written; it may hold them back, and its
	// error ends the statement. PaceColumn is a column of the query's result; without it only partitioned writes are paced.
	Pace       func() error
	PaceColumn string
	// Observed are looked at for each row, where Pace is called or would be.
	Observed []Observed
}

// ParquetFile is a file that WriteParquet wrote.
type ParquetFile struct {
	Path string
	// Values are those of the partition columns, as text; nil for NULL.
	Values      []*string
	Rows, Bytes int64
}

// Partition returns the exchange partition of a file that was written with one integer partition column.
func (f ParquetFile) Partition() (int, error) {
	if len(f.Values) != 1 || f.Values[0] == nil {
		return 0, trinoerr.New(trinoerr.GenericInternalError, "engine: %s belongs to no exchange partition", f.Path)
	}
	return strconv.Atoi(*f.Values[0])
}

// WriteParquet runs a query and writes its rows as Parquet files into dir, a directory below the scratch directory which
// it creates and which must not exist. An empty result, and an empty partition, give no file. Files come ordered
// by partition where the partition column is an integer, and by path.
//
// HUGEINT and INTERVAL columns lose information in Parquet; the query must cast them.
func (i *Instance) WriteParquet(ctx context.Context, query, dir string, o ParquetOptions) ([]ParquetFile, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.GenericInternalError, "create output directory")
	}
	if o.Pace != nil {
		i.pace.wait.Store(&o.Pace)
		defer i.pace.wait.Store(nil)
	}
	if len(o.Observed) > 0 {
		i.observer.values.Store(&o.Observed)
		defer i.observer.values.Store(nil)
	}
	var files []ParquetFile
	err := i.QueryChunks(ctx, copyStatement(query, dir, o), func(c *Chunk) error {
		for r := range c.Rows {
			files = append(files, ParquetFile{
				Path:   string(c.Columns[0].Bytes(r)),
				Rows:   int64(c.Columns[1].Integer(r).Lo),
				Bytes:  int64(c.Columns[2].Integer(r).Lo),
				Values: partitionValues(&c.Columns[5], r, o.PartitionColumns),
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f ParquetFile) bool { return f.Rows == 0 })
	slices.SortFunc(files, compareFiles)
	return files, nil
}

func copyStatement(query, dir string, o ParquetOptions) string {
	target := dir
	opts := []string{"FORMAT parquet", "RETURN_STATS", "COMPRESSION " + QuoteText(cmp.Or(o.Compression, "lz4_raw"))}
	switch {
	case len(o.PartitionColumns) > 0:
		var names []string
		for _, c := range o.PartitionColumns {
			names = append(names, QuoteName(c))
		}
		opts = append(opts, "PARTITION_BY ("+strings.Join(names, ", ")+")")
	case o.MaxFileBytes > 0:
		opts = append(opts, fmt.Sprintf("FILE_SIZE_BYTES %d", o.MaxFileBytes))
	default:
		target = filepath.Join(dir, "data_0.parquet")
	}
	if o.RowGroupRows > 0 {
		opts = append(opts, fmt.Sprintf("ROW_GROUP_SIZE %d", o.RowGroupRows))
	}
	if len(o.FieldIDs) > 0 {
		opts = append(opts, "FIELD_IDS "+fieldIDs(FieldID{Parts: o.FieldIDs}))
	}
	return "COPY (" + paced(query, o) + "\n) TO " + QuoteText(target) + " (" + strings.Join(opts, ", ") + ")"
}

// FieldID is the number of a column or, below it, of a field of a row, of an array's "element", of a map's "key" and "value"; zero for none.
type FieldID struct {
	Name  string
	ID    int
	Parts []FieldID
}

// fieldIDs renders the numbers of a column's parts as DuckDB wants them.
func fieldIDs(f FieldID) string {
	var parts []string
	if f.ID > 0 {
		parts = append(parts, fmt.Sprintf("__duckdb_field_id: %d", f.ID))
	}
	for _, p := range f.Parts {
		switch {
		case len(p.Parts) > 0:
			parts = append(parts, QuoteText(p.Name)+": "+fieldIDs(p))
		case p.ID > 0:
			parts = append(parts, fmt.Sprintf("%s: %d", QuoteText(p.Name), p.ID))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// paced puts a projection around a query that passes each of its vectors of rows through the function that holds it back, and through those
// that look at values. (A filter would move below orders and into joins.)
func paced(query string, o ParquetOptions) string {
	column := o.PaceColumn
	if len(o.PartitionColumns) > 0 {
		column = o.PartitionColumns[0]
	}
	seen := observing(o.Observed)
	if o.Pace == nil && seen == "" || column == "" {
		return query
	}
	c := QuoteName(column)
	return "SELECT * REPLACE (CASE WHEN " + paceFunction + "()" + seen + " = 0 THEN " + c + " END AS " + c + ") FROM (" + query + "\n) AS t"
}

// partitionValues reads the MAP(VARCHAR, VARCHAR) of a file's partition keys.
func partitionValues(c *Column, row int, columns []string) []*string {
	if len(columns) == 0 || c.IsNull(row) {
		return nil
	}
	values := make([]*string, len(columns))
	offset, length := c.List(row)
	for e := offset; e < offset+length; e++ {
		n := slices.Index(columns, string(c.Children[0].Bytes(e)))
		if n >= 0 && !c.Children[1].IsNull(e) {
			v := string(c.Children[1].Bytes(e))
			values[n] = &v
		}
	}
	return values
}

func compareFiles(a, b ParquetFile) int {
	if p, err := a.Partition(); err == nil {
		if q, err := b.Partition(); err == nil && p != q {
			return cmp.Compare(p, q)
		}
	}
	return cmp.Compare(a.Path, b.Path)
}
