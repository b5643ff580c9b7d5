package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
)

// unlisted is a store that can be written and read, and not listed; it counts reads. Its reads are as short as can be.
type unlisted struct {
	store.Store
	mu    sync.Mutex
	reads int
}

func (u *unlisted) List(context.Context, string, func(store.Object) error) error {
	return errors.New("there are no listings")
}

func (u *unlisted) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	u.mu.Lock()
	u.reads++
	u.mu.Unlock()
	body, err := u.Store.Open(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{iotest.OneByteReader(body), body}, nil
}

// Who reads is told where everything is: outputs of many tasks are read without a listing, with one request for each of them.
func TestNothingIsListedBeforeReading28568(t *testing.T) {
	u, key := &unlisted{Store: open(t)}, NewQueryKey()
	const producers, partitions = 10, 20
	var handles []*Handle
	for n := range producers {
		sizes := make([]int, partitions)
		for p := range sizes {
			sizes[p] = 3000 + p
		}
		handles = append(handles, write(t, WriterConfig{Store: u, Key: key, Prefix: AttemptPrefix("q", 0, n, 0), Producer: fmt.Sprintf("q.0.%d.0", n), InlineLimit: -1}, sizes...))
	}
	got, err := collect(t, readerOf(u, key), Wanted{handles, func(p int) bool { return p >= 5 && p < 10 }})
	if err != nil {
		t.Fatal(err)
	}
	for p := 5; p < 10; p++ {
		if want := bytes.Repeat(content(3000+p, p), producers); !bytes.Equal(got[p], want) {
			t.Errorf("partition %d: %d bytes, want %d", p, len(got[p]), len(want))
		}
	}
	if len(got) != 5 || u.reads != producers {
		t.Errorf("%d partitions by %d reads, want %d", len(got), u.reads, producers)
	}
}

// Pages down to a single byte, and partitions as small, are read through reads of a single byte, encrypted or not.
func TestTinyPagesAndShortReads30424(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		u := &unlisted{Store: open(t)}
		cfg := WriterConfig{Store: u, Key: key, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: -1, MaxObject: 500}
		w, err := NewWriter(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		const pages = 60
		for n := range pages {
			if err := w.AppendPage(1, content(1+n%7, n)); err != nil {
				t.Fatal(err)
			}
		}
		h, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		r := readerOf(u, key)
		for first := range pages {
			end := min(pages, first+1+first%5)
			got, err := r.Pages(ctx, &h, first, end)
			if err != nil || len(got) != end-first {
				t.Fatalf("pages %d to %d: %d, %v", first, end, len(got), err)
			}
			for n, p := range got {
				if n += first; !bytes.Equal(p.Data, content(1+n%7, n)) {
					t.Errorf("page %d differs", n)
				}
			}
		}
		cfg.Prefix, cfg.Producer = "f/", "q.0.1.0"
		sizes := []int{1, 2, 3, 1, 5, 1, 1, 8, 13, 1}
		files, err := collect(t, r, Wanted{[]*Handle{write(t, cfg, sizes...)}, all})
		if err != nil {
			t.Fatal(err)
		}
		for n, size := range sizes {
			if !bytes.Equal(files[n], content(size, n)) {
				t.Errorf("encrypted %t: file of %d bytes differs", key != nil, size)
			}
		}
	}
}

// Damage anywhere in what was spooled is a lost output with a name, never an answer and never a crash.
func TestDamagedPagesAreLost23531(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		s := open(t)
		w, err := NewWriter(ctx, WriterConfig{Store: s, Key: key, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: -1})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 5 {
			if err := w.AppendPage(1, content(20+n, n)); err != nil {
				t.Fatal(err)
			}
		}
		h, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		name := h.Objects[0].Key
		whole, err := store.ReadAll(ctx, s, name)
		if err != nil {
			t.Fatal(err)
		}
		last := h.Segments[len(h.Segments)-1]
		for at := h.Segments[0].Offset; at < last.Offset+last.Length; at++ {
			for _, damaged := range [][]byte{flipped(whole, int(at)), whole[:at]} {
				if err := store.Put(ctx, s, name, damaged, store.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
				pages, err := readerOf(s, key).Pages(ctx, &h, 0, len(h.Segments))
				var lost *LostError
				if !errors.As(err, &lost) || pages != nil {
					t.Fatalf("encrypted %t, %d bytes, damaged at %d: %d pages, %v", key != nil, len(damaged), at, len(pages), err)
				}
			}
		}
	}
}

func flipped(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 1
	return out
}

// inParts is a store that takes objects in parts. It counts them, and the buffers that they lie in.
type inParts struct {
	store.Store
	size    int
	mu      sync.Mutex
	objects int
	sent    map[int]int // bytes of the parts
	buffers map[*byte]bool
}

func (s *inParts) Create(ctx context.Context, key string, _ store.CreateOptions) (store.Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects++
	return multipart.New(ctx, s, multipart.Limits{Size: s.size, AtATime: 2}), nil
}

func (s *inParts) Put(_ context.Context, data []byte) error { return s.Send(ctx, 0, data) }
func (s *inParts) Begin(context.Context) error              { return nil }
func (s *inParts) Complete(context.Context) error           { return nil }
func (s *inParts) Discard(context.Context) error            { return nil }
func (s *inParts) Send(_ context.Context, number int, d []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[number] = len(d)
	s.buffers[&d[0]] = true
	return nil
}

// However many partitions a task writes, what it sends is one object in as many parts as its bytes need, and what it holds are a few parts: so
// parts can be large, and requests few.
func TestPartsAreTheTasksNotThePartitions28268(t *testing.T) {
	const part, total = 64 << 10, 1 << 20
	for _, partitions := range []int{1, 10, 1000} {
		s := &inParts{Store: open(t), size: part, sent: map[int]int{}, buffers: map[*byte]bool{}}
		sizes := make([]int, partitions)
		for n := range sizes {
			sizes[n] = total / partitions
		}
		h := write(t, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: -1}, sizes...)
		bytes := 0
		for _, n := range s.sent {
			bytes += n
		}
		if want := (bytes + part - 1) / part; s.objects != 1 || len(s.sent) != want || int64(bytes) != h.Objects[0].Size {
			t.Errorf("%d partitions: %d objects, %d bytes of %d in %d parts, want %d", partitions, s.objects, bytes, h.Objects[0].Size, len(s.sent), want)
		}
		if len(s.buffers) > 4 { // two on their way, one that is filled, one between
			t.Errorf("%d partitions: %d buffers", partitions, len(s.buffers))
		}
	}
}
