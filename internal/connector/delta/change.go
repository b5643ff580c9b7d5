package delta

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A row is known by its file, as the log names it, and its number in the file.
const (
	fileColumn = "$delta_file"
	rowColumn  = "$delta_row"
)

// RowID refuses tables whose rows must not change, and those of which each change is to be written down.
func (c *Connector) RowID(ctx context.Context, def *connector.Table) ([]connector.Column, error) {
	if _, err := c.changeable(ctx, def); err != nil {
		return nil, err
	}
	return []connector.Column{{Name: fileColumn, Type: types.Of(types.Varchar)}, {Name: rowColumn, Type: types.Of(types.BigInt)}}, nil
}

// changeable returns a table whose rows can be changed.
func (c *Connector) changeable(ctx context.Context, def *connector.Table) (*table, error) {
	h, err := readHandle(def.Handle, def.Name)
	if err != nil {
		return nil, err
	}
	t, err := c.open(ctx, *h)
	if err != nil {
		return nil, err
	}
	if err := t.writable(); err != nil {
		return nil, err
	}
	if err := t.removable(); err != nil {
		return nil, err
	}
	if t.snapshot.Protocol.Supports(deltalog.ChangeDataFeed) && t.snapshot.Metadata.Flag(deltalog.PropChangeFeed) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Changing rows of tables with '%s' set to true is not supported", deltalog.PropChangeFeed)
	}
	return t, nil
}

// BeginChange prepares a change of a table's rows.
func (c *Connector) BeginChange(ctx context.Context, def *connector.Table, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	t, err := c.changeable(ctx, def)
	if err != nil {
		return nil, err
	}
	w, err := c.beginInto(ctx, def, queryID, "MERGE")
	if err != nil {
		return nil, err
	}
	w.Change = true
	w.Vectors = t.snapshot.Protocol.Supports(deltalog.DeletionVectors) && t.snapshot.Metadata.Flag(deltalog.PropVectors)
	return c.begun(ctx, w)
}

// deletedRows are the rows of a file that an attempt has deleted: a deletion vector in line.
type deletedRows struct {
	File string                   `json:"file"`
	Rows *deltalog.DeletionVector `json:"rows"`
}

// changeSink uploads the new rows of one attempt, as any sink, and the ids of those that are no more.
type changeSink struct {
	*sink
	deleted []deletedRows
	file    string
	rows    []int64 // of the last file
}

// ChangeSink begins an attempt.
func (c *Connector) ChangeSink(_ context.Context, raw json.RawMessage, _ string) (connector.ChangeSink, error) {
	s, err := c.sink(raw)
	if err != nil {
		return nil, err
	}
	return &changeSink{sink: s}, nil
}

// Delete notes rows, which come in order.
func (s *changeSink) Delete(_ context.Context, ids *connector.Batch) error {
	files := &ids.Columns[0]
	for i := range ids.Rows {
		name := files.Data[files.Offsets[i]:files.Offsets[i+1]]
		if string(name) != s.file || s.rows == nil {
			if err := s.flush(); err != nil {
				return err
			}
			s.file = string(name)
		}
		s.rows = append(s.rows, ids.Columns[1].I64[i])
	}
	return nil
}

// flush packs the rows of a file.
func (s *changeSink) flush() error {
	if s.rows == nil {
		return nil
	}
	packed, err := deltalog.InlineVector(s.rows)
	if err != nil {
		return err
	}
	s.deleted = append(s.deleted, deletedRows{File: s.file, Rows: packed})
	s.rows = nil
	return nil
}

// Finish lists what was uploaded.
func (s *changeSink) Finish(ctx context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	if err := s.flush(); err != nil {
		return nil, err
	}
	f := fragment{Added: s.written}
	if len(s.deleted) > 0 {
		data, err := json.Marshal(s.deleted)
		if err != nil {
			return nil, err
		}
		f.Deleted = "deleted-" + uuid.NewString() + ".json"
		if err := filesystem.WriteAll(ctx, s.c.files, filesystem.Join(s.write.dir(), f.Deleted), data, filesystem.CreateOptions{Durable: true}); err != nil {
			return nil, err
		}
	}
	return json.Marshal(f)
}

