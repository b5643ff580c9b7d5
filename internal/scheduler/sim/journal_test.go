package sim

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// objects is a journal's storage in memory.
type objects struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (o *objects) Create(_ context.Context, name string, data []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.m[name]; ok {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	o.m[name] = data
	return nil
}

func (o *objects) Read(_ context.Context, name string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if data, ok := o.m[name]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
}

func (o *objects) List(_ context.Context, prefix string) ([]string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var names []string
	for name := range o.m {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (o *objects) Delete(_ context.Context, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.m, name)
	return nil
}

// coordinator opens the journal, replays it into a new machine and goes on with the events from seen up to a point.
// It may end by replacing the journal with a snapshot.
func coordinator(t *testing.T, store journal.Store, events []scheduler.Event, seen, upTo int, compact bool) *scheduler.State {
	t.Helper()
	state := scheduler.New(scheduler.DefaultConfig())
	j, err := journal.Open(t.Context(), store, "journal/", journal.Config{MaxBatchBytes: 2000}, func(e journal.Entry) (err error) {
		state, err = scheduler.Replay(state, e.Payload)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- j.Run(ctx) }()
	for _, ev := range events[seen:upTo] {
		data, err := scheduler.EncodeEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(ctx, data); err != nil {
			t.Fatal(err)
		}
		state.Step(ev)
	}
	if compact {
		data, err := state.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		seq, err := j.Append(ctx, data)
		if err == nil {
			err = j.Wait(ctx, seq)
		}
		if err == nil {
			err = j.Truncate(ctx, seq)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return state
}

// TestJournal runs simulated events through several coordinators, each of which takes over from the one before: the
// last must be in the state of one that was never interrupted, byte for byte. On the way the journal is replaced with a
// snapshot.
func TestJournal(t *testing.T) {
	for seed := range int64(40) {
		res, err := Run(seed)
		if err != nil {
			t.Fatal(err)
		}
		store := &objects{m: map[string][]byte{}}
		n := len(res.Events)
		half := coordinator(t, store, res.Events, 0, n/2, seed%2 == 0)
		objects := len(store.m)
		if again := coordinator(t, store, res.Events, n/2, n/2, false); again.Dump() != half.Dump() {
			t.Fatalf("seed %d: the journal gives another state after %d events", seed, n/2)
		}
		if seed%2 == 0 && objects > 2 {
			t.Fatalf("seed %d: %d segments are left beside the snapshot", seed, objects)
		}
		if last := coordinator(t, store, res.Events, n/2, n, false); last.Dump() != res.Dump {
			t.Fatalf("seed %d: the journal gives another state at the end", seed)
		}
	}
}
