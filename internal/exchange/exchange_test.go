package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

func open(t testing.TB) *local.Store {
	t.Helper()
	s, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readerOf(s store.Store, key *QueryKey) *Reader {
	return &Reader{Key: key, Open: func(context.Context, string) (store.Store, error) { return s, nil }}
}

// content differs for every seed and length.
func content(n, seed int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 12345
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// write makes a bundle with a file for every size; file n belongs to partition n.
func write(t testing.TB, cfg WriterConfig, sizes ...int) *Handle {
	t.Helper()
	w, err := NewWriter(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for n, size := range sizes {
		if err := w.Add(n, int64(size/10), int64(size), bytes.NewReader(content(size, n))); err != nil {
			t.Fatal(err)
		}
	}
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	// A handle survives its journey as JSON.
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out := new(Handle)
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func all(int) bool { return true }

// collect reads files and returns their content by partition.
func collect(t testing.TB, r *Reader, want Wanted) (map[int][]byte, error) {
	t.Helper()
	files, err := r.Files(ctx, want, NewSpool(t.TempDir(), 1<<20))
	if err != nil {
		if files != nil {
			t.Error("files together with an error")
		}
		return nil, err
	}
	out := map[int][]byte{}
	for _, f := range files {
		defer f.File.Close()
		data, err := io.ReadAll(io.NewSectionReader(f.File, 0, 1<<40))
		if err != nil {
			t.Fatal(err)
		}
		if f.Bytes != int64(len(data)) || f.Rows != f.Bytes/10 {
			t.Errorf("%+v has %d bytes", f, len(data))
		}
		out[f.Partition] = append(out[f.Partition], data...)
	}
	return out, nil
}

var shapes = []struct {
	name  string
	cfg   WriterConfig
	sizes []int
}{
	{"empty", WriterConfig{}, nil},
	{"inline", WriterConfig{}, []int{1, 1000, 20000}},
	{"one", WriterConfig{}, []int{100_000}},
	{"never inline", WriterConfig{InlineLimit: -1}, []int{10}},
	{"package sizes", WriterConfig{}, []int{65535, 65536, 65537, 131072, 1, 262144, 262145}},
	{"many", WriterConfig{}, []int{5000, 1, 70000, 300, 3 << 20, 80, 9}},
	{"rolled", WriterConfig{MaxObject: 100_000}, []int{40_000, 40_000, 40_000, 500_000, 10, 90_000}},
}

func TestRoundTrip(t *testing.T) {
	for _, c := range shapes {
		for _, key := range []*QueryKey{nil, NewQueryKey()} {
			t.Run(fmt.Sprintf("%s, encrypted=%v", c.name, key != nil), func(t *testing.T) {
				s := open(t)
				cfg := c.cfg
				cfg.Store, cfg.Key, cfg.Prefix, cfg.Producer = s, key, AttemptPrefix("q", 1, 2, 0), "q.1.2.0"
				h := write(t, cfg, c.sizes...)
				r := readerOf(s, key)
				got, err := collect(t, r, Wanted{[]*Handle{h}, all})
				if err != nil || len(got) != len(c.sizes) {
					t.Fatalf("%d partitions, %v", len(got), err)
				}
				for n, size := range c.sizes {
					if !bytes.Equal(got[n], content(size, n)) {
						t.Errorf("partition %d differs", n)
					}
				}
				odd, err := collect(t, r, Wanted{[]*Handle{h}, func(p int) bool { return p%2 == 1 }})
				if err != nil || len(odd) != len(c.sizes)/2 {
					t.Errorf("%d odd partitions, %v", len(odd), err)
				}
				checkObjects(t, s, h, key)
			})
		}
	}
}

// checkObjects compares a handle with what is in the store, and with what the objects say themselves.
func checkObjects(t *testing.T, s store.Store, h *Handle, key *QueryKey) {
	t.Helper()
	var stored []Object
	if err := s.List(ctx, "", func(o store.Object) error { stored = append(stored, Object{Key: o.Key, Size: o.Size}); return nil }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(stored) != fmt.Sprint(h.Objects) && len(stored)+len(h.Objects) > 0 {
		t.Errorf("stored %v, handle %v", stored, h.Objects)
	}
	n := 0
	for ordinal, o := range stored {
		x, err := ReadIndex(ctx, s, o, key, h.Producer, ordinal)
		if err != nil {
			t.Fatal(err)
		}
		for _, seg := range x.Segments {
			if seg != h.Segments[n] {
				t.Errorf("index %+v, handle %+v", seg, h.Segments[n])
			}
			n++
		}
		if key != nil {
			if _, err := ReadIndex(ctx, s, o, NewQueryKey(), h.Producer, ordinal); err == nil {
				t.Error("index decrypts with another key")
			}
			data, _ := store.ReadAll(ctx, s, o.Key)
			if bytes.Contains(data, content(1000, 0)[:16]) {
				t.Error("plain content in an encrypted object")
			}
		}
	}
	if len(stored) > 0 && n != len(h.Segments) {
		t.Errorf("indexes list %d of %d segments", n, len(h.Segments))
	}
}

// Several attempts are read together in order, also when a partition has several files.
func TestManyBundles(t *testing.T) {
	s, key := open(t), NewQueryKey()
	var handles []*Handle
	for n := range 20 {
		w, err := NewWriter(ctx, WriterConfig{Store: s, Key: key, Prefix: AttemptPrefix("q", 0, n, 0), Producer: fmt.Sprint("q.0.", n, ".0"), InlineLimit: 3000})
		if err != nil {
			t.Fatal(err)
		}
		for p := range 5 {
			for f := range 2 {
				text := fmt.Sprintf("%02d-%d-%d;", n, p, f) + strings.Repeat(".", n*50)
				if err := w.Add(p, 1, int64(len(text)), strings.NewReader(text)); err != nil {
					t.Fatal(err)
				}
			}
		}
		h, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, &h)
	}
	files, err := readerOf(s, key).Files(ctx, Wanted{handles, func(p int) bool { return p >= 3 }}, NewSpool(t.TempDir(), 2000))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 20*2*2 {
		t.Fatalf("%d files", len(files))
	}
	for n, f := range files {
		head := make([]byte, 7)
		if _, err := f.File.ReadAt(head, 0); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%02d-%d-%d;", n/4, 3+n/2%2, n%2); string(head) != want {
			t.Errorf("file %d is %s, want %s", n, head, want)
		}
		f.File.Close()
	}
}

func TestPages(t *testing.T) {
	for _, limit := range []int64{0, -1} {
		s, key := open(t), NewQueryKey()
		w, err := NewWriter(ctx, WriterConfig{Store: s, Key: key, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: limit, MaxObject: 4000})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			if err := w.AppendPage(int64(n), content(100+n, n)); err != nil {
				t.Fatal(err)
			}
		}
		h, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if h.Rows() != 190 || h.Bytes() != 2190 {
			t.Errorf("%d rows, %d bytes", h.Rows(), h.Bytes())
		}
		r := readerOf(s, key)
		for _, c := range [][2]int{{0, 20}, {0, 0}, {7, 8}, {19, 20}} {
			pages, err := r.Pages(ctx, &h, c[0], c[1])
			if err != nil || len(pages) != c[1]-c[0] {
				t.Fatalf("%v: %d pages, %v", c, len(pages), err)
			}
			for n, p := range pages {
				if n += c[0]; p.Rows != int64(n) || !bytes.Equal(p.Data, content(100+n, n)) {
					t.Errorf("page %d differs", n)
				}
			}
		}
		for _, c := range [][2]int{{-1, 2}, {3, 2}, {0, 21}} {
			if _, err := r.Pages(ctx, &h, c[0], c[1]); err == nil {
				t.Errorf("%v: no error", c)
			}
		}
	}
}

// Whatever happens to stored bytes, a reader gets the right content or a LostError.
func TestDamage(t *testing.T) {
	sizes := []int{300, 70_000, 5}
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		s := open(t)
		h := write(t, WriterConfig{Store: s, Key: key, Prefix: "p/", Producer: "q.3.1.0", InlineLimit: -1}, sizes...)
		whole, err := store.ReadAll(ctx, s, h.Objects[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		damage := map[string]func() []byte{
			"cut":     func() []byte { return whole[:len(whole)/2] },
			"nothing": func() []byte { return nil },
			"shifted": func() []byte { return append([]byte{0}, whole...) },
		}
		for at := 0; at < len(whole); at += 331 {
			damage[fmt.Sprint("bit at ", at)] = func() []byte {
				b := bytes.Clone(whole)
				b[at] ^= 1 << (at % 8)
				return b
			}
		}
		for name, f := range damage {
			if err := store.Put(ctx, s, h.Objects[0].Key, f(), store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			for p, size := range sizes {
				got, err := collect(t, readerOf(s, key), Wanted{[]*Handle{h}, func(q int) bool { return p == q }})
				var lost *LostError
				switch {
				case err == nil && !bytes.Equal(got[p], content(size, p)):
					t.Errorf("%s: partition %d is wrong", name, p)
				case err == nil && !strings.HasPrefix(name, "bit"):
					if name != "cut" || p == 1 || p == 2 {
						t.Errorf("%s: partition %d was read", name, p)
					}
				case err != nil && (!errors.As(err, &lost) || lost.Producer != "q.3.1.0" || lost.Partition != p || lost.Key != "p/0.bundle"):
					t.Errorf("%s: partition %d: %v", name, p, err)
				}
			}
		}
		if err := s.DeletePrefix(ctx, "p/"); err != nil {
			t.Fatal(err)
		}
		_, err = collect(t, readerOf(s, key), Wanted{[]*Handle{h}, all})
		var lost *LostError
		if !errors.As(err, &lost) || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("deleted: %v", err)
		}
	}
}

// A segment opens only as what it was written as: the same bundle, object, place and partition. With encryption that is so
// for everybody who lacks the key.
func TestSwappedSegments(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		s := open(t)
		a := write(t, WriterConfig{Store: s, Key: key, Prefix: "a/", Producer: "q.0.0.0", InlineLimit: -1}, 1000, 1000)
		b := write(t, WriterConfig{Store: s, Key: key, Prefix: "b/", Producer: "q.0.0.1", InlineLimit: -1}, 1000, 1000)
		changes := map[string]func(h *Handle, r *Reader){
			"another attempt":   func(h *Handle, _ *Reader) { h.Objects = b.Objects },
			"another place":     func(h *Handle, _ *Reader) { h.Segments[0].Offset = h.Segments[1].Offset },
			"another partition": func(h *Handle, _ *Reader) { h.Segments[0].Partition = 7 },
			"another kind":      func(h *Handle, _ *Reader) { h.Segments[0].Kind = RowPage },
		}
		if key != nil {
			changes["another producer"] = func(h *Handle, _ *Reader) { h.Producer = "q.0.0.2" }
			changes["another key"] = func(_ *Handle, r *Reader) { r.Key = NewQueryKey() }
		} else {
			changes["another salt"] = func(h *Handle, _ *Reader) { h.Salt++ }
			changes["cut by a checksum"] = func(h *Handle, _ *Reader) { h.Segments[1].Length -= sumSize }
		}
		for name, change := range changes {
			h, r := *a, readerOf(s, key)
			h.Segments = slices.Clone(a.Segments)
			change(&h, r)
			err := r.Read(ctx, Wanted{[]*Handle{&h}, all}, func(*Handle, Segment) (Target, error) { return discard{io.Discard}, nil })
			if _, ok := errors.AsType[*LostError](err); !ok {
				t.Errorf("encrypted=%t, %s: %v", key != nil, name, err)
			}
		}
		if _, err := collect(t, readerOf(s, nil), Wanted{[]*Handle{a}, all}); (err == nil) != (key == nil) {
			t.Errorf("encrypted=%t, read without a key: %v", key != nil, err)
		}
	}
}

type discard struct{ io.Writer }

func (discard) Restart() error { return nil }

// flaky damages what is read as often as it is told, and counts reads.
type flaky struct {
	store.Store
	damage atomic.Int64
	fail   error
	opens  atomic.Int64
	open   atomic.Int64
}

func (f *flaky) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f.opens.Add(1)
	if f.fail != nil {
		return nil, f.fail
	}
	r, err := f.Store.Open(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	f.open.Add(1)
	return &flakyReader{r, f, f.damage.Add(-1) >= 0}, nil
}

type flakyReader struct {
	io.ReadCloser
	f      *flaky
	damage bool
}

func (r *flakyReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if n > 0 && r.damage {
		p[n-1] ^= 1
	}
	return n, err
}

func (r *flakyReader) Close() error {
	r.f.open.Add(-1)
	return r.ReadCloser.Close()
}

func TestReadsAgainOnce(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		f := &flaky{Store: open(t)}
		h := write(t, WriterConfig{Store: f, Key: key, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: -1}, 1000, 200_000)
		f.damage.Store(1)
		got, err := collect(t, readerOf(f, key), Wanted{[]*Handle{h}, all})
		if err != nil || !bytes.Equal(got[0], content(1000, 0)) || !bytes.Equal(got[1], content(200_000, 1)) {
			t.Errorf("after one damaged read: %v", err)
		}
		if n := f.opens.Load(); n != 2 {
			t.Errorf("%d reads", n)
		}
		f.damage.Store(100)
		var lost *LostError
		if _, err := collect(t, readerOf(f, key), Wanted{[]*Handle{h}, all}); !errors.As(err, &lost) {
			t.Errorf("always damaged: %v", err)
		}
		f.fail = errors.New("connection refused")
		if _, err := collect(t, readerOf(f, key), Wanted{[]*Handle{h}, all}); err != f.fail {
			t.Errorf("store fails: %v", err)
		}
		if n := f.open.Load(); n != 0 {
			t.Errorf("%d readers left open", n)
		}
	}
}

func TestCancelRead(t *testing.T) {
	s := open(t)
	h := write(t, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"}, 1<<20, 1<<20, 1<<20)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(ctx)
	var once sync.Once
	r := readerOf(s, nil)
	r.MergeGap = -1
	err := r.Read(ctx, Wanted{[]*Handle{h}, all}, func(*Handle, Segment) (Target, error) {
		return discard{writerFunc(func([]byte) error { once.Do(func() { cancel(why) }); return nil })}, nil
	})
	if err != why {
		t.Errorf("got %v", err)
	}
}

func TestTargetFails(t *testing.T) {
	s := open(t)
	h := write(t, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"}, 1000, 1000)
	full := errors.New("disk full")
	err := readerOf(s, nil).Read(ctx, Wanted{[]*Handle{h}, all}, func(*Handle, Segment) (Target, error) {
		return discard{writerFunc(func([]byte) error { return full })}, nil
	})
	var lost *LostError
	if !errors.Is(err, full) || errors.As(err, &lost) {
		t.Errorf("got %v", err)
	}
}

func TestWriterFails(t *testing.T) {
	s := open(t)
	dir := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(dir, content(50_000, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, add := range map[string]func(w *Writer) error{
		"short":    func(w *Writer) error { return w.Add(1, 1, 100, bytes.NewReader(content(99, 1))) },
		"long":     func(w *Writer) error { return w.Add(1, 1, 100, bytes.NewReader(content(101, 1))) },
		"empty":    func(w *Writer) error { return w.Add(1, 0, 0, bytes.NewReader(nil)) },
		"missing":  func(w *Writer) error { return w.AddFile(1, 1, dir+"x") },
		"negative": func(w *Writer) error { return w.Add(-1, 1, 1, bytes.NewReader(content(1, 1))) },
	} {
		w, err := NewWriter(ctx, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0", MaxObject: 60_000, InlineLimit: -1})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 { // two objects are committed, the third is open
			if err := w.AddFile(n, 5000, dir); err != nil {
				t.Fatal(err)
			}
		}
		if err := add(w); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := w.Close(); err == nil {
			t.Errorf("%s: closed after an error", name)
		}
		if err := errors.Join(w.Abort(), w.Abort()); err != nil {
			t.Errorf("%s: abort: %v", name, err)
		}
		s.List(ctx, "", func(o store.Object) error { t.Errorf("%s: left %v", name, o); return nil })
	}
	w, _ := NewWriter(ctx, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"})
	if err := w.AddFile(0, 5000, dir); err != nil {
		t.Fatal(err)
	}
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if _, err := collect(t, readerOf(s, nil), Wanted{[]*Handle{&h}, all}); err != nil {
		t.Errorf("abort after close destroyed the bundle: %v", err)
	}
}

// slowClose is a store whose objects take their time to be committed.
type slowClose struct {
	store.Store
	closing, proceed chan struct{}
}

func (s slowClose) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	w, err := s.Store.Create(ctx, key, o)
	return slowWriter{w, s}, err
}

type slowWriter struct {
	store.Writer
	s slowClose
}

func (w slowWriter) Close() error {
	close(w.s.closing)
	<-w.s.proceed
	return w.Writer.Close()
}

// An attempt that is cancelled while its bundle is being committed keeps it; one that was aborted first commits nothing.
func TestAbortAfterFinishBegan30411(t *testing.T) {
	s, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	slow := slowClose{s, make(chan struct{}), make(chan struct{})}
	w, err := NewWriter(t.Context(), WriterConfig{Store: slow, Prefix: "q/0/0.0/", Producer: "q.0.0.0", InlineLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(0, 10, 1000, bytes.NewReader(make([]byte, 1000))); err != nil {
		t.Fatal(err)
	}
	aborted := make(chan error)
	go func() {
		<-slow.closing
		err := w.Abort()
		close(slow.proceed)
		aborted <- err
	}()
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := <-aborted; err != nil {
		t.Error(err)
	}
	data, err := store.ReadAll(t.Context(), s, h.Objects[0].Key)
	if err != nil || int64(len(data)) != h.Objects[0].Size {
		t.Errorf("the abort destroyed the bundle: %v", err)
	}
	w, err = NewWriter(t.Context(), WriterConfig{Store: s, Prefix: "q/0/0.1/", Producer: "q.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err == nil {
		t.Error("closed after an abort")
	}
}

func TestQueryKeyWrap(t *testing.T) {
	k, secret := NewQueryKey(), []byte("secret")
	wrapped, err := k.Wrap(secret, "q1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(wrapped, k[:8]) {
		t.Error("the key is visible")
	}
	got, err := UnwrapQueryKey(wrapped, secret, "q1")
	if err != nil || *got != *k {
		t.Errorf("unwrap: %v", err)
	}
	for name, f := range map[string]func() (*QueryKey, error){
		"query":  func() (*QueryKey, error) { return UnwrapQueryKey(wrapped, secret, "q2") },
		"secret": func() (*QueryKey, error) { return UnwrapQueryKey(wrapped, []byte("other"), "q1") },
		"cut":    func() (*QueryKey, error) { return UnwrapQueryKey(wrapped[:5], secret, "q1") },
		"empty":  func() (*QueryKey, error) { return UnwrapQueryKey(nil, secret, "q1") },
		"none":   func() (*QueryKey, error) { return UnwrapQueryKey(wrapped, nil, "q1") },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: unwrapped", name)
		}
	}
	k.Zero()
	if *k != (QueryKey{}) {
		t.Error("not zero")
	}
}
