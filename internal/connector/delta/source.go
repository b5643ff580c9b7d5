package delta

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// ReadsFields says that fields of rows can be read alone: they are columns of their own in Parquet.
func (c *Connector) ReadsFields() {}

// Source finds the columns of a scan in the files of splits.
func (c *Connector) Source(ctx context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle, scan.Table)
	if err != nil {
		return connector.Source{}, err
	}
	all := make([]split, len(splits))
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &all[i]); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of %s", scan.Table)
		}
	}
	if h.Part != "" {
		return connector.Source{Batches: &partSource{columns: scan.Columns, splits: all}}, nil
	}
	l, err := h.layout()
	if err != nil {
		return connector.Source{}, failure(err, h.Name)
	}
	log := &deltalog.Log{Files: c.files, Location: h.Location}
	parts := make([]lake.Part, len(all))
	for i := range all {
		if parts[i], err = c.part(ctx, h, &l, log, scan.Columns, &all[i]); err != nil {
			return connector.Source{}, failure(err, h.Name)
		}
	}
	return kind.Fetch(ctx, c.files, parts)
}

// part is what a split reads of a file.
func (c *Connector) part(ctx context.Context, h *handle, l *layout, log *deltalog.Log, columns []connector.Column, s *split) (lake.Part, error) {
	p := lake.Part{Size: s.Size, File: connector.File{Path: s.Location, FirstRow: s.First, EndRow: s.End, Columns: make([]connector.FileColumn, len(columns))}}
	foot, err := c.footers.Get(ctx, lake.File{Location: s.Location, Size: s.Size})
	if err != nil {
		return p, err
	}
	p.Rows = foot.Rows
	if s.Deleted != nil {
		if p.Deleted, err = log.ReadVector(ctx, s.Deleted, foot.Rows); err != nil {
			return p, err
		}
		if s.End > 0 {
			from, _ := slices.BinarySearch(p.Deleted, s.First)
			to, _ := slices.BinarySearch(p.Deleted, s.End)
			p.Deleted = p.Deleted[from:to]
		}
	}
	var found []lake.Column
	for i, col := range columns {
		base := l.base(col)
		switch {
		case base == nil:
			p.Columns[i], err = s.hidden(col)
		case base.partition:
			p.Columns[i].Constant, err = partitionValue(base.Type, s.Partition[base.physical])
		default:
			in := foot.Find(col, base.match(h.Mode))
			found = append(found, in)
			p.Columns[i], err = in.Source()
		}
		if err != nil {
			return p, err
		}
	}
	p.Layout = lake.Layout(found)
	return p, nil
}

// hidden is the value of a column that no file has.
func (s *split) hidden(c connector.Column) (connector.FileColumn, error) {
	switch c.Name {
	case pathColumn:
		return connector.FileColumn{Constant: s.Location}, nil
	case sizeColumn:
		return connector.FileColumn{Constant: s.Size}, nil
	case modifiedColumn:
		return connector.FileColumn{Constant: types.TimestampTZValue{EpochMillis: s.Modified, Zone: "UTC"}}, nil
	case fileColumn:
		return connector.FileColumn{Constant: s.File}, nil
	case rowColumn:
		return connector.FileColumn{RowNumber: true}, nil
	}
	return connector.FileColumn{}, trinoerr.New(trinoerr.GenericInternalError, "there is no column %s", c.Name)
}
