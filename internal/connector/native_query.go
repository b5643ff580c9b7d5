package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// nativeQuery is the argument of ExecuteProcedure and QueryFunction: a text in the SQL of the database behind a connector.
var nativeQuery = []ProcedureArgument{{Name: "QUERY", Type: types.Of(types.Varchar), Required: true}}

// nativeText is its value; NULL is refused with a code.
func nativeText(args []any, code *trinoerr.Code) (string, error) {
	text, ok := args[0].(string)
	if !ok {
		return "", trinoerr.New(code, "The query must not be NULL")
	}
	return text, nil
}

// ExecuteProcedure is system.execute, which runs a statement of the database's own.
func ExecuteProcedure(run func(ctx context.Context, text string) error) Procedure {
	return Procedure{Name: SchemaTable{"system", "execute"}, Arguments: nativeQuery, Run: func(ctx context.Context, args []any) error {
		text, err := nativeText(args, trinoerr.InvalidProcedureArgument)
		if err != nil {
			return err
		}
		return run(ctx, text)
	}}
}

// QueryFunction is system.query, which is the rows of a query in the database's own SQL.
func QueryFunction(table func(ctx context.Context, text string) (*Table, error)) TableFunction {
	return TableFunction{Name: SchemaTable{"system", "query"}, Arguments: nativeQuery, Table: func(ctx context.Context, args []any) (*Table, error) {
		text, err := nativeText(args, trinoerr.InvalidFunctionArgument)
		if err != nil {
			return nil, err
		}
		return table(ctx, text)
	}}
}
