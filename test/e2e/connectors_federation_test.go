//go:build e2e

package e2e

import (
	"maps"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// federated joins orders in PostgreSQL, their items in Iceberg on S3, and customers that are generated; together is the same in one place.
const (
	federated = `SELECT n.n_name, o.o_orderpriority, count(*), sum(l.l_extendedprice * (1 - l.l_discount)), count(DISTINCT c.c_custkey)
		FROM pg.shop.orders o JOIN lake.shop.lineitem l ON o.o_orderkey = l.l_orderkey
		JOIN tpch.tiny.customer c ON c.c_custkey = o.o_custkey JOIN tpch.tiny.nation n ON n.n_nationkey = c.c_nationkey
		WHERE o.o_orderdate >= DATE '1994-01-01' AND l.l_shipmode IN ('AIR', 'RAIL', 'SHIP') GROUP BY 1, 2`
	together = `SELECT n.n_name, o.o_orderpriority, count(*), sum(l.l_extendedprice * (1 - l.l_discount)), count(DISTINCT c.c_custkey)
		FROM tpch.tiny.orders o JOIN tpch.tiny.lineitem l ON o.o_orderkey = l.l_orderkey
		JOIN tpch.tiny.customer c ON c.c_custkey = o.o_custkey JOIN tpch.tiny.nation n ON n.n_nationkey = c.c_nationkey
		WHERE o.o_orderdate >= DATE '1994-01-01' AND l.l_shipmode IN ('AIR', 'RAIL', 'SHIP') GROUP BY 1, 2`
)

// TestConnectorsFederation kills a worker in the middle of a query over three sources, and again while the rows of another one are written into the fourth. Both are exact.
func TestConnectorsFederation(t *testing.T) {
	pg, s3 := servers.StartPostgreSQL(t), servers.VersityGW(t)
	catalogs := map[string]map[string]string{"tpch": bench.SourceCatalog(), "pg": inPostgreSQL(pg), "lake": icebergOnS3(t, pg, s3)}
	c, faults := faulty(t, localcluster.Config{Workers: 2, Catalogs: maps.Clone(catalogs)})
	cl := session(c, manyTasks...)
	for _, sql := range []string{
		"CREATE SCHEMA pg.shop", "CREATE SCHEMA lake.shop",
		"CREATE TABLE pg.shop.orders AS SELECT * FROM tpch.tiny.orders",
		"CREATE TABLE lake.shop.lineitem WITH (partitioning = ARRAY['month(l_shipdate)']) AS SELECT * FROM tpch.tiny.lineitem",
	} {
		mustRows(t, cl, sql)
	}
	want := mustRows(t, cl, together)
	if len(want) == 0 {
		t.Fatal("no rows to compare")
	}
	sameRows(t, "undisturbed", mustRows(t, cl, federated), want)
	killed := func(t *testing.T, sql string) []string {
		t.Helper()
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: fragmentWith(t, cl, sql, "shop.lineitem") + ".0.0"})
		q := begin(t, cl, sql)
		c.KillWorker(workerOf(t, c, struck(t, hold, 1)[0]))
		disarm(t, hold)
		if _, err := c.AddWorker(t.Context()); err != nil {
			t.Fatal(err)
		}
		return q.wait(t)
	}
	t.Run("read", func(t *testing.T) { sameRows(t, "after the kill", killed(t, federated), want) })
	for _, target := range []string{"pg.shop.totals", "lake.shop.totals"} {
		t.Run("write "+target, func(t *testing.T) {
			mustRows(t, cl, "CREATE TABLE "+target+" (nation varchar(25), priority varchar(15), items bigint, revenue decimal(38,4), customers bigint)")
			killed(t, "INSERT INTO "+target+" "+federated)
			sameRows(t, "written", mustRows(t, cl, "SELECT * FROM "+target), want)
		})
	}
}
