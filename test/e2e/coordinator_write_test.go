//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// recorded waits until the journal has an entry of a kind about a query.
func recorded(t *testing.T, c *localcluster.Cluster, kind, query string) {
	t.Helper()
	begin := map[string]string{"statement": `{"kind":"statement","query":{"run":"`, "committing": `{"kind":"committing","run":"`}[kind] + query + `"`
	dir := filepath.Join(c.SpoolDir(), "journal")
	until(t, "the journal has "+begin, func() bool {
		return slices.ContainsFunc(files(t, dir), func(name string) bool {
			data, _ := os.ReadFile(filepath.Join(dir, name))                              // one that is gone is older
			return strings.HasSuffix(name, ".wbj") && bytes.Contains(data, []byte(begin)) // not one that is being written
		})
	})
}

// TestCoordinatorKilledInWrite18851 kills the coordinator at every step of a write. What has not begun to run begins again, under
// TASK the next coordinator ends what was begun, and under QUERY what was being committed: each row is there once. Under NONE what
// ran fails, and all rows are there or none.
func TestCoordinatorKilledInWrite18851(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(t.TempDir())})
	mustRows(t, session(c), "CREATE SCHEMA hive.default")
	for _, policy := range []string{"TASK", "QUERY", "NONE"} {
		for _, step := range []string{"planning-held", "begin-held-after", "commit-held-before", "commit-held-inside", "commit-held-after"} {
			for _, kind := range []string{"CREATE", "INSERT"} {
				if step == "planning-held" && kind == "CREATE" {
					continue // the two are one before they are planned
				}
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
					recorded(t, c, "statement", q.id)
					committing := strings.HasPrefix(step, "commit")
					if policy == "QUERY" && committing {
						recorded(t, c, "committing", q.id)
					}
					c.KillCoordinator()
					disarm(t, hold)
					if err := c.StartCoordinator(); err != nil {
						t.Fatal(err)
					}
					q.ended(t)
					survives := policy != "NONE" || !committing
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

// TestCoordinatorKilledInRowChange18851 kills the coordinator in the middle of a commit that changes rows of tables in its memory, which
// end with it: the statement fails and says so, half a table is never seen, and made again the table changes as it ought to.
func TestCoordinatorKilledInRowChange18851(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2, Catalogs: changeable()})
	for _, step := range []string{"commit-held-inside", "commit-held-after"} {
		for _, change := range rowChanges {
			t.Run(step+"/"+change.name, func(t *testing.T) {
				cl := session(c, append(manyTasks, "retry_policy=TASK", "fault_tolerant_execution_min_partition_count=4", "fault_tolerant_execution_max_partition_count=4")...)
				const table = "memory.d.t"
				on := func(sql string) string {
					return strings.ReplaceAll(strings.ReplaceAll(sql, "FROM T", "FROM "+table), " T ", " "+table+" ")
				}
				aside := session(c)
				create := func() {
					mustRows(t, aside, "CREATE SCHEMA IF NOT EXISTS memory.d")
					mustRows(t, aside, "CREATE TABLE "+table+" AS "+changeSource)
				}
				create()
				changed, want := mustRows(t, aside, on(change.changed)), mustRows(t, aside, checksum+"("+on(change.after)+")")
				hold := arm(t, faults, step, fault.Aim{})
				q := begin(t, cl, on(change.sql))
				struck(t, hold, 1)
				c.KillCoordinator()
				disarm(t, hold)
				if err := c.StartCoordinator(); err != nil {
					t.Fatal(err)
				}
				q.fails(t, "TABLE_NOT_FOUND", "GENERIC_INTERNAL_ERROR")
				if text := fmt.Sprint(q.err); !strings.Contains(text, "does not exist") && !strings.Contains(text, "the coordinator restarted") {
					t.Errorf("ended with %s, which does not say why", text)
				}
				if tables := mustRows(t, aside, "SELECT table_name FROM memory.information_schema.tables WHERE table_schema = 'd'"); len(tables) > 0 {
					t.Errorf("there are tables %v", tables)
				}
				create()
				if got := mustRows(t, cl, on(change.sql)); !slices.Equal(got, changed) {
					t.Errorf("asked again it changed %v rows, want %v", got, changed)
				}
				if got := mustRows(t, aside, checksum+table); !slices.Equal(got, want) {
					t.Errorf("the table is %s, want %s", got, want)
				}
				mustRows(t, aside, "DROP TABLE "+table)
				emptySpool(t, c)
			})
		}
	}
}
