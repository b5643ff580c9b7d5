//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// statementsOf are the queries that a database has been asked since its log was so long, those of its catalog left out.
func statementsOf(t *testing.T, pg *servers.PostgreSQL, from int) (asked []string, end int) {
	t.Helper()
	log, err := os.ReadFile(pg.Log)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(log[from:]), "\n") {
		if strings.Contains(line, `"shop"`) && !strings.Contains(line, "pg_catalog") && !strings.Contains(line, "pg_class") {
			asked = append(asked, line)
		}
	}
	return asked, len(log)
}

// TestConnectorsPushdown asks a real database to filter, join, aggregate and order, sees that it is asked so, and compares with answers for which it only
// gives the rows: in one task and in many.
func TestConnectorsPushdown(t *testing.T) {
	pg := servers.StartPostgreSQL(t, "log_statement=all")
	c := start(t, localcluster.Config{Workers: 2, Catalogs: map[string]map[string]string{"tpch": bench.SourceCatalog(), "pg": inPostgreSQL(pg)}})
	cl := session(c)
	for _, sql := range []string{"CREATE SCHEMA pg.shop", "CREATE TABLE pg.shop.orders AS SELECT * FROM tpch.tiny.orders", "CREATE TABLE pg.shop.customer AS SELECT * FROM tpch.tiny.customer"} {
		mustRows(t, cl, sql)
	}
	pg.Exec(t, "ANALYZE shop.orders", "ANALYZE shop.customer")
	for _, tt := range []struct{ name, sql, asked string }{
		{"filter", "SELECT o_orderkey, o_comment FROM orders WHERE o_custkey < 100 AND o_orderstatus = 'F' AND o_orderdate BETWEEN DATE '1994-01-01' AND DATE '1994-12-31'", "DATE '1994-12-31'"},
		{"filter in part", "SELECT o_orderkey FROM orders WHERE o_custkey IN (1, 4, 7) AND regexp_like(o_comment, 'a.*b')", "IN (1, 4, 7)"},
		{"NULLs", "SELECT count(*) FROM orders WHERE o_custkey IS NOT NULL AND NOT (o_totalprice < 1000)", "IS NULL"},
		{"aggregation", "SELECT o_orderstatus, count(*), sum(o_custkey), min(o_orderdate), max(o_custkey), count(DISTINCT o_custkey) FROM orders GROUP BY o_orderstatus", "GROUP BY"},
		{"groups", "SELECT o_custkey FROM orders GROUP BY o_custkey HAVING count(*) > 25", "GROUP BY"},
		{"distinct", "SELECT DISTINCT o_orderstatus FROM orders", "GROUP BY"},
		{"join", "SELECT c_name, o_orderkey FROM orders JOIN customer ON o_custkey = c_custkey WHERE c_nationkey = 3 AND o_orderdate < DATE '1993-01-01'", " JOIN "},
		{"aggregated join", "SELECT c_nationkey, count(*) FROM orders LEFT JOIN customer ON o_custkey = c_custkey GROUP BY 1", " JOIN "},
		{"limit", "SELECT count(*) FROM (SELECT * FROM orders LIMIT 17)", "LIMIT 17"},
		{"first rows", "SELECT o_orderkey, o_orderdate FROM orders ORDER BY o_orderdate DESC NULLS LAST, o_orderkey LIMIT 9", "LIMIT 9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sql := strings.NewReplacer("FROM orders", "FROM pg.shop.orders", "JOIN customer", "JOIN pg.shop.customer").Replace(tt.sql)
			for _, properties := range [][]string{nil, manyTasks} {
				want := mustRows(t, session(c, append(slices.Clone(properties), "allow_pushdown_into_connectors=false")...), sql)
				_, from := statementsOf(t, pg, 0)
				sameRows(t, tt.name, mustRows(t, session(c, properties...), sql), want)
				asked, _ := statementsOf(t, pg, from)
				if len(want) == 0 || !strings.Contains(strings.Join(asked, "\n"), tt.asked) {
					t.Errorf("%d rows; the database was asked\n%s", len(want), strings.Join(asked, "\n"))
				}
			}
		})
	}
	t.Run("keys of a join", func(t *testing.T) { askedByKeys(t, c, pg) })
}

// askedByKeys joins with few rows of another source: the database is asked only for those that have their keys, unless it is not to be told of them.
func askedByKeys(t *testing.T, c *localcluster.Cluster, pg *servers.PostgreSQL) {
	const sql = "SELECT o.o_orderkey, c.c_name FROM pg.shop.orders o JOIN tpch.tiny.customer c ON o.o_custkey = c.c_custkey WHERE c.c_name IN ('Customer#000000004', 'Customer#000001300')"
	properties := append(slices.Clone(manyTasks), "waterbear_key_filters_min_scan_size=0B", "join_distribution_type=PARTITIONED")
	for _, tt := range []struct {
		property string
		told     bool
	}{{"pg.dynamic_filtering_enabled=true", true}, {"pg.dynamic_filtering_enabled=false", false}} {
		_, from := statementsOf(t, pg, 0)
		if got := mustRows(t, session(c, append(properties, tt.property)...), sql); len(got) == 0 {
			t.Error("no rows")
		}
		asked, _ := statementsOf(t, pg, from)
		if told := strings.Contains(strings.Join(asked, "\n"), "IN (4, 1300)"); told != tt.told {
			t.Errorf("%s: the database was asked\n%s", tt.property, strings.Join(asked, "\n"))
		}
	}
}
