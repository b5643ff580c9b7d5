//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestConfiguredProperties starts a cluster with properties that are about whole processes, and looks at what they do.
func TestConfiguredProperties(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2, MemoryBytes: 800 << 20, Slots: 2, Threads: 2, Properties: map[string]string{
		"memory.heap-headroom-per-node":                "25%",
		"failure-detector.heartbeat-interval":          "100ms",
		"waterbear.node-loss-timeout":                  "700ms",
		"task.concurrency":                             "4",
		"query.max-memory":                             "123MB",
		"fault-tolerant-execution-max-partition-count": "7",
		"query.remote-task.max-request-size":           "1kB",
		"query.remote-task.request-size-headroom":      "1kB",
	}})
	cl := session(c, manyTasks...)

	// Sessions begin with what is configured; what has no value follows from the policy and from other properties.
	listed := strings.Join(mustRows(t, cl, "SHOW SESSION"), "\n")
	for name, value := range map[string]string{"task_concurrency": "4", "exchange_compression_codec": "LZ4", "remote_task_max_request_size": "1kB"} {
		if !strings.Contains(listed, fmt.Sprintf(`"%s","%s","%s"`, name, value, value)) {
			t.Errorf("%s is not %s", name, value)
		}
	}

	// A slot's share of what the headroom leaves is what a first task asks for, and the log says so.
	sql := question(t, 9)
	want := mustRows(t, cl, sql)
	if got := mustRows(t, cl, "SELECT max(requested_memory_bytes) FROM system.runtime.tasks WHERE task_id LIKE '%.0.0.0'"); got[0] != fmt.Sprintf("[%d]", 300<<20) {
		t.Errorf("tasks ask for %s", got[0])
	}
	if plan := strings.Join(mustRows(t, cl, "EXPLAIN "+sql), "\n"); !strings.Contains(plan, "into 7 partitions") && !strings.Contains(plan, "into 4 partitions") {
		t.Errorf("the plan has other numbers of partitions: %s", plan)
	}
	logs, err := filepath.Glob(filepath.Join(c.LogDir(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said += strings.Count(string(text), "defaults that presume larger nodes are scaled down")
	}
	if said != 1 {
		t.Errorf("the log says %d times that defaults are scaled down", said)
	}

	// A frozen worker is lost after the configured time.
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
	o := observe(t, c, faults)
	q := begin(t, cl, sql)
	victim := struck(t, hold, 1)[0]
	o.rest(q.id, 1)
	worker, frozen := workerOf(t, c, victim), time.Now()
	if err := c.PauseWorker(worker); err != nil {
		t.Fatal(err)
	}
	until(t, "the worker is lost", func() bool { return nodeCount(t, c) == 1 })
	if took := time.Since(frozen); took < 300*time.Millisecond {
		t.Errorf("lost after %s", took)
	}
	sameRows(t, "answer", q.wait(t), want)
	if err := c.ResumeWorker(worker); err != nil {
		t.Fatal(err)
	}
}

// TestCompressionOfSpool runs a query with each codec: the answer is the same, the spool is not.
func TestCompressionOfSpool(t *testing.T) {
	t.Parallel()
	c, _ := faulty(t, localcluster.Config{Workers: 1})
	sizes := map[string]int64{}
	for _, codec := range []string{"NONE", "ZSTD"} {
		cl := session(c, append(manyTasks, "exchange_compression_codec="+codec)...)
		rows := mustRows(t, cl, wordy)
		if len(rows) == 0 {
			t.Fatal("no rows")
		}
		got := mustRows(t, cl, `SELECT CAST(sum(output_bytes) AS bigint) FROM system.runtime.tasks WHERE state = 'FINISHED' AND stage_id LIKE '%.0'
			AND query_id = (SELECT max_by(query_id, created) FROM system.runtime.queries WHERE query NOT LIKE '%runtime%')`)[0]
		var bytes int64
		if _, err := fmt.Sscanf(got, "[%d]", &bytes); err != nil {
			t.Fatal(got, err)
		}
		sizes[codec] = bytes
	}
	if sizes["NONE"] <= sizes["ZSTD"] || sizes["ZSTD"] == 0 {
		t.Errorf("output bytes %v", sizes)
	}
}
