package iceberg

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// rewrite is what a rewriting of rows replaces.
type rewrite struct {
	// Files are the data files, and Snapshot the one in which they were read.
	Files    []string `json:"files"`
	Snapshot int64    `json:"snapshot"`
}

// FinishWrite makes the files of the fragments visible by one commit, whose snapshot has the query's id: one that is called again finds it and
// does nothing. Commits of others that come before it are no hindrance unless they contradict.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	all, err := readFragments(fragments)
	if err != nil {
		return err
	}
	files := make([]iceberg.DataFile, len(all.Files))
	for i := range all.Files {
		if files[i], err = all.Files[i].dataFile(w.Spec, w.Schema); err != nil {
			return trinoerr.Wrap(err, trinoerr.IcebergWriterDataError, "describe %s", all.Files[i].Path)
		}
	}
	switch {
	case w.Create != nil && !w.Made:
		return c.finishCreate(ctx, w, files)
	case w.Rewrite != nil:
		return c.finishRewrite(ctx, w, files)
	case w.Change:
		return c.finishChange(ctx, w, files, all.Deleted)
	case len(files) == 0:
		return nil
	}
	return c.commit(ctx, w.Name, w.QueryID, w.load(ctx, c), func(t *table.Table, tx *table.Transaction) error {
		if err := w.fits(t); err != nil {
			return err
		}
		return tx.NewRowDelta(summary(w.QueryID)).AddRows(files...).Commit(ctx)
	})
}

// load loads the table of a write, which must still be the one that it began with.
func (w *write) load(ctx context.Context, c *Connector) func() (*table.Table, error) {
	return func() (*table.Table, error) {
		t, err := c.load(ctx, w.Name)
		switch {
		case err != nil:
			return nil, err
		case t == nil:
			return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' was dropped during the query", c.name, w.Name)
		case t.Metadata().TableUUID().String() != w.UUID:
			return nil, trinoerr.New(trinoerr.TransactionConflict, "Table %s was replaced during the query", w.Name)
		}
		return t, nil
	}
}

// fits says why files that were written some time ago do not fit into a table: columns came or went since. Another partitioning does not
// matter, files keep theirs.
func (w *write) fits(t *table.Table) error {
	if t.Schema().Equals(w.Schema) || sameFields(t.Schema(), w.Schema) {
		return nil
	}
	return trinoerr.New(trinoerr.TransactionConflict, "The columns of table %s were changed during the query", w.Name)
}

// sameFields reports whether files of one schema are right for another: all the columns are there, and the same; only names and comments may
// differ.
func sameFields(now, then *iceberg.Schema) bool {
	a, b := now.Fields(), then.Fields()
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || !a[i].Type.Equals(b[i].Type) || a[i].Required && !b[i].Required {
			return false
		}
	}
	return true
}

func readFragments(fragments [][]byte) (*fragment, error) {
	all := &fragment{}
	deleted := map[string]*positions{}
	for _, raw := range fragments {
		var f fragment
		if err := json.Unmarshal(raw, &f); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into Iceberg")
		}
		all.Files = append(all.Files, f.Files...)
		for name, raw := range f.Deleted {
			p, err := decodePositions(raw)
			if err != nil {
				return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a change of Iceberg")
			}
			if deleted[name] == nil {
				deleted[name] = p
			} else {
				deleted[name].union(p)
			}
		}
	}
	for name, p := range deleted {
		raw, err := p.encode()
		if err != nil {
			return nil, err
		}
		if all.Deleted == nil {
			all.Deleted = map[string][]byte{}
		}
		all.Deleted[name] = raw
	}
	return all, nil
}

// finishCreate makes a table together with its first snapshot.
func (c *Connector) finishCreate(ctx context.Context, w *write, files []iceberg.DataFile) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	there := func() (bool, error) {
		t, err := c.load(ctx, w.Name)
		if err != nil || t == nil {
			return false, err
		}
		if t.Metadata().TableUUID().String() == w.UUID {
			return true, nil
		}
		return false, trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.name, w.Name)
	}
	if done, err := there(); done || err != nil {
		return err
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	created := &createdFiles{}
	updates, err := c.birth(ctx, w, files, created)
	if err != nil {
		created.remove(ctx, c.storage)
		return err
	}
	_, _, err = cat.CommitTable(ctx, identifier(w.Name), []table.Requirement{table.AssertCreate()}, updates)
	if err == nil {
		return nil
	}
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		created.remove(ctx, c.storage)
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", w.Name.Schema)
	}
	if done, e := there(); done || e != nil {
		if e != nil {
			created.remove(ctx, c.storage)
		}
		return e
	}
	return trinoerr.Wrap(err, trinoerr.IcebergCatalogError, "Failed to create table %s", w.Name)
}

// birth are the updates that make a table with its first snapshot.
func (c *Connector) birth(ctx context.Context, w *write, files []iceberg.DataFile, created *createdFiles) ([]table.Update, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	meta, err := table.ParseMetadataBytes(w.Create)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into Iceberg")
	}
	updates := creation(meta)
	if len(files) == 0 {
		return updates, nil
	}
	tx := table.New(identifier(w.Name), meta, "", c.storage.open(created), cat).NewTransaction()
	if err := tx.NewRowDelta(summary(w.QueryID)).AddRows(files...).Commit(ctx); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.IcebergCommitError, "Failed to create table %s", w.Name)
	}
	first, err := tx.TableCommit()
	return append(updates, first.Updates...), err
}

// conflict is the error of a change that another change contradicts.
func conflict(name connector.SchemaTable, format string, args ...any) error {
	return trinoerr.New(trinoerr.TransactionConflict, "Failed to commit the change of %s: "+format, append([]any{name}, args...)...)
}
