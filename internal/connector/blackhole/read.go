package blackhole

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Splits are as many as the table was created with, all alike.
func (c *Connector) Splits(_ context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	return &splitSource{rows: h.Rows}, nil
}

type splitSource struct {
	rows rows
	next int64
}

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	var out []connector.Split
	for ; s.next < s.rows.Splits && len(out) < limit; s.next++ {
		raw, err := json.Marshal(s.next * s.rows.perSplit())
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Split{Handle: raw, Rows: s.rows.perSplit()})
	}
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }

// source reads splits, one by one.
type source struct {
	rows    rows
	columns []connector.Column
	first   []int64 // by split: the id of its first row
}

// Source opens splits. The types that it can make values of are Trino's, and the rest of the integers.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	for _, col := range scan.Columns {
		if col.Type.Kind == types.Char || col.Type.Kind == types.Array || !connector.BatchTypeSupported(col.Type) {
			return connector.Source{}, trinoerr.New(trinoerr.GenericInternalError, "Unsupported type [%s]", col.Type)
		}
	}
	s := &source{rows: h.Rows, columns: scan.Columns, first: make([]int64, len(splits))}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.first[i]); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a black hole table")
		}
	}
	return connector.Source{Batches: s}, nil
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.first) }

// Open opens a split.
func (s *source) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &reader{ctx: ctx, rows: s.rows, pages: s.rows.Pages, id: s.first[partition]}
	for _, p := range projection {
		r.columns = append(r.columns, s.columns[p])
	}
	return r, nil
}

// reader gives the rows of a split.
type reader struct {
	ctx     context.Context // of the scan: a delay ends with it
	rows    rows
	columns []connector.Column
	pages   int64 // not yet begun
	left    int64 // rows of the page that was begun
	id      int64 // of the next row
}

// Next gives at most limit rows, all of one page.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	b.Rows = 0
	if r.left == 0 {
		if r.pages == 0 {
			return 0, nil
		}
		r.pages--
		r.left = r.rows.RowsPerPage
		if err := r.delay(); err != nil {
			return 0, err
		}
	}
	n := int(min(r.left, int64(limit)))
	r.left -= int64(n)
	b.Rows = n
	b.Columns = make([]connector.Vector, len(r.columns))
	for i, c := range r.columns {
		b.Columns[i] = constant(c.Type, n, int(r.rows.FieldLength))
		if c.Name == rowID {
			for k := range b.Columns[i].I64 {
				b.Columns[i].I64[k] = r.id + int64(k)
			}
		}
	}
	r.id += int64(n)
	return n, nil
}

func (r *reader) delay() error {
	if r.rows.DelayPerPage == 0 {
		return nil
	}
	t := time.NewTimer(r.rows.DelayPerPage)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	}
}

// constant is n values of a type: zero, or as many asterisks as fit.
func constant(t types.Type, n, length int) (v connector.Vector) {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		v.I8 = make([]int8, n)
	case types.SmallInt:
		v.I16 = make([]int16, n)
	case types.Integer, types.Date:
		v.I32 = make([]int32, n)
	case types.Real:
		v.F32 = make([]float32, n)
	case types.Double:
		v.F64 = make([]float64, n)
	case types.UUID:
		v.I128 = make([]connector.Int128, n)
	case types.Decimal:
		if t.P > 18 {
			v.I128 = make([]connector.Int128, n)
		} else {
			v.I64 = make([]int64, n)
		}
	case types.Varchar, types.Varbinary, types.JSON:
		if t.Kind == types.Varchar {
			length = min(length, t.P)
		}
		text := bytes.Repeat([]byte("*"), length)
		for range n {
			v.AppendBytes(text)
		}
	default:
		v.I64 = make([]int64, n)
	}
	return v
}

// Close does nothing.
func (r *reader) Close() error { return nil }
