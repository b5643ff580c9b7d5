package connector

import (
	"context"
	"encoding/json"
)

// Operation is what happens to a row in a change of a table: in the first column of a change's rows, a tinyint.
type Operation int8

// The operations. The numbers are Trino's.
const (
	InsertRow Operation = 1 // a row that is added; it has no id
	DeleteRow Operation = 2 // an id without values
	UpdateRow Operation = 3 // the id of the row as it was, and all values of the row as it will be
)

// RowIdentifier is a connector that knows its rows apart, or says why it does not change them one by one.
type RowIdentifier interface {
	// RowID lists the columns that together identify a row of a table, never NULL. They can be asked for in scans of the table,
	// besides its own columns, and their names, which begin with a dollar, are none of these. The error of a table whose rows
	// cannot be changed is NOT_SUPPORTED.
	RowID(ctx context.Context, t *Table) ([]Column, error)
}

// RowChanger is a connector in whose tables single rows can be deleted and replaced: what DELETE with any condition, UPDATE and
// MERGE need. A change has the life of a write: BeginChange, the sinks of any number of attempts, then FinishWrite with the
// fragments of the selected ones, or AbortWrite. What a statement reads does not show what it changes.
type RowChanger interface {
	Writer
	RowIdentifier

	// BeginChange prepares a change of the table's rows. A connector that cannot bear the retry mode refuses with
	// NOT_SUPPORTED. queryID is the commit token. What FinishWrite would undo because another change came before it, it
	// refuses with TRANSACTION_CONFLICT.
	BeginChange(ctx context.Context, t *Table, mode RetryMode, queryID string) (json.RawMessage, error)

	// ChangeSink opens the writing of one attempt in a task. id is unique per query, partition and attempt.
	ChangeSink(ctx context.Context, change json.RawMessage, id string) (ChangeSink, error)
}

// ChangeSink takes the changes of one attempt: first the new rows, as files, like any Sink; then the ids of the rows that are
// no more. An updated row comes both ways, unless the sink is a RowUpdater.
type ChangeSink interface {
	Sink
	// Delete takes ids of rows, in ascending order. The columns of the batch are those of RowID; it is valid until Delete
	// returns.
	Delete(ctx context.Context, ids *Batch) error
}

// RowUpdater is a ChangeSink that is told which rows are updated, for systems in which a row keeps what the statement does not
// name: its place, its triggers, its references.
type RowUpdater interface {
	// Update takes updated rows: the columns of RowID, then those of the table, as they will be.
	Update(ctx context.Context, rows *Batch) error
}
