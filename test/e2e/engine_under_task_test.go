//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestEngineUnderTask asks a small cluster, whose coordinator runs no tasks, for what engines get wrong under TASK though no
// task fails: what waits for what, what is too large for a slot, and what takes its time.
func TestEngineUnderTask(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, faults := faulty(t, localcluster.Config{Workers: 2, Slots: 1, Catalogs: standardCatalogs(dir), Properties: map[string]string{
		"query.remote-task.max-error-duration": "2s", "waterbear.node-loss-timeout": "2s"}})
	mustRows(t, session(c), "CREATE SCHEMA hive.u")
	for _, tt := range []struct {
		name string
		run  func(*testing.T, *localcluster.Cluster, fault.Dir)
	}{
		{"coordinator takes no tasks", writesWithoutCoordinator},
		{"scalar subqueries", manySubqueries},
		{"partitions", tooManyPartitions},
		{"full cluster", fullCluster},
		{"limit", limited},
		{"verbose", verbose},
		{"skew", func(t *testing.T, c *localcluster.Cluster, _ fault.Dir) { skewed(t, c, filepath.Join(dir, "u")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.run(t, c, faults)
			emptySpool(t, c)
		})
	}
}

// writesWithoutCoordinator makes the tables that others read, without a task on the coordinator.
func writesWithoutCoordinator(t *testing.T, c *localcluster.Cluster, _ fault.Dir) {
	cl := session(c, manyTasks...)
	for _, sql := range []string{
		"CREATE TABLE hive.u.parts WITH (partitioned_by = ARRAY['regionkey']) AS SELECT n_nationkey AS nationkey, n_regionkey AS regionkey FROM nation WHERE n_nationkey < 10",
		"INSERT INTO hive.u.parts SELECT n_nationkey, n_regionkey FROM nation WHERE n_nationkey >= 10",
	} {
		q := begin(t, cl, sql)
		q.wait(t)
		all := tasks(t, c, q.id)
		if len(all) == 0 || slices.ContainsFunc(all, func(r taskRow) bool { return r.node == localcluster.CoordinatorID }) {
			t.Errorf("%s\nran as %v", sql, all)
		}
	}
	if got := mustRows(t, cl, "SELECT count(*), count(DISTINCT nationkey), sum(regionkey) FROM hive.u.parts"); !slices.Equal(got, []string{"[25,25,50]"}) {
		t.Errorf("the table is %s", got)
	}
}

// manySubqueries has more stages that wait for each other than the cluster has slots.
func manySubqueries(t *testing.T, c *localcluster.Cluster, _ fault.Dir) {
	sql := "SELECT "
	for i := range 6 {
		sql += fmt.Sprintf(`(SELECT count(*) FROM (SELECT a.regionkey, count(*) FROM hive.u.parts a JOIN hive.u.parts b ON a.regionkey = b.regionkey
			JOIN customer ON c_nationkey = a.nationkey AND c_custkey %% 6 = %d GROUP BY a.regionkey)) + `, i)
	}
	q := begin(t, session(c, manyTasks...), sql+"0")
	if got := q.wait(t); !slices.Equal(got, []string{"[30]"}) {
		t.Errorf("answered %s", got)
	}
}

// tooManyPartitions asks for more partitions than the exchange manager allows: as a property of a server, and of a session.
func tooManyPartitions(t *testing.T, c *localcluster.Cluster, _ fault.Dir) {
	q := begin(t, session(c, distributed, "join_distribution_type=PARTITIONED", "fault_tolerant_execution_max_partition_count=51",
		"fault_tolerant_execution_min_partition_count=51"), "SELECT count(*) FROM orders JOIN customer ON o_custkey = c_custkey")
	q.fails(t, "MAX_OUTPUT_PARTITION_COUNT_EXCEEDED")
	if q.err == nil || !strings.Contains(q.err.Error(), "Max number of output partitions exceeded for exchange") {
		t.Errorf("the session: %v", q.err)
	}
	etc := t.TempDir()
	for file, text := range map[string]string{
		"config.properties":           "coordinator=true\nhttp-server.http.port=0\nretry-policy=TASK\nfault-tolerant-execution-max-partition-count=51\n",
		"exchange-manager.properties": "exchange-manager.name=filesystem\nexchange.base-directories=" + filepath.Join(etc, "spool") + "\n",
		"node.properties":             "node.environment=test\nnode.data-dir=" + filepath.Join(etc, "data") + "\n",
	} {
		write(t, filepath.Join(etc, file), []byte(text))
	}
	cmd := exec.Command(binary, "server", "--etc-dir", etc)
	cmd.Stdin, cmd.SysProcAttr = nil, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "exchange.max-output-partition-count") {
		t.Errorf("the server: %v, said %q", err, out)
	}
}

// longHold is longer than anybody may be silent in this cluster.
const longHold = 11 * time.Second

