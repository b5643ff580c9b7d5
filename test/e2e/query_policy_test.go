//go:build e2e

package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// long has a result of several megabytes, made by many tasks of the stage that it consists of.
const long = "SELECT l_orderkey, l_linenumber, l_comment, l_shipinstruct, l_shipmode FROM lineitem"

// underQuery are the properties of a session whose queries run as many tasks under QUERY.
var underQuery = slices.Concat(manyTasks, []string{"retry_policy=QUERY",
	"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min=1MB",
	"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max=1MB"})

// holdings are the ways in which a result is held back.
var holdings = []struct {
	name            string
	noExchange      bool
	buffer          string
	spooled, onDisk bool
}{
	{name: "in memory", buffer: "32MB"},
	{name: "in the exchange", buffer: "100kB", spooled: true},
	{name: "in memory without an exchange manager", noExchange: true, buffer: "32MB"},
	{name: "on the coordinator's disk", noExchange: true, buffer: "100kB", onDisk: true},
}

// sorted are the rows in an order that does not depend on tasks.
func sorted(rows []string) []string {
	slices.Sort(rows)
	return rows
}

// smallPages asks for little at a time.
type smallPages struct{}

func (smallPages) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		r = r.Clone(r.Context())
		v := r.URL.Query()
		v.Set("targetResultSize", "300kB")
		r.URL.RawQuery = v.Encode()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// firstRows follows a statement until rows have come.
func firstRows(t *testing.T, cl *client.Client, sql string) *client.Query {
	t.Helper()
	q, err := cl.Start(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	for len(q.Now().Data) == 0 {
		if e := q.Now().Error; e != nil {
			t.Fatalf("%s: %s", e.Name, e.Message)
		}
		if more, err := q.Next(t.Context()); err != nil || !more {
			t.Fatalf("no rows came: %v", err)
		}
	}
	return q
}

// nothingHeld waits until nothing of any query is left in the spool and in the coordinator's scratch directory.
func nothingHeld(t *testing.T, c *localcluster.Cluster) {
	t.Helper()
	emptySpool(t, c)
	until(t, "the coordinator's scratch directory is empty", func() bool { return len(files(t, c.ScratchDir())) == 0 })
}

// holds counts the objects of results in a directory.
func holds(t *testing.T, dir string) (n int) {
	t.Helper()
	for _, f := range files(t, dir) {
		if strings.Contains(f, "/result.") && strings.HasSuffix(f, ".bundle") {
			n++
		}
	}
	return n
}

// TestResultOutlivesWorkers kills all workers as soon as the first rows have come: the query has succeeded, and all of its
// rows arrive, each once. Then a query is cancelled in the middle of its result, and nothing is left of it.
func TestResultOutlivesWorkers(t *testing.T) {
	t.Parallel()
	for _, h := range holdings {
		t.Run(h.name, func(t *testing.T) {
			c := start(t, localcluster.Config{Workers: 2, NoExchange: h.noExchange, Catalogs: standardCatalogs(""),
				Properties: map[string]string{"exchange.deduplication-buffer-size": h.buffer}})
			cl := session(c, underQuery...)
			cl.HTTP = &http.Client{Transport: smallPages{}}
			want := sorted(mustRows(t, session(c, "retry_policy=NONE"), long))
			if len(want) != 60175 {
				t.Fatalf("%d rows", len(want))
			}
			canceled := firstRows(t, cl, long)
			if got := holds(t, c.SpoolDir()) > 0; got != h.spooled {
				t.Errorf("in the spool: %t", got)
			}
			if got := holds(t, c.ScratchDir()) > 0; got != h.onDisk {
				t.Errorf("on the coordinator's disk: %t", got)
			}
			if err := canceled.Cancel(t.Context()); err != nil {
				t.Fatal(err)
			}
			nothingHeld(t, c)
			q := firstRows(t, cl, long)
			if n := len(q.Now().Data); n > 1<<20 {
				t.Errorf("the first page has %d bytes", n)
			}
			c.KillWorker(0)
			c.KillWorker(1)
			got, err := drain(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if got = sorted(got); !slices.Equal(got, want) {
				t.Errorf("got %d rows, want %d", len(got), len(want))
			}
			nothingHeld(t, c)
		})
	}
}

// TestQueryRestarts kills a worker before the query has succeeded: while its tasks run, and while the coordinator copies the
// result from it, with a part of the rows in the buffer already. The client sees the rows of the last run only.
func TestQueryRestarts(t *testing.T) {
	t.Parallel()
	for _, h := range holdings {
		if !h.spooled && !h.onDisk {
			continue // fewer places that rows could be left in
		}
		t.Run(h.name, func(t *testing.T) {
			c, faults := faulty(t, localcluster.Config{Workers: 2, NoExchange: h.noExchange,
				Properties: map[string]string{"exchange.deduplication-buffer-size": h.buffer}})
			cl := session(c, underQuery...)
			want := sorted(mustRows(t, session(c, "retry_policy=NONE"), long))
			o := observe(t, c, faults)
			restarts := func(what string, q *statement) {
				t.Helper()
				if got := sorted(q.wait(t)); !slices.Equal(got, want) {
					t.Errorf("%s: got %d rows, want %d", what, len(got), len(want))
				}
				if len(o.retried(q.id)) == 0 {
					t.Errorf("%s: nothing ran again", what)
				}
				nothingHeld(t, c)
			}
			hold := arm(t, faults, "task-held-after-write", fault.Aim{Task: "*.1.0"})
			q := begin(t, cl, long)
			victim := struck(t, hold, 1)[0]
			c.KillWorker(workerOf(t, c, victim))
			disarm(t, hold)
			restarts("killed before success", q)
			if _, err := c.AddWorker(t.Context()); err != nil {
				t.Fatal(err)
			}
			hang := arm(t, faults, "call-bundle-hangs", fault.Aim{Task: "*.1.0"})
			q = begin(t, cl, long)
			copied := struck(t, hang, 1)[0]
			c.KillWorker(slices.Index(c.WorkerPIDs(), copied.PID))
			disarm(t, hang)
			restarts("killed while its rows are copied", q)
		})
	}
}

// TestResultQuotaExceeded: a result that fits nowhere fails with Trino's error, and leaves nothing.
func TestResultQuotaExceeded(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 1, NoExchange: true, Catalogs: standardCatalogs(""),
		Properties: map[string]string{"exchange.deduplication-buffer-size": "100kB", "waterbear.result-scratch-quota": "1MB"}})
	begin(t, session(c, underQuery...), long).fails(t, "EXCHANGE_MANAGER_NOT_CONFIGURED")
	nothingHeld(t, c)
	// Where no other run is allowed, nothing is held back, and so nothing is too large.
	if rows := mustRows(t, session(c, append(underQuery, "query_retry_attempts=0")...), long); len(rows) != 60175 {
		t.Errorf("%d rows", len(rows))
	}
	// A smaller one fits.
	if rows := mustRows(t, session(c, underQuery...), "SELECT o_orderkey, o_comment FROM orders WHERE o_orderkey < 30000"); len(rows) != 7503 {
		t.Errorf("%d rows", len(rows))
	}
	nothingHeld(t, c)
}

