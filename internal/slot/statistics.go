package slot

import (
	"context"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// gatherStatistics makes the rows of a statement the fragment: numbers and texts.
func (a *attempt) gatherStatistics(ctx context.Context) error {
	rows := [][]any{}
	counted := int64(0)
	err := a.instance.QueryChunks(ctx, a.task.Sql, func(c *engine.Chunk) error {
		for i := range c.Rows {
			row := make([]any, len(c.Columns))
			for n := range c.Columns {
				var err error
				if row[n], err = statistic(&c.Columns[n], i); err != nil {
					return err
				}
			}
			rows = append(rows, row)
			n, _ := row[0].(int64)
			counted += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.stats.OutputRows = counted
	a.fragment, err = json.Marshal(rows)
	return err
}

func statistic(c *engine.Column, row int) (any, error) {
	switch {
	case c.IsNull(row):
		return nil, nil
	case c.Type.ID == engine.TypeBigInt:
		return engine.Values[int64](c)[row], nil
	case c.Type.ID == engine.TypeVarchar:
		return string(c.Bytes(row)), nil
	}
	return nil, trinoerr.New(trinoerr.GenericInternalError, "a statistic of type %s", c.Type)
}
