package hive

import (
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// What an INSERT does with table partitions that there are already.
const (
	appendRows    = "APPEND"
	overwriteRows = "OVERWRITE"
	refuseRows    = "ERROR"
)

// planExisting looks which of the table partitions that a write has rows for there are already, and plans what happens to them.
func (c *Connector) planExisting(ctx context.Context, w *write, plan *commitPlan) error {
	var names []string
	for _, f := range plan.Files {
		if !slices.Contains(names, f.Partition) {
			names = append(names, f.Partition)
		}
	}
	t, err := c.existing(ctx, w.Name)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(names, partitionBatch) {
		found, err := c.store.Partitions(ctx, t.meta, batch)
		if err != nil {
			return err
		}
		for i, p := range found {
			switch {
			case p == nil:
				continue
			case w.Existing == refuseRows:
				return trinoerr.New(trinoerr.HivePartitionReadOnly, "Cannot insert into an existing partition of Hive table: %s", p.Name)
			case p.Storage.Location != w.directory(batch[i]):
				return trinoerr.New(trinoerr.NotSupported, "Cannot insert into a partition of Hive table that does not lie in the table's directory: %s", p.Name)
			case !sameBuckets(p.Storage.Bucketing, t.meta.Storage.Bucketing):
				return trinoerr.New(trinoerr.HivePartitionSchemaMismatch, "Hive table (%s) is bucketed in another way than partition (%s)", t.name, p.Name)
			case w.Existing != overwriteRows:
				continue
			}
			old := &partition{location: p.Storage.Location}
			if err := c.listFiles(ctx, old); err != nil {
				return err
			}
			plan.Overwritten = append(plan.Overwritten, batch[i])
			for _, f := range old.files {
				plan.Remove = append(plan.Remove, f.Location)
			}
		}
	}
	return nil
}

// removeOverwritten removes the files whose rows were replaced, after the new ones are known to the metastore. For a moment readers may
// see both.
func (c *Connector) removeOverwritten(ctx context.Context, w *write, plan *commitPlan) error {
	if len(plan.Remove) == 0 {
		return nil
	}
	if !plan.Removing {
		plan.Removing = true
		if err := c.keepPlan(ctx, w, plan); err != nil {
			return err
		}
	}
	return inParallel(ctx, len(plan.Remove), func(ctx context.Context, i int) error {
		return writerError(c.files.Delete(ctx, plan.Remove[i]))
	})
}
