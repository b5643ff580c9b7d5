//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestStragglerIsRaced17961 holds one task of many for as long as the query runs: a second attempt on another worker
// finishes in its place, and the answer is as ever. The first is canceled.
func TestStragglerIsRaced17961(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3})
	cl := session(c, append(manyTasks, "retry_policy=TASK", "waterbear_backup_attempts=true", "waterbear_backup_attempt_quantile=0.5",
		"waterbear_backup_attempt_min_runtime=1s", "waterbear_backup_attempt_multiplier=2")...)
	sql := "SELECT l_suppkey, sum(l_extendedprice) FROM lineitem GROUP BY l_suppkey ORDER BY 2 DESC, 1 LIMIT 20"
	want := mustRows(t, cl, sql)
	plan := strings.Join(mustRows(t, cl, "EXPLAIN "+sql), "\n")
	scan := regexp.MustCompile(`Fragment (\d+) \[SOURCE\]`).FindStringSubmatch(plan)
	if scan == nil {
		t.Fatalf("no stage reads a table: %s", plan)
	}
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: scan[1] + ".0.0"})
	q := begin(t, cl, sql)
	slow := struck(t, hold, 1)[0]
	sameRows(t, "with a straggler", q.wait(t), want) // it is held still
	state, node := map[int]string{}, map[int]string{}
	p, first := attempt(slow.Task)
	for _, r := range tasks(t, c, q.id) {
		if o, n := attempt(r.task); o == p {
			state[n], node[n] = r.state, r.node
		}
	}
	if state[first] != "CANCELED" || state[first+1] != "FINISHED" {
		t.Errorf("attempts of %s ended as %v", p, state)
	}
	if node[first] == node[first+1] {
		t.Errorf("both attempts ran on %s", node[first])
	}
}
