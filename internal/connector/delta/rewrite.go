package delta

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Where a table has no deletion vectors, a file of which rows are deleted is copied without them, row by row as it is: neither types nor
// names change. What is in memory of it is a row group.

const (
	copyRows   = 256
	copyBuffer = 256 << 10
)

func fileOf(location string, a *deltalog.Add) lake.File {
	return lake.File{Location: location, Size: a.Size}
}

// rewrite makes a file without some rows and changes a to it.
func (m *remover) rewrite(ctx context.Context, a *deltalog.Add, location string, deleted []int64) (err error) {
	name := "part-" + uuid.NewString() + ".parquet"
	to := filesystem.Join(m.w.dir(), name)
	out, err := m.c.files.Create(ctx, to, filesystem.CreateOptions{Durable: true})
	if err != nil {
		return err
	}
	defer out.Abort() //nolint:errcheck // after Close it does nothing
	if err := copyWithout(ctx, out, &fileRanges{ctx: ctx, files: m.c.files, location: location}, a.Size, deleted, m.w.Codec); err != nil {
		return trinoerr.Wrap(err, trinoerr.DeltaLakeBadWrite, "Unable to rewrite Parquet file %s", location)
	}
	if err := out.Close(); err != nil {
		return err
	}
	e, err := m.c.files.Stat(ctx, to)
	if err != nil {
		return err
	}
	a.Path, a.Size, a.ModificationTime = url.PathEscape(m.w.QueryID)+"/"+name, e.Size, m.now
	a.DeletionVector, a.Tags = nil, nil
	foot, err := kind.ReadFooter(ctx, m.c.files, lake.File{Location: to, Size: e.Size})
	if err != nil {
		return err
	}
	a.Stats = writtenStats(&m.t.layout, m.t.mode, foot)
	return nil
}

// parquetCodecs are the compression codecs of rewritten files.
var parquetCodecs = map[string]compress.Codec{"uncompressed": &parquet.Uncompressed, "snappy": &parquet.Snappy, "zstd": &parquet.Zstd, "gzip": &parquet.Gzip}

// copyWithout copies a Parquet file without some rows, whose numbers are ascending.
func copyWithout(ctx context.Context, to io.Writer, from io.ReaderAt, size int64, deleted []int64, codec string) (err error) {
	defer func() { // the decoder trusts its input
		if p := recover(); p != nil {
			err = trinoerr.New(trinoerr.DeltaLakeBadData, "the file cannot be decoded: %v", p)
		}
	}()
	file, err := parquet.OpenFile(from, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(copyBuffer))
	if err != nil {
		return err
	}
	var kept []string
	for _, kv := range file.Metadata().KeyValueMetadata {
		if !strings.HasPrefix(kv.Key, "ARROW:") {
			kept = append(kept, kv.Key)
		}
	}
	options := []parquet.WriterOption{file.Schema(), parquet.Compression(parquetCodecs[codec])}
	for _, key := range kept {
		if value, ok := file.Lookup(key); ok {
			options = append(options, parquet.KeyValueMetadata(key, value))
		}
	}
	w := parquet.NewGenericWriter[any](to, options...)
	rows := make([]parquet.Row, copyRows)
	number := int64(0)
	for _, group := range file.RowGroups() {
		if err := copyGroupWithout(ctx, w, group, rows, &number, &deleted); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return w.Close()
}

// copyGroupWithout copies a row group; number is that of its first row, and then of the next group's.
func copyGroupWithout(ctx context.Context, w *parquet.GenericWriter[any], group parquet.RowGroup, rows []parquet.Row, number *int64, deleted *[]int64) error {
	in := group.Rows()
	defer in.Close()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := in.ReadRows(rows)
		left := rows[:0:0]
		for _, row := range rows[:n] {
			if len(*deleted) > 0 && (*deleted)[0] == *number {
				*deleted = (*deleted)[1:]
			} else {
				left = append(left, row)
			}
			*number++
		}
		if len(left) > 0 {
			if _, err := w.WriteRows(left); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fileRanges reads parts of a file.
type fileRanges struct {
	ctx      context.Context
	files    filesystem.FileSystem
	location string
}

// ReadAt reads a part.
func (r *fileRanges) ReadAt(p []byte, off int64) (int, error) {
	in, err := r.files.Open(r.ctx, r.location, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	n, err := io.ReadFull(in, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
