package engine

import duckdb "github.com/duckdb/duckdb-go-bindings"

// macros are the SQL macros that every instance has, as CREATE MACRO statements.
var macros []string

// functions are the scalar functions in Go that every instance has.
var functions []func(duckdb.Connection) error

func registerFunctions(conn duckdb.Connection) error {
	for _, f := range functions {
		if err := f(conn); err != nil {
			return err
		}
	}
	return nil
}
