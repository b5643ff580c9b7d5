package delta

import (
	"context"
	"encoding/json"
	"errors"
	"path"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// FinishWrite makes the entry of the log that has the files of the fragments, makes a new table visible and removes what other attempts
// left. An entry of the query that is there already is not made again.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	if w.Create != nil {
		return c.finishCreate(ctx, w, fragments)
	}
	tx := w.transaction(c)
	version, _, done, err := tx.find(ctx, tx.read+1)
	if err != nil {
		return err
	}
	if !done {
		parts, err := readFragments(fragments)
		if err != nil {
			return err
		}
		if err := w.fill(ctx, c, tx, parts); err != nil {
			return err
		}
		if len(tx.actions) == 0 {
			return c.files.DeleteDir(ctx, w.dir()) // nothing is changed
		}
		if version, err = tx.commit(ctx); err != nil {
			return err
		}
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	c.checkpoint(ctx, tx.log, version)
	return c.cleanUp(ctx, w, version)
}

// transaction is the entry of the write.
func (w *write) transaction(c *Connector) *transaction {
	return &transaction{c: c, log: &deltalog.Log{Files: c.files, Location: w.Table.Location}, name: w.Table.Name, read: w.Table.Version,
		query: w.QueryID, operation: w.Operation, blind: !w.Change, conflict: changesMetadata}
}

// fill gives a transaction its actions.
func (w *write) fill(ctx context.Context, c *Connector, tx *transaction, parts []fragment) error {
	for _, p := range parts {
		for i := range p.Added {
			tx.actions = append(tx.actions, deltalog.Action{Add: &p.Added[i]})
		}
	}
	if w.Change {
		return c.fillChange(ctx, w, tx, parts)
	}
	return nil
}

func readFragments(fragments [][]byte) ([]fragment, error) {
	out := make([]fragment, len(fragments))
	for i, raw := range fragments {
		if err := json.Unmarshal(raw, &out[i]); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into Delta Lake")
		}
	}
	return out, nil
}

// finishCreate makes the first entry of a new table's log, and the table visible.
func (c *Connector) finishCreate(ctx context.Context, w *write, fragments [][]byte) error {
	there, err := c.store.Table(ctx, w.Table.Name)
	if err != nil {
		return err
	}
	if there != nil && locationOf(there) != w.Create.Location {
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, w.Table.Name)
	}
	tx := w.transaction(c)
	_, next, done, err := tx.find(ctx, 0)
	if err != nil {
		return err
	}
	if !done {
		if there != nil || next > 0 {
			return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, w.Table.Name)
		}
		parts, err := readFragments(fragments)
		if err != nil {
			return err
		}
		tx.actions = []deltalog.Action{{Protocol: &w.Create.Protocol}, {Metadata: &w.Create.Metadata}}
		if err := w.fill(ctx, c, tx, parts); err != nil {
			return err
		}
		if _, err := tx.commit(ctx); err != nil {
			return err
		}
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	if there == nil {
		if err := c.registered(ctx, w.Table.Name, w.Create.Location, w.Create.External); err != nil {
			return err
		}
	}
	return c.cleanUp(ctx, w, 0)
}

// cleanUp removes the files in the write's directory of which the entry of the log does not know.
func (c *Connector) cleanUp(ctx context.Context, w *write, version int64) error {
	log := &deltalog.Log{Files: c.files, Location: w.Table.Location}
	kept := map[string]bool{}
	err := log.ReadCommit(ctx, version, func(a *deltalog.Action) error {
		if a.Add == nil {
			return nil
		}
		location, err := locate(w.Table.Location, a.Add.Path)
		kept[path.Base(location)] = true
		if name, ok := a.Add.DeletionVector.FileName(); ok {
			kept[path.Base(name)] = true
		}
		return err
	})
	if err != nil {
		if errors.Is(err, filesystem.ErrNotFound) {
			return nil // long ago: the log has been cleaned up since
		}
		return failure(err, w.Table.Name)
	}
	var lost []string
	if err := c.files.ListDir(ctx, w.dir(), func(e filesystem.Entry) error {
		if !e.Dir && !kept[path.Base(e.Location)] {
			lost = append(lost, e.Location)
		}
		return nil
	}); err != nil {
		return nil // what nobody sees is in nobody's way
	}
	for _, location := range lost {
		_ = c.files.Delete(ctx, location)
	}
	_ = c.files.DeleteEmptyDir(ctx, w.dir()) // nothing was written
	return nil
}

// AbortWrite removes what attempts left. A write that was committed stays.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	tx := w.transaction(c)
	tx.conflict = nil
	version, _, done, err := tx.find(ctx, tx.read+1)
	if err != nil {
		return err
	}
	if w.Create != nil {
		there, err := c.store.Table(ctx, w.Table.Name)
		if err != nil {
			return err
		}
		if there == nil || locationOf(there) != w.Create.Location {
			if done {
				c.forget(ctx, w.Create)
			}
			if err := c.files.DeleteDir(ctx, w.dir()); err != nil {
				return err
			}
			return c.files.DeleteEmptyDir(ctx, w.Table.Location)
		}
	}
	if done {
		return c.cleanUp(ctx, w, version)
	}
	return c.files.DeleteDir(ctx, w.dir())
}

var _ connector.Repeatable = (*Connector)(nil)
