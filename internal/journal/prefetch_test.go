package journal

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// pairStore answers the reads of segments only when several are under way at a time.
type pairStore struct {
	*memStore
	mu      sync.Mutex
	waiting int
	several chan struct{}
}

func (s *pairStore) Read(ctx context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	if s.waiting++; s.waiting == prefetchSegments {
		close(s.several)
	}
	s.mu.Unlock()
	select {
	case <-s.several:
		return s.memStore.Read(ctx, name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Segments that are known to be there are read several at a time, and handed out in order.
func TestReplayReadsAhead(t *testing.T) {
	mem := newMemStore()
	w, _ := open(t, mem, Config{MaxBatchBytes: 1})
	var want []string
	for i := range 3 * prefetchSegments {
		want = append(want, fmt.Sprint("entry ", i))
		w.append(t, want[i])
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	equal(t, replayAll(t, &pairStore{memStore: mem, several: make(chan struct{})}), want...)
}

// A replay that is broken off leaves no reads behind; TestMain would see them.
func TestReplayBrokenOff(t *testing.T) {
	mem := newMemStore()
	w, _ := open(t, mem, Config{MaxBatchBytes: 1})
	for i := range 2 * prefetchSegments {
		w.append(t, fmt.Sprint("entry ", i))
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	for e, err := range Replay(t.Context(), mem, "j/") {
		if err != nil || e.Seq != 1 {
			t.Fatalf("entry %d, %v", e.Seq, err)
		}
		break
	}
}
