package coordinator

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// wide is a query whose result several tasks make.
const wide = "SELECT comment FROM lineitem"

var inTasks = []string{"waterbear_single_task_input_size=0B", "fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min=1kB",
	"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max=1kB", "fault_tolerant_execution_max_task_split_count=1", "waterbear_backup_attempts=false"}

// inParts gives tables four splits.
func inParts(t *testing.T) func(*Config) {
	t.Helper()
	tables, err := tpch.New(connector.CatalogConfig{Catalog: "tpch", File: &config.File{Entries: []config.Entry{{Key: "tpch.splits-per-node", Value: "4"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Catalogs = map[string]connector.Connector{"tpch": tables} }
}

// begun returns the first tasks of a query's result, by partition.
func begun(t *testing.T, w *fakeWorker, n int) []*rpcv1.Task {
	t.Helper()
	out := make([]*rpcv1.Task, n)
	for range n {
		task := w.next()
		id, err := scheduler.ParseTaskID(task.Id)
		if err != nil || id.Partition >= n || task.GetRows() == nil {
			t.Fatalf("task %s: %v", task.Id, err)
		}
		out[id.Partition] = task
	}
	return out
}

// page reads the next page that has rows.
func page(t *testing.T, q *query, at string) protocol.ResultPage {
	t.Helper()
	for {
		p, err := q.Next(t.Context(), 1, at, patience, 1)
		if err != nil || p.Err != nil {
			t.Fatal(err, p.Err)
		}
		if len(p.Data) > 0 || p.Last {
			return p
		}
		at = p.Next
	}
}

// Rows of a task are shown while others of the stage run: under TASK and NONE; in the order of the tasks.
func TestResultGrows(t *testing.T) {
	for _, policy := range []string{"TASK", "NONE"} {
		c, spool := testCoordinator(t, inParts(t))
		w := join(t, c, "w")
		q := submit(t, c, wide, append([]string{"retry_policy=" + policy}, inTasks...)...)
		tasks := begun(t, w, 2)
		w.finish(tasks[1], spool, "[1]")
		third := w.next()
		if p, err := q.Next(t.Context(), 1, "", 1, 1); err != nil || len(p.Data) > 0 {
			t.Fatalf("%s: rows of the second task before those of the first: %s, %v", policy, p.Data, err)
		}
		w.finish(tasks[0], spool, "[0]", "[00]")
		var got []string
		at := ""
		for range 3 {
			p := page(t, q, at)
			got, at = append(got, string(p.Data[0])), p.Next
			if p.Last || p.Stats.State != stateRunning {
				t.Errorf("%s: after %v: last %t, %s", policy, got, p.Last, p.Stats.State)
			}
		}
		if strings.Join(got, "") != "[0][00][1]" {
			t.Errorf("%s: got %v", policy, got)
		}
		w.fail(third.Id, trinoerr.New(trinoerr.DivisionByZero, "Division by zero")) // a user's error, after rows were shown
		if _, err := result(t, q); err == nil || err.Code != trinoerr.DivisionByZero {
			t.Errorf("%s: %v", policy, err)
		}
	}
}

// Under QUERY nothing is shown before all is there.
func TestResultIsHeldBackUnderQuery(t *testing.T) {
	c, spool := testCoordinator(t, inParts(t))
	w := join(t, c, "w")
	q := submit(t, c, wide, append([]string{"retry_policy=QUERY"}, inTasks...)...)
	tasks := begun(t, w, 2)
	w.finish(tasks[0], spool, "[0]")
	w.next() // the scheduler knows
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rows != nil {
		t.Errorf("%T is shown", q.rows)
	}
}

// A coordinator that takes over goes on in the middle of a result that grows.
func TestRecoverGrowingResult(t *testing.T) {
	c, spool, successor := journaled(t, inParts(t))
	w := join(t, c, "w")
	q := submit(t, c, wide, inTasks...)
	tasks := begun(t, w, 2)
	w.finish(tasks[0], spool, "[0]", "[00]")
	third := w.next()
	until(t, "the result has begun", func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.rows != nil })
	aged(t, c, q)
	first := page(t, q, "")
	if string(first.Data[0]) != "[0]" {
		t.Fatalf("got %s", first.Data)
	}
	settled(t, c)
	c.broken(errCrash)
	next := successor()
	q = again(t, next, q)
	w.register(next, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{tasks[1].Id, third.Id} })
	second := page(t, q, first.Next)
	if string(second.Data[0]) != "[00]" || second.Last {
		t.Fatalf("got %s, last %t", second.Data, second.Last)
	}
	w.finish(tasks[1], spool, "[1]")
	if p := page(t, q, second.Next); string(p.Data[0]) != "[1]" {
		t.Errorf("got %s", p.Data)
	}
}

// A query that would begin anew if the coordinator died shows nothing, lest its client be cut off.
func TestYoungResultIsNotShown(t *testing.T) {
	c, _, _ := journaled(t)
	partial := &resultRows{partial: true}
	q := newQuery(c, c.newID(), protocol.SubmitRequest{})
	q.policy = scheduler.RetryTask
	if q.shows(partial) {
		t.Error("a part of the result of a query that was not launched is shown")
	}
	if !q.shows(&resultRows{}) {
		t.Error("a complete result is not shown")
	}
	q.policy = scheduler.RetryNone
	if !q.shows(partial) {
		t.Error("a part of the result of a query that no successor goes on with is not shown")
	}
}

// Rows of a bundle that was made again may come in another order: a client that is in its middle cannot go on.
func TestSeekInResult(t *testing.T) {
	bundle := func(attempt, pages int) resultBundle {
		return resultBundle{scheduler.OutputRef{Attempt: attempt}, &exchange.Handle{Segments: make([]exchange.Segment, pages)}}
	}
	for _, tt := range []struct {
		at      string
		partial bool
		want    string
	}{
		{"0.0", false, "0.0"}, {"0.2.4", false, "0.2.4"}, {"0.2", false, "0.2.4"}, {"1.0", false, "1.0"}, {"2.0", false, "2.0"},
		{"0.2.3", false, "PAGE_TRANSPORT_ERROR"}, {"3.0", false, "gone"}, {"3.1.0", true, "3.0"}, {"0.4.4", false, "gone"}, {"x", false, "gone"}, {"1", false, "gone"},
		{"0.-1", false, "gone"}, {"0.0.0.0", false, "gone"},
	} {
		r := &resultRows{bundles: []resultBundle{bundle(4, 3), bundle(0, 1)}, partial: tt.partial}
		got := ""
		switch err := r.seek(tt.at); {
		case err == protocol.ErrGone:
			got = "gone"
		case err != nil:
			got = trinoerr.CodeOf(err).Name
		default:
			got = r.position()
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.at, got, tt.want)
		}
	}
}
