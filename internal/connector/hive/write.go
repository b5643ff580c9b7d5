package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stagingDir lies in a table's directory, hidden from all readers. Each write has a directory in it and each attempt one
// in that; so what selected attempts wrote becomes visible by renaming, on the same file system, and what others left goes
// with the write's directory.
const stagingDir = ".waterbear-staging"

// rowGroupRows makes row groups that are worth a split of their own.
const rowGroupRows = 1 << 20

// write is a write under way.
type write struct {
	QueryID string                `json:"query"`
	Name    connector.SchemaTable `json:"name"`
	// Create is the table to be made; nil for an insert.
	Create *tableFile `json:"create,omitempty"`
	// Dir is the path of the table's directory.
	Dir        string             `json:"dir"`
	Location   string             `json:"location"`
	Columns    []connector.Column `json:"columns"`
	Partitions []connector.Column `json:"partitions,omitempty"`
	Codec      string             `json:"codec"`
}

// staging is the directory of the write's attempts.
func (w *write) staging() string { return filepath.Join(w.Dir, stagingDir, w.QueryID) }

func readWrite(raw json.RawMessage) (*write, error) {
	w := new(write)
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into Hive")
}

// RepeatableWrites says that what attempts write is hidden until FinishWrite.
func (c *Connector) RepeatableWrites() {}

// BeginWrite makes the directory of a write. Attempts may be repeated: what they write is hidden.
func (c *Connector) BeginWrite(_ context.Context, def *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.target(def, create, queryID)
	if err != nil {
		return nil, err
	}
	if codecs[c.codec] == "" {
		return nil, trinoerr.New(trinoerr.NotSupported, "Compression codec %s not supported for Parquet", c.codec)
	}
	dir, err := c.path(t.location)
	if err != nil {
		return nil, err
	}
	w := &write{QueryID: queryID, Name: t.name, Dir: dir, Location: t.location, Columns: t.columns, Partitions: t.partitionColumns, Codec: codecs[c.codec]}
	if create {
		w.Create = t.file
	}
	if err := os.MkdirAll(w.staging(), 0o777); err != nil {
		return nil, writerError(err)
	}
	return json.Marshal(w)
}

// target is the table of a write, after checking that it can be written.
func (c *Connector) target(def *connector.Table, create bool, queryID string) (*table, error) {
	if create {
		t, err := c.newTable(def, queryID)
		if err != nil {
			return nil, err
		}
		if t.external && !c.nonManagedWrites {
			return nil, trinoerr.New(trinoerr.NotSupported, "Writes to non-managed Hive tables is disabled")
		}
		return t, c.checkEmpty(t)
	}
	t, err := c.existing(def.Name)
	if err != nil {
		return nil, err
	}
	if t.external && !c.nonManagedWrites {
		return nil, trinoerr.New(trinoerr.NotSupported, "Cannot write to non-managed Hive table")
	}
	if len(t.file.Bucketing) > 0 {
		return nil, trinoerr.New(trinoerr.NotSupported, "Writing into bucketed tables is not supported: %s", t.name)
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
	write   *write
	attempt string
	dir     string
	written []writtenFile
	state   connector.SinkState
}

// Sink makes the directory of an attempt. It fails when the write has ended.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	s := &sink{write: w, attempt: escapeName(id), dir: filepath.Join(w.staging(), escapeName(id))}
	if err := os.Mkdir(s.dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, trinoerr.Wrap(err, trinoerr.HiveWriterOpenError, "Error creating Parquet file")
	}
	return s, nil
}

// PartitionColumns are those of the table.
func (s *sink) PartitionColumns() []string {
	names := make([]string, len(s.write.Partitions))
	for i, c := range s.write.Partitions {
		names[i] = c.Name
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
	return o
}

// Add stages a file.
func (s *sink) Add(ctx context.Context, path string, values []*string, rows, _ int64) error {
	f := writtenFile{Attempt: s.attempt, Name: s.write.QueryID + "_" + uuid.NewString() + ".parquet", Rows: rows}
	var err error
	if f.Partition, err = s.write.partition(values); err != nil {
		return err
	}
	to := filepath.Join(s.dir, f.Name)
	if err := move(ctx, path, to); err != nil {
		return writerError(err)
	}
	info, err := os.Stat(to)
	if err != nil {
		return writerError(err)
	}
	f.Bytes = info.Size()
	s.written = append(s.written, f)
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
	return partitionName(names, values), nil
}

// move moves a file, to another file system if need be, and makes its content durable.
func move(ctx context.Context, from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, syscall.EXDEV) {
		return copyFile(ctx, from, to)
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// copyFile copies a file and removes the original. What a failure leaves is below the attempt's directory.
func copyFile(ctx context.Context, from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return in.Read(p)
	}))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Remove(from)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Finish lists the staged files.
func (s *sink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	if len(s.written) > 0 {
		if err := syncDir(s.dir); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s.written)
}

// Abort removes the attempt's directory.
func (s *sink) Abort(context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	return writerError(os.RemoveAll(s.dir))
}

// writerError words an error of the file system during a write.
func writerError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive: the disk is full")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive: the write has ended")
	}
	return trinoerr.Wrap(err, trinoerr.HiveWriterCloseError, "Error committing write to Hive")
}

// isNotEmpty reports whether a directory could not be removed because there is something in it.
func isNotEmpty(err error) bool {
	return errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST)
}
