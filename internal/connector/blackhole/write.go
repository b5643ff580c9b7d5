package blackhole

import (
	"context"
	"encoding/json"
	"os"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// RepeatableWrites says that attempts leave nothing.
func (c *Connector) RepeatableWrites() {}

// BeginWrite prepares a write: for CREATE TABLE AS its handle has the table to be made.
func (c *Connector) BeginWrite(_ context.Context, t *connector.Table, create bool, _ connector.RetryMode, queryID string) (json.RawMessage, error) {
	if !create {
		return json.Marshal(created{QueryID: queryID})
	}
	made, err := c.newTable(t)
	if err != nil {
		return nil, err
	}
	c.Lock()
	defer c.Unlock()
	if err := c.CheckFree(t.Name); err != nil {
		return nil, err
	}
	return json.Marshal(created{QueryID: queryID, Name: t.Name, Columns: made.Columns, Rows: &made.rows})
}

// created is a write. With Rows, a table exists when it is finished.
type created struct {
	QueryID string                `json:"query"`
	Name    connector.SchemaTable `json:"name,omitzero"`
	Columns []connector.Column    `json:"columns,omitempty"`
	Rows    *rows                 `json:"rows,omitempty"`
}

// FinishWrite creates the table of a CREATE TABLE AS. A second time it finds it there.
func (c *Connector) FinishWrite(_ context.Context, raw json.RawMessage, _ [][]byte) error {
	var w created
	if err := json.Unmarshal(raw, &w); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a write into a black hole")
	}
	if w.Rows == nil {
		return nil
	}
	c.Lock()
	defer c.Unlock()
	if old := c.ByName[w.Name]; old != nil && old.madeBy == w.QueryID {
		return nil
	}
	return c.Add(w.Name, &table{Table: tablemap.Table{Columns: w.Columns}, rows: *w.Rows, madeBy: w.QueryID})
}

// AbortWrite does nothing.
func (c *Connector) AbortWrite(context.Context, json.RawMessage) error { return nil }

// sink forgets rows.
type sink struct{}

// Sink opens the forgetting of an attempt's rows.
func (c *Connector) Sink(context.Context, json.RawMessage, string) (connector.Sink, error) {
	return sink{}, nil
}

// PartitionColumns is empty.
func (sink) PartitionColumns() []string { return nil }

// Options asks for what is cheapest.
func (sink) Options() connector.FileOptions {
	return connector.FileOptions{Compression: "uncompressed"}
}

// Add removes the file.
func (sink) Add(_ context.Context, path string, _ []*string, _, _ int64) error {
	return trinoerr.Wrap(os.Remove(path), trinoerr.GenericInternalError, "remove written rows")
}

// Finish returns an empty fragment.
func (sink) Finish(context.Context) ([]byte, error) { return []byte("{}"), nil }

// Abort does nothing.
func (sink) Abort(context.Context) error { return nil }

// rowID is the column that numbers the rows.
const rowID = "$row_id"

// RowID is the number of the row.
func (c *Connector) RowID(context.Context, *connector.Table) ([]connector.Column, error) {
	return []connector.Column{{Name: rowID, Type: types.Of(types.BigInt)}}, nil
}

// BeginChange prepares a change of rows, which will be forgotten.
func (c *Connector) BeginChange(ctx context.Context, t *connector.Table, mode connector.RetryMode, queryID string) (json.RawMessage, error) {
	return c.BeginWrite(ctx, t, false, mode, queryID)
}

// ChangeSink opens the forgetting of an attempt's changes.
func (c *Connector) ChangeSink(context.Context, json.RawMessage, string) (connector.ChangeSink, error) {
	return sink{}, nil
}

// Delete forgets ids.
func (sink) Delete(context.Context, *connector.Batch) error { return nil }
