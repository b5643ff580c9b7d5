//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestShortQueries asks a fresh cluster several hundred short queries: none may hang in a timeout or a delay that is meant for
// failures, and nothing may pile up.
func TestShortQueries(t *testing.T) {
	c := start(t, localcluster.Config{Workers: 3})
	cl := session(c)
	ask := func(n int) (took []time.Duration) {
		for i := range n {
			sql := "SELECT 1"
			if i%2 == 1 {
				sql = "SELECT count(*) FROM nation"
			}
			begun := time.Now()
			mustRows(t, cl, sql)
			took = append(took, time.Since(begun))
		}
		return took
	}
	took := ask(100)
	before := openFiles(t, c)
	took = append(took, ask(300)...)
	after := openFiles(t, c)
	worst := slices.Max(took)
	at := slices.Index(took, worst)
	slices.Sort(took)
	t.Logf("median %s, 99 %% below %s, worst %s (query %d)", took[len(took)/2], took[len(took)*99/100], worst, at)
	if worst > 30*time.Second { // several times what they take on a busy machine, and less than most timeouts
		t.Errorf("query %d took %s", at, worst)
	}
	for pid, n := range after {
		if n > before[pid]+10 {
			t.Errorf("process %d has %d open files, up from %d", pid, n, before[pid])
		}
	}
	emptySpool(t, c)
}

// openFiles counts the open files of each process of a cluster.
func openFiles(t *testing.T, c *localcluster.Cluster) map[int]int {
	t.Helper()
	pids := append(c.WorkerPIDs(), c.CoordinatorPID())
	for i := range c.WorkerPIDs() {
		pids = append(pids, c.SlotPIDs(i)...)
	}
	out := map[int]int{}
	for _, pid := range pids {
		fds, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
		if err != nil {
			t.Fatal(err)
		}
		out[pid] = len(fds)
	}
	return out
}
