package coordinator

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// holding is a coordinator under QUERY with two disks besides its spool: its own scratch, and one that stands for a worker's.
type holding struct {
	*Coordinator
	spool, scratch, disk *local.Store
}

func newHolding(t *testing.T, change func(*Config)) holding {
	t.Helper()
	h := holding{}
	var err error
	if h.scratch, err = local.New(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if h.disk, err = local.New(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	h.Coordinator, h.spool = testCoordinator(t, func(c *Config) {
		c.Session.RetryPolicy, c.Session.RetryInitialDelay = config.RetryQuery, 0
		c.Scratch = h.scratch.URI()
		if change != nil {
			change(c)
		}
	})
	return h
}

// found lists the files in a store's directory.
func found(t *testing.T, st *local.Store) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dirOf(st), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func dirOf(st *local.Store) string { return strings.TrimPrefix(st.URI(), "file://") }

// visible waits until the client could read.
func visible(t *testing.T, q *query) {
	t.Helper()
	until(t, "the rows are there", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.rows != nil || q.endedLocked()
	})
}

// clear checks that a query has left nothing anywhere.
func (h holding) clear(t *testing.T, q *query) {
	t.Helper()
	<-q.cleaned
	for _, st := range []*local.Store{h.spool, h.scratch} {
		if left, err := os.ReadDir(dirOf(st)); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
	if h.resultMemory.left != h.cfg.Query.ResultMemory {
		t.Errorf("%d bytes of memory are left of %d", h.resultMemory.left, h.cfg.Query.ResultMemory)
	}
	if h.Coordinator.scratch.results.left != h.cfg.Query.ResultScratchQuota {
		t.Errorf("%d bytes of disk are left of %d", h.Coordinator.scratch.results.left, h.cfg.Query.ResultScratchQuota)
	}
}

// longRows are rows of about 100 kB.
func longRows(n int) (rows []string) {
	for i := range n {
		rows = append(rows, strings.Repeat(string(rune('a'+i)), 100_000))
	}
	return rows
}

// TestHeldBack takes results of several sizes through the buffer. When the client can see them the worker has been told to
// delete its copy, and its death costs nothing.
func TestHeldBack(t *testing.T) {
	rows := longRows(5)
	tests := []struct {
		name            string
		change          func(*Config)
		spooled, onDisk bool // where the rows lie
		broken          bool // a file is where the exchange's directory should be
	}{
		{name: "in memory"},
		{name: "in the exchange", spooled: true, change: func(c *Config) { c.Query.DeduplicationBufferSize = 250_000 }},
		{name: "in the exchange from the first byte", spooled: true, change: func(c *Config) { c.Query.DeduplicationBufferSize = 0 }},
		{name: "other queries have the memory", spooled: true, change: func(c *Config) { c.Query.ResultMemory = 150_000 }},
		{name: "in the clear", spooled: true, change: func(c *Config) { c.Query.DeduplicationBufferSize, c.Encrypt = 0, false }},
		{name: "on local disk 10417 19758", onDisk: true, change: func(c *Config) { c.Query.DeduplicationBufferSize, c.SpoolURIs, c.Encrypt = 0, nil, false }},
		{name: "the exchange is broken", onDisk: true, broken: true, change: func(c *Config) { c.Query.DeduplicationBufferSize = 250_000 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHolding(t, tt.change)
			w := join(t, h.Coordinator, "w")
			q := submit(t, h.Coordinator, anyQuery)
			obstacle := filepath.Join(dirOf(h.spool), string(q.id))
			if tt.broken {
				if err := os.WriteFile(obstacle, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w.finish(w.next(), h.disk, rows...)
			visible(t, q)
			if tt.broken {
				if err := os.Remove(obstacle); err != nil {
					t.Fatal(err)
				}
			}
			until(t, "the worker's copy is deleted", func() bool {
				w.mu.Lock()
				defer w.mu.Unlock()
				return slices.Contains(w.deleted, string(q.id)+"/0/0.0/")
			})
			w.die()
			if err := os.RemoveAll(dirOf(h.disk)); err != nil {
				t.Fatal(err)
			}
			if got := len(found(t, h.spool)) > 0; got != tt.spooled {
				t.Errorf("in the exchange: %t", got)
			}
			files := found(t, h.scratch)
			if got := len(files) > 0; got != tt.onDisk {
				t.Errorf("on disk: %t", got)
			}
			for _, f := range files {
				if data, err := os.ReadFile(f); err != nil || strings.Contains(string(data), "aaaa") {
					t.Errorf("%s can be read (%v)", f, err)
				}
			}
			if got, err := result(t, q); err != nil || got != strings.Join(rows, ",") {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			h.clear(t, q)
		})
	}
}

// TestHeldBackRestarts loses the worker while its rows are copied: they are dropped, and only those of the next run are seen.
func TestHeldBackRestarts(t *testing.T) {
	h := newHolding(t, func(c *Config) { c.Query.DeduplicationBufferSize = 150_000 })
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery)
	first := w.next()
	for range collectReads { // nothing can be read
		h.collecting <- struct{}{}
	}
	w.finish(first, h.disk, longRows(5)...)
	until(t, "the copying has begun", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.collections.now != nil
	})
	other := join(t, h.Coordinator, "other")
	w.die()
	again := other.next()
	for range collectReads {
		<-h.collecting
	}
	want := longRows(7)[3:]
	other.finish(again, h.disk, want...)
	if got, err := result(t, q); err != nil || got != strings.Join(want, ",") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	h.clear(t, q)
}

// TestHeldBackLost finds the worker's file gone when the rows are copied, again and again.
func TestHeldBackLost(t *testing.T) {
	h := newHolding(t, func(c *Config) { c.Session.QueryRetryAttempts = 2 })
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery)
	other, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		task := w.next()
		if want := string(q.id) + ".0.0." + string(rune('0'+n)); task.Id != want {
			t.Errorf("got task %s, want %s", task.Id, want)
		}
		for range collectReads { // what is reported is gone before it is read
			h.collecting <- struct{}{}
		}
		w.finish(task, other, longRows(1)...)
		if err := os.RemoveAll(filepath.Join(dirOf(other), string(q.id))); err != nil {
			t.Fatal(err)
		}
		for range collectReads {
			<-h.collecting
		}
	}
	if got, err := result(t, q); err == nil || err.Code.Name != "PAGE_TRANSPORT_ERROR" {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	h.clear(t, q)
}

// TestResultQuota: past the quota the error is Trino's, and nothing stays.
func TestResultQuota(t *testing.T) {
	for _, quota := range []int64{0, 250_000} {
		h := newHolding(t, func(c *Config) {
			c.Query.DeduplicationBufferSize, c.Query.ResultScratchQuota, c.SpoolURIs = 150_000, quota, nil
		})
		w := join(t, h.Coordinator, "w")
		q := submit(t, h.Coordinator, anyQuery)
		w.finish(w.next(), h.disk, longRows(5)...)
		const text = "Exchange manager must be configured for the failure recovery capabilities to be fully functional"
		if got, err := result(t, q); err == nil || err.Code.Name != "EXCHANGE_MANAGER_NOT_CONFIGURED" || err.Msg != text {
			t.Errorf("quota %d: %d bytes, %v", quota, len(got), err)
		}
		h.clear(t, q)
	}
}

// TestHeldBackCanceled cancels a query whose rows lie on disk, before the client has read them and in the middle.
func TestHeldBackCanceled(t *testing.T) {
	for _, reads := range []int{0, 2} {
		h := newHolding(t, func(c *Config) { c.Query.DeduplicationBufferSize = 0 })
		w := join(t, h.Coordinator, "w")
		q := submit(t, h.Coordinator, anyQuery)
		w.finish(w.next(), h.disk, longRows(5)...)
		visible(t, q)
		at := ""
		for range reads {
			p, err := q.Next(t.Context(), 1, at, patience, 1)
			if err != nil || len(p.Data) != 1 {
				t.Fatalf("%d pages, %v", len(p.Data), err)
			}
			at = p.Next
		}
		if len(found(t, h.spool)) == 0 {
			t.Error("nothing was spooled")
		}
		q.Cancel(full())
		h.clear(t, q)
	}
}

// TestNoRetryStreams27887: where no other run is allowed nothing is held back; the client reads from the workers.
func TestNoRetryStreams27887(t *testing.T) {
	h := newHolding(t, func(c *Config) {
		c.Query.DeduplicationBufferSize, c.Query.ResultScratchQuota, c.SpoolURIs = 0, 0, nil
	})
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery, "query_retry_attempts=0")
	rows := longRows(5)
	w.finish(w.next(), h.disk, rows...)
	if got, err := result(t, q); err != nil || got != strings.Join(rows, ",") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	h.clear(t, q)
}

// TestStaleScratch: what a coordinator before this one has left on its disk goes when the next one starts.
func TestStaleScratch(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "20260131_121314_00001_abcde", "result.0", "0.bundle")
	if err := os.MkdirAll(filepath.Dir(stale), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	testCoordinator(t, func(c *Config) { c.Scratch = "file://" + dir })
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("it is still there (%v)", err)
	}
}

// TestHeldBackRetriesFailure: a run that fails is repeated, and the client sees the rows of the second only.
func TestHeldBackRetriesFailure(t *testing.T) {
	h := newHolding(t, nil)
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery)
	task := w.next()
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Failed{Failed: &rpcv1.Failed{Task: task.Id, Failure: &rpcv1.Failure{Code: "GENERIC_INTERNAL_ERROR", Message: "m"}}}})
	w.finish(w.next(), h.disk, "[1]", "[2]")
	if got, err := result(t, q); err != nil || got != "[1],[2]" {
		t.Errorf("%s, %v", got, err)
	}
	h.clear(t, q)
}
