package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// maxFileBytes is where a writer starts another file, so that a table can be read by several tasks.
const maxFileBytes = 64 << 20

// write is a write under way.
type write struct {
	QueryID string `json:"query"`
	// Prefix begins the keys of all its attempts.
	Prefix string `json:"prefix"`
	// Table is the id of the table, unless Create says what to make.
	Table  int64    `json:"table,omitempty"`
	Create *created `json:"create,omitempty"`
	// Columns is how many columns the files have.
	Columns int `json:"columns"`
	// Change says that rows are deleted too.
	Change bool `json:"change,omitempty"`
}

// created is a table that exists when the write is finished.
type created struct {
	Name    connector.SchemaTable `json:"name"`
	Comment *string               `json:"comment"`
	Columns []connector.Column    `json:"columns"`
}

func readWrite(raw json.RawMessage) (write, error) {
	var w write
	err := json.Unmarshal(raw, &w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into memory")
}

// RepeatableWrites says that nothing of an attempt shows before FinishWrite.
func (c *Connector) RepeatableWrites() {}

// BeginWrite prepares a write. Attempts may be repeated: nothing of them shows before FinishWrite.
func (c *Connector) BeginWrite(_ context.Context, t *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	return c.begin(t, write{}, create, queryID)
}

// begin makes the handle of a write of a kind.
func (c *Connector) begin(t *connector.Table, w write, create bool, queryID string) (json.RawMessage, error) {
	c.Lock()
	defer c.Unlock()
	w.QueryID, w.Prefix = queryID, fmt.Sprintf("memory/%s/%s/", c.catalog, queryID)
	for _, col := range t.Columns {
		if !col.Hidden {
			w.Columns++
		}
	}
	if create {
		if err := c.CheckFree(t.Name); err != nil {
			return nil, err
		}
		w.Create = &created{t.Name, t.Comment, t.Columns}
		return json.Marshal(w)
	}
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	w.Table = h.ID
	return json.Marshal(w)
}

// FinishWrite attaches the files of the fragments to the table and removes all others of the write.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	if w.Change {
		return c.finishChange(ctx, w, fragments)
	}
	var added []blob
	var keys []string
	for _, f := range fragments {
		var blobs []blob
		if err := json.Unmarshal(f, &blobs); err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into memory")
		}
		for _, b := range blobs {
			added, keys = append(added, b), append(keys, b.Key)
		}
	}
	if err := c.attach(ctx, w, added, nil); err != nil {
		return err
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	return c.blobs.Seal(ctx, w.Prefix, keys)
}

// attach makes files part of the table and takes rows away, once.
func (c *Connector) attach(ctx context.Context, w write, added []blob, deleted map[int64][]int64) error {
	c.Lock()
	defer c.Unlock()
	if slices.Contains(c.finished, w.QueryID) {
		return nil
	}
	bytes := c.bytes()
	for _, b := range added {
		bytes += b.Bytes
	}
	if err := c.checkLimit(bytes); err != nil {
		return err
	}
	_, t := c.Find(w.Table)
	if w.Create != nil {
		t = newTable(w.Create.Comment, w.Create.Columns)
		if err := c.Add(w.Create.Name, t); err != nil {
			return err
		}
	}
	if t == nil {
		return trinoerr.New(trinoerr.TableNotFound, "The table was dropped while query %s wrote into it", w.QueryID)
	}
	left, gone, err := without(t.blobs, deleted)
	if err != nil {
		return err
	}
	for _, b := range added {
		t.files++
		b.ID = t.files
		left = append(left, b)
	}
	retired := t.retired
	t.blobs, t.retired = left, gone
	c.finished = append(c.finished, w.QueryID)
	c.finished = c.finished[max(0, len(c.finished)-maxFinished):]
	return c.forget(ctx, retired)
}

// AbortWrite removes all files of the write. What was finished stays.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	return c.blobs.Seal(ctx, w.Prefix, c.attached(w.Prefix))
}

// sink uploads the files of one attempt.
type sink struct {
	c       *Connector
	write   write
	id      string
	written []blob
	bytes   int64
	state   connector.SinkState
}

// Sink opens the writing of one attempt.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	return &sink{c: c, write: w, id: id}, nil
}

// PartitionColumns is empty: tables in memory have no table partitions.
func (s *sink) PartitionColumns() []string { return nil }

// Options asks for columns that are named by number.
func (s *sink) Options() connector.FileOptions {
	return connector.FileOptions{Compression: "lz4_raw", MaxFileBytes: maxFileBytes, Columns: columnNames(s.write.Columns)}
}

// columnNames are the names of the first n columns in files.
func columnNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("c", i)
	}
	return names
}

// Add uploads a file and removes it.
func (s *sink) Add(ctx context.Context, path string, _ []*string, rows, bytes int64) error {
	s.bytes += bytes
	if err := s.c.checkLimit(s.bytes); err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return trinoerr.Wrap(err, trinoerr.GenericInternalError, "read written rows")
	}
	b := blob{Key: fmt.Sprintf("%s%s/%d", s.write.Prefix, s.id, len(s.written)), Rows: rows, Bytes: int64(len(data)), Columns: s.write.Columns}
	if err := s.c.blobs.Put(ctx, b.Key, data); err != nil {
		return err
	}
	s.written = append(s.written, b)
	return trinoerr.Wrap(os.Remove(path), trinoerr.GenericInternalError, "remove written rows")
}

// Finish lists the uploaded files.
func (s *sink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	return json.Marshal(s.written)
}

// Abort removes the uploaded files.
func (s *sink) Abort(ctx context.Context) error {
	if !s.state.Abort() {
		return nil
	}
	return s.c.forget(ctx, keysOf(s.written))
}
