package jdbc

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// AbortWrite drops the tables of a write.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil || w.Staging.Table == "" {
		return err
	}
	if _, moves := c.dialect.(Mover); moves && w.Create != nil {
		if err := c.undoNew(ctx, w); err != nil {
			return err
		}
	}
	return c.drop(ctx, w.tables()...)
}

// tables are those of a write beside the target. The first is the one with the token.
func (w *write) tables() []Name {
	all := []Name{w.Staging}
	if w.Create != nil || w.Moved {
		all = append(all, w.related(newSuffix))
	}
	if w.Key != nil {
		all = append(all, w.related(deletedSuffix), w.related(updatedSuffix))
	}
	return all
}

// Suffixes of the names of a write's further tables.
const (
	newSuffix     = "_n"
	deletedSuffix = "_d"
	updatedSuffix = "_u"
)

// FinishWrite copies the rows of the selected attempts, once.
func (c *Connector) FinishWrite(ctx context.Context, raw json.RawMessage, fragments [][]byte) error {
	w, err := readWrite(raw)
	if err != nil {
		return err
	}
	defer c.forget()
	if w.Staging.Table == "" {
		return nil // rows went into the target by themselves
	}
	var selected selection
	if err := selected.read(fragments); err != nil {
		return err
	}
	there, err := c.exists(ctx, w.Staging)
	mover, moves := c.dialect.(Mover)
	if err != nil || !there { // it has been finished before
		if err == nil && moves && w.Create != nil {
			return c.unmark(ctx, w)
		}
		return err
	}
	if moves {
		return c.finishByMoving(ctx, mover, w, &selected)
	}
	into := w.Target
	if w.Create != nil {
		into = w.related(newSuffix)
		if err := c.createUnlessThere(ctx, into, w); err != nil {
			return err
		}
	}
	if err := c.commit(ctx, w, into, &selected); err != nil {
		return err
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	if w.Create != nil {
		if err := c.publish(ctx, w); err != nil {
			return err
		}
	}
	tables := w.tables()
	slices.Reverse(tables) // the token goes last
	return c.drop(ctx, tables...)
}

// selection is what the selected attempts have written.
type selection struct {
	attempts         []string
	deleted, updated int64
}

func (f *selection) read(raw [][]byte) error {
	for _, r := range raw {
		var one fragment
		if err := json.Unmarshal(r, &one); err != nil {
			return trinoerr.Wrap(err, trinoerr.SerializationError, "fragment of a write into a database")
		}
		f.attempts = append(f.attempts, one.Attempt)
		f.deleted, f.updated = f.deleted+one.Deleted, f.updated+one.Updated
	}
	return nil
}

// exists finds out whether there is a table. What was remembered does not count.
func (c *Connector) exists(ctx context.Context, name Name) (bool, error) {
	d, err := c.dialect.Describe(ctx, c.writes, name)
	return d != nil, c.failed(err)
}

// createUnlessThere makes the table that becomes the target, unless it is there since FinishWrite was called before.
func (c *Connector) createUnlessThere(ctx context.Context, name Name, w *write) error {
	there, err := c.exists(ctx, name)
	if err == nil && !there {
		// After the commit it has been renamed, and the target is there.
		there, err = c.exists(ctx, w.Target)
		if err == nil && there {
			return c.checkDone(ctx, w)
		}
	}
	if err != nil || there {
		return err
	}
	return c.createTable(ctx, name, w.Create.Columns, w.Create.Comment)
}

// checkDone fails unless the write has taken its token: the target that is there is somebody else's then.
func (c *Connector) checkDone(ctx context.Context, w *write) error {
	var tokens int
	err := c.writes.QueryRowContext(ctx, "SELECT count(*) FROM "+c.qualified(w.Staging)+" WHERE "+c.dialect.Quote(c.stored(attemptColumn))+" = "+
		c.dialect.Text(token)).Scan(&tokens)
	if err == nil && tokens > 0 {
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s' already exists", w.Create.Name)
	}
	return c.failed(err)
}

// publish gives a new table its name. It has it already when FinishWrite was called before.
func (c *Connector) publish(ctx context.Context, w *write) error {
	name := w.related(newSuffix)
	there, err := c.exists(ctx, name)
	if err != nil || !there {
		return err
	}
	return c.rename(ctx, name, w.Target)
}

// commit takes the token and applies the rows of the selected attempts, in one transaction. Without a token it has been done.
func (c *Connector) commit(ctx context.Context, w *write, into Name, selected *selection) error {
	tx, err := c.writes.BeginTx(ctx, nil)
	if err != nil {
		return c.failed(err)
	}
	defer tx.Rollback() // after a commit it does nothing
	attempt := c.dialect.Quote(c.stored(attemptColumn))
	taken, err := affected(tx.ExecContext(ctx, "DELETE FROM "+c.qualified(w.Staging)+" WHERE "+attempt+" = "+c.dialect.Text(token)))
	if err != nil {
		return c.failed(err)
	}
	if taken == 0 {
		return nil
	}
	if w.Key != nil {
		if err := c.applyChanges(ctx, tx, w, selected); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(selected.attempts, maxAttempts) {
		if _, err := tx.ExecContext(ctx, c.copyStatement(w, into, chunk)); err != nil {
			return c.failed(err)
		}
	}
	return c.failed(tx.Commit())
}

// maxAttempts is of how many attempts one statement copies the rows.
const maxAttempts = 1000

// copyStatement copies the rows of some attempts from the staging table.
func (c *Connector) copyStatement(w *write, into Name, attempts []string) string {
	names := strings.Join(quoteAll(c.dialect, w.Columns), ", ")
	return "INSERT INTO " + c.qualified(into) + " (" + names + ") SELECT " + names + " FROM " + c.qualified(w.Staging) + " WHERE " +
		c.among(c.dialect.Quote(c.stored(attemptColumn)), attempts)
}

// among is the condition that a row is of one of some attempts.
func (c *Connector) among(column string, attempts []string) string {
	list := make([]string, len(attempts))
	for i, a := range attempts {
		list[i] = c.dialect.Text(a)
	}
	return in(column, list)
}

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
