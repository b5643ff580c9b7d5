//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestAdaptiveQueries asks the 22 queries of the benchmark while their plans change whenever they can, and while they never
// do, and compares the answers with those of DuckDB in this process.
func TestAdaptiveQueries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(dir)})
	if err := bench.Load(t.Context(), &bench.Server{URL: c.URL()}, scale, io.Discard); err != nil {
		t.Fatal(err)
	}
	ref, err := bench.OpenReference(t.Context(), bench.ReferenceConfig{Threads: 1, MemoryBytes: 1 << 30, TableDir: filepath.Join(dir, bench.SchemaOf(scale))})
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	all, err := bench.TPCH(scale).ParseQueries("")
	if err != nil {
		t.Fatal(err)
	}
	few := []string{distributed, "join_distribution_type=PARTITIONED", "fault_tolerant_execution_max_partition_count=4", "fault_tolerant_execution_min_partition_count=2"}
	for _, tt := range []struct {
		name       string
		properties []string
		changes    []string // what is to change in some plan
	}{
		{"off", append(few, "fault_tolerant_execution_adaptive_query_planning_enabled=false"), nil},
		{"on", append(few, "fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1B",
			"fault_tolerant_execution_adaptive_join_reordering_size_difference_ratio=1",
			"fault_tolerant_execution_runtime_adaptive_partitioning_enabled=true",
			"fault_tolerant_execution_runtime_adaptive_partitioning_partition_count=40",
			"fault_tolerant_execution_runtime_adaptive_partitioning_max_task_size=1B"), []string{"join sides swapped", "partitions raised to 40"}},
		{"on, by direct exchange", append(few, "retry_policy=NONE", "waterbear_single_task_input_size=200kB", "fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1B"),
			[]string{"join sides swapped", "single task"}},
		{"key filters", append(few, "waterbear_key_filters_min_scan_size=0B", "fault_tolerant_execution_adaptive_join_reordering_enabled=false"), []string{"key filter"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &bench.Server{URL: c.URL(), Catalog: "hive", Schema: bench.SchemaOf(scale), Session: map[string]string{}}
			for _, p := range tt.properties {
				name, value, _ := strings.Cut(p, "=")
				s.Session[name] = value
			}
			before := replans(t, c)
			timings, err := bench.Run(t.Context(), bench.Options{Workload: bench.TPCH(scale), Queries: all, Log: io.Discard}, s, ref)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range timings {
				if q.Wrong != "" {
					t.Errorf("query %d: %s", q.Query, q.Wrong)
				}
			}
			changes := strings.Join(replans(t, c)[len(before):], "\n")
			for _, what := range tt.changes {
				if !strings.Contains(changes, what) {
					t.Errorf("no plan changed by %q:\n%s", what, changes)
				}
			}
			if tt.changes == nil && changes != "" {
				t.Errorf("plans changed:\n%s", changes)
			}
			emptySpool(t, c)
		})
	}
	t.Run("fewer rows", func(t *testing.T) { fewerRows(t, c) })
	t.Run("fields alone", func(t *testing.T) { fieldsAlone(t, c) })
}

