package example

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Source opens splits. Each is read by itself, several at a time if the task has threads.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := decode(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{c: c.client, h: h, columns: scan.Columns, splits: make([]split, len(splits))}
	for i, raw := range splits {
		if err := json.Unmarshal(raw.Handle, &s.splits[i]); err != nil {
			return connector.Source{}, failed(err, "decode a split: %v", err)
		}
	}
	return connector.Source{Batches: s}, nil
}

// source is the splits of a task.
type source struct {
	c       *client
	h       handle
	columns []connector.Column
	splits  []split
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.splits) }

// Open opens a split. Nothing is asked of the service before the first batch is.
func (s *source) Open(ctx context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &reader{ctx: ctx, source: s, next: s.splits[partition].First, last: s.splits[partition].Last, left: math.MaxInt64}
	if s.h.Limit > 0 {
		r.left = s.h.Limit
	}
	for _, i := range projection {
		r.columns = append(r.columns, s.columns[i])
		r.fields = append(r.fields, s.columns[i].Name)
	}
	return r, nil
}

// reader reads a split, one page in memory at a time.
type reader struct {
	ctx        context.Context
	source     *source
	columns    []connector.Column
	fields     []string
	next, last int   // pages
	left       int64 // rows, of the limit
	records    []map[string]json.RawMessage
}

// Next fills a batch. When the task is cancelled the request ends, and so does this.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	for len(r.records) == 0 && r.next <= r.last && r.left > 0 {
		p, err := r.source.c.page(r.ctx, r.source.h, r.next, r.source.h.PageSize, r.fields)
		if err != nil {
			return 0, gone(r.source.h, err)
		}
		r.records, r.next = p.Records, r.next+1
	}
	n := int(min(int64(limit), int64(len(r.records)), r.left))
	if len(b.Columns) != len(r.columns) { // at first
		b.Columns = make([]connector.Vector, len(r.columns))
	}
	for i := range r.columns {
		b.Columns[i].Reset()
		for row, record := range r.records[:n] {
			if err := appendValue(&b.Columns[i], record[r.fields[i]], r.columns[i].Type, row, n); err != nil {
				return 0, failed(err, "field %s of %s: %v", r.fields[i], r.source.h.Dataset, err)
			}
		}
	}
	r.records, r.left, b.Rows = r.records[n:], r.left-int64(n), n
	return n, nil
}

// Close does nothing: between batches there is nothing open.
func (r *reader) Close() error { return nil }

const secondsOfDay = 24 * 60 * 60

// appendValue appends value i of n. connector.Vector says which slice each type goes to; NULL has a place there as well.
func appendValue(v *connector.Vector, raw json.RawMessage, t types.Type, i, n int) error {
	null := raw == nil || string(raw) == "null"
	if null {
		v.SetNull(i, n)
		raw = zeros[t.Kind]
	}
	switch t.Kind {
	case types.Boolean:
		var b bool
		if err := json.Unmarshal(raw, &b); err != nil {
			return err
		}
		one := int8(0)
		if b {
			one = 1
		}
		v.I8 = append(v.I8, one)
	case types.Integer:
		x, err := strconv.ParseInt(unquoted(raw), 10, 32)
		v.I32 = append(v.I32, int32(x))
		return err
	case types.BigInt:
		x, err := strconv.ParseInt(unquoted(raw), 10, 64)
		v.I64 = append(v.I64, x)
		return err
	case types.Double:
		x, err := strconv.ParseFloat(unquoted(raw), 64)
		v.F64 = append(v.F64, x)
		return err
	case types.Date:
		x, err := time.Parse(time.DateOnly, unquoted(raw))
		v.I32 = append(v.I32, int32(math.Floor(float64(x.Unix())/secondsOfDay)))
		return err
	case types.Decimal:
		x, ok := types.Cast(unquoted(raw), types.VarcharN(types.UnboundedLength), t, types.UTC)
		if !ok {
			return strconv.ErrSyntax
		}
		d := x.(types.Int128)
		if t.P <= 18 {
			v.I64 = append(v.I64, int64(d.Lo))
		} else {
			v.I128 = append(v.I128, connector.Int128{Lo: d.Lo, Hi: d.Hi})
		}
	default:
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		v.AppendBytes([]byte(text))
	}
	return nil
}

// zeros stand in the places of NULLs.
var zeros = map[types.Kind]json.RawMessage{
	types.Boolean: json.RawMessage("false"), types.Integer: json.RawMessage("0"), types.BigInt: json.RawMessage("0"), types.Double: json.RawMessage("0"),
	types.Date: json.RawMessage(`"1970-01-01"`), types.Decimal: json.RawMessage("0"), types.Varchar: json.RawMessage(`""`),
}

// unquoted is a number as it stands, or as a text: not every number of SQL is one of JSON.
func unquoted(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }
