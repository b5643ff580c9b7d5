package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stagingDir lies in a table's directory, hidden from all readers. Each write has a directory in it and each attempt one
// in that; so what selected attempts wrote becomes visible by moving it, within the same storage, and what others left goes with the
// write's directory. Object stores move a file by copying it themselves.
const stagingDir = ".waterbear-staging"

// rowGroupRows makes row groups that are worth a split of their own.
const rowGroupRows = 1 << 20

// write is a write under way.
type write struct {
	QueryID string                `json:"query"`
	Name    connector.SchemaTable `json:"name"`
	// Create is the table to be made; nil for an insert.
	Create *metastore.Table `json:"create,omitempty"`
	// Location is the table's directory.
	Location   string             `json:"location"`
	Columns    []connector.Column `json:"columns"`
	Partitions []connector.Column `json:"partitions,omitempty"`
	Codec      string             `json:"codec"`
	// Existing says what happens to table partitions that there are already.
	Existing string `json:"existing,omitempty"`
	// Lines is set for tables made of lines of text; then Codec is the end of the names of their files.
	Lines *lineFormat `json:"lines,omitempty"`
	// Buckets is set for bucketed tables.
	Buckets *bucketWrite `json:"buckets,omitempty"`
}

// staging is the directory of the write's attempts.
func (w *write) staging() string { return join(w.Location, stagingDir, w.QueryID) }

func readWrite(raw json.RawMessage) (*write, error) {
	w := new(write)
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into Hive")
}

// RepeatableWrites says that what attempts write is hidden until FinishWrite.
func (c *Connector) RepeatableWrites() {}

// BeginWrite makes the directory of a write. Attempts may be repeated: what they write is hidden.
func (c *Connector) BeginWrite(ctx context.Context, def *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.target(ctx, def, create, queryID)
	if err != nil {
		return nil, err
	}
	w := &write{QueryID: queryID, Name: t.name, Location: t.location, Columns: t.columns, Partitions: t.partitionColumns, Existing: c.SettingsFor(ctx).existing}
	if err := c.setCodec(w, t); err != nil {
		return nil, err
	}
	if w.Buckets, err = t.bucketWrite(c.SettingsFor(ctx).sortedWriting); err != nil {
		return nil, err
	}
	if create {
		w.Create = t.meta
	}
	if err := filesystem.WriteAll(ctx, c.files, join(w.staging(), beginFile), []byte(queryID), filesystem.CreateOptions{}); err != nil {
		return nil, writerError(err)
	}
	return json.Marshal(w)
}

// setCodec says how files are written and compressed.
func (c *Connector) setCodec(w *write, t *table) (err error) {
	if w.Lines, err = t.lineFormat(); err != nil {
		return err
	}
	known := codecs[c.codec] != ""
	w.Codec = codecs[c.codec]
	if w.Lines != nil {
		w.Codec, known = lineCodecs[c.codec]
		if o := w.Lines.Options; o.Header > 1 || o.Footer > 0 {
			return trinoerr.New(trinoerr.NotSupported, "Inserting into Hive table with value of skip.header.line.count property greater than 1, or with skip.footer.line.count, not supported")
		}
	}
	if !known {
		return trinoerr.New(trinoerr.NotSupported, "Compression codec %s not supported for %s", c.codec, formatLabel(t.format()))
	}
	return nil
}

// formatLabel is how messages call a format.
func formatLabel(format string) string {
	if format == parquetFormat {
		return "Parquet"
	}
	return format
}

// target is the table of a write, after checking that it can be written.
func (c *Connector) target(ctx context.Context, def *connector.Table, create bool, queryID string) (*table, error) {
	if create {
		t, err := c.newTable(ctx, def, queryID)
		if err != nil {
			return nil, err
		}
		if t.external && !c.nonManagedWrites {
			return nil, trinoerr.New(trinoerr.NotSupported, "Writes to non-managed Hive tables is disabled")
		}
		return t, c.checkEmpty(ctx, t)
	}
	t, err := c.existing(ctx, def.Name)
	if err != nil {
		return nil, err
	}
	if t.external && !c.nonManagedWrites {
		return nil, trinoerr.New(trinoerr.NotSupported, "Cannot write to non-managed Hive table")
	}
	return t, t.readable()
}

// writtenFile is an entry of a fragment.
type writtenFile struct {
	// Attempt is the directory of the attempt in the write's.
	Attempt string `json:"attempt"`
	Name    string `json:"name"`
	// Partition is the name of the table partition, empty when there are none.
	Partition string `json:"partition,omitempty"`
	Rows      int64  `json:"rows"`
	Bytes     int64  `json:"bytes"`
}

