package slot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// rowNumberColumn is what DuckDB calls the number of a row in its file.
const rowNumberColumn = "file_row_number"

// apart reports whether a file needs the numbers of its rows and so a read_parquet of its own.
func apart(f connector.File) bool {
	return f.EndRow != 0 || len(f.Deleted) > 0 || slices.ContainsFunc(f.Columns, func(c connector.FileColumn) bool { return c.RowNumber })
}

// numbered is the query of a file that is read by row numbers, bound under a quoted path.
func (a *attempt) numbered(ctx context.Context, mapping, path, name string, f connector.File) (string, error) {
	sql := "SELECT " + mapping + " FROM read_parquet(" + path + ", hive_partitioning=false, file_row_number=true)"
	var conds []string
	if f.EndRow != 0 {
		conds = append(conds, fmt.Sprintf("%s >= %d AND %s < %d", rowNumberColumn, f.FirstRow, rowNumberColumn, f.EndRow))
	}
	if len(f.Deleted) > 0 {
		t := engine.Table{Columns: []connector.Column{{Name: "n", Type: types.Of(types.BigInt)}}, Source: rowNumbers(f.Deleted), Rows: int64(len(f.Deleted))}
		if err := a.instance.BindBatches(ctx, name, t); err != nil {
			return "", err
		}
		conds = append(conds, rowNumberColumn+" NOT IN (SELECT n FROM "+engine.QuoteName(name)+")")
	}
	if conds == nil {
		return sql, nil
	}
	return sql + " WHERE " + strings.Join(conds, " AND "), nil
}

// rowNumbers are batches of one column of numbers.
type rowNumbers []int64

// Partitions is one.
func (rowNumbers) Partitions() int { return 1 }

// Open reads from the start.
func (r rowNumbers) Open(_ context.Context, _ int, projection []int) (connector.BatchReader, error) {
	return &numberReader{rest: r, width: len(projection)}, nil
}

type numberReader struct {
	rest  []int64
	width int
}

// Next gives the next numbers.
func (r *numberReader) Next(b *connector.Batch, limit int) (int, error) {
	n := min(limit, len(r.rest))
	b.Rows, b.Columns = n, make([]connector.Vector, r.width)
	for i := range b.Columns {
		b.Columns[i].I64 = r.rest[:n]
	}
	r.rest = r.rest[n:]
	return n, nil
}

// Close does nothing.
func (*numberReader) Close() error { return nil }
