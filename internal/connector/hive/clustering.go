package hive

import (
	"cmp"
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
)

// Clustering describes how rows lie by a column of files, or of table partitions, as the footers say it.
func (c *Connector) Clustering(ctx context.Context, scan connector.Scan, column string) (connector.Clustering, bool, error) {
	at := slices.IndexFunc(scan.Columns, func(col connector.Column) bool { return col.Name == column })
	if at < 0 {
		return connector.Clustering{}, false, nil
	}
	if h, err := handleOf(scan); err != nil || h.About != "" {
		return connector.Clustering{}, false, err
	}
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return connector.Clustering{}, false, err
	}
	if lines.Known(t.format()) {
		return connector.Clustering{}, false, nil
	}
	var pieces []connector.Piece
	for _, p := range parts {
		for i := range p.files {
			f := p.files[i].footer
			columns, constrained := c.fileColumns(t, f, scan.Columns), c.fileColumns(t, f, constrainable(t, scan.Columns))
			constraint := onFiles(constrained, scan.Constraint)
			for g := range f.Groups {
				group := &f.Groups[g]
				if group.Rows == 0 || !group.Satisfies(constrained, constraint) {
					continue
				}
				low, high, ok := valuesIn(t, p, group, columns[at])
				if !ok {
					return connector.Clustering{}, false, nil
				}
				if low != nil {
					pieces = append(pieces, connector.Piece{Low: *low, High: *high, Rows: group.Rows, Bytes: group.BytesOf(columns)})
				}
			}
		}
	}
	return connector.ClusteringOf(pieces), true, nil
}

// valuesIn returns the smallest and largest value of a column in a row group; nil when all are NULL, false when they are not known.
func valuesIn(t *table, p *partition, g *lake.RowGroup, c lake.Column) (low, high *int64, ok bool) {
	if c.Field == nil {
		for i, col := range t.partitionColumns {
			if col.Name != c.Name {
				continue
			}
			if p.values[i] == nil {
				return nil, nil, true
			}
			n, ok := connector.RangeValue(p.values[i])
			return &n, &n, ok
		}
		return nil, nil, true // the file does not have the column
	}
	if c.Field.To-c.Field.From != 1 {
		return nil, nil, false
	}
	chunk := &g.Chunks[c.Field.From]
	if chunk.Nulls == g.Rows {
		return nil, nil, true
	}
	l, h, ok := c.Bounds(chunk)
	if !ok {
		return nil, nil, false
	}
	from, ok1 := connector.RangeValue(l)
	to, ok2 := connector.RangeValue(h)
	return &from, &to, ok1 && ok2
}

// RangeSplits cuts files at row groups, for each range those that may have rows of it.
func (c *Connector) RangeSplits(ctx context.Context, scan connector.Scan, r connector.Ranges) (connector.SplitSource, error) {
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(scan.Columns, func(col connector.Column) bool { return col.Name == r.Column })
	constraints := make([][]connector.Domain, r.Count())
	for i := range constraints {
		constraints[i] = append(slices.Clone(scan.Constraint), r.Within(i).Domain(scan.Columns[at].Type))
	}
	src := &splitSource{}
	for _, p := range parts {
		for f := range p.files {
			k, err := c.cutter(t, p, &p.files[f], scan.Columns)
			if err != nil {
				return nil, err
			}
			from, to := rangesOf(t, p, k.file.footer, k.columns[at], r)
			for i := from; i <= to; i++ {
				if src.group, src.within = i+1, r.Within(i); p.satisfies(t, constraints[i]) {
					k.cut(src, onFiles(k.constrained, constraints[i]))
				}
			}
		}
	}
	slices.SortStableFunc(src.splits, func(a, b connector.Split) int { return cmp.Compare(a.Group, b.Group) })
	return src, src.err
}

// rangesOf returns the first and the last range that a file can have rows of.
func rangesOf(t *table, p *partition, f *lake.Footer, c lake.Column, r connector.Ranges) (first, last int) {
	first = r.Count() - 1
	for g := range f.Groups {
		low, high, ok := valuesIn(t, p, &f.Groups[g], c)
		if !ok {
			return 0, r.Count() - 1
		}
		if low == nil || c.Field == nil || f.Groups[g].Chunks[c.Field.From].Nulls != 0 { // NULL is in the first
			first = 0
		}
		if low != nil {
			first, last = min(first, r.Index(*low)), max(last, r.Index(*high))
		}
	}
	return first, last
}