// sink stages the files of one attempt.
type sink struct {
	c       *Connector
	write   *write
	attempt string
	dir     string
	written []writtenFile
	state   connector.SinkState
}

// Sink makes the directory of an attempt. It fails when the write has ended.
func (c *Connector) Sink(ctx context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	s := &sink{c: c, write: w, attempt: metastore.EscapeName(id)}
	s.dir = join(w.staging(), s.attempt)
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	if err := c.files.CreateDir(ctx, s.dir); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.HiveWriterOpenError, "Error creating Parquet file")
	}
	if w.Lines != nil {
		return newLineSink(s)
	}
	return s, nil
}

// check fails when the write has ended.
func (s *sink) check(ctx context.Context) error {
	underWay, err := s.c.underWay(ctx, s.write)
	if err == nil && !underWay {
		err = trinoerr.New(trinoerr.HiveWriterOpenError, "Error creating Parquet file: the write has ended")
	}
	return err
}

// PartitionColumns are those of the table, and the bucket.
func (s *sink) PartitionColumns() []string {
	names := make([]string, len(s.write.Partitions))
	for i, c := range s.write.Partitions {
		names[i] = c.Name
	}
	if s.write.Buckets != nil {
		names = append(names, bucketColumn)
	}
	return names
}

// Options asks for files that other programs can read.
func (s *sink) Options() connector.FileOptions {
	o := connector.FileOptions{Compression: s.write.Codec, RowGroupRows: rowGroupRows}
	for _, list := range [][]connector.Column{s.write.Columns, s.write.Partitions} {
		for _, c := range list {
			o.Columns, o.Types = append(o.Columns, c.Name), append(o.Types, c.Type)
		}
	}
	if s.write.Buckets != nil {
		o.Computed = []connector.ComputedColumn{s.write.Buckets.computed()}
	}
	return o
}

// Add stages a file.
func (s *sink) Add(ctx context.Context, path string, values []*string, rows, _ int64) error {
	f := writtenFile{Attempt: s.attempt, Name: s.write.QueryID + "_" + uuid.NewString() + ".parquet", Rows: rows}
	var err error
	if b := s.write.Buckets; b != nil && len(values) > 0 {
		last := len(values) - 1
		bucket, err := b.parse(values[last])
		if err != nil {
			return err
		}
		f.Name, values = b.fileName(bucket, f.Name), values[:last]
	}
	if f.Partition, err = s.write.partition(values); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return writerError(err)
	}
	f.Bytes = info.Size()
	if err := s.c.files.TakeOver(ctx, path, join(s.dir, f.Name)); err != nil {
		return writerError(err)
	}
	s.written = append(s.written, f)
	// What ended the write while the file was on its way may not have seen it.
	if err := s.check(ctx); err != nil {
		return errors.Join(err, s.discard(ctx))
	}
	return nil
}

// discard removes the attempt's directory, and those above it that are of no use to others.
func (s *sink) discard(ctx context.Context) error {
	if err := s.c.files.DeleteDir(ctx, s.dir); err != nil {
		return writerError(err)
	}
	for _, dir := range []string{s.write.staging(), join(s.write.Location, stagingDir)} {
		if err := s.c.files.DeleteEmptyDir(ctx, dir); err != nil {
			return writerError(err)
		}
	}
	return nil
}

// partition names the table partition of values as DuckDB renders them.
func (w *write) partition(texts []*string) (string, error) {
	if len(texts) != len(w.Partitions) {
		return "", trinoerr.New(trinoerr.GenericInternalError, "%d partition values instead of %d", len(texts), len(w.Partitions))
	}
	names, values := make([]string, len(texts)), make([]*string, len(texts))
	for i, c := range w.Partitions {
		names[i] = c.Name
		v, err := parseValue(c.Type, texts[i])
		if err != nil {
			return "", err
		}
		if v == nil {
			continue
		}
		text := hiveText(c.Type, v)
		if err := checkPartitionText(text); err != nil {
			return "", err
		}
		values[i] = &text
	}
	return metastore.PartitionName(names, values), nil
}

// Finish lists the staged files.
func (s *sink) Finish(ctx context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	if len(s.written) > 0 {
		if err := s.c.syncDir(ctx, s.dir); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s.written)
}

// Abort removes the attempt's directory.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	return writerError(s.c.files.DeleteDir(ctx, s.dir))
}

// writerError words an error of the file system during a write.
func writerError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive: the disk is full")
	}
	if errors.Is(err, filesystem.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive: the write has ended")
	}
	return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive")
}
