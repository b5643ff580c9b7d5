package tpch

import (
	"context"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch/dbgen"
)

// Clustering describes the order in which rows are generated, that of the table's key. They can be cut anywhere.
func (c *Connector) Clustering(_ context.Context, scan connector.Scan, column string) (connector.Clustering, bool, error) {
	h, err := readHandle(scan)
	if err != nil {
		return connector.Clustering{}, false, err
	}
	t := h.table()
	if t.Columns[0].Kind != dbgen.Key || c.columnName(t.Columns[0]) != column {
		return connector.Clustering{}, false, nil
	}
	first, count := c.narrow(t, h.Scale, scan.Constraint)
	out := connector.Clustering{Pieces: math.MaxInt32, Bytes: float64(count) * float64(t.RowsPerUnit()) * c.rowBytes(t, scan.Columns)}
	parts := splitSource{count: count, parts: min(count, connector.MaxBounds)}
	for i := int64(1); i < parts.parts; i++ {
		out.Bounds = append(out.Bounds, t.Key(first+parts.at(i)))
	}
	return out, true, nil
}

// RangeSplits cuts each range of the key into splits.
func (c *Connector) RangeSplits(_ context.Context, scan connector.Scan, r connector.Ranges) (connector.SplitSource, error) {
	h, err := readHandle(scan)
	if err != nil {
		return nil, err
	}
	t := h.table()
	out := &rangeSource{}
	for i := range r.Count() {
		w := r.Within(i)
		within := scan
		within.Constraint = append(slices.Clone(scan.Constraint), w.Domain(scan.Columns[slices.IndexFunc(scan.Columns,
			func(col connector.Column) bool { return col.Name == r.Column })].Type))
		splits, err := c.cut(t, h.Scale, within)
		if err != nil {
			return nil, err
		}
		out.ranges = append(out.ranges, oneRange{splits, i + 1, w})
	}
	return out, nil
}

// rangeSource hands out the splits of one range after the other.
type rangeSource struct{ ranges []oneRange }

type oneRange struct {
	splits *splitSource
	number int
	within *connector.Within
}

// Next implements connector.SplitSource.
func (s *rangeSource) Next(ctx context.Context, limit int) ([]connector.Split, error) {
	for ; len(s.ranges) > 0; s.ranges = s.ranges[1:] {
		r := s.ranges[0]
		out, err := r.splits.Next(ctx, limit)
		if err != nil || len(out) > 0 {
			for i := range out {
				out[i].Group, out[i].Within = r.number, r.within
			}
			return out, err
		}
	}
	return nil, nil
}

// Close implements connector.SplitSource.
func (s *rangeSource) Close() error { return nil }