// fullCluster takes all slots by tasks that make no progress for long. Questions about the cluster are answered meanwhile,
// others wait, and nobody takes the tasks for dead.
func fullCluster(t *testing.T, c *localcluster.Cluster, faults fault.Dir) {
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Times: 2})
	begun := time.Now()
	long := begin(t, session(c, manyTasks...), "SELECT count(*), sum(l_partkey) FROM lineitem")
	struck(t, hold, 2)
	scan := begin(t, session(c), "SELECT count(*) FROM nation")
	for _, properties := range [][]string{nil, {distributed}} {
		cl := session(c, properties...)
		for _, sql := range []string{
			"SHOW CATALOGS", "SHOW SCHEMAS FROM tpch", "SHOW TABLES FROM tpch.tiny", "SHOW COLUMNS FROM orders", "SHOW FUNCTIONS",
			"SELECT table_schema, count(*) FROM tpch.information_schema.columns GROUP BY 1 ORDER BY 2 DESC",
			"SELECT node_id, state FROM system.runtime.nodes ORDER BY 1",
			"SELECT q.state, count(*) FROM system.runtime.queries q JOIN system.runtime.tasks t ON q.query_id = t.query_id GROUP BY 1",
			"SELECT * FROM system.metadata.catalogs WHERE catalog_name IN (SELECT catalog_name FROM tpch.information_schema.schemata)",
			"SELECT count(*) FROM system.jdbc.tables WHERE table_cat = 'tpch'",
		} {
			q := begin(t, cl, sql)
			if len(q.wait(t)) == 0 {
				t.Errorf("%s: no rows", sql)
			}
		}
	}
	if state := queryState(t, c, scan.id); state != "QUEUED" && state != "STARTING" {
		t.Errorf("the scan is %s while the slots are taken", state)
	}
	for _, r := range tasks(t, c, scan.id) {
		t.Errorf("a task of the scan is %s on %s", r.state, r.node)
	}
	time.Sleep(longHold - time.Since(begun)) // that nothing happens in this time is what is to be seen
	disarm(t, hold)
	if got := scan.wait(t); !slices.Equal(got, []string{"[25]"}) {
		t.Errorf("the scan answered %s", got)
	}
	long.wait(t)
	for _, r := range tasks(t, c, long.id) {
		if _, n := attempt(r.task); n > 0 || r.state != "FINISHED" {
			t.Errorf("task %s is %s", r.task, r.state)
		}
	}
}

// limited takes so many rows of a query whose tasks fail.
func limited(t *testing.T, c *localcluster.Cluster, faults fault.Dir) {
	cl := session(c, manyTasks...)
	for _, tt := range []struct{ sql, want string }{
		{"SELECT count(*), count(DISTINCT l_orderkey * 10 + l_linenumber) FROM (SELECT l_orderkey, l_linenumber FROM lineitem LIMIT 7001)", "[7001,7001]"},
		{"SELECT count(*), min(o_orderkey), max(o_orderkey) FROM (SELECT o_orderkey FROM orders ORDER BY o_orderkey LIMIT 9)", "[9,1,33]"},
	} {
		for _, name := range []string{"slot-crash-after-write", "task-fails-after-write"} {
			a := arm(t, faults, name, fault.Aim{Task: "0.*.0", Times: 2})
			q := begin(t, cl, tt.sql)
			struck(t, a, 1)
			if got := q.wait(t); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("%s with %s: %s, want %s", tt.sql, name, got, tt.want)
			}
			disarm(t, a)
		}
	}
}

// verbose asks for the plan with all that was measured.
func verbose(t *testing.T, c *localcluster.Cluster, _ fault.Dir) {
	text := strings.Join(mustRows(t, session(c, manyTasks...), "EXPLAIN ANALYZE VERBOSE SELECT n_name, count(*) FROM customer JOIN nation ON c_nationkey = n_nationkey GROUP BY 1"), "\n")
	for _, part := range []string{"Fragment 1", "Aggregate", "Join"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
}

// skewed writes all rows into one partition of a table, by one task and by several.
func skewed(t *testing.T, c *localcluster.Cluster, dir string) {
	for _, tt := range []struct {
		table      string
		properties []string
		several    bool
	}{
		{"one", []string{distributed}, false},
		{"several", manyTasks, true},
	} {
		cl := session(c, tt.properties...)
		const columns = "l_orderkey, l_linenumber, l_extendedprice, l_comment, 7 AS part FROM lineitem"
		mustRows(t, cl, "CREATE TABLE hive.u."+tt.table+" WITH (partitioned_by = ARRAY['part']) AS SELECT "+columns)
		want, got := mustRows(t, cl, checksum+"(SELECT "+columns+")"), mustRows(t, cl, checksum+"hive.u."+tt.table)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the table is %s, want %s", tt.table, got, want)
		}
		parts, err := os.ReadDir(filepath.Join(dir, tt.table))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range parts {
			if !strings.HasPrefix(p.Name(), ".") {
				names = append(names, p.Name())
			}
		}
		written := slices.DeleteFunc(files(t, filepath.Join(dir, tt.table, "part=7")), func(f string) bool { return strings.HasPrefix(f, ".") })
		if !slices.Equal(names, []string{"part=7"}) || (len(written) > 1) != tt.several {
			t.Errorf("%s: partitions %v, files %v", tt.table, names, written)
		}
	}
}
