//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// observed follows the attempts of a cluster through its fault points.
type observed struct {
	t              *testing.T
	cluster        *localcluster.Cluster
	begins, writes *fault.Armed
}

func observe(t *testing.T, c *localcluster.Cluster, d fault.Dir) *observed {
	t.Helper()
	return &observed{t, c, arm(t, d, "task-begins", fault.Aim{}), arm(t, d, "task-writes", fault.Aim{})}
}

// of returns the strikes that concern a query.
func (o *observed) of(a *fault.Armed, query string) []faultpoint.Strike {
	o.t.Helper()
	s, err := a.Strikes()
	if err != nil {
		o.t.Fatal(err)
	}
	return slices.DeleteFunc(s, func(s faultpoint.Strike) bool { return len(s.Task) < len(query) || s.Task[:len(query)] != query })
}

// rest waits until all attempts of a query but the held ones have ended and been reported, and lists the partitions that have. On a busy
// machine further ones may begin afterwards.
func (o *observed) rest(query string, held int) (finished []string) {
	o.t.Helper()
	last := -1
	until(o.t, "the other tasks end", func() bool {
		b := len(o.of(o.begins, query))
		finished = o.wrote(query)
		still := b == last && b-len(finished) == held && o.reported(query) >= b-held
		last = b
		time.Sleep(50 * time.Millisecond)
		return still
	})
	return finished
}

// kept checks that of the partitions that had finished none was begun again, but the lost one was.
func (o *observed) kept(query string, finished []string, lost string) {
	o.t.Helper()
	again := o.retried(query)
	if !slices.Contains(again, lost) || slices.ContainsFunc(again, func(p string) bool { return slices.Contains(finished, p) }) {
		o.t.Errorf("ran again: %v, want %s and none of those that had finished, %v", again, lost, finished)
	}
}

// reported counts the tasks of a query of which the coordinator knows that they have finished.
func (o *observed) reported(query string) int {
	o.t.Helper()
	var q struct {
		QueryStats struct{ CompletedDrivers int }
	}
	fetch(o.t, o.cluster, "/v1/query/"+query, &q)
	return q.QueryStats.CompletedDrivers
}

// retried lists the partitions that were begun more than once.
func (o *observed) retried(query string) (out []string) {
	o.t.Helper()
	seen := map[string]bool{}
	for _, s := range o.of(o.begins, query) {
		p, _ := attempt(s.Task)
		if seen[p] && !slices.Contains(out, p) {
			out = append(out, p)
		}
		seen[p] = true
	}
	return out
}

// wrote lists the partitions whose output is complete.
func (o *observed) wrote(query string) (out []string) {
	o.t.Helper()
	for _, s := range o.of(o.writes, query) {
		p, _ := attempt(s.Task)
		out = append(out, p)
	}
	return out
}

// sameRows compares answers whatever the order among equal keys.
func sameRows(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %d rows %.2000s\nwant %d rows %.2000s", what, len(got), got, len(want), want)
	}
}

// TestWorkerKilled kills a worker with kill -9 in the middle of a query, under each retry policy.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3})
	for _, tt := range []struct {
		policy string
		query  int
	}{{"TASK", 9}, {"TASK", 18}, {"TASK", 21}, {"QUERY", 9}, {"QUERY", 18}, {"QUERY", 21}, {"NONE", 9}} {
		t.Run(fmt.Sprintf("%s/q%d", tt.policy, tt.query), func(t *testing.T) {
			cl := session(c, append(manyTasks, "retry_policy="+tt.policy)...)
			sql := question(t, tt.query)
			want := mustRows(t, session(c), sql)
			if len(want) == 0 {
				t.Fatal("no rows to compare")
			}
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
			q := begin(t, cl, sql)
			victim := struck(t, hold, 1)[0]
			finished := o.rest(q.id, 1)
			if len(finished) < 10 {
				t.Errorf("only %d tasks had finished: %v", len(finished), finished)
			}
			c.KillWorker(workerOf(t, c, victim))
			killed := time.Now()
			disarm(t, hold)
			if _, err := c.AddWorker(t.Context()); err != nil { // for the next one
				t.Fatal(err)
			}
			if tt.policy == "NONE" {
				q.fails(t, "REMOTE_HOST_GONE")
				emptySpool(t, c)
				return
			}
			sameRows(t, "after the kill", q.wait(t), want)
			t.Logf("%d tasks had finished; answer %s after the kill", len(finished), time.Since(killed).Round(time.Millisecond))
			if tt.policy == "TASK" {
				lost, _ := attempt(victim.Task)
				o.kept(q.id, finished, lost)
			}
			second := slices.ContainsFunc(tasks(t, c, q.id), func(r taskRow) bool {
				_, n := attempt(r.task)
				return n == 1 && r.state == "FINISHED"
			})
			if !second {
				t.Error("system.runtime.tasks shows no second attempt")
			}
			emptySpool(t, c)
		})
	}
}

