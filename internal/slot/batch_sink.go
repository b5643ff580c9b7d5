package slot

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// fillBatchSink gives a sink the rows of a query, in record batches.
func (a *attempt) fillBatchSink(ctx context.Context, sink connector.BatchSink, sql string) error {
	columns := sink.ColumnTypes()
	var b connector.Batch
	return a.instance.QueryChunks(ctx, sql, func(chunk *engine.Chunk) error {
		if chunk.Rows == 0 {
			return nil
		}
		if len(chunk.Columns) != len(columns) {
			return trinoerr.New(trinoerr.GenericInternalError, "the statement gives %d columns instead of %d", len(chunk.Columns), len(columns))
		}
		if err := engine.FillBatch(&b, chunk, columns); err != nil {
			return err
		}
		a.stats.OutputRows += int64(chunk.Rows)
		written, err := sink.Write(ctx, &b)
		a.stats.OutputBytes += written
		return err
	})
}
