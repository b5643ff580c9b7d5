package coordinator

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// errCrash stands for the end of a coordinator's process.
var errCrash = errors.New("crash")

// journaled runs a coordinator with a journal and returns what makes its successors.
func journaled(t *testing.T, change ...func(*Config)) (first *Coordinator, spool *local.Store, next func() *Coordinator) {
	t.Helper()
	var cfg Config
	first, spool = testCoordinator(t, func(c *Config) {
		st, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		c.Journal = &JournalConfig{Store: st, Prefix: "journal/"}
		for _, f := range change {
			f(c)
		}
		cfg = *c
	})
	return first, spool, func() *Coordinator { return runCoordinator(t, cfg) }
}

// aged waits until a query's decisions are waited for.
func aged(t *testing.T, c *Coordinator, q *query) {
	t.Helper()
	until(t, "the query is launched", func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.submitted })
	settled(t, c)
	known := time.Now() // to the journal, which may be later than the launch
	until(t, "the query is no longer young", func() bool { return time.Since(known) > haste+50*time.Millisecond })
	c.post(scheduler.Tick{At: c.now()}) // of which the journal tells its age; the coordinator's own may be late
	settled(t, c)
}

// introduced waits until a coordinator's successors can know who it was.
func introduced(t *testing.T, c *Coordinator) {
	t.Helper()
	until(t, "the coordinator has introduced itself", func() bool {
		o, err := c.cfg.Journal.owner(t.Context())
		return err == nil && o != nil && o.Instance == c.instance
	})
}

// settled waits until the journal has all that has happened.
func settled(t *testing.T, c *Coordinator) {
	t.Helper()
	written := false
	c.loop.add(note{then: func() { c.mu.Lock(); written = true; c.mu.Unlock() }})
	until(t, "the journal is written", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return written })
}

// again is a query as the next coordinator has it.
func again(t *testing.T, c *Coordinator, q *query) *query {
	t.Helper()
	p, ok := c.Lookup(string(q.id))
	if !ok {
		t.Fatal("the next coordinator does not know the query")
	}
	if p.Slug() != q.slug {
		t.Error("another slug")
	}
	p.(*query).polled.now()
	return p.(*query)
}

// A task that runs while the coordinator dies goes on; its end reaches the next coordinator.
func TestRecoverRunningTask(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	aged(t, c, q)
	c.broken(errCrash)
	c = next()
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{task.Id} })
	// It is asked again when what it runs has been looked at; a task that has ended by then would be cancelled, to no harm.
	until(t, "the worker is asked again", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.asked == 2 })
	if w.cancelled(task.Id) {
		t.Errorf("canceled %v", w.canceled)
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if len(w.started) != 1 {
		t.Errorf("started %v", w.started)
	}
}

// A task whose start never reached its node is started when the node comes back; one whose node does not come back runs
// elsewhere.
func TestRecoverLostNode(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "a")
	q := submit(t, c, anyQuery)
	w.next()
	aged(t, c, q)
	c.broken(errCrash)
	w.die()
	c = next()
	q = again(t, c, q)
	other := join(t, c, "b")
	task := other.next()
	if !strings.HasSuffix(task.Id, ".0.0.1") {
		t.Errorf("task %s", task.Id)
	}
	other.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// A result that a client is reading is read on from where it was, by a coordinator that has never seen it.
func TestRecoverResult(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	aged(t, c, q)
	pages := []string{"[1]", "[2]", "[3]"}
	w.finish(task, spool, pages...)
	at := ""
	for n := 0; n < len(pages)+1; n++ {
		p, err := q.Next(t.Context(), 1, at, patience, 1)
		if err != nil || p.Err != nil {
			t.Fatal(err, p.Err)
		}
		if n < len(pages) && (len(p.Data) != 1 || string(p.Data[0]) != pages[n]) {
			t.Fatalf("page %d: %s", n, p.Data)
		}
		if p.Last != (n == len(pages)) {
			t.Errorf("page %d: last %t", n, p.Last)
		}
		if n == len(pages) {
			break
		}
		c.broken(errCrash)
		c = next()
		q = again(t, c, q)
		// The client may not have got the page: it asks for it again.
		if repeated, err := q.Next(t.Context(), 1, at, patience, 1); err != nil || string(repeated.Data[0]) != pages[n] {
			t.Fatalf("page %d again: %s, %v", n, repeated.Data, err)
		}
		at = p.Next
	}
}

