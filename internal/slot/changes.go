package slot

import (
	"context"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// changesTable holds the changes that the statement gives, so that it is run once. It goes with the attempt.
const changesTable = "waterbear_changes"

// changes divides the rows of a statement that changes a table's rows among the methods of a sink.
type changes struct {
	attempt *attempt
	sink    connector.ChangeSink
	ids     []string // the names of the id's columns, quoted
	unique  bool
}

// changeTable writes changes through the connector's sink.
func (a *attempt) changeTable(ctx context.Context, out *rpcv1.WriteOutput) error {
	c, ok := a.slot.cfg.Catalogs[out.Catalog].(connector.RowChanger)
	if !ok {
		return trinoerr.New(trinoerr.CatalogNotFound, "Rows of catalog '%s' cannot be changed on this node", out.Catalog)
	}
	sink, err := c.ChangeSink(ctx, out.Handle, out.SinkId)
	if err != nil {
		return err
	}
	ch := &changes{attempt: a, sink: sink, unique: out.UniqueRows}
	for i := range int(out.RowIdColumns) {
		ch.ids = append(ch.ids, fmt.Sprintf(`"$id%d"`, i))
	}
	return a.through(ctx, sink, func() error { return ch.write(ctx) })
}

func (c *changes) write(ctx context.Context) error {
	i := c.attempt.instance
	head := `"$operation", ` + strings.Join(c.ids, ", ")
	err := i.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+changesTable+" AS SELECT * FROM ("+c.attempt.task.Sql+"\n) AS t("+head+")")
	if err != nil {
		return err
	}
	rows, err := c.number(ctx, "SELECT count(*) FROM "+changesTable)
	if err != nil {
		return err
	}
	if err := c.check(ctx); err != nil {
		return err
	}
	updater, updates := c.sink.(connector.RowUpdater)
	isNew, isGone := []connector.Operation{connector.InsertRow, connector.UpdateRow}, []connector.Operation{connector.DeleteRow, connector.UpdateRow}
	if updates {
		isNew, isGone = isNew[:1], isGone[:1]
	}
	if err := c.attempt.fillSink(ctx, c.sink, "SELECT * EXCLUDE ("+head+") FROM "+changesTable+where(isNew)); err != nil {
		return err
	}
	c.attempt.stats.OutputRows = rows
	ids := strings.Join(c.ids, ", ")
	err = c.batches(ctx, "SELECT "+ids+" FROM "+changesTable+where(isGone)+" ORDER BY "+ids, nil, c.sink.Delete)
	if err != nil || !updates {
		return err
	}
	var columns []types.Type
	if b, ok := c.sink.(connector.BatchSink); ok {
		columns = append(make([]types.Type, len(c.ids)), b.ColumnTypes()...)
	}
	return c.batches(ctx, `SELECT * EXCLUDE ("$operation") FROM `+changesTable+where([]connector.Operation{connector.UpdateRow})+" ORDER BY "+ids,
		columns, updater.Update)
}

// where keeps the rows of some operations.
func where(ops []connector.Operation) string {
	list := make([]string, len(ops))
	for i, op := range ops {
		list[i] = fmt.Sprint(op)
	}
	return ` WHERE "$operation" IN (` + strings.Join(list, ", ") + ")"
}

// check refuses to change a row twice.
func (c *changes) check(ctx context.Context) error {
	if !c.unique {
		return nil
	}
	twice, err := c.number(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+changesTable+where([]connector.Operation{connector.DeleteRow, connector.UpdateRow})+
		" GROUP BY "+strings.Join(c.ids, ", ")+" HAVING count(*) > 1 LIMIT 1)")
	if err == nil && twice > 0 {
		err = trinoerr.New(trinoerr.MergeTargetRowMultipleMatches, "One MERGE target table row matched more than one source row")
	}
	return err
}

// number runs a query that gives one number.
func (c *changes) number(ctx context.Context, sql string) (n int64, err error) {
	err = c.attempt.instance.QueryChunks(ctx, sql, func(chunk *engine.Chunk) error {
		n = engine.Values[int64](&chunk.Columns[0])[0]
		return nil
	})
	return n, err
}

// batches hands the rows of a query to a method of the sink. Nil types are not known.
func (c *changes) batches(ctx context.Context, sql string, columns []types.Type, take func(context.Context, *connector.Batch) error) error {
	var b connector.Batch
	return c.attempt.instance.QueryChunks(ctx, sql, func(chunk *engine.Chunk) error {
		if chunk.Rows == 0 {
			return nil
		}
		if err := engine.FillBatch(&b, chunk, columns); err != nil {
			return err
		}
		return take(ctx, &b)
	})
}
