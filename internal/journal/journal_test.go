package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memStore is storage in memory with faults to order.
type memStore struct {
	mu      sync.Mutex
	objects map[string][]byte
	creates int
	// before is called ahead of each Create; an error fails it. After a successful write, ambiguous makes it say that it
	// failed.
	before    func(name string) error
	ambiguous func(name string) bool
}

func newMemStore() *memStore { return &memStore{objects: map[string][]byte{}} }

func (s *memStore) Create(_ context.Context, name string, data []byte) error {
	if s.before != nil {
		if err := s.before(name); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[name]; ok {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	s.objects[name] = slices.Clone(data)
	s.creates++
	if s.ambiguous != nil && s.ambiguous(name) {
		return errors.New("connection reset")
	}
	return nil
}

func (s *memStore) Read(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.objects[name]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return slices.Clone(data), nil
}

func (s *memStore) List(_ context.Context, prefix string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for name := range s.objects {
		if strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	return out, nil
}

func (s *memStore) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, name)
	return nil
}

// writer is an open journal whose Run is under way.
type writer struct {
	*Journal
	stop context.CancelFunc
	done chan error
}

func open(t *testing.T, store Store, cfg Config) (*writer, []string) {
	t.Helper()
	var seen []string
	j, err := Open(t.Context(), store, "j/", cfg, func(e Entry) error {
		seen = append(seen, string(e.Payload))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &writer{j, stop, make(chan error, 1)}
	go func() { w.done <- j.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-w.done
	})
	return w, seen
}

// close stops the writer and returns what Run said.
func (w *writer) close() error {
	w.stop()
	err := <-w.done
	w.done <- err
	return err
}

func (w *writer) append(t *testing.T, payloads ...string) {
	t.Helper()
	var last uint64
	for _, p := range payloads {
		seq, err := w.Append(t.Context(), []byte(p))
		if err != nil {
			t.Fatal(err)
		}
		last = seq
	}
	if err := w.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
}

func replayAll(t *testing.T, store Store) []string {
	t.Helper()
	var out []string
	var seq uint64
	for e, err := range Replay(t.Context(), store, "j/") {
		if err != nil {
			t.Fatal(err)
		}
		if seq != 0 && e.Seq != seq+1 {
			t.Errorf("entry %d follows %d", e.Seq, seq)
		}
		seq = e.Seq
		out = append(out, string(e.Payload))
	}
	return out
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAppendAndReplay(t *testing.T) {
	store := newMemStore()
	w, seen := open(t, store, Config{})
	equal(t, seen)
	w.append(t, "a", "b", "")
	w.append(t, "c")
	equal(t, replayAll(t, store), "a", "b", "", "c")
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("append after the end: %v", err)
	}
	w, seen = open(t, store, Config{})
	equal(t, seen, "a", "b", "", "c")
	w.append(t, "d")
	equal(t, replayAll(t, store), "a", "b", "", "c", "d")
}

// While a batch is being written the next collects.
func TestGroupCommit(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{MaxBatchBytes: 1000})
	gate, entered := make(chan struct{}), make(chan struct{}, 1)
	store.before = func(string) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-gate
		return nil
	}
	if _, err := w.Append(t.Context(), []byte("first")); err != nil {
		t.Fatal(err)
	}
	<-entered
	for i := range 100 {
		if _, err := w.Append(t.Context(), fmt.Appendf(nil, "%010d", i)); err != nil {
			t.Fatal(err)
		}
	}
	close(gate)
	if err := w.Wait(t.Context(), 101); err != nil {
		t.Fatal(err)
	}
	if store.creates != 3 { // the fence, the first, the hundred
		t.Errorf("%d segments were written", store.creates)
	}
	w.append(t, strings.Repeat("x", 900), strings.Repeat("y", 900), strings.Repeat("z", 5000))
	if got := replayAll(t, store); len(got) != 104 || got[103] != strings.Repeat("z", 5000) {
		t.Errorf("%d entries", len(got))
	}
}

