package jdbc

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A write goes through a staging table beside the target, named for the query, which has the target's columns and one more: the attempt that
// wrote the row. Besides the rows it has one token, a row of no attempt. FinishWrite takes the token away and copies the rows of the selected
// attempts, in one transaction: when the token is gone it has been done. Then the staging table is dropped. Neither needs a database that
// undoes CREATE TABLE.
//
// A new table is filled under another name and renamed at the end.

// attemptColumn is the staging table's own column.
const attemptColumn = "waterbear_attempt"

// token is the attempt of the row that stands for the right to finish. No attempt has such an id.
const token = "-"

// write is a write under way.
type write struct {
	QueryID string `json:"query"`
	Target  Name   `json:"target"`
	// Staging is the staging table; without a name, rows go into the target.
	Staging Name `json:"staging"`
	// Columns are those of the table, parallel to Types and Native.
	Columns []string     `json:"columns"`
	Types   []types.Type `json:"types"`
	Native  []string     `json:"native"`
	// Create is set for a table that FinishWrite makes: its definition.
	Create *created `json:"create,omitempty"`
	// Batch is how many rows a statement writes.
	Batch int `json:"batch"`
	// Key, in a change of rows, are the columns of the primary key, by position in Columns.
	Key []int `json:"key,omitempty"`
}

// created is a new table.
type created struct {
	Name    connector.SchemaTable `json:"name"`
	Columns []connector.Column    `json:"columns"`
	Comment *string               `json:"comment,omitempty"`
}

func readWrite(raw json.RawMessage) (*write, error) {
	w := &write{}
	err := json.Unmarshal(raw, w)
	return w, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into a database")
}

// RepeatableWrites says that nothing of an attempt shows before FinishWrite.
func (c *Connector) RepeatableWrites() {}

// related is the name of another table of the same write.
func (w *write) related(suffix string) Name {
	return Name{w.Staging.Schema, w.Staging.Table + suffix}
}

// BeginWrite makes the staging table.
func (c *Connector) BeginWrite(ctx context.Context, t *connector.Table, create bool, mode connector.RetryMode, queryID string) (json.RawMessage, error) {
	s := c.SettingsFor(ctx)
	if s.DirectInsert && mode == connector.RetriesEnabled {
		return nil, trinoerr.New(trinoerr.NotSupported, "Query and task retries are incompatible with non-transactional inserts")
	}
	w := &write{QueryID: queryID, Batch: s.BatchSize}
	var err error
	if create {
		err = c.toCreate(ctx, w, t)
	} else {
		err = c.toFill(ctx, w, t, mode)
	}
	if err != nil {
		return nil, err
	}
	if create || !s.DirectInsert {
		w.Staging = Name{w.Target.Schema, c.stored("tmp_waterbear_" + queryID)}
		if err := c.stage(ctx, w.Staging, w.Columns, w.Native); err != nil {
			return nil, err
		}
	}
	return json.Marshal(w)
}

// toCreate prepares a write into a table that is not there yet.
func (c *Connector) toCreate(ctx context.Context, w *write, t *connector.Table) (err error) {
	if w.Target, err = c.newTable(ctx, t.Name); err != nil {
		return err
	}
	w.Create = &created{t.Name, t.Columns, t.Comment}
	for _, col := range t.Columns {
		native, err := c.typeFor(ctx, col.Type)
		if err != nil {
			return err
		}
		w.Columns, w.Types, w.Native = append(w.Columns, c.stored(col.Name)), append(w.Types, col.Type), append(w.Native, native)
	}
	return nil
}

// toFill prepares a write into a table that is there.
func (c *Connector) toFill(ctx context.Context, w *write, t *connector.Table, mode connector.RetryMode) error {
	r, err := readRelation(t.Handle)
	if err != nil {
		return err
	}
	w.Target = *r.Table
	d, err := c.describe(ctx, w.Target)
	if err != nil {
		return err
	}
	if d == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s' does not exist", t.Name)
	}
	if !d.Transactional && mode == connector.RetriesEnabled {
		return trinoerr.New(trinoerr.NotSupported, "Query and task retries need a table with transactions, which %s is not", t.Name)
	}
	for _, col := range r.Columns {
		if col.ReadOnly {
			return trinoerr.New(trinoerr.NotSupported, "Underlying type that is mapped to VARCHAR is not supported for INSERT: %s", col.Native)
		}
		w.Columns, w.Types, w.Native = append(w.Columns, col.Remote), append(w.Types, col.Type), append(w.Native, col.Native)
	}
	return nil
}