// TestAdaptiveWrites writes tables by plans that change: sides of joins are exchanged, and inputs turn out empty.
func TestAdaptiveWrites(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(t.TempDir())})
	cl := session(c, append(manyTasks, "join_reordering_strategy=NONE", "fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1B",
		"fault_tolerant_execution_adaptive_join_reordering_size_difference_ratio=1")...)
	mustRows(t, cl, "CREATE SCHEMA hive.adaptive")
	const sizes = "SELECT count(*), count(DISTINCT l_orderkey), sum(l_quantity) FROM "
	want := mustRows(t, cl, sizes+"tpch.tiny.lineitem")
	for _, tt := range []struct{ sql, change, table, rows string }{
		{"CREATE TABLE hive.adaptive.swapped AS SELECT l.* FROM tpch.tiny.orders o JOIN tpch.tiny.lineitem l ON o_orderkey = l_orderkey",
			"join sides swapped", "hive.adaptive.swapped", ""},
		{"INSERT INTO hive.adaptive.swapped SELECT l.* FROM tpch.tiny.lineitem l JOIN tpch.tiny.orders o ON o_orderkey = l_orderkey " +
			"WHERE o_orderkey + o_custkey < 0", "pruned", "hive.adaptive.swapped", ""},
		{"CREATE TABLE hive.adaptive.empty AS SELECT l.* FROM tpch.tiny.lineitem l JOIN tpch.tiny.orders o ON o_orderkey = l_orderkey " +
			"WHERE o_orderkey + o_custkey < 0", "pruned", "hive.adaptive.empty", "none"},
	} {
		before := replans(t, c)
		mustRows(t, cl, tt.sql)
		if changes := strings.Join(replans(t, c)[len(before):], "\n"); !strings.Contains(changes, tt.change) {
			t.Errorf("%s: no plan changed by %q: %s", tt.sql, tt.change, changes)
		}
		expect := strings.Join(want, "\n")
		if tt.rows == "none" {
			expect = strings.Join(mustRows(t, cl, sizes+"tpch.tiny.lineitem WHERE l_orderkey < 0"), "\n")
		}
		if got := strings.Join(mustRows(t, cl, sizes+tt.table), "\n"); got != expect {
			t.Errorf("%s: %s, want %s", tt.sql, got, expect)
		}
	}
	emptySpool(t, c)
}

// replans are the changes of plans of all queries that the coordinator remembers, in order.
func replans(t *testing.T, c *localcluster.Cluster) (reasons []string) {
	t.Helper()
	var queries []struct{ QueryID string }
	fetch(t, c, "/v1/query", &queries)
	for _, q := range queries {
		reasons = append(reasons, replansOf(t, c, q.QueryID)...)
	}
	return reasons
}

// replansOf are the changes of a query's plan, in order.
func replansOf(t *testing.T, c *localcluster.Cluster, query string) (reasons []string) {
	t.Helper()
	var info struct{ Replans []struct{ Reason string } }
	fetch(t, c, "/v1/query/"+query, &info)
	for _, r := range info.Replans {
		reasons = append(reasons, r.Reason)
	}
	return reasons
}

// fetch reads a JSON document of the coordinator.
func fetch(t *testing.T, c *localcluster.Cluster, path string, into any) {
	t.Helper()
	res := get(t, c, http.MethodGet, path)
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestCoordinatorKilledAroundReplan kills the coordinator before the plan changes, and when a stage runs that the plan did not have at
// first. The one in its place changes the plan as the first one would have, or knows the new plan.
func TestCoordinatorKilledAroundReplan(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	cl := session(c, append(manyTasks, "retry_policy=TASK", "join_reordering_strategy=NONE",
		"fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1B")...)
	const sql = "SELECT o_orderpriority, count(*), sum(l_quantity) FROM orders JOIN lineitem ON o_orderkey = l_orderkey GROUP BY 1"
	want := mustRows(t, session(c), sql)
	o := observe(t, c, faults)
	for _, tt := range []struct {
		name, held string
		changed    int
	}{{"before", "0.0.0", 0}, {"after", "4.0.0", 1}} { // a scan, and what was stage 2, the join
		t.Run(tt.name, func(t *testing.T) {
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: tt.held})
			q := begin(t, cl, sql)
			struck(t, hold, 1)
			time.Sleep(1500 * time.Millisecond)
			o.rest(q.id, 1)
			swapped := func() int { return strings.Count(strings.Join(replansOf(t, c, q.id), "\n"), "join sides swapped") }
			if n := swapped(); n != tt.changed {
				t.Errorf("changed %d times before the kill", n)
			}
			c.KillCoordinator()
			disarm(t, hold)
			if err := c.StartCoordinator(); err != nil {
				t.Fatal(err)
			}
			sameRows(t, "after the kill", q.wait(t), want)
			if again := o.retried(q.id); len(again) > 0 {
				t.Errorf("ran again: %v, want none: the workers went on", again)
			}
			if n := swapped(); n != 1 {
				t.Errorf("changed %d times", n)
			}
			emptySpool(t, c)
		})
	}
}
