//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestConnectorsDatabases writes into databases and reads from them under TASK, while workers are killed in the middle of it and commits fail:
// rows arrive once, and nothing is left besides.
func TestConnectorsDatabases(t *testing.T) {
	t.Parallel()
	p, m := servers.StartPostgreSQL(t), servers.StartMariaDB(t)
	p.Exec(t, "CREATE SCHEMA w")
	m.Exec(t, "CREATE SCHEMA w")
	catalogs := standardCatalogs("")
	catalogs["pg"], catalogs["maria"] = inPostgreSQL(p), inMariaDB(m)
	for _, name := range []string{"pg", "maria"} {
		catalogs[name]["scan.split-size"] = "64kB"
	}
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: catalogs})
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	once := mustRows(t, cl, checksum+"("+source+")")
	// strike runs a statement and does to it what the fault says; held tasks lose their worker.
	strike := func(t *testing.T, name, task, sql string) []string {
		t.Helper()
		if name == "" {
			return begin(t, cl, sql).wait(t)
		}
		at := fault.Aim{Task: task}
		a := arm(t, faults, name, at)
		q := begin(t, cl, sql)
		s := struck(t, a, 1)[0]
		if strings.HasPrefix(name, "task-held") {
			c.KillWorker(workerOf(t, c, s))
			disarm(t, a)
			if _, err := c.AddWorker(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return q.wait(t)
	}
	for _, catalog := range []string{"pg", "maria"} {
		for i, name := range []string{"", "task-held-before-run", "task-held-after-write", "task-fails-after-write", "commit-fails-before", "commit-fails-after"} {
			t.Run(catalog+"/"+name, func(t *testing.T) {
				table := catalog + ".w.t" + string(rune('0'+i))
				task := "*.1.0"
				if strings.HasPrefix(name, "commit") {
					task = ""
				}
				strike(t, name, task, "CREATE TABLE "+table+" AS "+source)
				if got := mustRows(t, cl, checksum+table); !slices.Equal(got, once) {
					t.Errorf("after CREATE TABLE AS there is %s, want %s", got, once)
				}
				strike(t, name, task, "INSERT INTO "+table+" "+source+" WHERE l_orderkey <= 30000")
				strike(t, name, task, "INSERT INTO "+table+" "+source+" WHERE l_orderkey > 30000")
				half := mustRows(t, cl, strings.Replace(checksum, "count(*), sum(l_orderkey), sum(l_linenumber), sum(l_extendedprice)",
					"count(*) / 2, sum(l_orderkey) / 2, sum(l_linenumber) / 2, CAST(sum(l_extendedprice) / 2 AS decimal(38,2))", 1)+table)
				if !slices.Equal(half, once) {
					t.Errorf("half of what is there is %s, want %s", half, once)
				}
				if left := mustRows(t, cl, "SHOW TABLES FROM "+catalog+".w LIKE 'tmp%'"); len(left) > 0 {
					t.Errorf("left behind: %s", left)
				}
			})
		}
		t.Run(catalog+"/read", func(t *testing.T) {
			sql := "SELECT l.l_linenumber, count(*), sum(o.o_totalprice), max(o.o_comment) FROM " + catalog +
				".w.t0 l JOIN orders o ON l.l_orderkey = o.o_orderkey WHERE l.l_comment LIKE '%a%' GROUP BY 1"
			want := mustRows(t, cl, strings.ReplaceAll(sql, catalog+".w.t0", "(SELECT * FROM lineitem UNION ALL SELECT * FROM lineitem)"))
			got := strike(t, "task-held-before-run", fragmentWith(t, cl, sql, catalog+":w.t0")+".*.0", sql)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
		t.Run(catalog+"/changes", func(t *testing.T) {
			begin(t, cl, "CREATE TABLE "+catalog+".w.k AS SELECT n_nationkey, n_name, n_regionkey FROM nation").wait(t)
			begin(t, cl, "CALL "+catalog+".system.execute('ALTER TABLE w.k ADD PRIMARY KEY (n_nationkey)')").wait(t)
			strike(t, "commit-fails-after", "", "UPDATE "+catalog+".w.k SET n_name = n_name || '!', n_regionkey = n_regionkey + 10 WHERE n_nationkey % 2 = 0")
			strike(t, "task-fails-after-write", "*.0.0", "MERGE INTO "+catalog+".w.k t USING nation s ON t.n_nationkey = s.n_nationkey + 5"+
				" WHEN MATCHED AND s.n_nationkey > 10 THEN DELETE WHEN MATCHED THEN UPDATE SET n_regionkey = -s.n_regionkey"+
				" WHEN NOT MATCHED THEN INSERT VALUES (s.n_nationkey + 5, 'new', 0)")
			begin(t, cl, "DELETE FROM "+catalog+".w.k WHERE n_nationkey IN (1, 3)").wait(t)
			got := mustRows(t, cl, "SELECT count(*), sum(n_nationkey), sum(n_regionkey), sum(length(n_name)) FROM "+catalog+".w.k")
			want := mustRows(t, cl, `WITH updated AS (SELECT n_nationkey AS k, CASE WHEN n_nationkey % 2 = 0 THEN n_name || '!' ELSE n_name END AS name,
					CASE WHEN n_nationkey % 2 = 0 THEN n_regionkey + 10 ELSE n_regionkey END AS region FROM nation),
				merged AS (SELECT u.k, u.name, coalesce(-s.n_regionkey, u.region) AS region FROM updated u LEFT JOIN nation s ON u.k = s.n_nationkey + 5
					WHERE coalesce(s.n_nationkey, 0) <= 10
					UNION ALL SELECT n_nationkey + 5, 'new', 0 FROM nation WHERE n_nationkey >= 20)
				SELECT count(*), sum(k), sum(region), sum(length(name)) FROM merged WHERE k NOT IN (1, 3)`)
			if !slices.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
		t.Run(catalog+"/query", func(t *testing.T) {
			got := mustRows(t, cl, "SELECT x + 1, y FROM TABLE("+catalog+".system.query(query => 'SELECT 41 AS x, ''a'' AS y'))")
			if len(got) != 1 || !strings.Contains(got[0], "42") {
				t.Errorf("got %s", got)
			}
		})
	}
}
