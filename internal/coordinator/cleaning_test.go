package coordinator

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// moody is a store that deletes, and reads, only when it likes. What is around it repeats requests, as in a server.
type moody struct {
	store.Store
	mu            sync.Mutex
	deletes       int // requests to delete
	failDeletes   int // of them that fail, from now on
	reads         int
	failReads     int
	deletesRefuse bool // nothing is deleted, for good
}

var errMoody = errors.New("not now")

func (m *moody) DeletePrefix(ctx context.Context, prefix string) error {
	m.mu.Lock()
	m.deletes++
	fails := m.failDeletes > 0
	if fails {
		m.failDeletes--
	}
	refuses := m.deletesRefuse
	m.mu.Unlock()
	switch {
	case refuses:
		return &store.FinalError{Err: errMoody}
	case fails:
		return errMoody
	}
	return m.Store.DeletePrefix(ctx, prefix)
}

func (m *moody) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	m.mu.Lock()
	m.reads++
	fails := m.failReads > 0
	if fails {
		m.failReads--
	}
	m.mu.Unlock()
	if fails {
		return nil, errMoody
	}
	return m.Store.Open(ctx, key, offset, length)
}

func (m *moody) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// moodily puts moods and what makes up for them around the stores of a coordinator.
func moodily(cfg *Config) *moody {
	m := &moody{}
	cfg.Stores.Wrap = func(s store.Store) store.Store {
		if m.Store == nil { // the spool is opened first
			m.Store, s = s, m
		}
		return retry.New(s, retry.Config{MaxError: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute, Concurrent: 100})
	}
	return m
}

// objectsOf counts the objects of a run of a query.
func objectsOf(t *testing.T, s store.Store, q *query) (n int) {
	t.Helper()
	if err := s.List(t.Context(), string(q.id)+"/", func(store.Object) error { n++; return nil }); err != nil {
		t.Error(err)
	}
	return n
}

// waterbear.exchange-deletion-enabled: what a query has spooled is deleted at its end, or left to the storage.
func TestDeletionIsLeftToTheStorage25897(t *testing.T) {
	for _, leave := range []bool{false, true} {
		c, spool := testCoordinator(t, func(cfg *Config) { cfg.LeaveOutputs = leave })
		w := join(t, c, "w")
		q := submit(t, c, anyQuery)
		w.finish(w.next(), spool, strings.Repeat("x", 100_000))
		if _, err := result(t, q); err != nil {
			t.Fatal(err)
		}
		<-q.cleaned
		c.sweepLeftovers()
		if n := objectsOf(t, spool, q); (n > 0) != leave {
			t.Errorf("leave=%t: %d objects are left", leave, n)
		}
	}
}

// A storage that does not delete at once is asked again by what is around it.
func TestDeletionIsRepeated(t *testing.T) {
	var m *moody
	c, spool := testCoordinator(t, func(cfg *Config) { m = moodily(cfg) })
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	m.set(func() { m.failDeletes = 3 })
	w.finish(w.next(), spool, strings.Repeat("x", 100_000))
	if _, err := result(t, q); err != nil {
		t.Fatal(err)
	}
	<-q.cleaned
	if n := objectsOf(t, spool, q); n > 0 {
		t.Errorf("%d objects are left", n)
	}
	m.set(func() {
		if m.deletes < 4 {
			t.Errorf("%d requests", m.deletes)
		}
	})
}

// What is left of a query that ended while its storage was away goes later. What another one has there at that time stays.
func TestLeftoversAreSwept25707(t *testing.T) {
	var m *moody
	c, spool := testCoordinator(t, func(cfg *Config) { m = moodily(cfg) })
	w := join(t, c, "w")
	m.set(func() { m.deletesRefuse = true })
	q := submit(t, c, anyQuery)
	w.finish(w.next(), spool, strings.Repeat("x", 100_000))
	if _, err := result(t, q); err != nil {
		t.Fatal(err)
	}
	<-q.cleaned
	running := submit(t, c, anyQuery)
	task := w.next()
	if err := store.Put(t.Context(), spool, string(running.id)+"/1/0.0/0.bundle", []byte("x"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.sweepLeftovers()
	if n := objectsOf(t, spool, q); n == 0 {
		t.Fatal("nothing was left")
	}
	m.set(func() { m.deletesRefuse = false })
	c.sweepLeftovers()
	if left, other := objectsOf(t, spool, q), objectsOf(t, spool, running); left != 0 || other != 1 {
		t.Errorf("%d objects are left, and %d of a query that runs", left, other)
	}
	w.finish(task, spool, "x")
	if _, err := result(t, running); err != nil {
		t.Error(err)
	}
}

// A worker that does not answer at once when its rows are copied is asked again, and nothing is run again.
func TestHeldBackReadsAgain(t *testing.T) {
	var m *moody
	h := newHolding(t, func(c *Config) {
		c.Session.RetryPolicy, c.SpoolURIs, c.Scratch = config.RetryQuery, nil, ""
		m = moodily(c) // the worker's disk is the first store that is opened
	})
	w := join(t, h.Coordinator, "w")
	q := submit(t, h.Coordinator, anyQuery)
	m.set(func() { m.failReads = 3 })
	rows := longRows(3)
	w.finish(w.next(), h.disk, rows...)
	got, err := result(t, q)
	if err != nil || got != strings.Join(rows, ",") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	m.set(func() {
		if m.reads < 4 || m.failReads != 0 {
			t.Errorf("%d reads, of which %d are still to fail", m.reads, m.failReads)
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.started) != 1 {
		t.Errorf("started %v", w.started)
	}
}
