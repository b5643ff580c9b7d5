package system

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// source renders the rows that splits carry; each split is a partition.
type source struct {
	columns []connector.Column
	splits  []connector.Split
}

// Source opens splits.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	return connector.Source{Batches: &source{columns: scan.Columns, splits: splits}}, nil
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.splits) }

// Open reads the rows of a split.
func (s *source) Open(_ context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &reader{projection: projection, columns: s.columns}
	d := json.NewDecoder(bytes.NewReader(s.splits[partition].Handle))
	d.UseNumber()
	if err := d.Decode(&r.rows); err != nil {
		return nil, fmt.Errorf("split of a system table: %w", err)
	}
	return r, nil
}

type reader struct {
	columns    []connector.Column
	projection []int
	rows       [][]any
}

// Next fills b with at most limit rows.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	n := min(limit, len(r.rows))
	b.Rows = n
	b.Columns = make([]connector.Vector, len(r.projection))
	for i, p := range r.projection {
		for row := range n {
			if err := put(&b.Columns[i], r.columns[p].Type, r.rows[row][p], row, n); err != nil {
				return 0, fmt.Errorf("column %s: %w", r.columns[p].Name, err)
			}
		}
	}
	r.rows = r.rows[n:]
	return n, nil
}

// put sets value i of n of a vector.
func put(v *connector.Vector, t types.Type, value any, i, n int) error {
	if value == nil {
		v.SetNull(i, n)
	}
	switch t.Kind {
	case types.Varchar:
		s, _ := value.(string)
		v.AppendBytes([]byte(s))
	case types.Boolean:
		var x int8
		if value == true {
			x = 1
		}
		v.I8 = append(v.I8, x)
	case types.BigInt, types.TimestampTZ:
		var x int64
		if number, ok := value.(json.Number); ok {
			var err error
			if x, err = number.Int64(); err != nil {
				return err
			}
		}
		v.I64 = append(v.I64, x)
	case types.Array:
		list, _ := value.([]any)
		if v.Items == nil {
			v.Items, v.Offsets = new(connector.Vector), []uint32{0}
		}
		for _, item := range list {
			s, _ := item.(string) // arrays are of texts without NULL
			v.Items.AppendBytes([]byte(s))
		}
		v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(len(list)))
	default:
		return fmt.Errorf("values of type %s are not carried", t)
	}
	return nil
}

// Close does nothing: a reader holds memory only.
func (r *reader) Close() error { return nil }
