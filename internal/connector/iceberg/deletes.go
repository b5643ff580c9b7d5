package iceberg

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/apache/iceberg-go/table/dv"
	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Ids of the fields of position deletes.
const (
	deletePathID     = 2147483546
	deletePositionID = 2147483545
)

// deletes finds the rows of data files that are no more. It remembers what it reads of delete files that several data files share, as long as
// a source is opened and up to a bound.
type deletes struct {
	files  filesystem.FileSystem
	handle *handle

	positions map[string]map[string][]int64 // of a delete file, by data file
	keys      map[string]map[string]bool    // of an equality delete
	kept      int64
}

// maxKeptDeletes is how many rows of delete files are remembered.
const maxKeptDeletes = 4 << 20

func newDeletes(files filesystem.FileSystem, h *handle) *deletes {
	return &deletes{files: files, handle: h, positions: map[string]map[string][]int64{}, keys: map[string]map[string]bool{}}
}

// rows are the numbers of a data file's rows that are no more, ascending. m finds fields in the file.
func (d *deletes) rows(ctx context.Context, s *split, file *parquet.File, m *mapping) ([]int64, error) {
	var out []int64
	var equal []deleteFile
	vector := slices.ContainsFunc(s.Deletes, func(f deleteFile) bool { return f.Vector != nil })
	for _, f := range s.Deletes {
		var rows []int64
		var err error
		switch {
		case f.Vector != nil:
			rows, err = d.vector(ctx, f)
		case len(f.Fields) > 0:
			equal = append(equal, f)
		case !vector: // a deletion vector has all that was deleted by position
			rows, err = d.positionsOf(ctx, f, s.Path)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	for _, f := range equal {
		rows, err := d.equal(ctx, f, file, m)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// vector reads a deletion vector.
func (d *deletes) vector(ctx context.Context, f deleteFile) ([]int64, error) {
	raw := make([]byte, f.Vector.Length)
	if err := filesystem.ReadRange(ctx, d.files, f.Path, f.Vector.Offset, raw); err != nil {
		return nil, openError(err, f.Path)
	}
	bitmap, err := dv.DeserializeDV(raw, f.Rows)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.IcebergBadData, "Malformed deletion vector in %s", f.Path)
	}
	out := make([]int64, 0, bitmap.Cardinality())
	for p := range bitmap.Positions() {
		out = append(out, int64(p))
	}
	return out, nil
}

// positionsOf reads the positions that a position delete has for a data file.
func (d *deletes) positionsOf(ctx context.Context, f deleteFile, location string) ([]int64, error) {
	if byFile, ok := d.positions[f.Path]; ok {
		return byFile[location], nil
	}
	file, err := openParquet(ctx, d.files, f.Path, f.Size)
	if err != nil {
		return nil, err
	}
	m := newMapping(f.Path, file.Root(), nil)
	path, position := m.find(file.Root(), deletePathID), m.find(file.Root(), deletePositionID)
	if path == nil || position == nil {
		path, position = file.Root().Column("file_path"), file.Root().Column("pos")
	}
	if path == nil || position == nil {
		return nil, trinoerr.New(trinoerr.IcebergBadData, "Position delete file %s lacks its columns", f.Path)
	}
	keep := d.kept+f.Rows <= maxKeptDeletes
	byFile := map[string][]int64{}
	err = readRows(file, []*parquet.Column{path, position}, func(_ int64, values []parquet.Value) error {
		name := values[0].ByteArray()
		if keep || string(name) == location {
			byFile[string(name)] = append(byFile[string(name)], values[1].Int64())
		}
		return nil
	})
	if err != nil {
		return nil, openError(err, f.Path)
	}
	if keep {
		d.kept += f.Rows
		d.positions[f.Path] = byFile
	}
	return byFile[location], nil
}

// equal finds the rows of a data file that have the values of a row of an equality delete.
func (d *deletes) equal(ctx context.Context, f deleteFile, data *parquet.File, m *mapping) ([]int64, error) {
	keys, err := d.keysOf(ctx, f)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	columns, err := equalityColumns(m, f.Fields, d.handle)
	if err != nil {
		return nil, err
	}
	var out []int64
	var key []byte
	err = readRows(data, columns.leaves(), func(row int64, values []parquet.Value) error {
		if key = columns.key(key[:0], values); keys[string(key)] {
			out = append(out, row)
		}
		return nil
	})
	if err != nil {
		return nil, openError(err, m.file)
	}
	return out, nil
}

// keysOf reads the rows of an equality delete.
func (d *deletes) keysOf(ctx context.Context, f deleteFile) (map[string]bool, error) {
	if keys, ok := d.keys[f.Path]; ok {
		return keys, nil
	}
	file, err := openParquet(ctx, d.files, f.Path, f.Size)
	if err != nil {
		return nil, err
	}
	columns, err := equalityColumns(newMapping(f.Path, file.Root(), d.handle.Mapping), f.Fields, d.handle)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	var key []byte
	err = readRows(file, columns.leaves(), func(_ int64, values []parquet.Value) error {
		key = columns.key(key[:0], values)
		keys[string(key)] = true
		return nil
	})
	if err != nil {
		return nil, openError(err, f.Path)
	}
	if d.kept+f.Rows <= maxKeptDeletes {
		d.kept += f.Rows
		d.keys[f.Path] = keys
	}
	return keys, nil
}

// readBatch is how many values of a column are decoded at a time.
const readBatch = 1024

// readRows calls f for each row of a file with its values of columns that do not repeat, which may be none. The values are valid until f
// returns.
func readRows(file *parquet.File, columns []*parquet.Column, f func(row int64, values []parquet.Value) error) error {
	first := int64(0)
	for _, group := range file.RowGroups() {
		if err := readGroup(group, columns, first, f); err != nil {
			return err
		}
		first += group.NumRows()
	}
	return nil
}

func readGroup(group parquet.RowGroup, columns []*parquet.Column, first int64, f func(row int64, values []parquet.Value) error) (err error) {
	chunks := group.ColumnChunks()
	readers := make([]*columnReader, len(columns))
	for i, c := range columns {
		readers[i] = &columnReader{pages: chunks[c.Index()].Pages()}
		defer func() { err = errors.Join(err, readers[i].pages.Close()) }()
	}
	values := make([]parquet.Value, len(columns))
	for row := range group.NumRows() {
		for i, r := range readers {
			if values[i], err = r.next(); err != nil {
				return err
			}
		}
		if err := f(first+row, values); err != nil {
			return err
		}
	}
	return nil
}

// columnReader gives the values of a column chunk one by one.
type columnReader struct {
	pages  parquet.Pages
	values parquet.ValueReader
	buf    [readBatch]parquet.Value
	rest   []parquet.Value
}

func (r *columnReader) next() (parquet.Value, error) {
	for len(r.rest) == 0 {
		if r.values == nil {
			page, err := r.pages.ReadPage()
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return parquet.Value{}, err
			}
			r.values = page.Values()
		}
		n, err := r.values.ReadValues(r.buf[:])
		r.rest = r.buf[:n]
		if err == io.EOF {
			r.values = nil
		} else if err != nil {
			return parquet.Value{}, err
		}
	}
	v := r.rest[0]
	r.rest = r.rest[1:]
	return v, nil
}