func TestAppendWaitsForRoom(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{MaxPendingBytes: 10})
	gate, entered := make(chan struct{}), make(chan struct{}, 2)
	store.before = func(string) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-gate
		return nil
	}
	for i := range 2 { // one is being written, the other waits
		if _, err := w.Append(t.Context(), make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			<-entered
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.Append(ctx, make([]byte, 8)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append beyond the limit: %v", err)
	}
	close(gate)
	w.append(t, "12345678")
}

// A writer that was taken for dead goes on: it is told, and nothing it writes then counts.
func TestFencing(t *testing.T) {
	store := newMemStore()
	old, _ := open(t, store, Config{})
	old.append(t, "a")
	w, seen := open(t, store, Config{})
	equal(t, seen, "a")
	seq, err := old.Append(t.Context(), []byte("zombie"))
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Wait(t.Context(), seq); !errors.Is(err, ErrFenced) {
		t.Errorf("the old writer was told: %v", err)
	}
	if err := old.close(); !errors.Is(err, ErrFenced) {
		t.Errorf("Run returned %v", err)
	}
	w.append(t, "b")
	equal(t, replayAll(t, store), "a", "b")
}

// The old writer commits between the new one's reading and fencing: the new one reads that too.
func TestTakeoverRace(t *testing.T) {
	store := newMemStore()
	old, _ := open(t, store, Config{})
	old.append(t, "a")
	raced := false
	store.before = func(string) error {
		if !raced {
			raced = true
			old.append(t, "b")
		}
		return nil
	}
	w, seen := open(t, store, Config{})
	equal(t, seen, "a", "b")
	w.append(t, "c")
	equal(t, replayAll(t, store), "a", "b", "c")
}

func TestManyWritersOneWins(t *testing.T) {
	store := newMemStore()
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for i := range 8 {
		wg.Go(func() {
			j, err := Open(t.Context(), store, "j/", Config{}, func(Entry) error { return nil })
			if err != nil {
				t.Error(err)
				return
			}
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- j.Run(ctx) }()
			for k := range 50 {
				text := fmt.Sprintf("%d/%d", i, k)
				seq, err := j.Append(ctx, []byte(text))
				if err == nil {
					err = j.Wait(ctx, seq)
				}
				if err != nil {
					if !errors.Is(err, ErrFenced) {
						t.Error(err)
					}
					break
				}
				mu.Lock()
				acknowledged[text] = true
				mu.Unlock()
			}
			stop()
			<-done
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, text := range replayAll(t, store) {
		seen[text]++
	}
	for text := range acknowledged {
		if seen[text] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", text, seen[text])
		}
	}
}

// A write that succeeded without our knowing is recognised; one that fails is repeated.
func TestStorageErrors(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{})
	once := map[string]bool{}
	store.ambiguous = func(name string) bool {
		first := !once[name]
		once[name] = true
		return first
	}
	w.append(t, "a")
	failures := 2
	store.before = func(string) error {
		if failures--; failures >= 0 {
			return errors.New("slow down")
		}
		return nil
	}
	w.append(t, "b")
	equal(t, replayAll(t, store), "a", "b")
}

// A process that was paused while it wrote, and replaced meanwhile, does not take the storage for absent: it would go on without it.
func TestPausedWhileWriting(t *testing.T) {
	const away = 200 * time.Millisecond // in which somebody can take over
	store := newMemStore()
	w, _ := open(t, store, Config{AwayAfter: away})
	w.append(t, "a")
	wait := make(chan struct{})
	var paused atomic.Bool
	store.before = func(string) error {
		if paused.CompareAndSwap(false, true) {
			open(t, store, Config{}) // takes over
			<-wait
		}
		return nil
	}
	ticket, err := w.Append(t.Context(), []byte("b"))
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(2 * away); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if err := w.Away(); err != nil {
			t.Errorf("away: %v", err)
			break
		}
	}
	close(wait)
	if err := w.WaitOrAway(t.Context(), ticket); !errors.Is(err, ErrFenced) {
		t.Error(err)
	}
}

