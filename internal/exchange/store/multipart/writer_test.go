package multipart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder is an object that remembers what was called; calls named in fails fail.
type recorder struct {
	fails map[string]bool
	hold  chan struct{} // if not nil, Send waits for it or the end of the context

	mu    sync.Mutex
	calls []string
	parts map[int][]byte
}

var errCall = errors.New("the call fails")

func (r *recorder) call(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, name)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.fails[name] {
		return errCall
	}
	return nil
}

func (r *recorder) Put(ctx context.Context, data []byte) error {
	r.parts = map[int][]byte{0: bytes.Clone(data)}
	return r.call(ctx, "put")
}

func (r *recorder) Begin(ctx context.Context) error    { return r.call(ctx, "begin") }
func (r *recorder) Complete(ctx context.Context) error { return r.call(ctx, "complete") }
func (r *recorder) Discard(ctx context.Context) error  { return r.call(ctx, "discard") }

func (r *recorder) Send(ctx context.Context, number int, data []byte) error {
	if r.hold != nil {
		select {
		case <-r.hold:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	r.mu.Lock()
	if r.parts == nil {
		r.parts = map[int][]byte{}
	}
	r.parts[number] = bytes.Clone(data)
	r.mu.Unlock()
	return r.call(ctx, fmt.Sprintf("send %d", number))
}

// content is the object that was made of the parts.
func (r *recorder) content() string {
	var out []byte
	for n := range len(r.parts) {
		out = append(out, r.parts[n]...)
	}
	return string(out)
}

const text = "abcdefghijklmnopqrstuvwxyz"

func TestWriter(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write []int // lengths
		fails string
		calls string // in order of the alphabet
		err   error
	}{
		{"nothing", nil, "", "put", nil},
		{"one request", []int{4, 0, 6}, "", "put", nil},
		{"two parts", []int{4, 7}, "", "begin complete send 0 send 1", nil},
		{"full parts", []int{20}, "", "begin complete send 0 send 1", nil},
		{"one write", []int{26}, "", "begin complete send 0 send 1 send 2", nil},
		{"put fails", []int{3}, "put", "discard put", errCall},
		{"begin fails", []int{11}, "begin", "begin discard", errCall},
		{"send fails", []int{11}, "send 1", "begin discard send 0 send 1", errCall},
		{"complete fails", []int{11}, "complete", "begin complete discard send 0 send 1", errCall},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{fails: map[string]bool{tt.fails: true}}
			w := New(t.Context(), r, Limits{Size: 10, AtATime: 2})
			at := 0
			var err error
			for _, n := range tt.write {
				if err == nil {
					_, err = w.Write([]byte(text[at : at+n]))
				}
				at += n
			}
			if closing := w.Close(); err == nil {
				err = closing
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			slices.Sort(r.calls)
			if calls := strings.Join(r.calls, " "); calls != tt.calls {
				t.Errorf("calls %s, want %s", calls, tt.calls)
			}
			if got := r.content(); tt.err == nil && got != text[:at] {
				t.Errorf("made %q", got)
			}
			if _, err := w.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("a write after the end: %v", err)
			}
			if err := w.Close(); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("a second close: %v", err)
			}
			if err := w.Abort(); err != nil {
				t.Errorf("abort after the end: %v", err)
			}
		})
	}
}

// TestAlwaysParts makes objects of parts that would fit into one request.
func TestAlwaysParts(t *testing.T) {
	for size, calls := range map[int]string{0: "begin complete send 0", 5: "begin complete send 0", 10: "begin complete send 0", 15: "begin complete send 0 send 1"} {
		r := &recorder{}
		w := New(t.Context(), r, Limits{Size: 10, AtATime: 1, Always: true})
		if _, err := w.Write([]byte(text[:size])); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(r.calls)
		if got := strings.Join(r.calls, " "); got != calls || r.content() != text[:size] {
			t.Errorf("%d bytes: calls %s, want %s; made %q", size, got, calls, r.content())
		}
	}
}

func TestTooManyParts(t *testing.T) {
	r := &recorder{}
	w := New(t.Context(), r, Limits{Size: 10, AtATime: 1, Most: 2, Property: "part-size"})
	_, err := w.Write(make([]byte, 40))
	if want := "an object of more than 2 parts of 10 bytes: set a larger part-size"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := w.Close(); err == nil {
		t.Error("the object was made")
	}
}

// TestAbandoned ends writers whose parts are on their way: all of them are waited for, and what they have sent is removed.
func TestAbandoned(t *testing.T) {
	lost := errors.New("the query is over")
	for _, how := range []string{"abort", "cancel"} {
		t.Run(how, func(t *testing.T) {
			r := &recorder{hold: make(chan struct{})}
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			w := New(ctx, r, Limits{Size: 10, AtATime: 2})
			written := make(chan error)
			go func() {
				_, err := w.Write(make([]byte, 100)) // more than is on its way at a time
				written <- err
			}()
			if how == "abort" {
				if err := w.Abort(); err != nil {
					t.Error(err)
				}
				if err := <-written; err == nil {
					t.Error("the write went on")
				}
			} else {
				cancel(lost)
				if err := <-written; !errors.Is(err, lost) {
					t.Errorf("the write ended with %v", err)
				}
				if err := w.Close(); !errors.Is(err, lost) {
					t.Errorf("the end was %v", err)
				}
			}
			if n := len(r.calls); n == 0 || r.calls[n-1] != "discard" {
				t.Errorf("calls: %v", r.calls)
			}
		})
	}
}

// TestBuffers writes an object of many parts: no more buffers are made than parts are on their way, one that is filled, and one between.
func TestBuffers(t *testing.T) {
	seen := map[*byte]bool{}
	var mu sync.Mutex
	r := &buffers{seen: seen, mu: &mu}
	w := New(t.Context(), r, Limits{Size: 1 << 10, AtATime: 2})
	for range 100 {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(seen) > 4 {
		t.Errorf("%d buffers", len(seen))
	}
}

type buffers struct {
	recorder
	mu   *sync.Mutex
	seen map[*byte]bool
}

func (b *buffers) Send(_ context.Context, _ int, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen[&data[0]] = true
	return nil
}