// stage makes a staging table with its token. It may be there already: the coordinator that made it is no more.
func (c *Connector) stage(ctx context.Context, name Name, columns, native []string) error {
	var defs []string
	for i, col := range columns {
		defs = append(defs, c.dialect.Quote(col)+" "+native[i])
	}
	attempt, err := c.typeFor(ctx, types.VarcharN(200))
	if err != nil {
		return err
	}
	quoted := c.dialect.Quote(c.stored(attemptColumn))
	defs = append(defs, quoted+" "+attempt)
	if err := c.drop(ctx, name); err != nil {
		return err
	}
	if err := c.exec(ctx, "CREATE TABLE "+c.qualified(name)+" ("+strings.Join(defs, ", ")+")"+c.tableOptions()); err != nil {
		return err
	}
	return c.exec(ctx, "INSERT INTO "+c.qualified(name)+" ("+quoted+") VALUES ("+c.dialect.Text(token)+")")
}

// Optioner is a dialect whose new tables need something after their columns to have transactions.
type Optioner interface{ TableOptions() string }

func (c *Connector) tableOptions() string {
	if o, ok := c.dialect.(Optioner); ok {
		return " " + o.TableOptions()
	}
	return ""
}

// drop drops a table that may not be there.
func (c *Connector) drop(ctx context.Context, names ...Name) error {
	for _, n := range names {
		if err := c.exec(ctx, "DROP TABLE IF EXISTS "+c.qualified(n)); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement outside of any transaction.
func (c *Connector) exec(ctx context.Context, text string) error {
	_, err := c.writes.ExecContext(ctx, text)
	return c.failed(err)
}

// sink loads the rows of one attempt.
type sink struct {
	connector.NoFiles
	c     *Connector
	write *write
	id    string
	state connector.SinkState
}

// Sink opens the writing of one attempt.
func (c *Connector) Sink(_ context.Context, raw json.RawMessage, id string) (connector.Sink, error) {
	w, err := readWrite(raw)
	if err != nil {
		return nil, err
	}
	return &sink{c: c, write: w, id: id}, nil
}

// ColumnTypes are those of the table.
func (s *sink) ColumnTypes() []types.Type { return s.write.Types }

// Write loads rows. It holds a connection only meanwhile.
func (s *sink) Write(ctx context.Context, rows *connector.Batch) (int64, error) {
	if s.write.Staging.Table == "" {
		return 0, s.c.load(ctx, s.write, s.write.Target, s.write.Columns, rows, s.write.Types, "", "")
	}
	return 0, s.c.load(ctx, s.write, s.write.Staging, s.write.Columns, rows, s.write.Types, s.c.stored(attemptColumn), s.id)
}

// Finish names the attempt.
func (s *sink) Finish(context.Context) ([]byte, error) {
	if err := s.state.Finish(); err != nil {
		return nil, err
	}
	return json.Marshal(fragment{Attempt: s.id})
}

// Abort does nothing: rows of an attempt that is not selected go with the staging table.
func (s *sink) Abort(context.Context) error {
	s.state.Abort()
	return nil
}

// fragment is what an attempt has written.
type fragment struct {
	Attempt string `json:"attempt"`
	// Deleted and Updated count the rows of a change.
	Deleted int64 `json:"deleted,omitempty"`
	Updated int64 `json:"updated,omitempty"`
}

// load appends a batch to a table.
func (c *Connector) load(ctx context.Context, w *write, table Name, columns []string, b *connector.Batch, kinds []types.Type, last, value string) error {
	conn, err := c.writes.Conn(ctx)
	if err != nil {
		return c.failed(err)
	}
	defer conn.Close() // a broken one is not used again
	if l, ok := c.dialect.(Loader); ok {
		return c.failed(l.Load(ctx, conn, table, columns, b, kinds, last, value))
	}
	return c.failed(c.insert(ctx, conn, w.Batch, table, columns, b, kinds, last, value))
}

// maxStatement is about how many bytes a statement with rows has at most: servers bound it.
const maxStatement = 1 << 20

// insert appends a batch by INSERT, some rows at a time, all or none of the batch.
func (c *Connector) insert(ctx context.Context, conn *sql.Conn, size int, table Name, columns []string, b *connector.Batch, kinds []types.Type, last, value string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	names := quoteAll(c.dialect, columns)
	tail := ""
	if last != "" {
		names, tail = append(names, c.dialect.Quote(last)), c.dialect.Text(value)
	}
	head := "INSERT INTO " + c.qualified(table) + " (" + strings.Join(names, ", ") + ") VALUES "
	var text strings.Builder
	rows := 0
	flush := func() error {
		if rows == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, text.String())
		text.Reset()
		rows = 0
		return err
	}
	for i := range b.Rows {
		values := make([]string, len(columns), len(columns)+1)
		for n := range columns {
			v, ok := c.literalAt(&b.Columns[n], kinds[n], i)
			if !ok {
				return trinoerr.New(trinoerr.NotSupported, "Values of type %s cannot be written", kinds[n])
			}
			values[n] = v
		}
		if tail != "" {
			values = append(values, tail)
		}
		if rows == 0 {
			text.WriteString(head)
		} else {
			text.WriteString(", ")
		}
		text.WriteString("(" + strings.Join(values, ", ") + ")")
		if rows++; rows >= size || text.Len() >= maxStatement {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return tx.Commit()
}

// literalAt renders a value of a vector.
func (c *Connector) literalAt(v *connector.Vector, t types.Type, i int) (string, bool) {
	if v.IsNull(i) {
		return "NULL", true
	}
	value, ok := ValueAt(v, t, i)
	if !ok {
		return "", false
	}
	return c.dialect.Literal(t, value)
}

func quoteAll(d Dialect, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = d.Quote(n)
	}
	return out
}

// AbortWrite drops the tables of a write.
func (c *Connector) AbortWrite(ctx context.Context, raw json.RawMessage) error {
	w, err := readWrite(raw)
	if err != nil || w.Staging.Table == "" {
		return err
	}
	return c.drop(ctx, w.tables()...)
}

// tables are those of a write beside the target. The first is the one with the token.
func (w *write) tables() []Name {
	all := []Name{w.Staging}
	if w.Create != nil {
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
	defer c.cache.forget()
	if w.Staging.Table == "" {
		return nil // rows went into the target by themselves
	}
	var selected selection
	if err := selected.read(fragments); err != nil {
		return err
	}
	there, err := c.exists(ctx, w.Staging)
	if err != nil || !there {
		return err // it has been finished before
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
	for chunk := range slices.Chunk(selected.attempts, 1000) {
		names := strings.Join(quoteAll(c.dialect, w.Columns), ", ")
		_, err := tx.ExecContext(ctx, "INSERT INTO "+c.qualified(into)+" ("+names+") SELECT "+names+" FROM "+c.qualified(w.Staging)+" WHERE "+c.among(attempt, chunk))
		if err != nil {
			return c.failed(err)
		}
	}
	return c.failed(tx.Commit())
}

// among is the condition that a row is of one of some attempts.
func (c *Connector) among(column string, attempts []string) string {
	list := make([]string, len(attempts))
	for i, a := range attempts {
		list[i] = c.dialect.Text(a)
	}
	return column + " IN (" + strings.Join(list, ", ") + ")"
}

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// typeFor is the database's type for a new column.
func (c *Connector) typeFor(ctx context.Context, t types.Type) (string, error) {
	native, ok := c.dialect.TypeFor(t)
	if !ok || t.Kind == types.Array && c.SettingsFor(ctx).ArrayMapping != ArraysAsArray { // nobody could read it
		return "", trinoerr.New(trinoerr.NotSupported, "Unsupported column type: %s", t)
	}
	return native, nil
}

// createTable makes a table.
func (c *Connector) createTable(ctx context.Context, name Name, columns []connector.Column, comment *string) error {
	var defs []string
	for _, col := range columns {
		native, err := c.typeFor(ctx, col.Type)
		if err != nil {
			return err
		}
		if col.Comment != nil && *col.Comment != "" {
			return trinoerr.New(trinoerr.NotSupported, "This connector does not support creating tables with column comment")
		}
		def := c.dialect.Quote(c.stored(col.Name)) + " " + native
		if col.NotNull {
			def += " NOT NULL"
		}
		defs = append(defs, def)
	}
	err := c.exec(ctx, fmt.Sprintf("CREATE TABLE %s (%s)%s", c.qualified(name), strings.Join(defs, ", "), c.tableOptions()))
	if err == nil && comment != nil {
		err = c.setComment(ctx, CommentTable, name, "", comment)
	}
	return err
}
