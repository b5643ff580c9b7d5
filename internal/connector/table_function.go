package connector

import "context"

// TableFunctions is a connector with functions that make tables: TABLE(catalog.schema.name(argument => value)).
type TableFunctions interface {
	TableFunctions() []TableFunction
}

// TableFunction is a function that makes a table of constant arguments, such as the query function of connectors to databases.
type TableFunction struct {
	// Name is the schema and the name, in lower case: system.query.
	Name      SchemaTable
	Arguments []ProcedureArgument
	// Table describes the table that a call makes, given a value for each argument: its columns, and a handle to scan it by. Its Name
	// is what EXPLAIN shows. Splits, Source, Statistics and pushdown get it like any table.
	//
	// It is called whenever the statement is planned, also by a successor of the coordinator, which expects the same answer.
	Table func(ctx context.Context, args []any) (*Table, error) `json:"-"`
}
