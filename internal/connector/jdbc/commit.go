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
	return c.drop(ctx, c.tables(w)...)
}

// SettleWrite drops the tables that tell a repeated FinishWrite what has been done.
func (c *Connector) SettleWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil || w.Staging.Table == "" {
		return err
	}
	return c.drop(ctx, c.tables(w)...)
}

// tables are those of a write beside the target, in the order in which they go. The last one is that with the token.
func (c *Connector) tables(w *write) (all []Name) {
	if _, moves := c.dialect.(Mover); moves || w.Create != nil {
		all = append(all, w.related(newSuffix))
	}
	if w.Key != nil {
		all = append(all, w.related(deletedSuffix), w.related(updatedSuffix))
	}
	return append(all, w.Staging)
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
	if mover, moves := c.dialect.(Mover); moves {
		return c.finishByMoving(ctx, mover, w, &selected)
	}
	done, err := c.isDone(ctx, w)
	if err != nil {
		return err
	}
	if !done {
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
	}
	if w.Create != nil {
		return c.publish(ctx, w)
	}
	return nil
}

// isDone reports whether the rows have been copied. What cannot tell is an error: somebody else has dropped or emptied the staging table.
func (c *Connector) isDone(ctx context.Context, w *write) (bool, error) {
	there, err := c.exists(ctx, w.Staging)
	if err != nil {
		return false, err
	}
	if !there {
		return false, c.lost(w)
	}
	attempt := c.dialect.Quote(c.stored(attemptColumn))
	tokens, err := Texts(ctx, c.writes, "SELECT "+attempt+" FROM "+c.qualified(w.Staging)+" WHERE "+c.among(attempt, []string{tokenOpen, tokenDone}))
	switch {
	case err != nil:
		return false, c.failed(err)
	case len(tokens) == 0:
		return false, c.lost(w)
	}
	return tokens[0] == tokenDone, nil
}

// lost is the error of a write whose staging table is not what it was.
func (c *Connector) lost(w *write) error {
	err := trinoerr.New(trinoerr.JdbcNonTransientError, "The staging table %s of this statement was dropped or emptied by somebody else, so that it is not known whether its rows are in the "+
		"table %s: look whether they are, and run the statement again if not", c.qualified(w.Staging), c.qualified(w.Target))
	err.Deterministic = true
	return err
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
		if there, err = c.exists(ctx, w.Target); err == nil && there {
			if there, err = c.isDone(ctx, w); err == nil && !there { // the target is somebody else's
				err = w.taken()
			}
		}
	}
	if err != nil || there {
		return err
	}
	return c.createTable(ctx, name, w.Create.Columns, w.Create.Comment)
}

// taken is the error of a write whose new table somebody else has made meanwhile.
func (w *write) taken() error {
	return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s' already exists", w.Create.Name)
}

// publish gives a new table its name. It has it already when FinishWrite was called before.
func (c *Connector) publish(ctx context.Context, w *write) error {
	name := w.related(newSuffix)
	there, err := c.exists(ctx, name)
	if err == nil && there {
		return c.rename(ctx, name, w.Target)
	}
	if err == nil {
		if there, err = c.exists(ctx, w.Target); err == nil && !there {
			err = c.lost(w)
		}
	}
	return err
}

// commit turns the token and applies the rows of the selected attempts, in one transaction. When the token is done, it does nothing.
func (c *Connector) commit(ctx context.Context, w *write, into Name, selected *selection) error {
	tx, err := c.writes.BeginTx(ctx, nil)
	if err != nil {
		return c.failed(err)
	}
	defer tx.Rollback() // after a commit it does nothing
	attempt := c.dialect.Quote(c.stored(attemptColumn))
	taken, err := affected(tx.ExecContext(ctx, "UPDATE "+c.qualified(w.Staging)+" SET "+attempt+" = "+c.dialect.Text(tokenDone)+" WHERE "+attempt+" = "+c.dialect.Text(tokenOpen)))
	if err != nil {
		return c.failed(err)
	}
	if taken == 0 { // another commit of the same write was faster, or the token is gone
		if err := tx.Rollback(); err != nil {
			return c.failed(err)
		}
		_, err := c.isDone(ctx, w)
		return err
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
