package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Source names the files of splits, and the rows in them that are no more.
func (c *Connector) Source(ctx context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	if h.Metadata != "" {
		return c.metadataSource(ctx, h, scan)
	}
	r := &reader{c: c, handle: h, scan: scan, deletes: newDeletes(c.storage.files, h)}
	parts := make([]lake.Part, 0, len(splits))
	for _, sp := range splits {
		var s split
		if err := json.Unmarshal(sp.Handle, &s); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.SerializationError, "split of %s", scan.Table)
		}
		f, err := r.read(ctx, &s)
		if err != nil {
			return connector.Source{}, err
		}
		parts = append(parts, lake.Part{File: *f, Size: s.Size})
	}
	return kind.Fetch(ctx, c.storage.files, parts)
}

// kind is how errors about files are called.
var kind = lake.Kind{Name: "Iceberg", CannotOpen: trinoerr.IcebergCannotOpenSplit, BadData: trinoerr.IcebergBadData}

// reader makes files of splits.
type reader struct {
	c       *Connector
	handle  *handle
	scan    connector.Scan
	deletes *deletes
	// open is the file of the last split: those of one file follow each other.
	open *dataFile
}

// dataFile is a Parquet file whose footer has been read.
type dataFile struct {
	location string
	file     *parquet.File
	columns  []connector.FileColumn
	layout   string
	deleted  []int64
}

// read is the file of a split, with the rows whose row groups begin in its range.
func (r *reader) read(ctx context.Context, s *split) (*connector.File, error) {
	if r.open == nil || r.open.location != s.Path {
		d, err := r.openFile(ctx, s)
		if err != nil {
			return nil, err
		}
		r.open = d
	}
	d := r.open
	f := &connector.File{Path: s.Path, Layout: d.layout, Columns: d.columns, Rows: d.file.NumRows()}
	if s.Length > 0 {
		f.FirstRow, f.EndRow = rowRange(d.file, s.Start, s.Start+s.Length)
		switch {
		case f.FirstRow == f.EndRow: // none: a range that is after the end
			f.FirstRow, f.EndRow = f.Rows, f.Rows+1
		case f.FirstRow == 0 && f.EndRow == f.Rows:
			f.EndRow = 0
		}
	}
	f.Deleted = within(d.deleted, f.FirstRow, f.EndRow)
	return f, nil
}

// openFile reads the footer of a split's file and finds the columns of the scan.
func (r *reader) openFile(ctx context.Context, s *split) (*dataFile, error) {
	file, err := openParquet(ctx, r.c.storage.files, s.Path, s.Size)
	if err != nil {
		return nil, err
	}
	d := &dataFile{location: s.Path, file: file, columns: make([]connector.FileColumn, len(r.scan.Columns))}
	m := newMapping(s.Path, file.Root(), r.handle.Mapping)
	top := make([]*parquet.Column, len(r.scan.Columns))
	for i, col := range r.scan.Columns {
		if d.columns[i], top[i], err = r.column(ctx, m, s, col); err != nil {
			return nil, err
		}
	}
	d.layout = layout(top)
	d.deleted, err = r.deletes.rows(ctx, s, file, m)
	return d, err
}

