package coordinator

import (
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

func TestMeasured(t *testing.T) {
	task := func(partition, attempt int) scheduler.TaskID {
		return scheduler.TaskID{Query: "q", Stage: 1, Partition: partition, Attempt: attempt}
	}
	tasks := []scheduler.TaskInfo{
		{Task: task(0, 0), Node: "a", State: scheduler.AttemptFailed, MemBytes: 1 << 20, PeakMemory: 1 << 20, CPU: time.Second, Splits: 3},
		{Task: task(0, 1), Node: "b", State: scheduler.AttemptFinished, MemBytes: 3 << 20, PeakMemory: 2 << 20, CPU: time.Second, Rows: 1, Bytes: 10, Splits: 3},
		{Task: task(1, 0), Node: "a", State: scheduler.AttemptFinished, MemBytes: 1 << 20, PeakMemory: 3000, Rows: 2, Bytes: 20, Splits: 1},
		{Task: task(2, 0), Node: "a", State: scheduler.AttemptCanceled, MemBytes: 1 << 20},
		{Task: scheduler.TaskID{Query: "q", Stage: 2}, Node: "c", State: scheduler.AttemptFinished, Rows: 100},
	}
	got := measured(tasks, 1, map[scheduler.TaskID]input{task(0, 1): {rows: 7, bytes: 4096}, task(1, 0): {rows: 5, bytes: 1024}}, "7 rows (70B)")
	want := []string{
		"Tasks count: 2, failed attempts: 1, cancelled attempts: 1, on 2 nodes, Splits: 4",
		"CPU: 2.00s, Scheduled: 0.00s, Input: 12 rows (5kB); per task: min.: 1kB avg.: 2.5kB max.: 4kB",
		"Output: 3 rows (30B), Estimated: 7 rows (70B), Requested Memory: per task: min.: 1MB avg.: 1.5MB max.: 3MB",
		"Peak Memory: per task: min.: 0B avg.: 768.73kB max.: 2MB",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := measured(nil, 1, nil, "?"); got[3] != "Peak Memory: per task: min.: 0B avg.: 0B max.: 0B" {
		t.Errorf("of nothing: %q", got)
	}
}
