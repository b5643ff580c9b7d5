//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestTaskTooLargeIsDivided18025 lets the one task of a scan run out of memory whatever it gets: when it has had a whole
// worker, two others read half of its splits each, and the answer is as ever.
func TestTaskTooLargeIsDivided18025(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	cl := session(c, append(manyTasks, "retry_policy=TASK",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min=10GB",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max=10GB")...)
	sql := "SELECT l_suppkey, sum(l_extendedprice) FROM lineitem GROUP BY l_suppkey ORDER BY 2 DESC, 1 LIMIT 20"
	want := mustRows(t, cl, sql)
	scan := regexp.MustCompile(`Fragment (\d+) \[SOURCE\]`).FindStringSubmatch(strings.Join(mustRows(t, cl, "EXPLAIN "+sql), "\n"))
	if scan == nil {
		t.Fatal("no stage reads a table")
	}
	hungry := arm(t, faults, "task-fails-resources", fault.Aim{Task: scan[1] + ".0.*", Times: fault.Always})
	q := begin(t, cl, sql)
	sameRows(t, "with a task that is too large", q.wait(t), want)
	disarm(t, hungry)
	failed, finished := 0, 0
	for _, r := range tasks(t, c, q.id) {
		if strings.HasPrefix(r.task, q.id+"."+scan[1]+".") {
			switch r.state {
			case "FAILED":
				failed++
			case "FINISHED":
				finished++
			}
		}
	}
	if failed < 2 || finished != 2 {
		t.Errorf("%d attempts of the scan failed and %d finished", failed, finished)
	}
}
