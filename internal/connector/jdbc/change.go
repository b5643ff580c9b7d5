package jdbc

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A change of rows is a write with two more staging tables: the keys of the rows that are no more, and the keys of those that are updated, with
// their new values. A row's id is its primary key.

// keyPrefix begins the names of the columns of a row's id.
const keyPrefix = "$key_"

// NoRowChanges is a dialect of a database in which rows are only added.
type NoRowChanges interface{ NoRowChanges() }

// RowID is the primary key.
func (c *Connector) RowID(ctx context.Context, t *connector.Table) ([]connector.Column, error) {
	r, err := target(t)
	if err != nil {
		return nil, err
	}
	if _, only := c.dialect.(NoRowChanges); only {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support modifying table rows")
	}
	key, err := c.key(ctx, r)
	if err != nil {
		return nil, err
	}
	var out []connector.Column
	for _, i := range key {
		out = append(out, connector.Column{Name: keyPrefix + r.Columns[i].Name, Type: r.Columns[i].Type})
	}
	return out, nil
}

// key finds the columns of the primary key, by position.
func (c *Connector) key(ctx context.Context, r *relation) (key []int, err error) {
	d, err := c.describe(ctx, *r.Table)
	if err != nil {
		return nil, err
	}
	if d == nil || len(d.Key) == 0 {
		return nil, trinoerr.New(trinoerr.NotSupported, "The connector can not perform merge on the target table without primary keys")
	}
	for _, name := range d.Key {
		for i, col := range r.Columns {
			if col.Remote == name && col.Value == "" && col.Type.Kind != types.TimestampTZ {
				key = append(key, i)
			}
		}
	}
	if len(key) < len(d.Key) {
		return nil, trinoerr.New(trinoerr.NotSupported, "The connector can not perform merge on a table whose primary key has columns of unsupported types")
	}
	return key, nil
}

// BeginChange makes the staging tables.
func (c *Connector) BeginChange(ctx context.Context, t *connector.Table, mode connector.RetryMode, queryID string) (json.RawMessage, error) {
	r, err := target(t)
	if err != nil {
		return nil, err
	}
	w := &write{QueryID: queryID, Batch: c.SettingsFor(ctx).BatchSize}
	if w.Key, err = c.key(ctx, r); err != nil {
		return nil, err
	}
	// Rows are deleted and added in one statement: without transactions it could stop half-way.
	if err := c.toFill(ctx, w, t, connector.RetriesEnabled); err != nil {
		return nil, err
	}
	c.sweep(ctx, w.Target.Schema)
	w.Staging = Name{w.Target.Schema, c.stored(stagingPrefix + queryID)}
	keys, native := w.keyColumns()
	if err := c.stage(ctx, w.related(deletedSuffix), keys, native); err != nil {
		return nil, err
	}
	if err := c.stage(ctx, w.related(updatedSuffix), append(keys, w.Columns...), append(native, w.Native...)); err != nil {
		return nil, err
	}
	if err := c.stage(ctx, w.Staging, w.Columns, w.Native); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// keyColumns are the columns of ids in staging tables, and their types.
func (w *write) keyColumns() (names, native []string) {
	for _, i := range w.Key {
		names, native = append(names, "key_"+w.Columns[i]), append(native, w.Native[i])
	}
	return names, native
}

// changeSink loads the changes of one attempt.
type changeSink struct {
	*sink
	deleted, updated int64
}

// ChangeSink opens the writing of one attempt.
func (c *Connector) ChangeSink(ctx context.Context, raw json.RawMessage, id string) (connector.ChangeSink, error) {
	s, err := c.Sink(ctx, raw, id)
	if err != nil {
		return nil, err
	}
	return &changeSink{sink: s.(*sink)}, nil
}

// Delete loads ids of rows that are no more.
func (s *changeSink) Delete(ctx context.Context, ids *connector.Batch) error {
	s.deleted += int64(ids.Rows)
	keys, _ := s.write.keyColumns()
	return s.c.load(ctx, s.write, s.write.related(deletedSuffix), keys, ids, s.write.keyTypes(), s.c.stored(attemptColumn), s.id)
}

// Update loads rows that are updated, with their ids.
func (s *changeSink) Update(ctx context.Context, rows *connector.Batch) error {
	s.updated += int64(rows.Rows)
	keys, _ := s.write.keyColumns()
	return s.c.load(ctx, s.write, s.write.related(updatedSuffix), append(keys, s.write.Columns...), rows, append(s.write.keyTypes(), s.write.Types...),
		s.c.stored(attemptColumn), s.id)
}

func (w *write) keyTypes() (list []types.Type) {
	for _, i := range w.Key {
		list = append(list, w.Types[i])
	}
	return list
}

// Finish names the attempt and counts its rows.
func (s *changeSink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	return json.Marshal(fragment{Attempt: s.id, Deleted: s.deleted, Updated: s.updated})
}

// applyChanges deletes and updates rows. When one of them is not there any more, another statement was first.
func (c *Connector) applyChanges(ctx context.Context, tx *sql.Tx, w *write, selected *selection) error {
	keys, _ := w.keyColumns()
	var same, set []string
	for n, i := range w.Key {
		same = append(same, c.changed(w)+c.dialect.Quote(w.Columns[i])+" = s."+c.dialect.Quote(keys[n]))
	}
	for _, name := range w.Columns {
		set = append(set, c.assigned(w, name)+" = s."+c.dialect.Quote(name))
	}
	for _, step := range []struct {
		suffix string
		rows   int64
		write  func(other, where string) (string, bool)
	}{
		{deletedSuffix, selected.deleted, func(other, where string) (string, bool) {
			return c.statement(DeleteFrom, c.qualified(w.Target), other, where)
		}},
		{updatedSuffix, selected.updated, func(other, where string) (string, bool) {
			return c.statement(UpdateFrom, c.qualified(w.Target), other, strings.Join(set, ", "), where)
		}},
	} {
		if step.rows == 0 {
			continue
		}
		where := strings.Join(same, " AND ") + " AND " + c.among("s."+c.dialect.Quote(c.stored(attemptColumn)), selected.attempts)
		text, ok := step.write(c.qualified(w.related(step.suffix)), where)
		if !ok {
			return trinoerr.New(trinoerr.NotSupported, "This connector does not support modifying table rows")
		}
		n, err := affected(tx.ExecContext(ctx, text))
		if err != nil {
			return c.failed(err)
		}
		if n != step.rows {
			return trinoerr.New(trinoerr.TransactionConflict, "Rows that the statement changes were changed by another one meanwhile")
		}
	}
	return nil
}

// Assigner is a dialect in whose UPDATE and DELETE of a table that is joined with another one it has no alias, and columns to set are named with
// it.
type Assigner interface{ AssignsQualified() }

// changed qualifies columns of the table that is changed.
func (c *Connector) changed(w *write) string {
	if _, ok := c.dialect.(Assigner); ok {
		return c.qualified(w.Target) + "."
	}
	return "t."
}

// assigned is a column that is set.
func (c *Connector) assigned(w *write, name string) string {
	if _, ok := c.dialect.(Assigner); ok {
		return c.changed(w) + c.dialect.Quote(name)
	}
	return c.dialect.Quote(name)
}
