package tpcds

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpcds/dsdgen"
)

// partitionRows is the size of what one reader reads: large against the cost of placing the streams at its first row, small
// enough that a task's threads finish together.
const partitionRows = 65_536

// batchRows is how many rows are generated at a time.
const batchRows = 2048

// source generates splits.
type source struct {
	handle  handle
	table   *dsdgen.Table
	columns []int // of the scan, by position in the table
	parts   []split
}

// Source opens splits. Each is cut further into ranges for parallel readers.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{handle: h, table: h.table()}
	for _, col := range scan.Columns {
		i, err := position(s.table, col.Name)
		if err != nil {
			return connector.Source{}, err
		}
		s.columns = append(s.columns, i)
	}
	step := int64(partitionRows / max(1, s.table.RowsPerUnit()))
	for _, sp := range splits {
		var part split
		if err := json.Unmarshal(sp.Handle, &part); err != nil {
			return connector.Source{}, fmt.Errorf("split of %s: %w", scan.Table, err)
		}
		for done := int64(0); done < part.Count; done += step {
			s.parts = append(s.parts, split{First: part.First + done, Count: min(step, part.Count-done)})
		}
	}
	return connector.Source{Batches: s}, nil
}

// Partitions is how many ranges there are.
func (s *source) Partitions() int { return len(s.parts) }

// Open starts generating a range.
func (s *source) Open(_ context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &reader{kinds: make([]dsdgen.Kind, len(projection)), nulls: make([]int, len(projection))}
	for i, p := range projection {
		r.columns = append(r.columns, s.columns[p])
		r.kinds[i] = s.table.Columns[s.columns[p]].Kind
	}
	part := s.parts[partition]
	var err error
	r.generator, err = dsdgen.New(s.table, s.handle.Scale, s.handle.options(), part.First, part.Count, r.columns)
	return r, err
}

// reader hands out generated batches. Only whole units are generated at a time, so it may have to hand out a batch in
// pieces when less is asked for.
type reader struct {
	generator *dsdgen.Generator
	columns   []int
	kinds     []dsdgen.Kind
	batch     dsdgen.Batch
	next      int   // rows of batch that have been handed out
	nulls     []int // of each column, how many of its NULLs
	valid     [][]uint64
}

// Next fills b with at most limit rows.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	if r.next == r.batch.Rows {
		r.next = 0
		clear(r.nulls)
		if !r.generator.Next(&r.batch, max(min(limit, batchRows), dsdgen.MaxUnitRows)) {
			b.Rows = 0
			return 0, nil
		}
	}
	from := r.next
	to := min(from+limit, r.batch.Rows)
	r.next = to
	b.Rows = to - from
	b.Columns = b.Columns[:0]
	for i, column := range r.columns {
		b.Columns = append(b.Columns, r.vector(i, &r.batch.Columns[column], from, to))
	}
	return b.Rows, nil
}

// vector returns rows of a generated column, in place.
func (r *reader) vector(i int, v *dsdgen.Vector, from, to int) connector.Vector {
	var out connector.Vector
	switch r.kinds[i] {
	case dsdgen.Char, dsdgen.Varchar:
		out = connector.Vector{Offsets: v.Offsets[from : to+1], Data: v.Data}
	case dsdgen.Integer, dsdgen.Date:
		out = connector.Vector{I32: v.I32[from:to]}
	default:
		out = connector.Vector{I64: v.I64[from:to]}
	}
	if len(r.valid) <= i {
		r.valid = append(r.valid, nil)
	}
	out.Valid = r.valid[i][:0]
	for ; r.nulls[i] < len(v.Nulls) && int(v.Nulls[r.nulls[i]]) < to; r.nulls[i]++ {
		out.SetNull(int(v.Nulls[r.nulls[i]])-from, to-from)
	}
	r.valid[i] = out.Valid
	return out
}

// Close does nothing: a reader holds memory only.
func (r *reader) Close() error { return nil }
