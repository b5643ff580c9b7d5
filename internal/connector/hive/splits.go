package hive

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// split is a file, or a range of its rows, with all that a task needs to read it.
type split struct {
	Path string `json:"path"`
	// First and End delimit the rows, of Rows in all; they are zero for the whole file.
	First int64 `json:"first,omitempty"`
	End   int64 `json:"end,omitempty"`
	Rows  int64 `json:"rows,omitempty"`
	// Layout says which types the file's columns have.
	Layout string `json:"layout"`
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
	// Digits is the precision of the file's timestamps, zero when there are none.
	Digits int `json:"digits,omitempty"`
}

// Splits lists the files that a constraint leaves, and cuts the large ones.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return nil, err
	}
	src := &splitSource{}
	for _, p := range parts {
		for i := range p.files {
			if err := c.cut(src, t, p, &p.files[i], scan); err != nil {
				return nil, err
			}
		}
	}
	return src, nil
}

// scan lists the table partitions and files of a scan.
func (c *Connector) scan(ctx context.Context, scan connector.Scan) (*table, []*partition, error) {
	var h handle
	if err := json.Unmarshal(scan.Handle, &h); err != nil {
		return nil, nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of %s", scan.Table)
	}
	t, err := c.existing(h.Name)
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
	return t, parts, c.list(ctx, parts)
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
	columns       []fileColumn // that are read
	constrained   []fileColumn // of the whole table, and fields
	prototype     split
	maxSplitBytes int64
}

func (c *Connector) cutter(t *table, p *partition, f *dataFile, columns []connector.Column) (*cutter, error) {
	k := &cutter{file: f, columns: c.fileColumns(t, f.footer, columns), constrained: c.fileColumns(t, f.footer, constrainable(t, columns)), maxSplitBytes: c.maxSplitBytes}
	k.prototype = split{Path: f.path, Layout: layout(k.columns)}
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
	var run splitRun
	first := int64(0)
	for i := range k.file.footer.groups {
		g := &k.file.footer.groups[i]
		if g.rows > 0 && g.satisfies(k.constrained, constraint) {
			if run.end != first || run.fileBytes > 0 && run.fileBytes+g.bytes > k.maxSplitBytes {
				run.flush(src, k.file, k.prototype)
			}
			run.add(g, first, k.columns)
		}
		first += g.rows
	}
	run.flush(src, k.file, k.prototype)
}

// layout describes the types of columns in a file.
func layout(columns []fileColumn) string {
	var b strings.Builder
	for _, c := range columns {
		if c.field == nil {
			continue
		}
		schema := c.top.schema
		for i := range schema {
			e := &schema[i]
			fmt.Fprintf(&b, "%d.%d.%d.%d", e.Type.V, converted(e), e.Scale.V, timestampDigits(e))
			if i > 0 { // DuckDB takes the fields of a row to be those of the first file
				fmt.Fprintf(&b, "%q", e.Name)
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}

// onFiles are the parts of a constraint that are about some columns of files.
func onFiles(columns []fileColumn, constraint []connector.Domain) (out []connector.Domain) {
	for _, d := range constraint {
		if slices.ContainsFunc(columns, func(c fileColumn) bool { return c.column.Name == d.Column }) {
			out = append(out, d)
		}
	}
	return out
}

// splitRun is a run of neighbouring row groups that become one split.
type splitRun struct {
	first, end int64
	bytes      int64 // of the columns that are read
	fileBytes  int64
}

func (r *splitRun) add(g *rowGroup, first int64, columns []fileColumn) {
	if r.end == 0 {
		r.first = first
	}
	r.end = first + g.rows
	r.fileBytes += g.bytes
	r.bytes += g.bytesOf(columns)
}

// flush makes a split of the run and begins another.
func (r *splitRun) flush(src *splitSource, f *dataFile, s split) {
	if rows := r.end - r.first; rows > 0 {
		if rows < f.footer.rows {
			s.First, s.End, s.Rows = r.first, r.end, f.footer.rows
		}
		src.add(s, rows, r.bytes)
	}
	*r = splitRun{}
}

// sourceOf says where the values of a column come from.
func sourceOf(t *table, p *partition, f *dataFile, c fileColumn) (splitColumn, error) {
	if c.field != nil {
		if err := readableAs(c); err != nil {
			return splitColumn{}, err
		}
		s := splitColumn{Name: c.top.name, Fields: c.path}
		for i := range c.field.schema {
			e := &c.field.schema[i]
			if e.Type.Valid && e.Type.V == format.Int96 {
				s.Digits = max(s.Digits, 6) // which is what DuckDB reads of them
			} else {
				s.Digits = max(s.Digits, timestampDigits(e))
			}
		}
		return s, nil
	}
	if c.column.Base != "" {
		return splitColumn{}, nil // a field that the file lacks
	}
	text := func(s string) (splitColumn, error) { return splitColumn{Value: &s}, nil }
	switch c.column.Name {
	case pathColumn:
		return text(f.location)
	case sizeColumn:
		return text(types.Text(c.column.Type, f.size))
	case modifiedColumn:
		return text(types.Text(types.TimestampP(3), types.TimestampValue{EpochMicros: f.modified.UnixMilli() * 1000}))
	case partitionColumn:
		return text(p.name)
	}
	for i, col := range t.partitionColumns {
		if col.Name == c.column.Name && p.values[i] != nil {
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
