package iceberg

import (
	"context"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// CanDelete reports whether the rows of a constraint are whole partitions in all the ways that the table is and was partitioned, so that
// deleting them is deleting files.
func (c *Connector) CanDelete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (bool, error) {
	h, err := readHandle(t.Handle)
	if err != nil || h.Past || h.Metadata != "" {
		return false, err
	}
	if len(constraint) == 0 {
		return true, nil
	}
	if _, exact := filter(h.Schema, h.Schema, constraint); !exact {
		return false, nil
	}
	tbl, err := c.pinned(ctx, h)
	if err != nil {
		return false, err
	}
	for _, spec := range tbl.Metadata().PartitionSpecs() {
		for _, d := range constraint {
			if !identityField(spec, h.Schema, d.Column) {
				return false, nil
			}
		}
	}
	return true, nil
}

// identityField reports whether files of a spec have one value of a column each.
func identityField(spec iceberg.PartitionSpec, schema *iceberg.Schema, column string) bool {
	field, found := schema.FindFieldByNameCaseInsensitive(column)
	if !found {
		return false
	}
	for _, f := range spec.FieldsBySourceID(field.ID) {
		if _, ok := f.Transform.(iceberg.IdentityTransform); ok {
			return true
		}
	}
	return false
}

// Delete removes the files of a constraint. Rows that had been deleted one by one before are not counted.
func (c *Connector) Delete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (int64, error) {
	var rows int64
	err := c.commit(ctx, t.Name, "delete-"+uuid.NewString(), func() (*table.Table, error) {
		tbl, _, err := c.changing(ctx, t)
		return tbl, err
	}, func(tbl *table.Table, tx *table.Transaction) error {
		rows = 0
		if tbl.CurrentSnapshot() == nil {
			return nil
		}
		h := handleOf(t.Name, tbl, tbl.CurrentSnapshot())
		tasks, err := c.planFiles(ctx, tbl, h, constraint)
		if err != nil {
			return err
		}
		var files, vectors []iceberg.DataFile
		seen := map[string]bool{}
		for i := range tasks {
			if seen[tasks[i].File.FilePath()] {
				continue
			}
			seen[tasks[i].File.FilePath()] = true
			files = append(files, tasks[i].File)
			vectors = append(vectors, tasks[i].DeletionVectorFiles...)
			n, err := c.liveRows(ctx, tbl, h, &tasks[i])
			if err != nil {
				return err
			}
			rows += n
		}
		if len(files) == 0 {
			return nil
		}
		return tx.ReplaceFiles(ctx, files, nil, vectors, iceberg.Properties{"engine-name": "waterbear"})
	})
	return rows, err
}

// liveRows is how many rows of a file have not been deleted.
func (c *Connector) liveRows(ctx context.Context, t *table.Table, h *handle, task *table.FileScanTask) (int64, error) {
	if len(task.DeleteFiles)+len(task.EqualityDeleteFiles)+len(task.DeletionVectorFiles) == 0 {
		return task.File.Count(), nil
	}
	s, err := newSplit(task, t, h.Schema)
	if err != nil {
		return 0, err
	}
	file, err := openParquet(ctx, c.storage.files, s.Path, s.Size)
	if err != nil {
		return 0, err
	}
	gone, err := newDeletes(c.storage.files, h).rows(ctx, s, file, newMapping(s.Path, file.Root(), h.Mapping))
	return s.Rows - int64(len(gone)), err
}

// Truncate removes all rows.
func (c *Connector) Truncate(ctx context.Context, t *connector.Table) error {
	_, err := c.Delete(ctx, t, nil)
	return err
}
