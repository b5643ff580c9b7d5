package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// View is a stored query. Its text is of the engine: connectors keep it and do not read it.
type View struct {
	Name SchemaTable
	// SQL is the query; names in it are completed by Catalog and Schema, which may be empty, and functions are looked for along
	// Path.
	SQL                   string
	Catalog, Schema, Path string
	// Columns are those that the query had when the view was made.
	Columns []ViewColumn
	Comment *string
	// Owner is who made the view; empty for one that runs with the rights of who reads it (SECURITY INVOKER).
	Owner string
}

// ViewColumn is a column of a view.
type ViewColumn struct {
	Name    string
	Type    types.Type
	Comment *string
}

// Table describes a view as a table that has its columns.
func (v *View) Table() *Table {
	t := &Table{Name: v.Name, Comment: v.Comment}
	for _, c := range v.Columns {
		t.Columns = append(t.Columns, Column{Name: c.Name, Type: c.Type, Comment: c.Comment})
	}
	return t
}

// Views is a connector that keeps views. Tables lists them, and Table does not find them.
type Views interface {
	// View returns a view; nil without an error when there is none.
	View(ctx context.Context, name SchemaTable) (*View, error)
	// PutView stores a view. With replace there may be one of that name already; a table of that name there is not. It fails
	// with NOT_FOUND when there is no such schema.
	PutView(ctx context.Context, v *View, replace bool) error
	DropView(ctx context.Context, name SchemaTable) error
	// RenameView gives a view another name, which is free.
	RenameView(ctx context.Context, name, to SchemaTable) error
}

// Routine is a stored function. Its text is of the engine.
type Routine struct {
	Schema string
	// Name is the function's name and Signature the types of its parameters, as Trino writes them, separated by commas. Both
	// together identify a function of a schema.
	Name, Signature string
	// SQL is the function's specification, from FUNCTION on.
	SQL string
	// Path is where functions that the body calls are looked for. Owner is who made the function; empty for one that runs with
	// the rights of who calls it.
	Path, Owner string
}

// Routines is a connector that keeps functions. Their schemas need not exist.
type Routines interface {
	// Routines lists the functions of a schema by name and signature; with a name only those that have it.
	Routines(ctx context.Context, schema, name string) ([]Routine, error)
	// PutRoutine stores a function; with replace there may be one already.
	PutRoutine(ctx context.Context, r Routine, replace bool) error
	DropRoutine(ctx context.Context, schema, name, signature string) error
}

// NullabilityChanger is a connector that can let a column have NULLs.
type NullabilityChanger interface {
	DropNotNull(ctx context.Context, t *Table, column string) error
}
