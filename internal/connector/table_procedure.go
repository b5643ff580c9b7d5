package connector

import (
	"context"
	"encoding/json"
)

// TableProcedures is a connector with procedures of tables: ALTER TABLE t EXECUTE name(argument => value) WHERE ….
type TableProcedures interface {
	TableProcedures() []TableProcedure
}

// TableProcedure is a procedure of tables. Exactly one of Run and Rewrite is set.
type TableProcedure struct {
	Name      string // in upper case: OPTIMIZE
	Arguments []Property
	// Filtered says that WHERE may be given. The procedure is told of it as a constraint that says neither more nor less; a condition
	// that cannot be written as one is refused, and the procedure refuses what it cannot keep to with NOT_SUPPORTED.
	Filtered bool

	// Run carries out a procedure that the coordinator does by itself, such as expire_snapshots. A coordinator that dies in the middle does not repeat it.
	Run func(ctx context.Context, t *Table, args map[string]any, where []Domain) error `json:"-"`

	// Rewrite says which rows a procedure that reads rows and writes them anew, such as optimize, is about: a table that has the
	// columns of t and a handle by which just these are scanned, for example the small files of a version. Nil without an error: none, and
	// the statement ends. It changes nothing: EXPLAIN calls it, and a successor of the coordinator, which expects the same answer.
	//
	// What follows has the life of a write: BeginRewrite with that table, the sinks of any number of attempts, then FinishWrite
	// with the fragments of the selected ones, which puts their files in place of what was read, or AbortWrite.
	Rewrite func(ctx context.Context, t *Table, args map[string]any, where []Domain) (*Table, error) `json:"-"`
}

// Rewriter is a Writer with procedures that rewrite rows.
type Rewriter interface {
	Writer
	// BeginRewrite prepares the rewriting of the rows of a table that Rewrite has described. queryID is the commit token. What
	// FinishWrite would undo because another change came before it, it refuses with TRANSACTION_CONFLICT.
	BeginRewrite(ctx context.Context, procedure string, t *Table, mode RetryMode, queryID string) (json.RawMessage, error)
}