// TestDescriptorsOnDisk runs queries of many tasks with a coordinator that has no memory for their descriptors.
func TestDescriptorsOnDisk(t *testing.T) {
	t.Parallel()
	for _, noExchange := range []bool{false, true} {
		c, faults := faulty(t, localcluster.Config{Workers: 2, NoExchange: noExchange,
			Properties: map[string]string{"fault-tolerant-execution-task-descriptor-storage-max-memory": "1B"}})
		cl := session(c, manyTasks...)
		sql := question(t, 18)
		want := mustRows(t, session(c), sql)
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql)})
		q := begin(t, cl, sql)
		struck(t, hold, 1)
		dir := c.SpoolDir()
		if noExchange {
			dir = c.ScratchDir()
		}
		until(t, "descriptors are on disk", func() bool {
			return slices.ContainsFunc(files(t, dir), func(f string) bool { return strings.Contains(f, "/descriptors/") })
		})
		disarm(t, hold)
		sameRows(t, "with descriptors on disk", q.wait(t), want)
		nothingHeld(t, c)
	}
}

// TestTaskWithoutExchangeManager: under TASK outputs may stay on the workers. Those that die with one are made again, and
// nothing else is.
func TestTaskWithoutExchangeManager(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 3, NoExchange: true})
	cl := session(c, manyTasks...)
	want := mustRows(t, session(c), wordy)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-read", fault.Aim{Task: midway(t, cl, wordy)})
	q := begin(t, cl, wordy)
	victim := struck(t, hold, 1)[0]
	finished := len(o.rest(q.id, 1))
	c.KillWorker(workerOf(t, c, victim))
	disarm(t, hold)
	sameRows(t, "answer after the loss", q.wait(t), want)
	again := o.retried(q.id)
	if len(again) < 2 {
		t.Errorf("ran again: %v, want the task that ran there and outputs that were there", again)
	}
	if len(again) > finished*2/3 {
		t.Errorf("%d tasks ran again, %d had finished on three workers", len(again), finished)
	}
	nothingHeld(t, c)
}