// TestAllWorkersKilled kills all workers of a query, one after the other, while others join.
func TestAllWorkersKilled(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3})
	for _, policy := range []string{"TASK", "QUERY"} {
		t.Run(policy, func(t *testing.T) {
			// Each kill costs QUERY a whole attempt.
			cl := session(c, append(manyTasks, "retry_policy="+policy)...)
			sql := question(t, 9)
			want := mustRows(t, session(c), sql)
			old := c.WorkerPIDs()
			moments := []string{"0.0.*", "2.0.*", "4.0.*"}
			var holds []*fault.Armed
			for _, m := range moments {
				holds = append(holds, arm(t, faults, "task-held-before-run", fault.Aim{Task: m}))
			}
			q := begin(t, cl, sql)
			for _, h := range holds {
				victim := struck(t, h, 1)[0].Parent
				if !slices.Contains(old, victim) {
					victim = old[slices.IndexFunc(old, func(pid int) bool { return pid != 0 })]
				}
				c.KillWorker(slices.Index(c.WorkerPIDs(), victim))
				old[slices.Index(old, victim)] = 0
				if _, err := c.AddWorker(t.Context()); err != nil {
					t.Fatal(err)
				}
				disarm(t, h)
			}
			sameRows(t, "after three kills", q.wait(t), want)
			for i, pid := range old {
				if pid != 0 {
					t.Errorf("worker %d was never killed", i)
				}
			}
			emptySpool(t, c)
		})
	}
}

// TestLossIsNoticed lets workers go, in the two ways in which that is noticed, and measures how long it takes until a lost task runs
// elsewhere. How fast it is, on a busy machine, is not asserted.
func TestLossIsNoticed(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 3, Properties: lostSoon})
	cl := session(c, manyTasks...)
	sql := question(t, 9)
	want := mustRows(t, session(c), sql)
	for _, tt := range []struct {
		name string
		do   func(worker int)
	}{
		{"closed connection", func(w int) { c.KillWorker(w) }},
		{"silence", func(w int) {
			if err := c.PauseWorker(w); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
			q := begin(t, cl, sql)
			victim := struck(t, hold, 1)[0]
			o.rest(q.id, 1)
			before := len(o.of(o.begins, q.id))
			worker := workerOf(t, c, victim)
			begun := time.Now()
			tt.do(worker)
			until(t, "the task begins elsewhere", func() bool { return len(o.of(o.begins, q.id)) > before })
			t.Logf("running elsewhere after %s", time.Since(begun).Round(time.Millisecond))
			sameRows(t, "answer", q.wait(t), want)
			emptySpool(t, c)
			if tt.name != "silence" {
				return
			}
			// The frozen one comes back, with an attempt that nobody waits for: it is stopped and leaves nothing.
			if err := c.ResumeWorker(worker); err != nil {
				t.Fatal(err)
			}
			until(t, "the worker rejoins", func() bool { return nodeCount(t, c) == 2 })
			sameRows(t, "with the worker back", mustRows(t, cl, sql), want)
			emptySpool(t, c)
		})
	}
}

// TestLateReport freezes a worker whose attempt has just written its output. When it thaws, the query has its answer: what the
// worker has to tell changes nothing, and what it wrote does not stay.
func TestLateReport(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2, Properties: lostSoon})
	cl := session(c, manyTasks...)
	want := mustRows(t, session(c), wordy)
	o := observe(t, c, faults)
	deaf := arm(t, faults, "task-deaf-after-write", fault.Aim{Task: midway(t, cl, wordy)})
	q := begin(t, cl, wordy)
	worker := workerOf(t, c, struck(t, deaf, 1)[0])
	if err := c.PauseWorker(worker); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "while one is frozen", q.wait(t), want)
	again := len(o.of(o.begins, q.id))
	emptySpool(t, c)
	disarm(t, deaf)
	if err := c.ResumeWorker(worker); err != nil {
		t.Fatal(err)
	}
	until(t, "the worker rejoins", func() bool { return nodeCount(t, c) == 2 })
	sameRows(t, "afterwards", mustRows(t, cl, wordy), want)
	if n := len(o.of(o.begins, q.id)); n != again {
		t.Errorf("%d attempts of the query, %d when it had ended", n, again)
	}
	if s := queryState(t, c, q.id); s != "FINISHED" {
		t.Errorf("the query is %s", s)
	}
	emptySpool(t, c)
}
