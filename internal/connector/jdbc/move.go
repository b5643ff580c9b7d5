package jdbc

import (
	"context"
	"crypto/rand"
	"database/sql"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Mover is a dialect of a database without transactions, but with tables whose rows can be moved into others like them, some at once.
//
// There a commit fills a table with the rows of the selected attempts first, under a name of its own, and then gives it the name that is the sign that it is full:
// only one can have it. A new table is full when it has the target's name; until the mark (the table _n) is there its comment tells whose it is. For an INSERT
// the full table is itself the mark: it has all rows that are not in the target yet, however often they are moved. Into tables of other kinds rows are
// copied, once: the mark is made before, and gets a comment after. A FinishWrite that finds neither mark nor staging table fails.
type Mover interface {
	// Like is the statement that makes an empty table like another one.
	Like(table, like string) string
	// Moves are statements that together move all rows of a table into one like it. Each does so with some of them at once.
	Moves(ctx context.Context, db *sql.DB, from, to Name) ([]string, error)
}

// mark is the comment of a new table that is not finished yet.
func (w *write) mark() string { return stagingPrefix + w.QueryID }

// finishByMoving is FinishWrite where rows are moved.
func (c *Connector) finishByMoving(ctx context.Context, d Mover, w *write, selected *selection) error {
	switch {
	case w.Create != nil:
		return c.finishNew(ctx, d, w, selected)
	case !w.Moved:
		return c.finishPlainly(ctx, d, w, selected)
	}
	full := w.related(newSuffix)
	there, err := c.exists(ctx, full)
	if err != nil {
		return err
	}
	if !there {
		if _, err := c.isDone(ctx, w); err != nil {
			return err
		}
		err := c.fill(ctx, w, full, selected, func(name Name) error { return c.exec(ctx, d.Like(c.qualified(name), c.qualified(w.Target))) })
		if err != nil {
			return err
		}
		if _, err := c.isDone(ctx, w); err != nil { // another commit of the same write was faster, and has been settled
			_ = c.drop(context.WithoutCancel(ctx), full) // else it is found with those of dead queries
			return err
		}
	}
	moves, err := d.Moves(ctx, c.writes, full, w.Target)
	if err != nil {
		return c.failed(err)
	}
	for _, m := range moves {
		if err := c.exec(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// finishNew makes the new table of a write. The mark is made when it is full, and then its comment tells no more whose it is.
func (c *Connector) finishNew(ctx context.Context, d Mover, w *write, selected *selection) error {
	mark := w.related(newSuffix)
	marked, err := c.exists(ctx, mark)
	if err != nil {
		return err
	}
	if !marked {
		if err := c.fillNew(ctx, w, selected); err != nil {
			return err
		}
		if err := c.exec(ctx, d.Like(c.qualified(mark), c.qualified(w.Target))); err != nil && trinoerr.CodeOf(err) != trinoerr.TableAlreadyExists {
			return err
		}
	}
	return c.unmark(ctx, w)
}

// fillNew makes the new table of a write with all its rows, unless it is there.
func (c *Connector) fillNew(ctx context.Context, w *write, selected *selection) error {
	full, there, err := c.isFull(ctx, w)
	if err != nil || full {
		return err
	}
	if _, err := c.isDone(ctx, w); err != nil {
		return err
	}
	if there {
		return w.taken()
	}
	err = c.fill(ctx, w, w.Target, selected, func(name Name) error { return c.createTable(ctx, name, w.Create.Columns, new(w.mark())) })
	if err != nil {
		return err
	}
	if full, _, err = c.isFull(ctx, w); err == nil && !full { // it was somebody else who was faster
		err = w.taken()
	}
	return err
}

// isFull reports whether the target is the new table of a write, with all its rows, and whether it is there at all.
func (c *Connector) isFull(ctx context.Context, w *write) (full, there bool, err error) {
	d, err := c.dialect.Describe(ctx, c.writes, w.Target)
	if err != nil || d == nil {
		return false, false, c.failed(err)
	}
	return d.Comment != nil && *d.Comment == w.mark(), true, nil
}

// copied is the comment of the mark of a write whose rows have been copied.
const copied = "copied"

// finishPlainly copies the rows into a table into which nothing can be moved. Such tables are not written under retries: a copying that was
// interrupted is not done again, as some of the rows may be there.
func (c *Connector) finishPlainly(ctx context.Context, d Mover, w *write, selected *selection) error {
	mark := w.related(newSuffix)
	marked, err := c.dialect.Describe(ctx, c.writes, mark)
	switch {
	case err != nil:
		return c.failed(err)
	case marked != nil && marked.Comment != nil && *marked.Comment == copied:
		return nil
	case marked != nil:
		return c.interrupted(w, nil)
	}
	if _, err := c.isDone(ctx, w); err != nil {
		return err
	}
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	if err := c.exec(ctx, d.Like(c.qualified(mark), c.qualified(w.Staging))); err != nil {
		return err
	}
	for chunk := range slices.Chunk(selected.attempts, maxAttempts) {
		if err := c.exec(ctx, c.copyStatement(w, w.Target, chunk)); err != nil {
			return c.interrupted(w, err)
		}
	}
	if err := c.setComment(ctx, CommentTable, mark, "", new(copied)); err != nil {
		return c.interrupted(w, err)
	}
	return nil
}

// interrupted is the error of a write whose rows may be in the table in part, which is not tried again.
func (c *Connector) interrupted(w *write, cause error) error {
	err := trinoerr.New(trinoerr.JdbcNonTransientError, "The copying of rows into the table %s was interrupted, and some of them may be there: look which are before the statement is run again",
		c.qualified(w.Target))
	if cause != nil {
		err.Msg += ": " + cause.Error()
	}
	err.Cause, err.Deterministic = cause, true
	return err
}

// undoNew drops a new table whose write has not been finished.
func (c *Connector) undoNew(ctx context.Context, w *write) error {
	marked, err := c.exists(ctx, w.related(newSuffix))
	if err != nil {
		return err
	}
	if marked {
		return c.unmark(ctx, w)
	}
	full, _, err := c.isFull(ctx, w)
	if err != nil || !full {
		return err
	}
	return c.drop(ctx, w.Target)
}

// unmark gives a new table its comment, if it has it not yet.
func (c *Connector) unmark(ctx context.Context, w *write) error {
	full, _, err := c.isFull(ctx, w)
	if err != nil || !full {
		return err
	}
	return c.setComment(ctx, CommentTable, w.Target, "", w.Create.Comment)
}

// fill makes a table and copies the rows of the selected attempts into it, under another name until all are there. That the table is there already is
// no error: another commit was faster.
func (c *Connector) fill(ctx context.Context, w *write, full Name, selected *selection, create func(name Name) error) error {
	part := w.related("_p" + strings.ToLower(rand.Text()))
	err := create(part)
	for chunk := range slices.Chunk(selected.attempts, maxAttempts) {
		if err == nil {
			err = c.exec(ctx, c.copyStatement(w, part, chunk))
		}
	}
	if err == nil {
		err = c.env.Commit(ctx, w.QueryID)
	}
	if err == nil {
		err = c.rename(ctx, part, full)
	}
	if err == nil {
		return nil
	}
	_ = c.drop(context.WithoutCancel(ctx), part) // else it is found with those of dead queries
	if trinoerr.CodeOf(err) == trinoerr.TableAlreadyExists {
		return nil
	}
	return err
}
