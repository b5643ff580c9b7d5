package faker

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// splitRows is how many rows a split has.
const splitRows = 131_072

// split is a range of rows.
type split struct {
	First int64 `json:"first"`
	Count int64 `json:"count"`
}

// Splits cuts the rows into ranges.
func (c *Connector) Splits(_ context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	return &splitSource{rows: h.Rows}, err
}

type splitSource struct{ rows, next int64 }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	var out []connector.Split
	for s.next < s.rows && len(out) < limit {
		part := split{s.next, min(splitRows, s.rows-s.next)}
		raw, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Split{Handle: raw, Rows: part.Count})
		s.next += part.Count
	}
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }

// source reads splits, one by one.
type source struct {
	table   connector.SchemaTable
	columns []column
	parts   []split
}

// column is a column of the scan.
type column struct {
	connector.Column
	spec spec
}

// Source opens splits.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	s := &source{table: scan.Table, parts: make([]split, len(splits))}
	for _, col := range scan.Columns {
		i := slices.IndexFunc(h.Specs, func(s spec) bool { return s.Name == col.Name })
		switch {
		case i >= 0:
			s.columns = append(s.columns, column{col, h.Specs[i]})
		case col.Name == rowID:
			s.columns = append(s.columns, column{col, spec{Name: rowID, Low: "0", Step: "1"}})
		default:
			return connector.Source{}, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", col.Name)
		}
	}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.parts[i]); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a faker table")
		}
	}
	return connector.Source{Batches: s}, nil
}

// Partitions is the number of splits.
func (s *source) Partitions() int { return len(s.parts) }

// Open opens a split.
func (s *source) Open(_ context.Context, partition int, projection []int) (connector.BatchReader, error) {
	part := s.parts[partition]
	r := &reader{next: part.First, end: part.First + part.Count}
	for _, p := range projection {
		m, err := newMaker(s.table, s.columns[p])
		if err != nil {
			return nil, err
		}
		r.makers = append(r.makers, m)
	}
	return r, nil
}

// reader makes the rows of a split.
type reader struct {
	makers    []*maker
	next, end int64 // rows
}

// Next makes at most limit rows.
func (r *reader) Next(b *connector.Batch, limit int) (int, error) {
	n := int(min(r.end-r.next, int64(limit)))
	if len(b.Columns) != len(r.makers) {
		b.Columns = make([]connector.Vector, len(r.makers))
	}
	for i, m := range r.makers {
		b.Columns[i].Reset()
		m.fill(&b.Columns[i], r.next, n)
	}
	r.next += int64(n)
	b.Rows = n
	return n, nil
}

// Close does nothing.
func (r *reader) Close() error { return nil }
