package slot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// writer opens the bundle of this attempt.
func (a *attempt) writer(ctx context.Context, storeURI, prefix string, maxFileBytes int64) (*exchange.Writer, error) {
	st, err := a.slot.cfg.Stores.Open(ctx, storeURI)
	if err != nil {
		return nil, err
	}
	return exchange.NewWriter(ctx, exchange.WriterConfig{Store: st, Prefix: prefix, Producer: a.task.Id, Key: a.key, MaxObject: maxFileBytes})
}

// finish commits a bundle, or aborts it after an error.
func (a *attempt) finish(w *exchange.Writer, err error) error {
	if err == nil {
		var h exchange.Handle
		if h, err = w.Close(); err == nil {
			a.stats.OutputRows, a.stats.OutputBytes = h.Rows(), h.Bytes()
			a.bundle, err = json.Marshal(h)
		}
	}
	if err != nil {
		if e := w.Abort(); e != nil {
			a.slot.cfg.Log.Warn("bundle not removed", "task", a.task.Id, "err", e)
		}
	}
	return err
}

// codecs are DuckDB's names of the compression codecs of exchanges.
var codecs = map[string]string{"": "lz4_raw", "NONE": "uncompressed", "LZ4": "lz4_raw", "ZSTD": "zstd"}

// writeExchange writes the partitions of the result as a bundle.
func (a *attempt) writeExchange(ctx context.Context, out *rpcv1.ExchangeOutput) error {
	codec, known := codecs[out.Compression]
	if !known {
		return trinoerr.New(trinoerr.GenericInternalError, "task %s wants the unknown compression %q", a.task.Id, out.Compression)
	}
	g, observed := gather(out.Facts)
	o := engine.ParquetOptions{Compression: codec, PaceColumn: out.PacedColumn, Observed: observed}
	if out.PartitionColumn != "" {
		o.PartitionColumns = []string{out.PartitionColumn}
	}
	partition := func(f engine.ParquetFile) (int, error) {
		if out.PartitionColumn == "" {
			return 0, nil
		}
		return f.Partition()
	}
	places := a.slot.places.Order(append([]string{out.Store}, out.Alternatives...))
	open := func(ctx context.Context, place string) (*exchange.Writer, error) {
		return a.writer(ctx, place, out.Prefix, out.MaxFileBytes)
	}
	pool, least := a.slot.cfg.Exchange.poolBytes(out.Partitions)
	s := &stream{a: a, dir: a.outputDir(), pool: pool, least: least, places: places, open: open}
	ctx = s.start(ctx)
	defer s.cancel(nil)
	o.Pace = s.pace
	files, err := a.instance.WriteParquet(ctx, a.task.Sql, a.outputDir(), o)
	s.stop()
	if err == nil {
		err = a.scratch.check()
	}
	if err == nil {
		a.facts, err = g.encode()
	}
	switch {
	case err != nil:
		s.abort()
		return err
	case ctx.Err() != nil:
		s.abort()
		return context.Cause(ctx)
	case s.w != nil:
		return s.finish(files, partition)
	}
	return a.route(ctx, places, func(ctx context.Context, place string) error {
		w, err := open(ctx, place)
		if err != nil {
			return err
		}
		for _, f := range files {
			var p int
			if p, err = partition(f); err == nil {
				err = w.AddFile(p, f.Rows, f.Path)
			}
			if err != nil {
				break
			}
		}
		return a.finish(w, err)
	})
}

// routeAfter is how long a place is tried when there is another.
const routeAfter = 10 * time.Second

// route writes a bundle to the first place that takes it.
func (a *attempt) route(ctx context.Context, places []string, write func(ctx context.Context, place string) error) (err error) {
	for i, place := range places {
		within := ctx
		if i < len(places)-1 {
			within = store.WithPatience(ctx, routeAfter)
		}
		err = write(within, place)
		if err == nil {
			a.slot.places.Worked(place)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		a.slot.places.Failed(place)
		a.slot.cfg.Log.Warn("output cannot be written", "task", a.task.Id, "store", place, "others", len(places)-1-i, "err", err)
	}
	return err
}

// writeRows renders the result in pages for the client.
func (a *attempt) writeRows(ctx context.Context, out *rpcv1.RowsOutput) error {
	var columns []types.Type
	if err := json.Unmarshal(out.Types, &columns); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "decode result types")
	}
	w, err := a.writer(ctx, out.Store, out.Prefix, out.MaxFileBytes)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	p := a.newRowPages(w, renders(columns), out.UnreadBytes, fail)
	a.slot.read(p)
	defer a.slot.read(nil)
	return p.close(a.instance.QueryChunks(ctx, a.task.Sql, func(c *engine.Chunk) error { return p.add(ctx, c) }))
}

