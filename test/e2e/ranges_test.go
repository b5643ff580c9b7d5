//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// byRange lets tables be read by ranges of the key in whose order their rows lie.
var byRange = append(manyTasks, "waterbear_range_alignment_enabled=true", "join_distribution_type=AUTOMATIC")

// TestRanges answers the benchmark's queries with and without reading tables by ranges of keys, over generated rows and files.
func TestRanges(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(t.TempDir())})
	cl := session(c)
	mustRows(t, cl, "CREATE SCHEMA hive.s")
	for _, table := range []string{"customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"} {
		order := ""
		if table == "lineitem" || table == "orders" {
			order = " ORDER BY 1"
		}
		mustRows(t, cl, fmt.Sprintf("CREATE TABLE hive.s.%s AS SELECT * FROM tpch.tiny.%[1]s%s", table, order))
	}
	used := 0
	for _, schema := range []string{"tpch.tiny", "hive.s"} {
		for number := range 22 {
			sql := question(t, number+1)
			ranged, plain := session(c, byRange...), session(c, manyTasks...)
			ranged.Session.Catalog, ranged.Session.Schema, _ = strings.Cut(schema, ".")
			plain.Session.Catalog, plain.Session.Schema = ranged.Session.Catalog, ranged.Session.Schema
			if strings.Contains(strings.Join(mustRows(t, ranged, "EXPLAIN "+sql), ""), "ranges = ") {
				used++
			}
			sameRows(t, fmt.Sprintf("%s, query %d", schema, number+1), mustRows(t, ranged, sql), mustRows(t, plain, sql))
		}
	}
	if used < 20 {
		t.Errorf("only %d queries read a table by ranges", used)
	}
	emptySpool(t, c)
}

// TestRangesWorkerKilled kills a worker while it reads ranges: the ranges of its task are read again, and no other.
func TestRangesWorkerKilled(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	readAgain(t, c, faults, session(c, byRange...), question(t, 21), "ranges = ", sameRows)
}

// readAgain kills the worker that runs the second task of the stage of a statement whose plan has a text. The answer stays the same, and
// what had finished elsewhere is not run again.
func readAgain(t *testing.T, c *localcluster.Cluster, faults fault.Dir, cl *client.Client, sql, text string, same func(t *testing.T, what string, got, want []string)) {
	t.Helper()
	want := mustRows(t, session(c), sql)
	o := observe(t, c, faults)
	stage := fragmentWith(t, cl, sql, text)
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: stage + ".1.0"})
	q := begin(t, cl, sql)
	victim := struck(t, hold, 1)[0]
	finished := o.rest(q.id, 1)
	c.KillWorker(workerOf(t, c, victim))
	disarm(t, hold)
	same(t, "after the kill", q.wait(t), want)
	lost, _ := attempt(victim.Task)
	o.kept(q.id, finished, lost)
	emptySpool(t, c)
}
