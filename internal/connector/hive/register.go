package hive

import (
	"context"
	"slices"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Parameters of tables and table partitions.
const (
	paramComment = "comment"
	paramQuery   = "trino_query_id"
	paramFiles   = "numFiles"
	paramRows    = "numRows"
	paramBytes   = "totalSize"
	paramRaw     = "rawDataSize"
)

// checkFinished is asked when the write's directory, which a commit removes last, is gone: then the table must be there.
func (c *Connector) checkFinished(ctx context.Context, w *write) error {
	t, err := c.store.Table(ctx, w.Name)
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.HiveTableDroppedDuringQuery, "Table '%s' was dropped during query", w.Name)
	}
	return err
}

// checkTarget checks that the table of a CREATE TABLE AS does not exist meanwhile, unless this very write made it, and that the
// table of an INSERT still does.
func (c *Connector) checkTarget(ctx context.Context, w *write) error {
	t, err := c.store.Table(ctx, w.Name)
	switch {
	case err != nil:
		return err
	case w.Create == nil && t == nil:
		return trinoerr.New(trinoerr.HiveTableDroppedDuringQuery, "Table '%s' was dropped during query", w.Name)
	case w.Create != nil && t != nil && t.Parameters[paramQuery] != w.QueryID:
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, w.Name)
	}
	return nil
}

// register makes the directories durable and what was moved known to the metastore.
func (c *Connector) register(ctx context.Context, w *write, plan *commitPlan) error {
	groups := map[string]added{}
	var order []string
	for _, f := range plan.Files {
		if _, seen := groups[f.Partition]; !seen {
			order = append(order, f.Partition)
		}
		a := groups[f.Partition]
		groups[f.Partition] = added{a.files + 1, a.rows + f.Rows, a.bytes + f.Bytes}
	}
	for _, name := range order {
		if err := c.syncDir(ctx, w.directory(name)); err != nil {
			return err
		}
	}
	if err := c.syncDir(ctx, w.Location); err != nil {
		return err
	}
	switch {
	case w.Create != nil:
		return c.registerTable(ctx, w, order, groups)
	case len(order) == 0:
		return nil
	}
	t, err := c.store.Table(ctx, w.Name)
	if err != nil || t == nil {
		return err
	}
	if len(w.Partitions) > 0 {
		return c.registerPartitions(ctx, w, t, order, groups, plan.Overwritten...)
	}
	if t.Parameters[paramQuery] == w.QueryID {
		return nil
	}
	if err := c.store.SetStatistics(ctx, t, "", nil); err != nil {
		return err
	}
	t.Parameters[paramQuery] = w.QueryID
	groups[""].count(t.Parameters, false)
	return c.store.ReplaceTable(ctx, t)
}

// registerTable makes a new table, where it can with its partitions all at once.
func (c *Connector) registerTable(ctx context.Context, w *write, order []string, groups map[string]added) error {
	if len(w.Partitions) == 0 {
		groups[""].count(w.Create.Parameters, true)
	}
	first := len(w.Partitions) > 0 && c.store.PartitionsFirst()
	if first {
		if err := c.registerPartitions(ctx, w, w.Create, order, groups); err != nil {
			return err
		}
	}
	made, err := c.store.Table(ctx, w.Name)
	if err != nil {
		return err
	}
	if made == nil { // otherwise by this very write, see checkTarget
		if err := c.store.CreateTable(ctx, w.Create); err != nil {
			return err
		}
	}
	if len(w.Partitions) == 0 || first {
		return nil
	}
	if made, err = c.store.Table(ctx, w.Name); err != nil || made == nil {
		return err
	}
	return c.registerPartitions(ctx, w, made, order, groups)
}

// registerPartitions makes table partitions, or tells those that are there of more rows, and of other ones those that are overwritten.
func (c *Connector) registerPartitions(ctx context.Context, w *write, t *metastore.Table, names []string, groups map[string]added, overwritten ...string) error {
	for len(names) > 0 {
		batch := names[:min(partitionBatch, len(names))]
		names = names[len(batch):]
		found, err := c.store.Partitions(ctx, t, batch)
		if err != nil {
			return err
		}
		var made []*metastore.Partition
		for i, p := range found {
			switch {
			case p == nil:
				p = newPartition(t, batch[i], join(w.Location, batch[i]))
				groups[batch[i]].count(p.Parameters, true)
				p.Parameters[paramQuery] = w.QueryID
				made = append(made, p)
			case p.Parameters[paramQuery] != w.QueryID:
				if err := c.store.SetStatistics(ctx, t, p.Name, nil); err != nil {
					return err
				}
				groups[batch[i]].count(p.Parameters, slices.Contains(overwritten, batch[i]))
				p.Parameters[paramQuery] = w.QueryID
				if err := c.store.ReplacePartition(ctx, t, p); err != nil {
					return err
				}
			}
		}
		if len(made) > 0 {
			if err := c.store.AddPartitions(ctx, t, made); err != nil {
				return err
			}
		}
	}
	return nil
}

// added is what a write adds to a table or table partition.
type added struct{ files, rows, bytes int64 }

// count adds to the numbers in parameters. Numbers that were not there stay unknown, unless everything is new.
func (a added) count(parameters map[string]string, isNew bool) {
	delete(parameters, paramRaw)
	for name, n := range map[string]int64{paramFiles: a.files, paramRows: a.rows, paramBytes: a.bytes} {
		old, err := strconv.ParseInt(parameters[name], 10, 64)
		switch {
		case isNew:
			parameters[name] = strconv.FormatInt(n, 10)
		case err == nil && old >= 0:
			parameters[name] = strconv.FormatInt(old+n, 10)
		default:
			delete(parameters, name)
		}
	}
}

// forgetStatistics is for a table whose rows were removed.
func forgetStatistics(parameters map[string]string) {
	for _, name := range []string{paramFiles, paramRows, paramBytes, paramRaw} {
		delete(parameters, name)
	}
}

// unregister takes back what registerPartitions did. A table partition in which there is nothing left goes.
func (c *Connector) unregister(ctx context.Context, w *write, name string) error {
	t := w.Create
	if t == nil || !c.store.PartitionsFirst() {
		made, err := c.store.Table(ctx, w.Name)
		if made == nil {
			return err
		}
		t = made
	}
	p, err := c.partitionOf(ctx, t, name)
	if err != nil {
		return err
	}
	if p != nil && p.Parameters[paramQuery] == w.QueryID {
		rest := &partition{location: join(w.Location, name)}
		if err := c.listFiles(ctx, rest); err != nil {
			return err
		}
		if len(rest.files) == 0 {
			err = c.store.DropPartition(ctx, t, name, false)
		} else {
			forgetStatistics(p.Parameters)
			err = c.store.ReplacePartition(ctx, t, p)
		}
		if err != nil {
			return err
		}
	}
	c.removeEmpty(ctx, w, name)
	return nil
}

// unregisterTable takes back a table that was made before its partitions were.
func (c *Connector) unregisterTable(ctx context.Context, w *write) error {
	if w.Create == nil {
		return nil
	}
	t, err := c.store.Table(ctx, w.Name)
	if err != nil || t == nil || t.Parameters[paramQuery] != w.QueryID {
		return err
	}
	return c.store.DropTable(ctx, w.Name, t.Type == metastore.ManagedTable)
}
