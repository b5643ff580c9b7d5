package bigquery

import (
	"context"
	"encoding/json"
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Procedures is system.execute, which runs a statement of BigQuery's.
func (c *Connector) Procedures() []connector.Procedure {
	return []connector.Procedure{connector.ExecuteProcedure(func(ctx context.Context, text string) error {
		_, err := c.run(ctx, "", text)
		return err
	})}
}

// TableFunctions is system.query, which is the rows of a query in BigQuery's SQL.
func (c *Connector) TableFunctions() []connector.TableFunction {
	return []connector.TableFunction{connector.QueryFunction(c.queryTable)}
}

// asked is what the description of a query is remembered by within a statement.
type asked struct {
	c    *Connector
	text string
}

// queryTable is a query as a table. BigQuery says what columns it has without running it.
func (c *Connector) queryTable(ctx context.Context, text string) (*connector.Table, error) {
	plan, err := connector.Remember(ctx, asked{c, text}, func(*bigquery.JobStatistics) int { return 1 }, func() (*bigquery.JobStatistics, error) {
		q := c.query(ctx, newJobID(), "", text)
		q.DryRun = true
		job, err := q.Run(ctx)
		if err != nil {
			return nil, failed(err, trinoerr.BigqueryInvalidStatement, "Failed to get the columns of the query")
		}
		return job.LastStatus().Statistics, nil
	})
	if err != nil {
		return nil, err
	}
	details, ok := plan.Details.(*bigquery.QueryStatistics)
	if !ok || !strings.EqualFold(details.StatementType, "SELECT") {
		return nil, trinoerr.New(trinoerr.NotSupported, "Query not supported: it must be a SELECT")
	}
	t := &connector.Table{Name: connector.SchemaTable{Schema: "system", Table: "query"}}
	h := handle{place: place{Project: c.parent}, Query: text}
	if t.Columns, h.Fields, err = columnsOf(details.Schema, t.Name); err != nil {
		return nil, err
	}
	if len(t.Columns) < len(details.Schema) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Query not supported: it has columns of types that cannot be read")
	}
	t.Handle, err = json.Marshal(h)
	return t, err
}
