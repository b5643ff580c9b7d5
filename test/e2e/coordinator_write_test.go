//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestCoordinatorKilledInWrite18851 kills the coordinator at every step of a write. Under TASK the next one ends what was
// begun, and each row is there once. Under the other policies the statement fails, and all rows are there or none.
func TestCoordinatorKilledInWrite18851(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(t.TempDir())})
	mustRows(t, session(c), "CREATE SCHEMA hive.default")
	for _, policy := range []string{"TASK", "QUERY", "NONE"} {
		for _, step := range []string{"begin-held-after", "commit-held-before", "commit-held-after"} {
			for _, kind := range []string{"CREATE", "INSERT"} {
				t.Run(strings.Join([]string{policy, step, kind}, "/"), func(t *testing.T) {
					cl := session(c, append(manyTasks, "retry_policy="+policy)...)
					table := "hive.default." + strings.ToLower(policy+"_"+strings.ReplaceAll(step, "-", "_")+"_"+kind)
					sql := "CREATE TABLE " + table + " AS SELECT * FROM customer"
					if kind == "INSERT" {
						mustRows(t, cl, "CREATE TABLE "+table+" AS SELECT * FROM customer WHERE false")
						sql = "INSERT INTO " + table + " SELECT * FROM customer"
					}
					hold := arm(t, faults, step, fault.Aim{})
					q := begin(t, cl, sql)
					struck(t, hold, 1)
					c.KillCoordinator()
					disarm(t, hold)
					if err := c.StartCoordinator(); err != nil {
						t.Fatal(err)
					}
					q.ended(t)
					survives := policy == "TASK" && step != "begin-held-after"
					if survives && (q.err != nil || len(q.rows) != 1 || q.rows[0] != "[1500]") {
						t.Errorf("answered %v, %v", q.rows, q.err)
					}
					if !survives && q.err == nil {
						t.Errorf("answered %v", q.rows)
					}
					t.Logf("ended with %v", q.err)
					count := func() string {
						rows, err := rows(t.Context(), cl, "SELECT count(*), count(DISTINCT c_custkey) FROM "+table)
						if err != nil || len(rows) != 1 {
							return "none"
						}
						return rows[0]
					}
					const all = "[1500,1500]"
					got := count()
					if got != all && (survives || got != "none" && got != "[0,0]") {
						t.Errorf("%s rows", got)
					}
					if got != all { // and so it can be asked again
						mustRows(t, cl, sql)
						if got := count(); got != all {
							t.Errorf("%s rows when asked again", got)
						}
					}
					emptySpool(t, c)
				})
			}
		}
	}
}