// A query that was cut short in its first second begins anew, under another name in the exchange.
func TestRecoverYoungQuery(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	first := w.next()
	settled(t, c)
	c.broken(errCrash)
	c = next()
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{first.Id} })
	task := w.next()
	if task.Id == first.Id || !strings.HasPrefix(task.Id, string(q.id)+againMark) {
		t.Errorf("task %s after %s", task.Id, first.Id)
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	until(t, "the first run is cancelled", func() bool { return w.cancelled(first.Id) })
}

// Without retries a query ends with the coordinator, and says so.
func TestRecoverWithoutRetries(t *testing.T) {
	c, _, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery, "retry_policy=NONE")
	w.next()
	settled(t, c)
	c.broken(errCrash)
	c = next()
	if _, err := result(t, again(t, c, q)); err == nil || !strings.Contains(err.Msg, "coordinator was restarted") {
		t.Errorf("%v", err)
	}
}

// A coordinator that is replaced while it sleeps notices at its next decision, and stops.
func TestFenced(t *testing.T) {
	c, _, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	w.next()
	aged(t, c, q)
	successor := next()
	again(t, successor, q)
	c.post(scheduler.Tick{At: c.now()})
	select {
	case <-c.ctx.Done():
	case <-time.After(patience):
		t.Fatal("two coordinators")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(c.failure, journal.ErrFenced) {
		t.Error(c.failure)
	}
	if w.cancelled(string(q.sid) + ".0.0.0") {
		t.Error("it did harm")
	}
}

// Splits that were enumerated before are not enumerated twice, and those that were not are.
func TestResumeScan(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	conn := c.cfg.Catalogs["tpch"]
	table, err := conn.Table(t.Context(), connector.SchemaTable{Schema: "sf100", Table: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	d := newDescriptors(1<<20, 1<<20, 1<<20, nil)
	whole := &tableScan{shelf: d.shelf("whole"), connector: conn, scan: connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:1]}}
	all, raws, _, err := whole.find(t.Context(), 0, 0)
	if err != nil || len(all) < 2 {
		t.Fatal(len(all), err)
	}
	resumed := &tableScan{shelf: d.shelf("resumed"), connector: conn, scan: whole.scan}
	resumed.resume(raws[:1])
	found, rest, _, err := resumed.find(t.Context(), 0, 1)
	if err != nil || len(found) != len(all)-1 || string(rest[0]) != string(raws[1]) {
		t.Errorf("%d splits after the first of %d, %v", len(found), len(all), err)
	}
	if again, err := resumed.get(t.Context(), "1"); err != nil || string(again) != string(raws[1]) {
		t.Errorf("got %s, %v", again, err)
	}
}

// What queries have left that nobody knows any more is removed by the next coordinator; what is not this cluster's stays.
func TestOrphansAreSwept(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	aged(t, c, q)
	introduced(t, c)
	put := func(key string) string {
		until(t, key+" is written", func() bool { // its directory may be on its way out
			return store.Put(t.Context(), spool, key, []byte("x"), store.CreateOptions{}) == nil
		})
		return key
	}
	orphan := put("20260101_000000_00099_" + c.suffix + "/0/0.0/0.bundle")
	anew := put("20260101_000000_00098_" + c.suffix + "-2/0/0.0/0.bundle")
	foreign := put("20260101_000000_00099_zzzzz/0/0.0/0.bundle")
	running := put(string(q.sid) + "/9/0.0/0.bundle")
	for range 2 { // the second successor knows of the first coordinator too
		c.broken(errCrash)
		c = next()
		until(t, "orphans are gone", func() bool {
			var left []string
			if err := spool.List(t.Context(), "", func(o store.Object) error { left = append(left, o.Key); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(left, foreign) || !slices.Contains(left, running) {
				t.Fatalf("left: %v", left)
			}
			o, err := c.cfg.Journal.owner(t.Context())
			return !slices.Contains(left, orphan) && !slices.Contains(left, anew) && err == nil && o.Instance == c.instance
		})
		id := func(key string) string { name, _, _ := strings.Cut(key, "/"); return name }
		dead, err := (&System{c}).Abandoned(t.Context(), []string{id(orphan), id(foreign), string(q.id), "nonsense"})
		if err != nil || !slices.Equal(dead, []string{id(orphan)}) {
			t.Fatalf("abandoned are %v, %v", dead, err)
		}
		put(orphan)
	}
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{task.Id} })
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}
