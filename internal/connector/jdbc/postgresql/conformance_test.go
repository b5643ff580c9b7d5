//go:build e2e

package postgresql

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestConformance runs the suite of all connectors. Each of its parts has a database of its own.
func TestConformance(t *testing.T) {
	server := servers.StartPostgreSQL(t)
	t.Run("staging", func(t *testing.T) {
		server.Exec(t, "CREATE SCHEMA staging")
		jdbctest.Staging(t, func() connector.Connector { return jdbctest.Open(t, Factory, server.Properties()) }, "staging", server.Exec)
	})
	n := 0
	ask := func(ask func(ctx context.Context, c *pgx.Conn) error) {
		t.Helper()
		c, err := pgx.Connect(context.Background(), fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/suite%d", server.User, server.Password, server.Port(), n))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		if err := ask(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			n++
			database := fmt.Sprint("suite", n)
			server.Exec(t, "CREATE DATABASE "+database)
			p := server.Properties()
			p["connection-url"] = fmt.Sprintf("jdbc:postgresql://127.0.0.1:%d/%s", server.Port(), database)
			p["postgresql.array-mapping"] = "AS_ARRAY"
			p["join-pushdown.strategy"] = "EAGER"
			return jdbctest.Open(t, Factory, p)
		},
		Schema: "public",
		Types: map[string]string{"tinyint": "smallint", "timestamp(9)": "", "timestamp(12)": "", "map(varchar, bigint)": "", "row(a bigint, b varchar)": "",
			"array(row(k varchar, v array(integer)))": ""},
		Key: func(t *testing.T, name connector.SchemaTable) {
			ask(func(ctx context.Context, c *pgx.Conn) error {
				_, err := c.Exec(ctx, "ALTER TABLE "+name.String()+" ADD PRIMARY KEY (id)")
				return err
			})
		},
		Traces: func() (tables []string) {
			ask(func(ctx context.Context, c *pgx.Conn) error {
				rows, err := c.Query(ctx, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")
				if err == nil {
					tables, err = pgx.CollectRows(rows, pgx.RowTo[string])
				}
				return err
			})
			return tables
		},
	})
}
