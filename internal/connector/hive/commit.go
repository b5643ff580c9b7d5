package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// planFile lies in a write's directory from the moment on when its commit begins: the files that it consists of. A commit that
// was interrupted is gone on with and not begun anew.
const planFile = "commit.json"

// commitPlan says what a commit does.
type commitPlan struct {
	Files []writtenFile `json:"files"`
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
	if err := c.checkTarget(w); err != nil {
		return err
	}
	if _, err := os.Stat(w.staging()); errors.Is(err, fs.ErrNotExist) {
		return c.checkFinished(w)
	}
	plan, err := w.plan(fragments)
	if err != nil {
		return err
	}
	for _, f := range plan.Files {
		if err := w.publish(f); err != nil {
			return err
		}
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	if err := c.register(w, plan); err != nil {
		return err
	}
	// The rows are there. What cannot be removed now is hidden, and in nobody's way.
	_ = w.cleanUp()
	return nil
}

// checkFinished is asked when the write's directory, which a commit removes last, is gone: then the table must be there.
func (c *Connector) checkFinished(w *write) error {
	t, err := c.store.table(w.Name)
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.HiveTableDroppedDuringQuery, "Table '%s' was dropped during query", w.Name)
	}
	return err
}

// plan returns the plan of the commit, from the disk when it was begun before.
func (w *write) plan(fragments [][]byte) (*commitPlan, error) {
	file := filepath.Join(w.staging(), planFile)
	plan := new(commitPlan)
	if found, err := readMetadata(file, plan, new(extras)); found || err != nil {
		return plan, err
	}
	for _, f := range fragments {
		var files []writtenFile
		if err := json.Unmarshal(f, &files); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into Hive")
		}
		plan.Files = append(plan.Files, files...)
	}
	return plan, writeMetadata(file, plan, nil)
}

// checkTarget checks that the table of a CREATE TABLE AS does not exist meanwhile, unless this very write made it, and that the
// table of an INSERT still does.
func (c *Connector) checkTarget(w *write) error {
	t, err := c.store.table(w.Name)
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

// publish moves a file into place.
func (w *write) publish(f writtenFile) error {
	dir := filepath.Join(w.Dir, filepath.FromSlash(f.Partition))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return writerError(err)
	}
	to := filepath.Join(dir, f.Name)
	err := os.Rename(filepath.Join(w.staging(), f.Attempt, f.Name), to)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(to)
	}
	return writerError(err)
}

// register makes the directories durable and what was moved known to the metastore.
func (c *Connector) register(w *write, plan *commitPlan) error {
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
		if err := syncDir(filepath.Join(w.Dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	if err := syncDir(w.Dir); err != nil {
		return err
	}
	if len(w.Partitions) > 0 {
		for _, name := range order {
			if err := c.registerPartition(w, name, groups[name]); err != nil {
				return err
			}
		}
	}
	if w.Create != nil {
		if len(w.Partitions) == 0 {
			groups[""].count(w.Create.Parameters, true)
		}
		return c.store.putTable(w.Name, w.Create)
	}
	if len(w.Partitions) > 0 || len(order) == 0 {
		return nil
	}
	t, err := c.store.table(w.Name)
	if err != nil || t == nil || t.Parameters[paramQuery] == w.QueryID {
		return err
	}
	t.Parameters[paramQuery] = w.QueryID
	groups[""].count(t.Parameters, false)
	t.ColumnStatistics = json.RawMessage("{}")
	return c.store.putTable(w.Name, t)
}

// registerPartition makes a table partition, or tells one that is there of more rows.
func (c *Connector) registerPartition(w *write, name string, a added) error {
	p, err := c.store.partition(w.Name, name)
	if err != nil {
		return err
	}
	switch {
	case p == nil:
		if p, err = c.newPartition(w, name); err != nil {
			return err
		}
		a.count(p.Parameters, true)
	case p.Parameters[paramQuery] == w.QueryID:
		return nil
	default:
		a.count(p.Parameters, false)
	}
	if p.Parameters == nil {
		p.Parameters = map[string]string{}
	}
	p.Parameters[paramQuery] = w.QueryID
	p.ColumnStatistics = json.RawMessage("{}")
	file := c.store.partitionFile(w.Name, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return metastoreError(err)
	}
	return writeMetadata(file, p, p.rest)
}

func (c *Connector) newPartition(w *write, name string) (*partitionFile, error) {
	t := w.Create
	if t == nil {
		found, err := c.existing(w.Name)
		if err != nil {
			return nil, err
		}
		t = found.file
	}
	p := &partitionFile{Columns: t.DataColumns, StorageFormat: t.StorageFormat, SerdeParameters: map[string]string{}, Parameters: map[string]string{}}
	if t.ExternalLocation != "" {
		p.ExternalLocation = join(t.ExternalLocation, name)
	}
	return p, nil
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

// cleanUp removes the write's directory, which ends the write, and the one above it when no other write is under way.
func (w *write) cleanUp() error {
	// Renamed first, so that no half of it is taken for a write.
	gone := w.staging() + ".ended"
	if err := os.Rename(w.staging(), gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writerError(err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return writerError(err)
	}
	_ = os.Remove(filepath.Join(w.Dir, stagingDir)) // fails while others write
	return nil
}

// AbortWrite removes what attempts left, and what a commit that failed made visible. A write that was finished stays.
func (c *Connector) AbortWrite(_ context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	c.change.Lock()
	defer c.change.Unlock()
	if err := c.rollBack(w); err != nil {
		return err
	}
	if err := w.cleanUp(); err != nil {
		return err
	}
	if w.Create != nil {
		_ = os.Remove(w.Dir) // only when it is empty: then no table was made
	}
	return nil
}

// rollBack takes back a commit that failed on its way.
func (c *Connector) rollBack(w *write) error {
	plan := new(commitPlan)
	found, err := readMetadata(filepath.Join(w.staging(), planFile), plan, new(extras))
	if !found || err != nil {
		return err
	}
	for _, f := range plan.Files {
		dir := filepath.Join(w.Dir, filepath.FromSlash(f.Partition))
		if err := os.Remove(filepath.Join(dir, f.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return writerError(err)
		}
		if f.Partition != "" {
			if err := c.unregister(w, f.Partition); err != nil {
				return err
			}
		}
	}
	return nil
}

// unregister takes back what registerPartition did. A table partition in which there is nothing left goes.
func (c *Connector) unregister(w *write, name string) error {
	p, err := c.store.partition(w.Name, name)
	if err != nil {
		return err
	}
	file := c.store.partitionFile(w.Name, name)
	if p != nil && p.Parameters[paramQuery] == w.QueryID {
		rest := &partition{location: join(w.Location, name)}
		if err := c.listFiles(rest); err != nil {
			return err
		}
		if len(rest.files) == 0 {
			err = os.Remove(file)
		} else {
			forgetStatistics(p.Parameters)
			err = writeMetadata(file, p, p.rest)
		}
		if err != nil {
			return metastoreError(err)
		}
	}
	removeEmpty(filepath.Join(w.Dir, filepath.FromSlash(name)), w.Dir)
	removeEmpty(filepath.Dir(file), c.store.tableDir(w.Name))
	return nil
}
