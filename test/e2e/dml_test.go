//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// rowChange is a statement that changes rows of table T, and queries that say what it ought to do: the rows that T has
// afterwards, and how many are changed.
type rowChange struct{ name, sql, after, changed string }

const urgent = "(SELECT o_orderkey FROM orders WHERE o_orderpriority = '1-URGENT')"

// changeSource has the rows that are changed: texts of any length, so that others fit in.
const changeSource = "SELECT l_orderkey, l_linenumber, l_extendedprice, CAST(l_comment AS varchar) AS l_comment FROM lineitem WHERE l_orderkey < 10000"

var rowChanges = []rowChange{
	{"delete", "DELETE FROM T WHERE l_orderkey IN " + urgent,
		"SELECT * FROM T WHERE l_orderkey NOT IN " + urgent,
		"SELECT count(*) FROM T WHERE l_orderkey IN " + urgent},
	{"update", "UPDATE T SET l_extendedprice = l_extendedprice + 1, l_comment = concat(l_comment, '!') WHERE l_linenumber = 2",
		`SELECT l_orderkey, l_linenumber, if(l_linenumber = 2, l_extendedprice + 1, l_extendedprice) AS l_extendedprice,
			if(l_linenumber = 2, concat(l_comment, '!'), l_comment) AS l_comment FROM T`,
		"SELECT count(*) FROM T WHERE l_linenumber = 2"},
	{"merge", `MERGE INTO T AS t USING orders ON l_orderkey = o_orderkey
		WHEN MATCHED AND o_custkey % 3 = 0 THEN DELETE
		WHEN MATCHED AND l_linenumber < 3 THEN UPDATE SET l_extendedprice = o_totalprice, l_comment = 'merged'
		WHEN NOT MATCHED AND o_custkey % 3 > 0 THEN INSERT VALUES (o_orderkey, 1, -o_totalprice, o_comment)`,
		`SELECT l_orderkey, l_linenumber, if(l_linenumber < 3, o_totalprice, l_extendedprice) AS l_extendedprice,
			if(l_linenumber < 3, 'merged', l_comment) AS l_comment FROM T JOIN orders ON l_orderkey = o_orderkey WHERE o_custkey % 3 <> 0
		UNION ALL SELECT o_orderkey, 1, -o_totalprice, o_comment FROM orders WHERE o_custkey % 3 > 0 AND o_orderkey NOT IN (SELECT l_orderkey FROM T)`,
		`SELECT (SELECT count(*) FROM T JOIN orders ON l_orderkey = o_orderkey WHERE o_custkey % 3 = 0 OR l_linenumber < 3) +
			(SELECT count(*) FROM orders WHERE o_custkey % 3 > 0 AND o_orderkey NOT IN (SELECT l_orderkey FROM T))`},
}

// changeable are catalogs of which one takes changes of rows.
func changeable() map[string]map[string]string {
	c := standardCatalogs("")
	c["memory"]["memory.row-level-changes"] = "true"
	c["memory"]["memory.max-data-per-node"] = "1GB"
	return c
}

