package jdbc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A write goes through a staging table beside the target, named for the query, which has the target's columns and one more: the attempt that
// wrote the row. Besides the rows it has one token, a row of no attempt. FinishWrite turns the token from open to done and copies the rows of the
// selected attempts, in one transaction, which does not need a database that undoes CREATE TABLE. The staging table stays until SettleWrite: a
// FinishWrite that finds no token does not know whether it was done, and fails.
//
// A new table is filled under another name and renamed at the end.

// attemptColumn is the staging table's own column.
const attemptColumn = "waterbear_attempt"

// The token's attempt, which no attempt's id is like, tells whether the rows have been copied.
const (
	tokenOpen = "-"
	tokenDone = "+"
)

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
	// Moved says that rows come into a table that is there by being moved.
	Moved bool `json:"moved,omitempty"`
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
		c.sweep(ctx, w.Target.Schema)
		w.Staging = Name{w.Target.Schema, c.stored(stagingPrefix + queryID)}
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
	if _, ok := c.dialect.(Mover); ok {
		w.Moved = d.Transactional
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
	return c.exec(ctx, "INSERT INTO "+c.qualified(name)+" ("+quoted+") VALUES ("+c.dialect.Text(tokenOpen)+")")
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
		text, _ := c.statement(DropIfThere, c.qualified(n), c.dialect.Text(c.qualified(n))) // all databases have it
		if err := c.exec(ctx, text); err != nil {
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
