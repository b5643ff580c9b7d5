package slot

import (
	"context"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
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
	err = c.batches(ctx, "SELECT "+ids+" FROM "+changesTable+where(isGone)+" ORDER BY "+ids, c.sink.Delete)
	if err != nil || !updates {
		return err
	}
	return c.batches(ctx, `SELECT * EXCLUDE ("$operation") FROM `+changesTable+where([]connector.Operation{connector.UpdateRow})+" ORDER BY "+ids,
		updater.Update)
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

// batches hands the rows of a query to a method of the sink.
func (c *changes) batches(ctx context.Context, sql string, take func(context.Context, *connector.Batch) error) error {
	var b connector.Batch
	return c.attempt.instance.QueryChunks(ctx, sql, func(chunk *engine.Chunk) error {
		if chunk.Rows == 0 {
			return nil
		}
		if err := fillBatch(&b, chunk); err != nil {
			return err
		}
		return take(ctx, &b)
	})
}

// fillBatch copies a chunk into a record batch.
func fillBatch(b *connector.Batch, chunk *engine.Chunk) error {
	b.Rows = chunk.Rows
	if b.Columns == nil {
		b.Columns = make([]connector.Vector, len(chunk.Columns))
	}
	for i := range b.Columns {
		if err := fillVector(&b.Columns[i], &chunk.Columns[i]); err != nil {
			return err
		}
	}
	return nil
}

// fillVector copies a column. Timestamps with time zone come as the milliseconds of their instant; types that do not occur
// in record batches are an error.
func fillVector(v *connector.Vector, c *engine.Column) error {
	v.Reset()
	for i := range c.Rows {
		if c.IsNull(i) {
			v.SetNull(i, c.Rows)
		}
	}
	switch c.Type.ID {
	case engine.TypeBoolean, engine.TypeTinyInt:
		v.I8 = append(v.I8, engine.Values[int8](c)...)
	case engine.TypeSmallInt:
		v.I16 = append(v.I16, engine.Values[int16](c)...)
	case engine.TypeInteger, engine.TypeDate:
		v.I32 = append(v.I32, engine.Values[int32](c)...)
	case engine.TypeBigInt, engine.TypeTime, engine.TypeTimestamp:
		v.I64 = append(v.I64, engine.Values[int64](c)...)
	case engine.TypeFloat:
		v.F32 = append(v.F32, engine.Values[float32](c)...)
	case engine.TypeDouble:
		v.F64 = append(v.F64, engine.Values[float64](c)...)
	case engine.TypeDecimal:
		for i := range c.Rows {
			n := c.Integer(i)
			if c.Type.Width > 18 {
				v.I128 = append(v.I128, n)
			} else {
				v.I64 = append(v.I64, int64(n.Lo))
			}
		}
	case engine.TypeUUID:
		for _, n := range engine.Values[engine.Int128](c) {
			v.I128 = append(v.I128, connector.Int128{Lo: n.Lo, Hi: n.Hi ^ -1<<63})
		}
	case engine.TypeVarchar, engine.TypeBlob:
		v.Offsets = append(v.Offsets, 0)
		for i := range c.Rows {
			if c.IsNull(i) {
				v.AppendBytes(nil)
			} else {
				v.AppendBytes(c.Bytes(i))
			}
		}
	case engine.TypeStruct:
		if len(c.Children) != 2 || c.Children[0].Type.ID != engine.TypeTimestamp {
			return notInBatches(c)
		}
		for _, us := range engine.Values[int64](&c.Children[0]) {
			v.I64 = append(v.I64, us/1000)
		}
	default:
		return notInBatches(c)
	}
	return nil
}

func notInBatches(c *engine.Column) error {
	return trinoerr.New(trinoerr.NotSupported, "Rows with columns of type %s cannot be updated", c.Type)
}