// fillChange gives a transaction what happens to the files of which rows are no more.
func (c *Connector) fillChange(ctx context.Context, w *write, tx *transaction, parts []fragment) error {
	deleted, err := c.gather(ctx, w, parts)
	if err != nil {
		return err
	}
	tx.conflict = func(a *deltalog.Action) string {
		switch {
		case a.Remove != nil && deleted[a.Remove.Path] != nil, a.Add != nil && deleted[a.Add.Path] != nil:
			return "Rows that the statement changes were changed by another one meanwhile"
		}
		return changesMetadata(a)
	}
	if len(deleted) == 0 {
		return nil
	}
	// Before files are written anew: others may have been here first.
	if _, _, _, err := tx.find(ctx, tx.read+1); err != nil {
		return err
	}
	t, err := c.open(ctx, w.Table)
	if err != nil {
		return err
	}
	var touched []*deltalog.Add
	if err := c.liveFiles(ctx, t, nil, func(a *deltalog.Add) error {
		if deleted[a.Path] != nil {
			touched = append(touched, a)
		}
		return nil
	}); err != nil {
		return failure(err, w.Table.Name)
	}
	if len(touched) != len(deleted) {
		return trinoerr.New(trinoerr.GenericInternalError, "%d of the files with changed rows are not part of table %s", len(deleted)-len(touched), w.Table.Name)
	}
	m := &remover{c: c, t: t, w: w, now: c.now().UnixMilli()}
	defer m.abort()
	for _, a := range touched {
		actions, err := m.remove(ctx, a, deleted[a.Path])
		if err != nil {
			return failure(err, w.Table.Name)
		}
		tx.actions = append(tx.actions, actions...)
	}
	return m.finish()
}

// gather reads which rows of which files attempts have deleted, ascending.
func (c *Connector) gather(ctx context.Context, w *write, parts []fragment) (map[string][]int64, error) {
	log := &deltalog.Log{Files: c.files, Location: w.Table.Location}
	out := map[string][]int64{}
	for _, p := range parts {
		if p.Deleted == "" {
			continue
		}
		data, err := filesystem.ReadAll(ctx, c.files, filesystem.Join(w.dir(), p.Deleted))
		if err != nil {
			return nil, err
		}
		var list []deletedRows
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "deleted rows of a change in Delta Lake")
		}
		for _, d := range list {
			rows, err := log.ReadVector(ctx, d.Rows, 1<<62)
			if err != nil {
				return nil, failure(err, w.Table.Name)
			}
			out[d.File] = append(out[d.File], rows...)
		}
	}
	for _, rows := range out {
		slices.Sort(rows)
	}
	return out, nil
}

// remover takes rows out of files.
type remover struct {
	c       *Connector
	t       *table
	w       *write
	now     int64 // milliseconds
	vectors *deltalog.VectorWriter
}

// remove returns the actions that leave a file without some rows more.
func (m *remover) remove(ctx context.Context, a *deltalog.Add, rows []int64) ([]deltalog.Action, error) {
	location, err := locate(m.t.Location, a.Path)
	if err != nil {
		return nil, err
	}
	foot, err := m.c.footers.Get(ctx, fileOf(location, a))
	if err != nil {
		return nil, err
	}
	if a.DeletionVector != nil {
		before, err := m.t.log.ReadVector(ctx, a.DeletionVector, foot.Rows)
		if err != nil {
			return nil, err
		}
		rows = slices.Concat(before, rows)
		slices.Sort(rows)
	}
	for i := range rows {
		if i > 0 && rows[i] == rows[i-1] {
			return nil, conflict(m.t.Name, "A row was deleted twice")
		}
	}
	out := []deltalog.Action{{Remove: removed(a, m.now)}}
	if int64(len(rows)) == foot.Rows {
		return out, nil
	}
	next := *a
	next.DataChange = true
	if !m.w.Vectors {
		if err := m.rewrite(ctx, &next, location, rows); err != nil {
			return nil, err
		}
		return append(out, deltalog.Action{Add: &next}), nil
	}
	if m.vectors == nil {
		if m.vectors, err = m.t.log.NewVectorWriter(ctx, m.w.QueryID); err != nil {
			return nil, err
		}
	}
	if next.DeletionVector, err = m.vectors.Add(rows); err != nil {
		return nil, err
	}
	// What the statistics say of values is no longer exact.
	s := statsOf(a)
	s.NumRecords, s.TightBounds = &foot.Rows, new(false)
	next.Stats = string(render(s))
	return append(out, deltalog.Action{Add: &next}), nil
}

// removed is the end of a file.
func removed(a *deltalog.Add, now int64) *deltalog.Remove {
	return &deltalog.Remove{Path: a.Path, DeletionTimestamp: &now, DataChange: true, ExtendedFileMetadata: true, PartitionValues: a.PartitionValues,
		Size: &a.Size, DeletionVector: a.DeletionVector}
}

func (m *remover) finish() error {
	if m.vectors == nil {
		return nil
	}
	return m.vectors.Close()
}

func (m *remover) abort() {
	if m.vectors != nil {
		_ = m.vectors.Abort() // after Close it does nothing
	}
}
