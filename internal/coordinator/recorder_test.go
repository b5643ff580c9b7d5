package coordinator

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// fullStore is a store that takes nothing as long as it is full.
type fullStore struct {
	store.Store
	full atomic.Bool
}

func (s *fullStore) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if s.full.Load() {
		return nil, errors.New("no space left on device")
	}
	return s.Store.Create(ctx, key, o)
}

// slowStore is a store that takes its time as long as it is held.
type slowStore struct {
	store.Store
	held atomic.Pointer[chan struct{}]
}

func (s *slowStore) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if held := s.held.Load(); held != nil {
		select {
		case <-*held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Store.Create(ctx, key, o)
}

// A node that is back is given no attempt of which the journal does not know yet: after a crash another attempt could bear its name.
func TestReturningNodeWaitsForJournal(t *testing.T) {
	var st *slowStore
	c, spool := testCoordinator(t, func(c *Config) {
		dir, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		st = &slowStore{Store: dir}
		c.Journal = &JournalConfig{Store: st, Prefix: "journal/"}
	})
	w := join(t, c, "w")
	q := submit(t, c, anyQuery, "retry_initial_delay=1ms")
	task := w.next()
	aged(t, c, q)
	held := make(chan struct{})
	st.held.Store(&held)
	w.fail(task.Id, errors.New("broken"))
	var second scheduler.TaskID
	until(t, "another attempt is decided", func() bool {
		c.loop.read(t.Context(), func(s *scheduler.State) {
			starts, _ := s.OutstandingOn("w")
			for _, a := range starts {
				second = a.Task
			}
		})
		return second.Attempt == 1
	})
	var written atomic.Bool
	go func() {
		c.restart(t.Context(), "w", nil)
		time.Sleep(100 * time.Millisecond) // in which it would be started
		written.Store(true)
		st.held.Store(nil)
		close(held)
	}()
	task = w.next()
	if !written.Load() {
		t.Error("started before the journal knew")
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// journaledInFull runs a coordinator whose journal's store can become full, and returns the configuration of its successors too.
func journaledInFull(t *testing.T) (c *Coordinator, spool *local.Store, cfg Config, st *fullStore) {
	t.Helper()
	c, spool = testCoordinator(t, func(c *Config) {
		dir, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		st = &fullStore{Store: dir}
		c.Journal = &JournalConfig{Store: st, Prefix: "journal/"}
		cfg = *c
	})
	return c, spool, cfg, st
}

// While the journal cannot be written queries go on, and end; when it can be written again, a coordinator that takes over
// knows of all that happened meanwhile.
func TestJournalAway(t *testing.T) {
	c, spool, cfg, st := journaledInFull(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	aged(t, c, q) // from now on its decisions wait for the journal
	st.full.Store(true)
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	until(t, "the journal is known to be away", func() bool { return c.recorder.log.Away() != nil })
	<-q.cleaned
	failing := submit(t, c, anyQuery, "task_retry_attempts_per_task=0")
	w.fail(w.next().Id, errors.New("broken"))
	if _, err := result(t, failing); err == nil {
		t.Error("no failure")
	}
	<-failing.cleaned
	running := submit(t, c, anyQuery)
	task = w.next()
	until(t, "the query is no longer young", func() bool { return time.Since(running.launched) > haste })
	if err := c.leads(t.Context()); err != nil {
		t.Errorf("leads: %v", err)
	}
	st.full.Store(false)
	settled(t, c)
	if err := c.recorder.log.Away(); err != nil {
		t.Errorf("still away: %v", err)
	}
	c.broken(errCrash)
	c = runCoordinator(t, cfg)
	running = again(t, c, running)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{task.Id} })
	w.finish(task, spool, "[25]")
	if rows, err := result(t, running); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if n := len(c.Recovered()); n != 1 {
		t.Errorf("%d queries were taken up", n)
	}
}

// What a coordinator starts while the journal cannot be written its successor does not know, and gives the names of such attempts to
// others. The ends of the former are not taken for those of the latter.
func TestNamesOfUnwrittenAttempts(t *testing.T) {
	c, spool, cfg, st := journaledInFull(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery, "retry_initial_delay=1ms")
	first := w.next()
	aged(t, c, q)
	st.full.Store(true)
	defer st.full.Store(false) // it would not end
	w.fail(first.Id, errors.New("broken"))
	unwritten := w.next()
	c.broken(errCrash)

	cfg.Journal = &JournalConfig{Store: st.Store, Prefix: "journal/"} // the first one never writes again
	c = runCoordinator(t, cfg)
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{unwritten.Id} })
	known := w.next() // now that the first attempt is known to have failed
	if known.Id != unwritten.Id {
		t.Fatalf("%s is started, not another %s", known.Id, unwritten.Id)
	}
	w.mu.Lock()
	decided := w.started[known.Id]
	w.started[known.Id] = decided - 1
	w.mu.Unlock()
	w.finish(unwritten, spool, "[24]")
	w.mu.Lock()
	w.started[known.Id] = decided
	w.mu.Unlock()
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: &rpcv1.Progress{Task: known.Id, InputRows: 7}}})
	until(t, "what came before the progress was heard", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.running[known.Id].GetInputRows() == 7
	})
	settled(t, c)
	w.finish(known, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// A snapshot of any size is put together again; one whose end was never written is nothing.
func TestSnapshotParts(t *testing.T) {
	whole := make([]byte, 2*snapshotChunk)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range whole {
		whole[i] = byte(random.IntN(64)) // compresses, but not to a single part
	}
	parts := cutSnapshot(whole)
	if len(parts) < 2 {
		t.Fatal(len(parts))
	}
	var j joiner
	for _, p := range parts[:len(parts)-1] {
		if got, part, err := j.add(p); got != nil || !part || err != nil {
			t.Fatal(len(got), part, err)
		}
	}
	if _, part, err := j.add([]byte(`{"kind":"tick"}`)); part || err != nil {
		t.Fatal(part, err)
	}
	for i, p := range parts {
		got, part, err := j.add(p)
		if !part || err != nil || (got != nil) != (i == len(parts)-1) || got != nil && string(got) != string(whole) {
			t.Fatalf("part %d: %d bytes, %t, %v", i, len(got), part, err)
		}
	}
}

// A page of a result that comes from another run of the query would not follow the one before: the query fails instead.
func TestRecoverYoungQueryThatIsRead(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	w.finish(w.next(), spool, "[1]", "[2]", "[3]")
	p, err := q.Next(t.Context(), 1, "", patience, 1)
	if err != nil || len(p.Data) != 1 || p.Next == "" {
		t.Fatal(p, err)
	}
	settled(t, c)
	c.broken(errCrash)
	c = next()
	q = again(t, c, q)
	if q.before == "" {
		return // on a slow machine the query is no longer young, and goes on
	}
	w.register(c, nil)
	w.finish(w.next(), spool, "[3]", "[2]", "[1]")
	p, err = q.Next(t.Context(), 1, p.Next, patience, 1)
	if err != nil || p.Err == nil || len(p.Data) > 0 {
		t.Errorf("%s, %v, %v", p.Data, p.Err, err)
	}
}
