//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestCoordinatorKilled kills the coordinator with kill -9 in the middle of queries. Another one in its place goes on: the
// workers are found again with what they run, and the client, which polls on, gets the exact answer.
func TestCoordinatorKilled(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3})
	for _, number := range []int{9, 18, 21} {
		t.Run(fmt.Sprintf("q%d", number), func(t *testing.T) {
			cl := session(c, append(manyTasks, "retry_policy=TASK")...)
			sql := question(t, number)
			want := mustRows(t, session(c), sql)
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
			q := begin(t, cl, sql)
			struck(t, hold, 1)
			time.Sleep(1500 * time.Millisecond) // past the first second, in which nothing waits for the journal
			finished := o.rest(q.id, 1)
			c.KillCoordinator()
			killed := time.Now()
			disarm(t, hold)
			time.Sleep(time.Second) // a moment in which tasks end and nobody listens
			if err := c.StartCoordinator(); err != nil {
				t.Fatal(err)
			}
			sameRows(t, "after the kill", q.wait(t), want)
			t.Logf("%d tasks had finished; answer %s after the kill", len(finished), time.Since(killed).Round(time.Millisecond))
			if again := o.retried(q.id); len(again) > 0 {
				t.Errorf("ran again: %v, want none: the workers went on", again)
			}
			emptySpool(t, c)
		})
	}
}

// TestCoordinatorStopped18851 ends the coordinator with SIGTERM in the middle of a query, as an upgrade does. The query is left
// to the coordinator that is started in its place.
func TestCoordinatorStopped18851(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	sql := question(t, 9)
	want := mustRows(t, session(c), sql)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
	q := begin(t, cl, sql)
	struck(t, hold, 1)
	time.Sleep(1500 * time.Millisecond)
	o.rest(q.id, 1)
	alike := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
	none := begin(t, session(c, append(manyTasks, "retry_policy=NONE")...), sql)
	struck(t, alike, 1)
	if err := c.StopCoordinator(patience); err != nil {
		t.Fatal(err)
	}
	disarm(t, hold)
	disarm(t, alike)
	if err := c.StartCoordinator(); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "after the restart", q.wait(t), want)
	if again := o.retried(q.id); len(again) > 0 {
		t.Errorf("ran again: %v, want none: the workers went on", again)
	}
	if none.ended(t); none.err == nil {
		t.Error("a query under NONE has outlived its coordinator")
	}
	emptySpool(t, c)
}
