package iceberg

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Clustering describes how rows lie by a column, as the manifests say it of whole data files: tables that are written in the order of a column, or
// partitioned by it, are in the order of their files.
func (c *Connector) Clustering(ctx context.Context, scan connector.Scan, column string) (connector.Clustering, bool, error) {
	tasks, field, _, err := c.clustered(ctx, scan, column)
	if err != nil || field == nil {
		return connector.Clustering{}, false, err
	}
	var pieces []connector.Piece
	for i := range tasks {
		low, high, ok := valuesIn(tasks[i].File, field)
		if !ok {
			return connector.Clustering{}, false, nil
		}
		if low != nil {
			pieces = append(pieces, connector.Piece{Low: *low, High: *high, Rows: tasks[i].File.Count(), Bytes: bytesOf(&tasks[i])})
		}
	}
	return connector.ClusteringOf(pieces), true, nil
}

// RangeSplits gives each range the files that may have rows of it.
func (c *Connector) RangeSplits(ctx context.Context, scan connector.Scan, r connector.Ranges) (connector.SplitSource, error) {
	tasks, field, t, err := c.clustered(ctx, scan, r.Column)
	if err != nil {
		return nil, err
	}
	if len(tasks) == 0 {
		return &splitSource{}, nil
	}
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	whole, err := splitsOf(tasks, t, h)
	if err != nil {
		return nil, err
	}
	src := &splitSource{}
	for i, sp := range whole.splits {
		first, last := rangesOf(tasks[i].File, field, r)
		for n := first; n <= last; n++ {
			sp.Group, sp.Within = n+1, r.Within(n)
			src.splits = append(src.splits, sp)
		}
	}
	slices.SortStableFunc(src.splits, func(a, b connector.Split) int { return cmp.Compare(a.Group, b.Group) })
	return src, nil
}

// clustered plans the files of a scan, and finds the field of a column of which manifests tell the values; nil when there is none.
func (c *Connector) clustered(ctx context.Context, scan connector.Scan, column string) ([]table.FileScanTask, *iceberg.NestedField, *table.Table, error) {
	h, err := readHandle(scan.Handle)
	if err != nil || h.Metadata != "" || nothing(scan.Constraint) {
		return nil, nil, nil, err
	}
	tasks, t, err := c.plan(ctx, h, scan.Constraint)
	if err != nil {
		return nil, nil, nil, err
	}
	at := slices.IndexFunc(scan.Columns, func(col connector.Column) bool { return col.Name == column && col.Base == "" })
	if at >= 0 {
		if f, found := h.Schema.FindFieldByNameCaseInsensitive(column); found {
			return tasks, &f, t, nil
		}
	}
	return tasks, nil, t, nil
}

// bytesOf is how much of a file a task reads.
func bytesOf(t *table.FileScanTask) int64 {
	if t.Length > 0 {
		return t.Length
	}
	return t.File.FileSizeBytes()
}

// valuesIn returns the smallest and largest value of a field in a file; nil when all are NULL, false when they are not known.
func valuesIn(f iceberg.DataFile, field *iceberg.NestedField) (low, high *int64, ok bool) {
	if n, counted := f.NullValueCounts()[field.ID]; counted && n == f.Count() {
		return nil, nil, true
	}
	l, ok1 := rangeValue(field.Type, f.LowerBoundValues()[field.ID])
	h, ok2 := rangeValue(field.Type, f.UpperBoundValues()[field.ID])
	return &l, &h, ok1 && ok2
}

// rangeValue is a bound of a whole number or day.
func rangeValue(t iceberg.Type, raw []byte) (int64, bool) {
	if raw == nil {
		return 0, false
	}
	lit, err := iceberg.LiteralFromBytes(t, raw)
	if err != nil {
		return 0, false
	}
	switch v := lit.Any().(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case iceberg.Date:
		return int64(v), true
	}
	return 0, false
}

// rangesOf returns the first and the last range that a file can have rows of.
func rangesOf(f iceberg.DataFile, field *iceberg.NestedField, r connector.Ranges) (first, last int) {
	if field == nil {
		return 0, r.Count() - 1
	}
	low, high, ok := valuesIn(f, field)
	if !ok {
		return 0, r.Count() - 1
	}
	if low != nil {
		first, last = r.Index(*low), r.Index(*high)
	}
	if n, counted := f.NullValueCounts()[field.ID]; !counted || n != 0 { // NULL is in the first
		first = 0
	}
	return first, last
}
