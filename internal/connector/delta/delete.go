package delta

import (
	"context"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
)

// CanDelete says yes to whole table partitions, and to the whole table.
func (c *Connector) CanDelete(ctx context.Context, def *connector.Table, constraint []connector.Domain) (bool, error) {
	h, err := readHandle(def.Handle, def.Name)
	if err != nil || h.Part != "" {
		return false, err
	}
	l, err := h.layout()
	if err != nil {
		return false, failure(err, h.Name)
	}
	for _, d := range constraint {
		col := l.column(d.Column)
		if col == nil || !col.partition || !decidable(d) {
			return false, nil
		}
	}
	return true, nil
}

// decidable reports whether it is certain of each value whether it is in a domain.
func decidable(d connector.Domain) bool {
	values := d.Values
	for _, b := range []*connector.Bound{d.Low, d.High} {
		if b != nil {
			values = append(values[:len(values):len(values)], b.Value)
		}
	}
	for _, v := range values {
		if _, ok := lake.Compare(instant(v), instant(v)); !ok {
			return false
		}
	}
	return true
}

// Delete takes the files of table partitions out of the table.
func (c *Connector) Delete(ctx context.Context, def *connector.Table, constraint []connector.Domain) (int64, error) {
	return c.delete(ctx, def, constraint, "DELETE")
}

// Truncate takes all files out of the table.
func (c *Connector) Truncate(ctx context.Context, def *connector.Table) error {
	_, err := c.delete(ctx, def, nil, "TRUNCATE")
	return err
}

func (c *Connector) delete(ctx context.Context, def *connector.Table, constraint []connector.Domain, operation string) (int64, error) {
	h, err := readHandle(def.Handle, def.Name)
	if err != nil {
		return 0, err
	}
	t, err := c.current(ctx, *h)
	if err != nil {
		return 0, err
	}
	if err := t.snapshot.Protocol.Writable(); err != nil {
		return 0, failure(err, t.Name)
	}
	if err := t.removable(); err != nil {
		return 0, err
	}
	tx := c.change(ctx, t, operation)
	rows, unknown, gone := int64(0), false, map[string]bool{}
	now := c.now().UnixMilli()
	err = c.liveFiles(ctx, t, t.filter(constraint), func(a *deltalog.Add) error {
		n := statsOf(a).rows(a)
		unknown = unknown || n < 0
		rows += max(0, n)
		gone[a.Path] = true
		tx.actions = append(tx.actions, deltalog.Action{Remove: removed(a, now)})
		return nil
	})
	if err != nil {
		return 0, failure(err, t.Name)
	}
	if unknown {
		rows = -1
	}
	if len(tx.actions) == 0 {
		return 0, nil
	}
	tx.conflict = func(a *deltalog.Action) string {
		if a.Remove != nil && gone[a.Remove.Path] {
			return "Files that the statement deletes were deleted by another one meanwhile"
		}
		return changesMetadata(a)
	}
	return rows, c.finish(ctx, tx)
}

// change is the entry of a statement that the coordinator carries out by itself.
func (c *Connector) change(ctx context.Context, t *table, operation string) *transaction {
	query := connector.SessionOf(ctx).QueryID
	if query == "" {
		query = uuid.NewString()
	}
	return &transaction{c: c, log: t.log, name: t.Name, read: t.Version, query: query, operation: operation, conflict: changesMetadata}
}

// finish commits such an entry.
func (c *Connector) finish(ctx context.Context, tx *transaction) error {
	version, err := tx.commit(ctx)
	if err != nil {
		return err
	}
	c.checkpoint(ctx, tx.log, version)
	return nil
}
