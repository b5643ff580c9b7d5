package iceberg

import (
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// rowSource serves the rows of a metadata table: they fit into memory, being at most some for each file.
type rowSource struct {
	columns []connector.Column
	rows    [][]any
}

// Partitions is one.
func (s *rowSource) Partitions() int { return 1 }

// Open reads from the start.
func (s *rowSource) Open(_ context.Context, _ int, projection []int) (connector.BatchReader, error) {
	return &rowReader{source: s, projection: slices.Clone(projection)}, nil
}

type rowReader struct {
	source     *rowSource
	projection []int
	at         int
}

// Next gives the next rows.
func (r *rowReader) Next(b *connector.Batch, limit int) (int, error) {
	n := min(limit, len(r.source.rows)-r.at)
	b.Rows, b.Columns = n, make([]connector.Vector, len(r.projection))
	for i, column := range r.projection {
		for row := range n {
			if err := appendValue(&b.Columns[i], r.source.columns[column].Type, row, r.source.rows[r.at+row][column]); err != nil {
				return 0, err
			}
		}
	}
	r.at += n
	return n, nil
}

// Close does nothing.
func (r *rowReader) Close() error { return nil }

// appendValue appends value i of a column. Maps are []types.MapEntry, arrays and rows []any, and the rest as package types has them.
func appendValue(v *connector.Vector, t types.Type, i int, value any) error {
	if value == nil {
		v.SetNull(i, i+1)
	}
	switch t.Kind {
	case types.Boolean:
		b, _ := value.(bool)
		v.I8 = append(v.I8, map[bool]int8{true: 1}[b])
	case types.Integer:
		n, _ := value.(int64)
		v.I32 = append(v.I32, int32(n))
	case types.BigInt:
		n, _ := value.(int64)
		v.I64 = append(v.I64, n)
	case types.TimestampTZ:
		z, _ := value.(types.TimestampTZValue)
		v.I64 = append(v.I64, z.EpochMillis)
	case types.Varchar, types.JSON:
		s, _ := value.(string)
		v.AppendBytes([]byte(s))
	case types.Varbinary:
		b, _ := value.([]byte)
		v.AppendBytes(b)
	case types.Array:
		return appendArray(v, t, value)
	case types.Map:
		return appendMap(v, t, value)
	case types.Row:
		return appendRow(v, t, i, value)
	default:
		return trinoerr.New(trinoerr.GenericInternalError, "a metadata table has no values of type %s", t)
	}
	return nil
}

func appendArray(v *connector.Vector, t types.Type, value any) error {
	items, _ := value.([]any)
	if v.Items == nil {
		v.Items, v.Offsets = &connector.Vector{}, []uint32{0}
	}
	at := v.Offsets[len(v.Offsets)-1]
	for n, item := range items {
		if err := appendValue(v.Items, t.Elem(0), int(at)+n, item); err != nil {
			return err
		}
	}
	v.Offsets = append(v.Offsets, at+uint32(len(items)))
	return nil
}

func appendMap(v *connector.Vector, t types.Type, value any) error {
	entries, _ := value.([]types.MapEntry)
	if v.Fields == nil {
		v.Fields, v.Offsets = make([]connector.Vector, 2), []uint32{0}
	}
	at := v.Offsets[len(v.Offsets)-1]
	for n, e := range entries {
		if err := appendValue(&v.Fields[0], t.Elem(0), int(at)+n, e.Key); err != nil {
			return err
		}
		if err := appendValue(&v.Fields[1], t.Elem(1), int(at)+n, e.Value); err != nil {
			return err
		}
	}
	v.Offsets = append(v.Offsets, at+uint32(len(entries)))
	return nil
}

func appendRow(v *connector.Vector, t types.Type, i int, value any) error {
	fields, _ := value.([]any)
	if v.Fields == nil {
		v.Fields = make([]connector.Vector, len(t.Args))
	}
	for n := range t.Args {
		var field any
		if fields != nil {
			field = fields[n]
		}
		if err := appendValue(&v.Fields[n], t.Elem(n), i, field); err != nil {
			return err
		}
	}
	return nil
}
