package coordinator

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// query.max-memory and query.max-total-memory end queries that use more on all nodes together, unless they are under TASK.
func TestMaxMemory(t *testing.T) {
	for _, test := range []struct {
		properties []string
		used       int64
		want       string
	}{
		{[]string{"retry_policy=NONE", "query_max_memory=1MB"}, 1<<20 + 1, "Query exceeded distributed user memory limit of 1MB"},
		{[]string{"retry_policy=NONE", "query_max_memory=1MB"}, 1 << 20, ""},
		{[]string{"retry_policy=NONE", "query_max_total_memory=2MB"}, 3 << 20, "Query exceeded distributed total memory limit of 2MB"},
		{[]string{"retry_policy=TASK", "query_max_memory=1MB"}, 1 << 30, ""},
		{[]string{"retry_policy=NONE", "query_max_memory=1MB", "query_max_total_memory=2MB", "resource_overcommit=true"}, 1 << 30, ""},
	} {
		c, spool := testCoordinator(t, nil)
		w := join(t, c, "w")
		q := submit(t, c, anyQuery, test.properties...)
		task := w.next()
		w.report(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: &rpcv1.Progress{Task: task.Id, MemoryBytes: test.used}}})
		if test.want == "" {
			w.finish(task, spool, "[25]")
		}
		rows, err := result(t, q)
		switch {
		case test.want == "" && (err != nil || rows != "[25]"):
			t.Errorf("%v: %s, %v", test.properties, rows, err)
		case test.want != "" && (err == nil || err.Code.Name != "EXCEEDED_GLOBAL_MEMORY_LIMIT" || err.Error() != test.want):
			t.Errorf("%v: %s, %v", test.properties, rows, err)
		}
	}
}

// query.max-memory-per-node: a task that cannot do with its part says which limit it was.
func TestMaxMemoryPerNodeIsNamed(t *testing.T) {
	for _, test := range []struct{ policy, overcommit, want string }{
		{"NONE", "false", "Query exceeded per-node memory limit of 1MB [too much]"},
		{"TASK", "false", "too much\nand advice"},
		{"NONE", "true", "too much\nand advice"}, // resource_overcommit
	} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Session.TaskRetryAttempts = 0 })
		w := join(t, c, "w")
		q := submit(t, c, anyQuery, "query_max_memory_per_node=1MB", "retry_policy="+test.policy, "resource_overcommit="+test.overcommit)
		task := w.next()
		if small := task.MemoryBytes == 1<<19; small != (test.policy == "NONE" && test.overcommit == "false") {
			t.Errorf("%s: a task of %d bytes", test.policy, task.MemoryBytes)
		}
		w.fail(task.Id, trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "too much\nand advice"))
		if _, err := result(t, q); err == nil || err.Code != trinoerr.ExceededLocalMemoryLimit || err.Error() != test.want {
			t.Errorf("%s: %v", test.policy, err)
		}
	}
}
