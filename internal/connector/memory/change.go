package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A row is known by the number of its file in the table and its number in the file. Rows are never changed in place: the file
// gets a list of those that are no more, and new versions are in files of their own.

// The columns of a row's id. A dollar is appended where a table has columns of these names.
const (
	fileColumn = "$file"
	rowColumn  = "$row"
)

// RowID refuses, as Trino's connector does, unless the catalog allows what that does not.
func (c *Connector) RowID(_ context.Context, t *connector.Table) ([]connector.Column, error) {
	if !c.rowChanges {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support modifying table rows")
	}
	var out []connector.Column
	for _, name := range []string{fileColumn, rowColumn} {
		for slices.ContainsFunc(t.Columns, func(c connector.Column) bool { return c.Name == name }) {
			name += "$"
		}
		out = append(out, connector.Column{Name: name, Type: types.Of(types.BigInt)})
	}
	return out, nil
}

// idColumn is where a column of a row's id comes from; ok is false when it is none.
func idColumn(name string, b blob) (from connector.FileColumn, ok bool) {
	switch strings.TrimRight(name, "$") {
	case fileColumn:
		return connector.FileColumn{Constant: b.ID}, true
	case rowColumn:
		return connector.FileColumn{RowNumber: true}, true
	}
	return from, false
}

// BeginChange prepares a change of a table's rows.
func (c *Connector) BeginChange(ctx context.Context, t *connector.Table, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	if _, err := c.RowID(ctx, t); err != nil {
		return nil, err
	}
	return c.begin(t, write{Change: true}, false, queryID)
}

// changeFragment is what one attempt of a change has written.
type changeFragment struct {
	Added []blob `json:"added,omitempty"`
	// Deletes is the key of a list of fileDeletes, as JSON.
	Deletes string `json:"deletes,omitempty"`
}

// fileDeletes are the rows of a file that are no more.
type fileDeletes struct {
	File int64   `json:"file"`
	Rows rowList `json:"rows"`
}

// changeSink uploads the new rows of one attempt, as any sink, and the ids of those that are no more.
type changeSink struct {
	*sink
	files []fileDeletes
	last  int64 // row of the last file
}

// ChangeSink opens the writing of one attempt.
func (c *Connector) ChangeSink(ctx context.Context, raw json.RawMessage, id string) (connector.ChangeSink, error) {
	s, err := c.Sink(ctx, raw, id)
	if err != nil {
		return nil, err
	}
	return &changeSink{sink: s.(*sink)}, nil
}

// Delete notes rows, which come in order.
func (s *changeSink) Delete(_ context.Context, ids *connector.Batch) error {
	for i := range ids.Rows {
		file, row := ids.Columns[0].I64[i], ids.Columns[1].I64[i]
		n := len(s.files)
		if n == 0 || s.files[n-1].File != file {
			s.files = append(s.files, fileDeletes{File: file})
			n, s.last = n+1, -1
		}
		f := &s.files[n-1]
		f.Rows = f.Rows.append(s.last, row)
		s.last = row
	}
	return nil
}

// Finish lists what was uploaded.
func (s *changeSink) Finish(ctx context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	f := changeFragment{Added: s.written}
	if len(s.files) > 0 {
		data, err := json.Marshal(s.files)
		if err != nil {
			return nil, err
		}
		f.Deletes = fmt.Sprintf("%s%s/deletes", s.write.Prefix, s.id)
		if err := s.c.blobs.Put(ctx, f.Deletes, data); err != nil {
			return nil, err
		}
	}
	return json.Marshal(f)
}

// gathered reads the fragments of a change. The lists of rows are those of all attempts, by file.
func (c *Connector) gathered(ctx context.Context, fragments [][]byte) (added []blob, deleted map[int64][]int64, err error) {
	deleted = map[int64][]int64{}
	for _, raw := range fragments {
		var f changeFragment
		if err := json.Unmarshal(raw, &f); err != nil {
			return nil, nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a change in memory")
		}
		added = append(added, f.Added...)
		if f.Deletes == "" {
			continue
		}
		data, err := c.blobs.Fetch(ctx, f.Deletes)
		if err != nil {
			return nil, nil, err
		}
		var files []fileDeletes
		if err := json.Unmarshal(data, &files); err != nil {
			return nil, nil, trinoerr.Wrap(err, trinoerr.SerializationError, "deleted rows of a change in memory")
		}
		for _, d := range files {
			rows, err := d.Rows.decode()
			if err != nil {
				return nil, nil, err
			}
			deleted[d.File] = append(deleted[d.File], rows...)
		}
	}
	return added, deleted, nil
}

// finishChange attaches new files to a table and takes away deleted rows, all or nothing.
func (c *Connector) finishChange(ctx context.Context, w write, fragments [][]byte) error {
	c.Lock()
	done := slices.Contains(c.finished, w.QueryID)
	c.Unlock()
	var added []blob
	if !done {
		var deleted map[int64][]int64
		var err error
		if added, deleted, err = c.gathered(ctx, fragments); err != nil {
			return err
		}
		if err := c.attach(ctx, w, added, deleted); err != nil {
			return err
		}
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	return c.blobs.Seal(ctx, w.Prefix, c.attached(w.Prefix))
}

// attached are the keys of a write's files that are part of some table.
func (c *Connector) attached(prefix string) (keys []string) {
	c.Lock()
	defer c.Unlock()
	for _, t := range c.ByName {
		for _, b := range t.blobs {
			if strings.HasPrefix(b.Key, prefix) {
				keys = append(keys, b.Key)
			}
		}
	}
	return keys
}

// without returns a table's files without some of their rows, and the keys of those of which nothing is left. It is a conflict
// when one of the rows is gone already: another statement was first.
func without(blobs []blob, deleted map[int64][]int64) (left []blob, gone []string, err error) {
	found := 0
	for _, b := range blobs {
		rows := deleted[b.ID]
		if len(rows) == 0 {
			left = append(left, b)
			continue
		}
		found++
		before, err := b.Deletes.decode()
		if err != nil {
			return nil, nil, err
		}
		all := slices.Concat(before, rows)
		slices.SortFunc(all, func(a, b int64) int { return cmp.Compare(a, b) })
		for i := range all[1:] {
			if all[i] == all[i+1] {
				return nil, nil, conflict()
			}
		}
		if b.Deleted = int64(len(all)); b.Deleted == b.Rows {
			gone = append(gone, b.Key)
			continue
		}
		b.Deletes = nil
		last := int64(-1)
		for _, row := range all {
			b.Deletes = b.Deletes.append(last, row)
			last = row
		}
		left = append(left, b)
	}
	if found < len(deleted) {
		return nil, nil, conflict()
	}
	return left, gone, nil
}

func conflict() error {
	return trinoerr.New(trinoerr.TransactionConflict, "Rows that the statement changes were changed by another one meanwhile")
}
