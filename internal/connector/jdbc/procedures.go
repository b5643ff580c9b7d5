package jdbc

import (
	"context"
	"database/sql"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Procedures are system.execute, which runs a statement of the database's own, and system.flush_metadata_cache.
func (c *Connector) Procedures() []connector.Procedure {
	return []connector.Procedure{connector.ExecuteProcedure(func(ctx context.Context, text string) error {
		defer c.forget()
		return c.exec(ctx, text)
	}), {
		Name: connector.SchemaTable{Schema: "system", Table: "flush_metadata_cache"},
		Run: func(context.Context, []any) error {
			c.forget()
			return nil
		},
	}}
}

// QueryDescriber is a dialect that says what columns a query gives.
type QueryDescriber interface {
	DescribeQuery(ctx context.Context, db *sql.DB, query string) ([]NativeColumn, error)
}

// queryKey is the key of the columns of a query.
type queryKey struct{ text string }

// TableFunctions is system.query, which is the rows of a query in the database's own SQL.
func (c *Connector) TableFunctions() []connector.TableFunction {
	d, ok := c.dialect.(QueryDescriber)
	if !ok {
		return nil
	}
	return []connector.TableFunction{connector.QueryFunction(func(ctx context.Context, text string) (*connector.Table, error) {
		return c.queryTable(ctx, d, strings.TrimRight(strings.TrimSpace(text), ";"))
	})}
}

// queryTable is a query as a table.
func (c *Connector) queryTable(ctx context.Context, d QueryDescriber, text string) (*connector.Table, error) {
	columns, err := connector.Remember(ctx, owned[queryKey]{c, queryKey{text}}, func(l []NativeColumn) int { return len(l) }, func() ([]NativeColumn, error) {
		list, err := d.DescribeQuery(ctx, c.reads, text)
		return list, c.failed(err)
	})
	if err != nil {
		return nil, err
	}
	s := c.SettingsFor(ctx)
	r := &relation{From: "(" + text + "\n) " + alias} // the query may end in a comment
	out := &connector.Table{Name: connector.SchemaTable{Schema: "system", Table: "query"}}
	seen := map[string]bool{}
	for i := range columns {
		native := &columns[i]
		m, ok := c.readAs(native, &s)
		if !ok {
			return nil, trinoerr.New(trinoerr.NotSupported, "Unsupported type '%s' of column '%s' of the query", native.Type, native.Name)
		}
		col := c.columnOf(native, m)
		if seen[col.Name] {
			return nil, trinoerr.New(trinoerr.NotSupported, "The query gives several columns of the name '%s'", col.Name)
		}
		seen[col.Name] = true
		col.Remote, col.Native = "", ""
		r.Columns = append(r.Columns, col)
		out.Columns = append(out.Columns, connector.Column{Name: col.Name, Type: col.Type})
	}
	if len(out.Columns) == 0 {
		return nil, trinoerr.New(trinoerr.NotSupported, "Query not supported: it gives no columns")
	}
	out.Handle, err = r.handle()
	return out, err
}
