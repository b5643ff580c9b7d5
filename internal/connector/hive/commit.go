package hive

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Files in the directory of a write. beginFile is there as long as the write is under way: it goes before all else when the write ends, so
// that nothing that is left of it is taken for a write. planFile is there from the moment on when the commit begins: the files that it
// consists of. A commit that was interrupted is gone on with and not begun anew.
const (
	beginFile = "begun"
	planFile  = "commit.json"
)

// commitPlan says what a commit does.
type commitPlan struct {
	Files []writtenFile `json:"files"`
	// Overwritten are the table partitions whose rows are replaced, and Remove the locations of the files that had them.
	Overwritten []string `json:"overwritten,omitempty"`
	Remove      []string `json:"remove,omitempty"`
	// Removing says that these files are being removed: then there is no way back.
	Removing bool `json:"removing,omitempty"`
}

// FinishWrite moves the files of the fragments into place, registers table partitions, makes a new table visible, and removes
// what other attempts left. Every step can be repeated: a file that has arrived is not moved again, and a table or partition
// that this query registered is not changed again.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	c.change.Lock()
	defer c.change.Unlock()
	if err := c.checkTarget(ctx, w); err != nil {
		return err
	}
	if underWay, err := c.underWay(ctx, w); err != nil || !underWay {
		if err == nil {
			err = c.checkFinished(ctx, w)
		}
		if err == nil {
			err = c.cleanUp(ctx, w) // which may have been interrupted
		}
		return err
	}
	plan, err := c.plan(ctx, w, fragments)
	if err != nil {
		return err
	}
	if err := inParallel(ctx, len(plan.Files), func(ctx context.Context, i int) error { return c.publish(ctx, w, plan.Files[i]) }); err != nil {
		return err
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	if err := c.register(ctx, w, plan); err != nil {
		return err
	}
	if err := c.removeOverwritten(ctx, w, plan); err != nil {
		return err
	}
	// The rows are there. What cannot be removed now is hidden, and in nobody's way.
	_ = c.cleanUp(ctx, w)
	return nil
}

// underWay reports whether a write has begun and not ended.
func (c *Connector) underWay(ctx context.Context, w *write) (bool, error) {
	_, err := c.files.Stat(ctx, join(w.staging(), beginFile))
	if errors.Is(err, filesystem.ErrNotFound) {
		return false, nil
	}
	return err == nil, writerError(err)
}

// plan returns the plan of the commit, the one that was kept when it was begun before.
func (c *Connector) plan(ctx context.Context, w *write, fragments [][]byte) (*commitPlan, error) {
	if plan, err := c.readPlan(ctx, w); plan != nil || err != nil {
		return plan, err
	}
	plan := new(commitPlan)
	for _, f := range fragments {
		var files []writtenFile
		if err := json.Unmarshal(f, &files); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into Hive")
		}
		plan.Files = append(plan.Files, files...)
	}
	if w.Create == nil && len(w.Partitions) > 0 {
		if err := c.planExisting(ctx, w, plan); err != nil {
			return nil, err
		}
	}
	return plan, c.keepPlan(ctx, w, plan)
}

func (c *Connector) keepPlan(ctx context.Context, w *write, plan *commitPlan) error {
	data, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	return writerError(filesystem.WriteAll(ctx, c.files, join(w.staging(), planFile), data, filesystem.CreateOptions{Durable: true}))
}

// readPlan reads a plan; nil when there is none.
func (c *Connector) readPlan(ctx context.Context, w *write) (*commitPlan, error) {
	data, err := filesystem.ReadAll(ctx, c.files, join(w.staging(), planFile))
	if errors.Is(err, filesystem.ErrNotFound) {
		return nil, nil
	}
	plan := new(commitPlan)
	if err == nil {
		err = json.Unmarshal(data, plan)
	}
	if err != nil {
		return nil, writerError(err)
	}
	return plan, nil
}

// directory is the location of a table partition, or of the table when there are none.
func (w *write) directory(partition string) string {
	if partition == "" {
		return w.Location
	}
	return join(w.Location, partition)
}

// publish moves a file into place.
func (c *Connector) publish(ctx context.Context, w *write, f writtenFile) error {
	to := join(w.directory(f.Partition), f.Name)
	err := c.files.Move(ctx, join(w.staging(), f.Attempt, f.Name), to)
	if errors.Is(err, filesystem.ErrNotFound) {
		_, err = c.files.Stat(ctx, to)
	}
	return writerError(err)
}

// cleanUp ends the write: it removes its directory, and the one above it when no other write is under way.
func (c *Connector) cleanUp(ctx context.Context, w *write) error {
	if err := c.files.Delete(ctx, join(w.staging(), beginFile)); err != nil {
		return writerError(err)
	}
	if err := c.files.DeleteDir(ctx, w.staging()); err != nil {
		return writerError(err)
	}
	return writerError(c.files.DeleteEmptyDir(ctx, join(w.Location, stagingDir)))
}

// AbortWrite removes what attempts left, and what a commit that failed made visible. A write that was finished stays.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	c.change.Lock()
	defer c.change.Unlock()
	underWay, err := c.underWay(ctx, w)
	if err != nil {
		return err
	}
	if underWay {
		if err := c.rollBack(ctx, w); err != nil {
			return err
		}
	}
	if err := c.cleanUp(ctx, w); err != nil {
		return err
	}
	if w.Create != nil {
		return writerError(c.files.DeleteEmptyDir(ctx, w.Location)) // it is not empty when a table was made
	}
	return nil
}

// rollBack takes back a commit that failed on its way.
func (c *Connector) rollBack(ctx context.Context, w *write) error {
	plan, err := c.readPlan(ctx, w)
	if plan == nil || err != nil {
		return err
	}
	if plan.Removing {
		return c.removeOverwritten(ctx, w, plan)
	}
	for _, f := range plan.Files {
		if err := c.files.Delete(ctx, join(w.directory(f.Partition), f.Name)); err != nil {
			return writerError(err)
		}
		if f.Partition != "" {
			if err := c.unregister(ctx, w, f.Partition); err != nil {
				return err
			}
		}
	}
	return c.unregisterTable(ctx, w)
}

// syncDir makes the entries of a directory durable. One that does not exist has none.
func (c *Connector) syncDir(ctx context.Context, dir string) error {
	err := c.files.SyncDir(ctx, dir)
	if errors.Is(err, filesystem.ErrNotFound) {
		return nil
	}
	return writerError(err)
}

// removeEmpty removes the directories of a table partition upwards, as long as they are empty and below the table's.
func (c *Connector) removeEmpty(ctx context.Context, w *write, partition string) {
	for partition != "" {
		if c.files.DeleteEmptyDir(ctx, join(w.Location, partition)) != nil {
			return
		}
		partition = partition[:max(0, strings.LastIndexByte(partition, '/'))]
	}
}
