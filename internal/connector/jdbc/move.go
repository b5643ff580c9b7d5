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
// only one can have it. A new table is full when it has the target's name; until its staging table is gone its comment tells whose it is. For an INSERT
// the full table has all rows that are not in the target yet, however often they are moved. A write is over when its staging table is gone.
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
		return c.finishNew(ctx, w, selected)
	case !w.Moved:
		return c.finishPlainly(ctx, w, selected)
	}
	full := w.related(newSuffix)
	there, err := c.exists(ctx, full)
	if err != nil {
		return err
	}
	if !there {
		err := c.fill(ctx, w, full, selected, func(name Name) error { return c.exec(ctx, d.Like(c.qualified(name), c.qualified(w.Target))) })
		if err != nil {
			return err
		}
		if there, err = c.exists(ctx, w.Staging); err != nil {
			return err
		}
		if !there {
			return c.drop(ctx, full) // another commit of the same write was faster, and has finished
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
	return c.drop(ctx, w.Staging, full)
}

// finishNew makes the new table of a write.
func (c *Connector) finishNew(ctx context.Context, w *write, selected *selection) error {
	d, err := c.dialect.Describe(ctx, c.writes, w.Target)
	switch {
	case err != nil:
		return c.failed(err)
	case d == nil:
		err := c.fill(ctx, w, w.Target, selected, func(name Name) error { return c.createTable(ctx, name, w.Create.Columns, new(w.mark())) })
		if err != nil {
			return err
		}
	case d.Comment == nil || *d.Comment != w.mark():
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s' already exists", w.Create.Name)
	}
	if err := c.drop(ctx, w.Staging); err != nil {
		return err
	}
	return c.setComment(ctx, CommentTable, w.Target, "", w.Create.Comment)
}

// finishPlainly copies the rows into a table into which nothing can be moved. It is not repeated: such tables are not written under retries.
func (c *Connector) finishPlainly(ctx context.Context, w *write, selected *selection) error {
	if err := c.env.Commit(ctx, w.QueryID); err != nil {
		return err
	}
	for chunk := range slices.Chunk(selected.attempts, maxAttempts) {
		if err := c.exec(ctx, c.copyStatement(w, w.Target, chunk)); err != nil {
			return err
		}
	}
	return c.drop(ctx, w.Staging)
}

// undoNew drops a new table whose write has not been finished.
func (c *Connector) undoNew(ctx context.Context, w *write) error {
	staged, err := c.exists(ctx, w.Staging)
	if err != nil || !staged {
		return err
	}
	d, err := c.dialect.Describe(ctx, c.writes, w.Target)
	if err != nil || d == nil || d.Comment == nil || *d.Comment != w.mark() {
		return c.failed(err)
	}
	return c.drop(ctx, w.Target)
}

// unmark gives a new table its comment, if a commit was interrupted just before that.
func (c *Connector) unmark(ctx context.Context, w *write) error {
	d, err := c.dialect.Describe(ctx, c.writes, w.Target)
	if err != nil || d == nil || d.Comment == nil || *d.Comment != w.mark() {
		return c.failed(err)
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
