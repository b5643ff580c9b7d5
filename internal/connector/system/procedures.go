package system

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Procedures is kill_query.
func (c *Connector) Procedures() []connector.Procedure {
	varchar := types.Of(types.Varchar)
	return []connector.Procedure{{
		Name: connector.SchemaTable{Schema: "runtime", Table: "kill_query"},
		Arguments: []connector.ProcedureArgument{
			{Name: "QUERY_ID", Type: varchar, Required: true},
			{Name: "MESSAGE", Type: varchar, Default: ""},
		},
		Run: c.killQuery,
	}}
}

func (c *Connector) killQuery(ctx context.Context, args []any) error {
	id, ok := args[0].(string)
	if !ok {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "query_id cannot be null")
	}
	message, _ := args[1].(string)
	return c.system.KillQuery(ctx, id, message)
}