// column says where a column of the scan comes from.
func (r *reader) column(ctx context.Context, m *mapping, s *split, col connector.Column) (connector.FileColumn, *parquet.Column, error) {
	constant := func(v any) (connector.FileColumn, *parquet.Column, error) {
		return connector.FileColumn{Constant: v}, nil, nil
	}
	switch col.Name {
	case pathColumn, rowFile:
		return constant(s.Path)
	case rowPosition:
		return connector.FileColumn{RowNumber: true}, nil, nil
	case partitionColumn:
		return constant(s.Partition)
	case modifiedColumn:
		e, err := r.c.storage.files.Stat(ctx, s.Path)
		if err != nil {
			return connector.FileColumn{}, nil, openError(err, s.Path)
		}
		return constant(types.TimestampTZValue{EpochMillis: e.Modified.UnixMilli(), Zone: "UTC"})
	}
	name := col.Name
	if col.Base != "" {
		name = col.Base
	}
	field, found := r.handle.Schema.FindFieldByNameCaseInsensitive(name)
	if !found {
		return connector.FileColumn{}, nil, trinoerr.New(trinoerr.GenericInternalError, "table %s has no column %s", r.scan.Table, name)
	}
	if col.Base != "" {
		return m.inner(field, col.Fields)
	}
	out, c, err := m.column(m.root, field)
	if c == nil {
		// Partitioning by a column as it is spares the file the column.
		if raw, ok := s.Identity[field.ID]; ok {
			out.Constant, err = deserialized(field.Type, col.Type, raw)
			err = trinoerr.Wrap(err, trinoerr.IcebergInvalidPartitionValue, "value of column %s of %s", name, s.Path)
		}
	}
	return out, c, err
}

// inner says where a field within a column is.
func (m *mapping) inner(field iceberg.NestedField, path []int) (connector.FileColumn, *parquet.Column, error) {
	top := m.find(m.root, field.ID)
	if top == nil {
		return connector.FileColumn{}, nil, nil
	}
	out := connector.FileColumn{Name: top.Name()}
	at := top
	for n, i := range path {
		row, ok := field.Type.(*iceberg.StructType)
		if !ok || i >= len(row.FieldList) {
			return out, nil, m.bad(at, field.Type)
		}
		field = row.FieldList[i]
		found, c, err := m.column(at, field)
		if c == nil || err != nil {
			if n < len(path)-1 {
				found.Constant = nil
			}
			return found, nil, err
		}
		out.Fields = append(out.Fields, c.Name())
		out.Shape, out.FractionDigits = found.Shape, found.FractionDigits
		at = c
	}
	return out, top, nil
}

// rowRange is the rows of the row groups that begin between two offsets of a file.
func rowRange(f *parquet.File, start, end int64) (first, last int64) {
	row := int64(0)
	begun := false
	for _, g := range f.Metadata().RowGroups {
		offset := int64(4)
		if len(g.Columns) > 0 {
			m := g.Columns[0].MetaData
			offset = m.DataPageOffset
			if d := m.DictionaryPageOffset; d > 0 && d < offset {
				offset = d
			}
		}
		if offset >= start && offset < end {
			if !begun {
				first, begun = row, true
			}
			last = row + g.NumRows
		}
		row += g.NumRows
	}
	return first, last
}

// within are the numbers in a range; end 0 is open.
func within(rows []int64, first, end int64) []int64 {
	from, _ := slices.BinarySearch(rows, first)
	to := len(rows)
	if end > 0 {
		to, _ = slices.BinarySearch(rows, end)
	}
	return rows[from:max(from, to)]
}

// openParquet reads the footer of a Parquet file.
func openParquet(ctx context.Context, files filesystem.FileSystem, location string, size int64) (*parquet.File, error) {
	f, err := parquet.OpenFile(&file{io: &fileIO{ctx: ctx, files: files}, name: location, entry: filesystem.Entry{Location: location, Size: size}}, size,
		parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.OptimisticRead(true))
	if err != nil {
		return nil, openError(err, location)
	}
	return f, nil
}

// openError words why a file cannot be read.
func openError(err error, location string) error {
	var typed *trinoerr.Error
	switch {
	case errors.Is(err, filesystem.ErrNotFound) || strings.Contains(err.Error(), "file does not exist"):
		return trinoerr.Wrap(err, trinoerr.IcebergCannotOpenSplit, "Error opening Iceberg split %s: there is no such file", location)
	case errors.As(err, &typed):
		return err
	}
	return trinoerr.Wrap(err, trinoerr.IcebergBadData, "Malformed Parquet file %s", location)
}
