//go:build e2e

package mariadb

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/go-sql-driver/mysql" // asks the server directly

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// other says what becomes of types. A column declared json is one of texts in this server.
var other = map[string]map[string]string{
	"mariadb": without(map[string]string{"timestamp(3) with time zone": "", "timestamp(6) with time zone": "", "json": ""}),
	"mysql":   without(map[string]string{"json": "varchar"}),
}

// without adds what both have not.
func without(m map[string]string) map[string]string {
	m["boolean"] = "tinyint"
	for _, name := range []string{"timestamp(9)", "timestamp(12)", "uuid", "array(bigint)", "array(varchar)", "map(varchar, bigint)", "row(a bigint, b varchar)",
		"array(row(k varchar, v array(integer)))"} {
		m[name] = ""
	}
	return m
}

// TestConformance runs the suite of all connectors, as MariaDB and as MySQL, whose protocol it speaks.
func TestConformance(t *testing.T) {
	server := servers.StartMariaDB(t)
	db, err := sql.Open("mysql", server.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	t.Run("staging", func(t *testing.T) {
		server.Exec(t, "CREATE SCHEMA staging")
		jdbctest.Staging(t, func() connector.Connector { return jdbctest.Open(t, Factory, server.Properties()) }, "staging", server.Exec)
	})
	for _, factory := range []connector.Factory{Factory, mysql.Factory} {
		t.Run(factory.Name, func(t *testing.T) {
			connectortest.Run(t, connectortest.Harness{
				New: func(t *testing.T) connector.Connector {
					server.Exec(t, "DROP SCHEMA IF EXISTS suite", "DROP SCHEMA IF EXISTS made", "CREATE SCHEMA suite")
					p := server.Properties()
					p["connection-url"] = "jdbc:" + factory.Name + "://" + server.HostPort()
					p["join-pushdown.strategy"] = "EAGER"
					return jdbctest.Open(t, factory, p)
				},
				Schema: "suite",
				Types:  other[factory.Name],
				Without: []string{"CAST(nan() AS real)", "CAST(infinity() AS real)", "CAST(-infinity() AS real)", "nan()", "infinity()", "-infinity()",
					`JSON '{"a":[1,null,"x"]}'`, "JSON 'null'", `JSON '""'`, "TIMESTAMP '1969-12-31 23:59:59.999 UTC'", "TIMESTAMP '1969-12-31 23:59:59.999999 UTC'"}, // which the server does not have
				Key: func(t *testing.T, name connector.SchemaTable) {
					server.Exec(t, "ALTER TABLE "+name.String()+" ADD PRIMARY KEY (id)")
				},
				Traces: func() (tables []string) {
					rows, err := db.QueryContext(context.Background(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'suite' ORDER BY 1")
					if err != nil {
						t.Fatal(err)
					}
					defer rows.Close()
					for rows.Next() {
						var name string
						if err := rows.Scan(&name); err != nil {
							t.Fatal(err)
						}
						tables = append(tables, name)
					}
					return tables
				},
			})
		})
	}
}
