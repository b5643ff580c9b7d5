//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// fieldsAlone asks for some fields of rows: what is read of files, and sent, is those fields. The same is asked of columns that are no rows.
func fieldsAlone(t *testing.T, c *localcluster.Cluster) {
	cl := session(c, manyTasks...)
	mustRows(t, cl, "CREATE SCHEMA IF NOT EXISTS hive.nested")
	for _, table := range []string{"hive.nested.l", "memory.default.nested"} {
		mustRows(t, cl, "CREATE TABLE "+table+` AS SELECT CAST(ROW(l_partkey, l_comment, IF(l_linenumber < 6, ROW(l_quantity, l_shipinstruct))) AS
			row(part bigint, text varchar, s row(quantity decimal(12,2), how varchar))) AS r, l_orderkey AS k FROM lineitem`)
	}
	const flat = "(SELECT l_orderkey AS k, l_partkey AS part, IF(l_linenumber < 6, l_quantity) AS quantity, l_comment AS text FROM lineitem)"
	for _, tt := range []struct{ name, fields, columns string }{
		{"groups", "SELECT r.part, sum(r.s.quantity) FROM TABLE WHERE r.part > 1000 GROUP BY 1", "SELECT part, sum(quantity) FROM TABLE WHERE part > 1000 GROUP BY 1"},
		{"join", "SELECT count(*), sum(x.r.s.quantity) FROM TABLE x JOIN TABLE y ON x.r.part = y.k WHERE y.r.s.quantity > 30",
			"SELECT count(*), sum(x.quantity) FROM TABLE x JOIN TABLE y ON x.part = y.k WHERE y.quantity > 30"},
		{"order", "SELECT r.s.quantity, r.part, k FROM TABLE ORDER BY 1 DESC NULLS FIRST, 2, 3 LIMIT 100",
			"SELECT quantity, part, k FROM TABLE ORDER BY 1 DESC NULLS FIRST, 2, 3 LIMIT 100"},
	} {
		want := mustRows(t, cl, strings.ReplaceAll(tt.columns, "TABLE", flat))
		for _, table := range []string{"hive.nested.l", "memory.default.nested"} {
			sameRows(t, tt.name+" of "+table, mustRows(t, cl, strings.ReplaceAll(tt.fields, "TABLE", table)+" -- fields of "+table+": "+tt.name), want)
		}
	}
	mustRows(t, cl, "SELECT count(r) FROM hive.nested.l -- all fields")
	read, _, _ := moved(t, c, "-- fields of hive.nested.l: groups")
	whole, _, _ := moved(t, c, "-- all fields")
	if read == 0 || read*3 > whole {
		t.Errorf("%v bytes read for two fields, %v for the rows", read, whole)
	}
}
