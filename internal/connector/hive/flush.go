package hive

import (
	"context"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// flushProcedure is for statements that are made for Trino. No metadata is remembered beyond a query, so there is nothing to forget; the
// arguments are checked all the same.
func (c *Connector) flushProcedure() connector.Procedure {
	varchar := types.Of(types.Varchar)
	list := types.ArrayOf(varchar)
	return connector.Procedure{
		Name: connector.SchemaTable{Schema: "system", Table: "flush_metadata_cache"},
		Arguments: []connector.ProcedureArgument{{Name: "SCHEMA_NAME", Type: varchar}, {Name: "TABLE_NAME", Type: varchar},
			{Name: "PARTITION_COLUMNS", Type: list}, {Name: "PARTITION_VALUES", Type: list}},
		Run: func(ctx context.Context, args []any) error {
			schema, inSchema := args[0].(string)
			table, ofTable := args[1].(string)
			columns, ofColumns := args[2].([]any)
			values, ofValues := args[3].([]any)
			switch {
			case !inSchema && !ofTable && !ofColumns && !ofValues:
				return nil
			case !inSchema || !ofTable || ofColumns != ofValues:
				return trinoerr.New(trinoerr.InvalidProcedureArgument, "Illegal parameter set passed. Valid usages: flush_metadata_cache(), "+
					"flush_metadata_cache(schema_name => ..., table_name => ...), "+
					"flush_metadata_cache(schema_name => ..., table_name => ..., partition_columns => ARRAY['...'], partition_values => ARRAY['...'])")
			case len(columns) != len(values):
				return trinoerr.New(trinoerr.InvalidProcedureArgument, "Parameters partition_column and partition_value should have same length")
			}
			name := connector.SchemaTable{Schema: strings.ToLower(schema), Table: strings.ToLower(table)}
			t, err := c.store.Table(ctx, name)
			if t == nil && err == nil {
				err = trinoerr.New(trinoerr.NotFound, "Table '%s' not found", name)
			}
			return err
		},
	}
}
