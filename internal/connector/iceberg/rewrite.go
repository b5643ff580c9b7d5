package iceberg

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// finishRewrite puts files in place of those that were read for them. What others have added meanwhile stays; what they have deleted of the
// files that were read contradicts.
func (c *Connector) finishRewrite(ctx context.Context, w *write, files []iceberg.DataFile) error {
	return c.commit(ctx, w.Name, w.QueryID, w.load(ctx, c), func(t *table.Table, tx *table.Transaction) error {
		if err := w.fits(t); err != nil {
			return err
		}
		old, vectors, err := c.replaced(ctx, w, t)
		if err != nil {
			return err
		}
		r := tx.NewRewrite(summary(w.QueryID))
		for _, f := range append(old, vectors...) {
			r = r.DeleteFile(f)
		}
		for _, f := range files {
			r = r.AddDataFile(f)
		}
		return r.Commit(ctx)
	})
}

// replaced are the files that a rewriting replaces, with their deletion vectors, as the table has them now.
func (c *Connector) replaced(ctx context.Context, w *write, t *table.Table) (old, vectors []iceberg.DataFile, err error) {
	head := t.CurrentSnapshot()
	if head == nil {
		return nil, nil, conflict(w.Name, "all its rows were deleted")
	}
	now, err := c.tasksOf(ctx, t, handleOf(w.Name, t, head), w.Rewrite.Files)
	if err != nil {
		return nil, nil, err
	}
	then := now
	if head.SnapshotID != w.Rewrite.Snapshot {
		if then, err = c.tasksOf(ctx, t, w.Handle, w.Rewrite.Files); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range w.Rewrite.Files {
		task, found := now[name]
		if !found {
			return nil, nil, conflict(w.Name, "the file %s was removed", name)
		}
		if !slices.Equal(deleteNames(task), deleteNames(then[name])) {
			return nil, nil, conflict(w.Name, "rows of %s were deleted", name)
		}
		old = append(old, task.File)
		vectors = append(vectors, task.DeletionVectorFiles...)
	}
	return old, vectors, nil
}

// tasksOf are the scans of some files in a snapshot, by name.
func (c *Connector) tasksOf(ctx context.Context, t *table.Table, h *handle, names []string) (map[string]*table.FileScanTask, error) {
	tasks, err := c.planFiles(ctx, t, h, nil)
	out := map[string]*table.FileScanTask{}
	for i := range tasks {
		if name := tasks[i].File.FilePath(); slices.Contains(names, name) {
			out[name] = &tasks[i]
		}
	}
	return out, err
}

// deleteNames are the deletes that are about a file.
func deleteNames(task *table.FileScanTask) (out []string) {
	if task == nil {
		return nil
	}
	for _, l := range [][]iceberg.DataFile{task.DeleteFiles, task.EqualityDeleteFiles, task.DeletionVectorFiles} {
		for _, d := range l {
			out = append(out, d.FilePath())
		}
	}
	slices.Sort(out)
	return out
}

// BeginRewrite begins to write rows anew.
func (c *Connector) BeginRewrite(ctx context.Context, _ string, t *connector.Table, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	w, err := c.beginInto(ctx, t, queryID)
	if err != nil {
		return nil, err
	}
	w.Rewrite = &rewrite{Files: h.Only, Snapshot: *h.Snapshot}
	return json.Marshal(w)
}
