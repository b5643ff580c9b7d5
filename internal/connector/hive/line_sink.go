package hive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// mostOpenPartitions bounds how many files an attempt writes at a time, as in Trino.
const mostOpenPartitions = 100

// lineSink writes the rows of one attempt as lines, a file for each table partition and bucket. What is about the life of the attempt is sink's.
type lineSink struct {
	connector.NoFiles
	*sink
	codec  string // the end of files' names
	writer *lines.Writer
	types  []types.Type
	files  map[string]*lineFile // by the texts of the partitioning columns, and the bucket
	buffer []byte
}

// lineFile is a file under way.
type lineFile struct {
	entry  writtenFile
	out    filesystem.Writer
	packed io.WriteCloser
	count  countingWriter
}

// countingWriter counts what is written through it.
type countingWriter struct {
	out io.Writer
	n   int64
}

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	c.n += int64(n)
	return n, err
}

func newLineSink(s *sink) (*lineSink, error) {
	w, err := lines.NewWriter(s.write.Lines.Options, s.write.Lines.Columns)
	if err != nil {
		return nil, err
	}
	l := &lineSink{sink: s, codec: s.write.Codec, writer: w, files: map[string]*lineFile{}}
	for _, list := range [][]connector.Column{s.write.Columns, s.write.Partitions} {
		for _, c := range list {
			l.types = append(l.types, c.Type)
		}
	}
	return l, nil
}

// ColumnTypes are the types of the table's columns.
func (l *lineSink) ColumnTypes() []types.Type { return l.types }

// PartitionColumns are none to the engine: the sink sees to them.
func (l *lineSink) PartitionColumns() []string { return l.NoFiles.PartitionColumns() }

// Options are those of no file.
func (l *lineSink) Options() connector.FileOptions { return l.NoFiles.Options() }

// Add is never called.
func (l *lineSink) Add(ctx context.Context, path string, values []*string, rows, bytes int64) error {
	return l.NoFiles.Add(ctx, path, values, rows, bytes)
}

// Write writes rows.
func (l *lineSink) Write(ctx context.Context, b *connector.Batch) (written int64, err error) {
	for row := range b.Rows {
		f, err := l.file(ctx, b, row)
		if err != nil {
			return written, err
		}
		if l.buffer, err = l.writer.Append(l.buffer[:0], b.Columns, row); err != nil {
			return written, err
		}
		if _, err := f.packed.Write(l.buffer); err != nil {
			return written, writerError(err)
		}
		f.entry.Rows++
		written += int64(len(l.buffer))
	}
	return written, nil
}

// file is the one that a row belongs to.
func (l *lineSink) file(ctx context.Context, b *connector.Batch, row int) (*lineFile, error) {
	first := len(l.write.Columns)
	texts := make([]*string, len(l.write.Partitions))
	var key strings.Builder
	for i := range texts {
		if texts[i] = lines.ScalarText(&b.Columns[first+i], l.types[first+i], row); texts[i] != nil {
			key.WriteByte('=')
			key.WriteString(*texts[i])
		}
		key.WriteByte(0)
	}
	name := func() string { return l.write.QueryID + "_" + uuid.NewString() + l.codec }
	if buckets := l.write.Buckets; buckets != nil {
		bucket := buckets.of(b, l.types, row)
		fmt.Fprintf(&key, "%d", bucket)
		unbucketed := name
		name = func() string { return buckets.fileName(bucket, unbucketed()) }
	}
	if f := l.files[key.String()]; f != nil {
		return f, nil
	}
	if len(l.files) >= mostOpenPartitions {
		return nil, trinoerr.New(trinoerr.HiveTooManyOpenPartitions, "Exceeded limit of %d open writers for partitions/buckets", mostOpenPartitions)
	}
	partition, err := l.write.partition(texts)
	if err != nil {
		return nil, err
	}
	f := &lineFile{entry: writtenFile{Attempt: l.attempt, Partition: partition, Name: name()}}
	if f.out, err = l.c.files.Create(ctx, join(l.dir, f.entry.Name), filesystem.CreateOptions{Durable: true}); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveWriterOpenError, "Error creating file")
	}
	l.files[key.String()] = f
	f.count.out = f.out
	if f.packed, err = compressor(l.codec, &f.count); err != nil {
		return nil, writerError(err)
	}
	if l.write.Lines.Options.Header == 1 {
		if _, err := f.packed.Write(l.writer.Header(nil)); err != nil {
			return nil, writerError(err)
		}
	}
	return f, nil
}

// Finish closes the files.
func (l *lineSink) Finish(ctx context.Context) ([]byte, error) {
	for _, key := range slices.Sorted(maps.Keys(l.files)) {
		f := l.files[key]
		if err := errors.Join(f.packed.Close(), f.out.Close()); err != nil {
			return nil, writerError(err)
		}
		delete(l.files, key)
		f.entry.Bytes = f.count.n
		l.written = append(l.written, f.entry)
	}
	// What ended the write meanwhile may not have seen them.
	if err := l.check(ctx); err != nil {
		return nil, errors.Join(err, l.discard(ctx))
	}
	return l.sink.Finish(ctx)
}

// Abort gives the files up.
func (l *lineSink) Abort(ctx context.Context) error {
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.out.Abort())
	}
	clear(l.files)
	return errors.Join(append(errs, l.sink.Abort(ctx))...)
}
