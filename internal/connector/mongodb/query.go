package mongodb

import (
	"context"
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TableFunctions has query, which asks MongoDB with a filter of its own language.
func (c *Connector) TableFunctions() []connector.TableFunction {
	text := types.Of(types.Varchar)
	return []connector.TableFunction{{
		Name: connector.SchemaTable{Schema: "system", Table: "query"},
		Arguments: []connector.ProcedureArgument{
			{Name: "DATABASE", Type: text, Required: true}, {Name: "COLLECTION", Type: text, Required: true}, {Name: "FILTER", Type: text, Required: true},
		},
		Table: c.query,
	}}
}

// query is a table of which a filter leaves some documents.
func (c *Connector) query(ctx context.Context, args []any) (*connector.Table, error) {
	database, _ := args[0].(string)
	collection, _ := args[1].(string)
	filter, _ := args[2].(string)
	name := connector.SchemaTable{Schema: database, Table: collection}
	if _, err := parseFilter(filter); err != nil {
		return nil, err
	}
	t, err := c.Table(ctx, name)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, trinoerr.New(trinoerr.TableNotFound, "Table '%s' not found", name)
	}
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	h.Filter = filter
	t.Handle, err = json.Marshal(h)
	return t, err
}

// parseFilter reads a filter: MongoDB's extended JSON.
func parseFilter(text string) (bson.D, error) {
	var filter bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &filter); err != nil {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Can't parse 'filter' argument as json: %s", err)
	}
	return filter, nil
}