// Storage that is away is waited for. Who cannot wait is told.
func TestStorageAway(t *testing.T) {
	store := newMemStore()
	var mu sync.Mutex
	var told []error
	w, _ := open(t, store, Config{AwayAfter: time.Millisecond, MaxPendingBytes: 10, Changed: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, err)
	}})
	w.append(t, "a")
	gone := errors.New("no space left on device")
	var full atomic.Bool
	full.Store(true)
	store.before = func(string) error {
		if full.Load() {
			return gone
		}
		return nil
	}
	appended := func(text string) uint64 {
		ticket, err := w.Append(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return ticket
	}
	in := appended("in flight")
	for {
		err := w.WaitOrAway(t.Context(), in)
		if errors.Is(err, ErrAway) && errors.Is(err, gone) {
			break
		}
		if !errors.Is(err, ErrAway) {
			t.Fatal(err)
		}
	}
	if err := w.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	appended("waits")
	appended("too much")
	dropped := appended("dropped")
	if w.Lapsed() {
		t.Error("lapsed, while the storage is away")
	}
	full.Store(false)
	if err := w.Wait(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if !w.Lapsed() {
		t.Error("not lapsed")
	}
	appended("in vain")
	first, last, err := w.Snapshot([]byte("s1"), []byte("s2"))
	if err != nil || first != dropped+2 || last != first+1 {
		t.Fatal(first, last, err)
	}
	if err := w.Wait(t.Context(), dropped); err != nil {
		t.Fatal(err)
	}
	w.append(t, "b")
	equal(t, replayAll(t, store), "a", "in flight", "s1", "s2", "b")
	if err := w.Truncate(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	equal(t, replayAll(t, store), "s1", "s2", "b")
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 2 || told[0] == nil || told[1] != nil {
		t.Errorf("told %v", told)
	}
}

// A writer who is told to end while its storage is away does not wait for ever.
func TestEndWhileAway(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{RetryFor: time.Millisecond})
	gone := errors.New("bucket does not exist")
	store.before = func(string) error { return gone }
	seq, err := w.Append(t.Context(), []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	w.stop()
	if err := w.Wait(t.Context(), seq); !errors.Is(err, gone) {
		t.Errorf("wait returned %v", err)
	}
}

// A writer that was replaced finds out however late it wakes up: the fence outlives the segments around it.
func TestFencedLate(t *testing.T) {
	store := newMemStore()
	old, _ := open(t, store, Config{})
	old.append(t, "a")
	w, _ := open(t, store, Config{})
	if err := old.Check(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("check: %v", err)
	}
	if w.Epoch() <= old.Epoch() {
		t.Errorf("epoch %d after %d", w.Epoch(), old.Epoch())
	}
	w.append(t, "b")
	w.append(t, "c")
	if err := w.Truncate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	seq, err := old.Append(t.Context(), []byte("zombie"))
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Wait(t.Context(), seq); !errors.Is(err, ErrFenced) {
		t.Errorf("the old writer was told: %v", err)
	}
	equal(t, replayAll(t, store), "c")
}

// Fences are not kept for ever.
func TestManyTakeovers(t *testing.T) {
	store := newMemStore()
	for range 3 * fencesKept {
		w, _ := open(t, store, Config{})
		w.append(t, "x")
		if err := w.Truncate(t.Context(), 1<<62); err != nil {
			t.Fatal(err)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(store.objects); n != fencesKept+1 {
		t.Errorf("%d segments are left", n)
	}
	equal(t, replayAll(t, store), "x")
}

// The last segment may end anywhere; what is whole counts, and goes on counting after a takeover.
func TestTornEnd(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{})
	w.append(t, "a")
	ctx := t.Context()
	whole := encodeSegment(Header{Segment: 3, Epoch: 1 << 40, First: 2, Previous: 1}, [][]byte{[]byte("b"), []byte("c")})
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		torn := newMemStore()
		maps.Copy(torn.objects, store.objects)
		torn.objects[segmentName("j/", 3)] = whole[:n]
		want := []string{"a", "b", "c"}
		switch {
		case n < headerSize+frameSize+1:
			want = want[:1]
		case n < len(whole):
			want = want[:2]
		}
		equal(t, replayAll(t, torn), want...)
		w2, seen := open(t, torn, Config{})
		equal(t, seen, want...)
		w2.append(t, "d")
		equal(t, replayAll(t, torn), append(want, "d")...)
		if err := w2.close(); err != nil {
			t.Fatal(err)
		}
	}
	// In the middle the same is damage.
	data, err := store.Read(ctx, segmentName("j/", 2))
	if err != nil {
		t.Fatal(err)
	}
	store.objects[segmentName("j/", 3)] = whole
	store.objects[segmentName("j/", 4)] = encodeSegment(Header{Segment: 4, Epoch: 1 << 40, First: 4, Previous: 2}, [][]byte{[]byte("d")})
	store.objects[segmentName("j/", 2)] = data[:len(data)-1]
	for _, err := range Replay(ctx, store, "j/") {
		if err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("torn in the middle: %v", err)
		} else if err == nil {
			t.Error("an entry of a journal that is torn in the middle")
		}
	}
	store.objects[segmentName("j/", 2)] = data
	delete(store.objects, segmentName("j/", 3))
	for _, err := range Replay(ctx, store, "j/") {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("a segment is missing: %v", err)
		}
	}
}

func TestTruncate(t *testing.T) {
	store := newMemStore()
	w, _ := open(t, store, Config{})
	for _, p := range []string{"a", "b", "c"} {
		w.append(t, p)
	}
	if err := w.Truncate(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	equal(t, replayAll(t, store), "b", "c")
	if err := w.Truncate(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	equal(t, replayAll(t, store), "c")
	w.append(t, "d")
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	w, seen := open(t, store, Config{})
	equal(t, seen, "c", "d")
	w.append(t, "e")
	if err := w.Truncate(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	equal(t, replayAll(t, store), "e")
	if len(store.objects) != 3 { // two fences, and the last
		t.Errorf("%d segments are left", len(store.objects))
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if err := Delete(t.Context(), store, "j/"); err != nil || len(store.objects) != 0 {
		t.Errorf("delete: %v, %d objects left", err, len(store.objects))
	}
}

// Foreign objects beside the segments do no harm.
func TestForeignObjects(t *testing.T) {
	store := newMemStore()
	store.objects["j/README"] = []byte("hands off")
	store.objects["j/x.wbj"] = nil
	w, _ := open(t, store, Config{})
	w.append(t, "a")
	equal(t, replayAll(t, store), "a")
}
