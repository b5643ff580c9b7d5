//go:build e2e

package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestNoWorkers sends queries to a cluster without workers: they wait for one.
func TestNoWorkers(t *testing.T) {
	t.Parallel()
	c, _ := faulty(t, localcluster.Config{Workers: 0})
	single := begin(t, session(c), "SELECT count(*) FROM orders")
	many := begin(t, session(c, manyTasks...), wordy)
	time.Sleep(200 * time.Millisecond)
	for _, q := range []*statement{single, many} {
		select {
		case <-q.done:
			t.Fatalf("query %s ended without a worker: %v", q.id, q.err)
		default:
		}
	}
	worker, err := c.AddWorker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := single.wait(t); !slices.Equal(got, []string{"[15000]"}) {
		t.Errorf("got %v", got)
	}
	want := many.wait(t)
	// The last one goes, and another one comes, between queries and in the middle of one.
	if err := c.StopWorker(worker, patience); err != nil {
		t.Error(err)
	}
	again := begin(t, session(c, manyTasks...), wordy)
	if _, err = c.AddWorker(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "answer of another worker", again.wait(t), want)
	emptySpool(t, c)
}

// TestLastWorkerKilled kills the only worker in the middle of a query, which goes on when there is another.
func TestLastWorkerKilled(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 1})
	cl := session(c, manyTasks...)
	want := mustRows(t, session(c), wordy)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
	q := begin(t, cl, wordy)
	lost, _ := attempt(struck(t, hold, 1)[0].Task)
	finished := o.rest(q.id, 1)
	c.KillWorker(0)
	disarm(t, hold)
	time.Sleep(100 * time.Millisecond)
	if _, err := c.AddWorker(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "answer", q.wait(t), want)
	if len(finished) < 3 {
		t.Errorf("only %d tasks had finished: %v", len(finished), finished)
	}
	o.kept(q.id, finished, lost)
	emptySpool(t, c)
}

// TestDrain tells workers to leave in the middle of queries: what they run they finish, and what they have made and others
// need stays until it is read.
func TestDrain(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	for _, policy := range []string{"TASK", "QUERY", "NONE"} {
		t.Run(policy, func(t *testing.T) {
			cl := session(c, append(manyTasks, "retry_policy="+policy)...)
			want := mustRows(t, session(c), wordy)
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
			q := begin(t, cl, wordy)
			worker := workerOf(t, c, struck(t, hold, 1)[0])
			o.rest(q.id, 1)
			if _, err := c.AddWorker(t.Context()); err != nil { // for the next one
				t.Fatal(err)
			}
			stopped := make(chan error, 1)
			go func() { stopped <- c.StopWorker(worker, patience) }()
			until(t, "the worker drains", func() bool { return nodeCount(t, c) == 2 })
			select {
			case err := <-stopped:
				t.Errorf("the worker left while its task was running: %v", err)
			default:
			}
			disarm(t, hold)
			sameRows(t, "answer", q.wait(t), want)
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			if again := o.retried(q.id); len(again) > 0 {
				t.Errorf("ran again: %v", again)
			}
			emptySpool(t, c)
		})
	}
}
