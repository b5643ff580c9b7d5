package coordinator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// runDescriptors runs a store of descriptors until the end of the test.
func runDescriptors(t *testing.T, d *descriptors) *descriptors {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { d.run(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return d
}

// removing deletes what a shelf has in storage.
func removing(t *testing.T) func(store.Store, string) {
	return func(st store.Store, prefix string) {
		if err := st.DeletePrefix(context.Background(), prefix); err != nil {
			t.Error(err)
		}
	}
}

// descriptor is a text that compresses to about half.
func descriptor(n int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	b := fmt.Appendf(nil, "descriptor %d:", n)
	for range 50 {
		b = fmt.Appendf(b, " %d", r.IntN(10_000))
	}
	return b
}

// TestDescriptors fills shelves until descriptors are compressed, and until they go to storage, and reads them back.
func TestDescriptors(t *testing.T) {
	tests := []struct {
		name            string
		max, high, low  int64
		packed, spilled bool
	}{
		{"small", 10 << 20, 10 << 20, 10 << 20, false, false},
		{"compressed above the high-water mark", 10 << 20, 300_000, 200_000, true, false},
		{"over the maximum 12493", 300_000, 10 << 20, 10 << 20, true, true},
		{"nothing stays in memory", 1, 1, 1, false, true},
	}
	const count = 5_000
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st, err := local.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			d := runDescriptors(t, newDescriptors(tt.max, tt.high, tt.low, []store.Store{st}))
			shelves := []*shelf{d.shelf("a"), d.shelf("b")}
			at := make([]location, count)
			for n := range count {
				at[n] = shelves[n%2].put(descriptor(n))
				d.wait(t.Context())
			}
			until(t, "the memory is relieved", func() bool {
				u := d.Usage()
				return u.Memory() <= tt.max && (u.Raw <= tt.high)
			})
			u := d.Usage()
			if u.Spilled > 0 != tt.spilled || !tt.spilled && u.Compressed > 0 != tt.packed {
				t.Errorf("%+v", u)
			}
			if tt.packed && !tt.spilled && u.Raw < tt.low-3*descriptorBlock {
				t.Errorf("compressed below the low-water mark: %+v", u)
			}
			check := func(n int) {
				t.Helper()
				if got, err := shelves[n%2].get(t.Context(), at[n]); err != nil || string(got) != string(descriptor(n)) {
					t.Fatalf("descriptor %d: %q, %v", n, got, err)
				}
			}
			for n := range count {
				check(n)
			}
			for range 200 {
				check(rand.IntN(count))
			}
			if len(d.cache.entries) > cachedBlocks {
				t.Errorf("%d blocks are cached", len(d.cache.entries))
			}
			for _, f := range found(t, st) {
				if strings.Contains(f, "descriptors") != tt.spilled {
					t.Errorf("stored: %s", f)
				}
			}
			for n := 0; n < count; n += 2 { // all of the first query's
				shelves[0].remove(at[n])
			}
			if got := shelves[0].used; got > descriptorBlock {
				t.Errorf("%d bytes are used by what was removed", got)
			}
			check(count - 1)
			for _, s := range shelves {
				s.drop(removing(t))
				if _, err := s.get(t.Context(), at[0]); err == nil {
					t.Error("a descriptor outlives its query")
				}
				s.put([]byte("late"))
			}
			if u := d.Usage(); u != (DescriptorUsage{}) || len(d.shelves)+len(d.raw)+len(d.packed)+len(d.cache.entries) > 0 {
				t.Errorf("left: %+v, %d blocks", u, len(d.raw)+len(d.packed))
			}
			if left := found(t, st); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestDescriptorsNowhere: where no storage takes them, the query that has most fails, with Trino's error.
func TestDescriptorsNowhere(t *testing.T) {
	broken := brokenStore{}
	d := newDescriptors(200_000, 200_000, 200_000, []store.Store{broken, broken})
	var failed []scheduler.QueryID
	var failure *trinoerr.Error
	small, large := d.shelf("small"), d.shelf("large")
	ended := make(chan struct{}, 100)
	d.overflow = func(q scheduler.QueryID, err *trinoerr.Error) {
		failed, failure = append(failed, q), err
		large.drop(func(store.Store, string) {})
		ended <- struct{}{}
	}
	runDescriptors(t, d)
	for n := range 100 {
		small.put(descriptor(n))
	}
	for n := range 2_000 {
		large.put(descriptor(n))
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("nothing fails")
	}
	d.wait(t.Context())
	if !slices.Equal(failed, []scheduler.QueryID{"large"}) {
		t.Errorf("failed: %v", failed)
	}
	if failure.Code.Name != "EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY" || !strings.HasPrefix(failure.Msg, "Task descriptor storage capacity has been exceeded: ") {
		t.Errorf("%s: %s", failure.Code.Name, failure.Msg)
	}
}

// TestDescriptorDamaged: a block that was changed in storage is an error.
func TestDescriptorDamaged(t *testing.T) {
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := runDescriptors(t, newDescriptors(1, 1, 1, []store.Store{brokenStore{}, st}))
	s := d.shelf("q")
	at := s.put(descriptor(1))
	d.wait(t.Context())
	if err := store.Put(t.Context(), st, "q/descriptors/0", []byte("something else that is long enough"), store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.get(t.Context(), at); err == nil {
		t.Errorf("got %q", got)
	}
	s.drop(removing(t))
}

// TestDescriptorsOfEndedQuery: of what arrives in storage after the query has been cleaned up nothing stays, not even a directory.
func TestDescriptorsOfEndedQuery(t *testing.T) {
	dir := t.TempDir()
	st, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	late := &belatedStore{Store: st, begun: make(chan struct{}), end: make(chan struct{}), deleted: make(chan struct{})}
	d := runDescriptors(t, newDescriptors(1, 1, 1, []store.Store{late}))
	s := d.shelf("q")
	s.put(descriptor(1))
	<-late.begun
	s.drop(removing(t))
	close(late.end)
	<-late.deleted
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// belatedStore creates an object when it is allowed to, and tells when that has been deleted.
type belatedStore struct {
	store.Store
	begun, end, deleted chan struct{}
}

func (s *belatedStore) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	close(s.begun)
	<-s.end
	return s.Store.Create(ctx, key, o)
}

func (s *belatedStore) DeletePrefix(ctx context.Context, prefix string) error {
	defer close(s.deleted)
	return s.Store.DeletePrefix(ctx, prefix)
}

// brokenStore takes nothing.
type brokenStore struct{ store.Store }

func (brokenStore) Create(context.Context, string, store.CreateOptions) (store.Writer, error) {
	return nil, trinoerr.New(trinoerr.GenericInternalError, "broken")
}

func (brokenStore) URI() string { return "broken:" }
