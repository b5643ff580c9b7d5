package tpch

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch/dbgen"
)

// partitionRows is the size of what one reader reads: large against the cost of placing the streams at its first row, small
// enough that a task's threads finish together.
const partitionRows = 65_536

// batchRows is how many rows are generated at a time.
const batchRows = 2048

// source generates splits.
type source struct {
	table   *dbgen.Table
	scale   float64
	columns []sourceColumn
	parts   []split
}

// sourceColumn is a column of the scan.
type sourceColumn struct {
	position int
	// double says that hundredths are to become a double.
	double bool
	kind   dbgen.Kind
}

// Source opens splits. Each is cut further into ranges for parallel readers.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{table: h.table(), scale: h.Scale}
	for _, col := range scan.Columns {
		i, err := c.position(s.table, col.Name)
		if err != nil {
			return connector.Source{}, err
		}
		sc := sourceColumn{position: i}
		if i != dbgen.RowNumber {
			sc.kind = s.table.Columns[i].Kind
			sc.double = sc.kind == dbgen.Money && !c.decimals
		}
		s.columns = append(s.columns, sc)
	}
	step := int64(partitionRows / s.table.RowsPerUnit())
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
	r := new(reader)
	positions := make([]int, len(projection))
	for i, p := range projection {
		r.columns = append(r.columns, s.columns[p])
		positions[i] = s.columns[p].position
	}
	part := s.parts[partition]
	var err error
	r.generator, err = dbgen.New(s.table, s.scale, part.First, part.Count, positions)
	r.doubles = make([][]float64, len(projection))
	return r, err
}

// reader hands out generated batches. Only whole units are generated at a time, so it may have to hand out a batch in
// pieces when less is asked for.
type reader struct {
	generator *dbgen.Generator
	columns   []sourceColumn
	batch     dbgen.Batch
	doubles   [][]float64
	next      int // rows of batch that have been handed out
}

// Next fills b with at most limit rows.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	if r.next == r.batch.Rows {
		r.next = 0
		if !r.generator.Next(&r.batch, max(min(limit, batchRows), dbgen.MinRows)) {
			b.Rows = 0
			return 0, nil
		}
		r.convert()
	}
	from := r.next
	to := min(from+limit, r.batch.Rows)
	r.next = to
	b.Rows = to - from
	b.Columns = b.Columns[:0]
	for i, col := range r.columns {
		b.Columns = append(b.Columns, vector(col, r.batch.Columns[i], r.doubles[i], from, to))
	}
	return b.Rows, nil
}

// convert makes doubles of amounts.
func (r *reader) convert() {
	for i, col := range r.columns {
		if !col.double {
			continue
		}
		d := r.doubles[i][:0]
		for _, hundredths := range r.batch.Columns[i].I64 {
			d = append(d, float64(hundredths)/100)
		}
		r.doubles[i] = d
	}
}

// vector returns rows of a generated column, in place.
func vector(col sourceColumn, v dbgen.Vector, doubles []float64, from, to int) connector.Vector {
	switch {
	case col.double:
		return connector.Vector{F64: doubles[from:to]}
	case col.kind == dbgen.Text:
		return connector.Vector{Offsets: v.Offsets[from : to+1], Data: v.Data}
	case col.kind == dbgen.Integer || col.kind == dbgen.Date:
		return connector.Vector{I32: v.I32[from:to]}
	}
	return connector.Vector{I64: v.I64[from:to]}
}

// Close does nothing: a reader holds memory only.
func (r *reader) Close() error { return nil }