// writeTable writes the result through the connector's sink.
func (a *attempt) writeTable(ctx context.Context, out *rpcv1.WriteOutput) error {
	switch {
	case out.RowIdColumns > 0:
		return a.changeTable(ctx, out)
	case out.Statistics:
		return a.gatherStatistics(ctx)
	}
	c, ok := a.slot.cfg.Catalogs[out.Catalog].(connector.Writer)
	if !ok {
		return trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' cannot be written to on this node", out.Catalog)
	}
	sink, err := c.Sink(ctx, out.Handle, out.SinkId)
	if err != nil {
		return err
	}
	return a.through(ctx, sink, func() error { return a.fillSink(ctx, sink, a.task.Sql) })
}

// through fills a sink and finishes it, or aborts it after an error.
func (a *attempt) through(ctx context.Context, sink connector.Sink, fill func() error) error {
	err := fill()
	if err == nil {
		a.fragment, err = sink.Finish(ctx)
	}
	if err != nil {
		if e := sink.Abort(context.WithoutCancel(ctx)); e != nil {
			a.slot.cfg.Log.Warn("sink not aborted", "task", a.task.Id, "err", e)
		}
	}
	return err
}

// fillSink gives a sink the rows of a query, in files or as it wants them.
func (a *attempt) fillSink(ctx context.Context, sink connector.Sink, sql string) error {
	if s, ok := sink.(connector.BatchSink); ok {
		return a.fillBatchSink(ctx, s, sql)
	}
	o := sink.Options()
	partitions := sink.PartitionColumns()
	opts := engine.ParquetOptions{PartitionColumns: partitions, Compression: o.Compression, RowGroupRows: o.RowGroupRows}
	for i, id := range o.FieldIDs {
		if !slices.Contains(partitions, o.Columns[i]) {
			opts.FieldIDs = append(opts.FieldIDs, engine.FieldID{Name: o.Columns[i], ID: id.ID, Parts: partIDs(o.Types[i], id.Parts)})
		}
	}
	if opts.Compression == "" {
		opts.Compression = "snappy"
	}
	if len(partitions) == 0 {
		opts.MaxFileBytes = o.MaxFileBytes
	}
	files, err := a.instance.WriteParquet(ctx, forSink(sql, o), a.outputDir(), opts)
	if err == nil {
		err = a.scratch.check()
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := sink.Add(ctx, f.Path, f.Values, f.Rows, f.Bytes); err != nil {
			return fmt.Errorf("add file: %w", err)
		}
		a.stats.OutputRows += f.Rows
		a.stats.OutputBytes += f.Bytes
	}
	return nil
}

// forSink gives the columns of a statement the names and types that a sink's files have.
func forSink(sql string, o connector.FileOptions) string {
	if o.Columns == nil {
		return sql
	}
	names, values := make([]string, len(o.Columns)), make([]string, len(o.Columns))
	for i, c := range o.Columns {
		names[i] = engine.QuoteName(c)
		values[i] = names[i]
		if o.Types != nil {
			v := toForeign(names[i], o.Types[i], o.UTC)
			if o.FieldIDs != nil && o.Types[i].Kind == types.Integer {
				v = "CAST(" + v + " AS INTEGER)" // the statement may give narrower ones, which would be marked as such
			}
			if v != names[i] {
				values[i] = v + " AS " + names[i]
			}
		}
	}
	for _, c := range o.Computed {
		values = append(values, computed(names, o.Types, c)+" AS "+engine.QuoteName(c.Name))
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM (" + sql + "\n) AS t(" + strings.Join(names, ", ") + ")"
}

// partIDs are the numbers of the parts of a type in a file.
func partIDs(t types.Type, ids []connector.FieldID) []engine.FieldID {
	var out []engine.FieldID
	for i, id := range ids {
		var name string
		switch t.Kind {
		case types.Array:
			name = "element"
		case types.Map:
			name = []string{"key", "value"}[i]
		default:
			name = connector.FieldName(t, i)
		}
		out = append(out, engine.FieldID{Name: name, ID: id.ID, Parts: partIDs(t.Elem(i), id.Parts)})
	}
	return out
}