// TestRowChanges lets DELETE, UPDATE and MERGE go wrong at every step, with workers killed among it: each row is changed once.
// What all other combinations of statements and failures give is in the failure matrix.
func TestRowChanges(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: changeable()})
	mustRows(t, session(c), "CREATE SCHEMA memory.d")
	for i, tt := range []struct{ policy, fault, changes string }{
		{"TASK", "", "delete update merge"},
		{"TASK", "task-held-before-run", "merge"},
		{"TASK", "task-held-after-write", "delete"},
		{"TASK", "slot-crash-after-write", "update"},
		{"TASK", "task-fails-after-write", "merge"},
		{"TASK", "commit-fails-before", "delete"},
		{"TASK", "commit-fails-after", "update"},
		{"QUERY", "task-held-after-write", "update"},
		{"QUERY", "commit-fails-after", "merge"},
	} {
		t.Run(tt.policy+"/"+tt.fault, func(t *testing.T) {
			cl := session(c, append(manyTasks, "retry_policy="+tt.policy,
				"fault_tolerant_execution_min_partition_count=4", "fault_tolerant_execution_max_partition_count=4")...)
			table := fmt.Sprintf("memory.d.t%d", i)
			mustRows(t, cl, "CREATE TABLE "+table+" AS "+changeSource)
			for _, change := range rowChanges {
				if !strings.Contains(tt.changes, change.name) {
					continue
				}
				on := func(sql string) string {
					return strings.ReplaceAll(strings.ReplaceAll(sql, "FROM T", "FROM "+table), " T ", " "+table+" ")
				}
				want := mustRows(t, cl, checksum+"("+on(change.after)+")")
				count := mustRows(t, cl, on(change.changed))
				q := disturbed(t, c, faults, tt.fault, func() *statement { return begin(t, cl, on(change.sql)) })
				q.wait(t)
				if q.end.UpdateCount == nil || fmt.Sprintf("[%d]", *q.end.UpdateCount) != count[0] {
					t.Errorf("%s: update count %v, want %s", change.name, q.end.UpdateCount, count)
				}
				if got := mustRows(t, cl, checksum+table); !slices.Equal(got, want) {
					t.Fatalf("%s: the table is %s, want %s", change.name, got, want)
				}
			}
			mustRows(t, cl, "DROP TABLE "+table)
			emptySpool(t, c)
		})
	}
}

// disturbed runs a statement and does to it what a fault says; held tasks lose their worker.
func disturbed(t *testing.T, c *localcluster.Cluster, faults fault.Dir, name string, run func() *statement) *statement {
	t.Helper()
	if name == "" {
		return run()
	}
	at := fault.Aim{Task: "*.1.0"}
	if strings.HasPrefix(name, "commit") {
		at.Task = ""
	}
	a := arm(t, faults, name, at)
	q := run()
	s := struck(t, a, 1)[0]
	if strings.HasPrefix(name, "task-held") {
		c.KillWorker(workerOf(t, c, s))
	}
	disarm(t, a)
	if strings.HasPrefix(name, "task-held") {
		if _, err := c.AddWorker(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

// TestConcurrentRowChanges holds an UPDATE before its commit while other statements change the same table: what is changed
// meanwhile is not lost, and rows that are added meanwhile stay.
func TestConcurrentRowChanges(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 1, Catalogs: changeable()})
	cl := session(c, "retry_policy=TASK")
	for _, tt := range []struct{ beside, code, want string }{
		{"UPDATE memory.default.k SET n_regionkey = 7 WHERE n_nationkey = 3", "TRANSACTION_CONFLICT", "[25,0,7]"},
		{"DELETE FROM memory.default.k WHERE n_nationkey = 3", "TRANSACTION_CONFLICT", "[24,0,null]"},
		{"UPDATE memory.default.k SET n_regionkey = 8 WHERE n_nationkey = 4", "", "[25,2,99]"},
		{"INSERT INTO memory.default.k VALUES (5, 0)", "", "[26,2,99]"},
	} {
		t.Run(tt.beside, func(t *testing.T) {
			mustRows(t, cl, "CREATE TABLE memory.default.k AS SELECT n_nationkey, n_regionkey FROM nation")
			hold := arm(t, faults, "commit-held-before", fault.Aim{})
			q := begin(t, cl, "UPDATE memory.default.k SET n_regionkey = 99 WHERE n_nationkey IN (3, 5)")
			struck(t, hold, 1)
			mustRows(t, cl, tt.beside)
			disarm(t, hold)
			if tt.code == "" {
				q.wait(t)
			} else {
				q.fails(t, tt.code)
			}
			got := mustRows(t, cl, `SELECT count(*), count_if(n_regionkey = 99), max(n_regionkey) FILTER (WHERE n_nationkey = 3) FROM memory.default.k`)
			if !slices.Equal(got, []string{tt.want}) {
				t.Errorf("the table is %s, want %s", got, tt.want)
			}
			mustRows(t, cl, "DROP TABLE memory.default.k")
		})
	}
}
