package hive

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// split is a file, or a range of its rows, with all that a task needs to read it.
type split struct {
	Location string `json:"location"`
	// Size is that of the whole file.
	Size int64 `json:"size"`
	// First and End delimit the rows, of Rows in all; they are zero for the whole file.
	First int64 `json:"first,omitempty"`
	End   int64 `json:"end,omitempty"`
	Rows  int64 `json:"rows,omitempty"`
	// From and To delimit the bytes of a file of lines.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// Layout says which types the file's columns have.
	Layout string `json:"layout,omitempty"`
	// Columns are those of the scan, in order.
	Columns []splitColumn `json:"columns"`
}

// splitColumn says where a column of a scan comes from: from the file's column Name, or else it is Value, which is NULL when
// nil.
type splitColumn struct {
	Name  string  `json:"name,omitempty"`
	Value *string `json:"value,omitempty"`
	// Fields are the names of the fields to go down.
	Fields []string `json:"fields,omitempty"`
	// Shape says what the parts of the type are in the file, where they are not as the type says.
	Shape *connector.FileShape `json:"shape,omitempty"`
	// Digits is the precision of the file's timestamps, zero when there are none.
	Digits int `json:"digits,omitempty"`
}

// Splits lists the files that a constraint leaves, and cuts the large ones.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	if about, err := c.splitsAbout(ctx, scan); about != nil || err != nil {
		return about, err
	}
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return nil, err
	}
	f, err := t.lineFormat()
	if err != nil {
		return nil, err
	}
	src := &splitSource{}
	for _, p := range parts {
		for i := range p.files {
			if f != nil {
				err = c.cutLines(src, t, f, p, &p.files[i], scan)
			} else {
				err = c.cut(src, t, p, &p.files[i], scan)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return src, nil
}

// scan lists the table partitions and files of a scan.
func (c *Connector) scan(ctx context.Context, scan connector.Scan) (*table, []*partition, error) {
	h, err := handleOf(scan)
	if err != nil {
		return nil, nil, err
	}
	t, err := c.existing(ctx, h.Name)
	if err != nil {
		return nil, nil, err
	}
	if err := t.readable(); err != nil {
		return nil, nil, err
	}
	parts, err := c.partitions(ctx, t, scan.Constraint)
	if err != nil {
		return nil, nil, err
	}
	if err := c.listDirectories(ctx, parts); err != nil {
		return nil, nil, err
	}
	if err := t.chooseBuckets(parts, scan); err != nil || lines.Known(t.format()) {
		return t, parts, err
	}
	return t, parts, c.readFooters(ctx, parts)
}

// cut makes splits of a file.
func (c *Connector) cut(src *splitSource, t *table, p *partition, f *dataFile, scan connector.Scan) error {
	k, err := c.cutter(t, p, f, scan.Columns)
	if err != nil {
		return err
	}
	k.cut(src, onFiles(k.constrained, scan.Constraint))
	return src.err
}

// cutter cuts a file.
type cutter struct {
	file          *dataFile
	columns       []lake.Column // that are read
	constrained   []lake.Column // of the whole table, and fields
	prototype     split
	maxSplitBytes int64
}

func (c *Connector) cutter(t *table, p *partition, f *dataFile, columns []connector.Column) (*cutter, error) {
	k := &cutter{file: f, columns: c.fileColumns(t, f.footer, columns), constrained: c.fileColumns(t, f.footer, constrainable(t, columns)), maxSplitBytes: c.maxSplitBytes}
	k.prototype = split{Location: f.Location, Size: f.Size, Layout: lake.Layout(k.columns)}
	for _, col := range k.columns {
		s, err := sourceOf(t, p, f, col)
		if err != nil {
			return nil, err
		}
		k.prototype.Columns = append(k.prototype.Columns, s)
	}
	return k, nil
}

// cut makes splits of the row groups that may have rows which satisfy a constraint on the file's columns.
func (k *cutter) cut(src *splitSource, constraint []connector.Domain) {
	for _, p := range k.file.footer.Cut(k.columns, k.constrained, constraint, k.maxSplitBytes) {
		s := k.prototype
		if s.First, s.End = p.First, p.End; p.End > 0 {
			s.Rows = k.file.footer.Rows
		}
		src.add(s, p.Rows, p.Bytes)
	}
}

// onFiles are the parts of a constraint that are about some columns of files.
func onFiles(columns []lake.Column, constraint []connector.Domain) (out []connector.Domain) {
	for _, d := range constraint {
		if slices.ContainsFunc(columns, func(c lake.Column) bool { return c.Name == d.Column }) {
			out = append(out, d)
		}
	}
	return out
}

// sourceOf says where the values of a column come from.
func sourceOf(t *table, p *partition, f *dataFile, c lake.Column) (splitColumn, error) {
	if c.Field != nil {
		from, err := c.Source()
		return splitColumn{Name: from.Name, Fields: from.Fields, Shape: from.Shape, Digits: from.FractionDigits}, err
	}
	if c.Base != "" {
		return splitColumn{}, nil // a field that the file lacks
	}
	text := func(s string) (splitColumn, error) { return splitColumn{Value: &s}, nil }
	switch c.Name {
	case pathColumn:
		return text(f.Location)
	case sizeColumn:
		return text(types.Text(c.Type, f.Size))
	case modifiedColumn:
		return text(types.Text(types.TimestampP(3), types.TimestampValue{EpochMicros: f.Modified.UnixMilli() * 1000}))
	case partitionColumn:
		return text(p.name)
	case bucketColumn:
		return text(strconv.Itoa(f.bucket))
	}
	for i, col := range t.partitionColumns {
		if col.Name == c.Name && p.values[i] != nil {
			return text(types.Text(col.Type, p.values[i]))
		}
	}
	return splitColumn{}, nil
}

// splitSource hands out splits.
type splitSource struct {
	splits []connector.Split
	err    error
	// group and within are those of the splits that are added.
	group  int
	within *connector.Within
}

func (s *splitSource) add(sp split, rows, bytes int64) {
	h, err := json.Marshal(sp)
	if err != nil {
		s.err = err
		return
	}
	s.splits = append(s.splits, connector.Split{Handle: h, Rows: rows, Bytes: bytes, Group: s.group, Within: s.within})
}

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.splits))
	out := s.splits[:n]
	s.splits = s.splits[n:]
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }
