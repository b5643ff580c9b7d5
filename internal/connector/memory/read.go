package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Splits are the table's files.
func (c *Connector) Splits(_ context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	c.Lock()
	defer c.Unlock()
	_, t := c.Find(h.ID)
	if t == nil {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.catalog, scan.Table)
	}
	return &splitSource{rest: t.blobs}, nil
}

type splitSource struct{ rest []blob }

// Next returns the next files.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	var out []connector.Split
	for len(s.rest) > 0 && len(out) < limit {
		b := s.rest[0]
		s.rest = s.rest[1:]
		h, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Split{Handle: h, Rows: b.Rows - b.Deleted, Bytes: b.Bytes})
	}
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }

// Source fetches files into anonymous memory, where DuckDB finds them by the name of their descriptor.
func (c *Connector) Source(ctx context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Source{}, err
	}
	var open []*os.File
	src := connector.Source{Close: func() error {
		for _, f := range open {
			f.Close()
		}
		open = nil
		return nil
	}}
	for _, sp := range splits {
		b, err := readBlob(sp)
		var f *os.File
		if err == nil {
			f, err = c.fetch(ctx, b)
		}
		if f != nil {
			open = append(open, f)
		}
		file := connector.File{Physical: true}
		if err == nil {
			file.Columns, err = fileColumns(scan, h, b)
		}
		if err == nil {
			file.Deleted, err = b.Deletes.decode()
		}
		if err != nil {
			_ = src.Close() // the first error counts
			return connector.Source{}, err
		}
		file.Path = fmt.Sprint("/proc/self/fd/", f.Fd())
		src.Files = append(src.Files, file)
	}
	return src, nil
}

// fetch copies a file into anonymous memory.
func (c *Connector) fetch(ctx context.Context, b blob) (*os.File, error) {
	data, err := c.blobs.Fetch(ctx, b.Key)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("memory-table", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "create memory file")
	}
	f := os.NewFile(uintptr(fd), "memory-table")
	_, err = f.Write(data)
	return f, trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "fill memory file")
}

func readBlob(sp connector.Split) (blob, error) {
	var b blob
	err := json.Unmarshal(sp.Handle, &b)
	return b, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a table in memory")
}

// fileColumns maps the columns of a scan to those of a file; columns that were added later are NULL.
func fileColumns(scan connector.Scan, h handle, b blob) ([]connector.FileColumn, error) {
	out := make([]connector.FileColumn, len(scan.Columns))
	names := columnNames(b.Columns)
	for i, col := range scan.Columns {
		n := slices.Index(h.Columns, cmp.Or(col.Base, col.Name))
		switch {
		case n < 0:
			from, ok := idColumn(col.Name, b)
			if !ok {
				return nil, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", col.Name)
			}
			out[i] = from
		case n < b.Columns:
			out[i] = connector.FileColumn{Name: names[n], Fields: physicalFields(col.Fields)}
		}
	}
	return out, nil
}

// physicalFields are the names that the engine gives fields by position.
func physicalFields(path []int) (names []string) {
	for _, i := range path {
		names = append(names, fmt.Sprintf("f%d", i+1))
	}
	return names
}

// ReadsFields says that fields of rows can be read alone: DuckDB reads what is asked for of a file.
func (c *Connector) ReadsFields() {}
