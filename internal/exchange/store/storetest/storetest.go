// Package storetest is the suite that every exchange store passes. It is the fine print of the contract in package store.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Deletes are the names of the cases that delete.
var Deletes = []string{"delete prefix", "delete one", "delete while reading", "concurrent use"}

// Run tests the store that open returns, a fresh and empty one per call; it is closed by the suite. Where cases are named, only these are run.
func Run(t *testing.T, open func(t *testing.T) store.Store, only ...string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s store.Store)
	}{
		{"round trip", roundTrip},
		{"ranges", ranges},
		{"missing object", missing},
		{"replace", replace},
		{"create if absent", ifAbsent},
		{"create if absent, one of many wins", race},
		{"invisible until closed", invisible},
		{"abort", abort},
		{"close and abort race", closeAbort},
		{"list", list},
		{"delete prefix", deletePrefix},
		{"delete one", deleteOne},
		{"delete while reading", deleteWhileReading},
		{"invalid keys", invalidKeys},
		{"cancelled", cancelled},
		{"concurrent use", concurrent},
	} {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			c.test(t, s)
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

var ctx = context.Background()

// content is reproducible and does not compress into a pattern that hides misplaced blocks.
func content(n int, seed uint32) []byte {
	b := make([]byte, n)
	x := seed*2654435761 + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func put(t *testing.T, s store.Store, key string, data []byte) {
	t.Helper()
	if err := store.Put(ctx, s, key, data, store.CreateOptions{}); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func expect(t *testing.T, s store.Store, key string, want []byte) {
	t.Helper()
	got, err := store.ReadAll(ctx, s, key)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: read %d bytes, want %d (equal: %v), %v", key, len(got), len(want), bytes.Equal(got, want), err)
	}
}

func keys(t *testing.T, s store.Store, prefix string) []string {
	t.Helper()
	var out []string
	if err := s.List(ctx, prefix, func(o store.Object) error { out = append(out, o.Key); return nil }); err != nil {
		t.Fatalf("list %q: %v", prefix, err)
	}
	return out
}

// roundTrip writes sizes around the part sizes of object stores, in uneven pieces.
func roundTrip(t *testing.T, s store.Store) {
	for n, size := range []int{0, 1, 4096, 5<<20 - 1, 5 << 20, 5<<20 + 1, 13<<20 + 7} {
		key := fmt.Sprintf("q/%d", n)
		data := content(size, uint32(n))
		w, err := s.Create(ctx, key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for rest, step := data, 1; len(rest) > 0; step = step*3 + 1 {
			k := min(step, len(rest))
			piece := bytes.Clone(rest[:k])
			if m, err := w.Write(piece); m != k || err != nil {
				t.Fatalf("write: %d, %v", m, err)
			}
			clear(piece) // the writer must not keep the caller's memory
			rest = rest[k:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		expect(t, s, key, data)
	}
}

func ranges(t *testing.T, s store.Store) {
	data := content(100_000, 1)
	put(t, s, "r", data)
	for _, c := range []struct {
		offset, length int64
		short          bool
	}{
		{0, 100_000, false}, {0, -1, false}, {99_999, 1, false}, {500, 1000, false}, {500, -1, false}, {0, 0, false},
		{0, 100_001, true}, {99_999, 2, true}, {100_000, 1, true}, {200_000, 5, true},
	} {
		r, err := s.Open(ctx, "r", c.offset, c.length)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(r)
			r.Close()
		}
		if c.short {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("[%d, +%d): %d bytes, %v", c.offset, c.length, len(got), err)
			}
			continue
		}
		end := c.offset + c.length
		if c.length < 0 {
			end = int64(len(data))
		}
		if err != nil || !bytes.Equal(got, data[c.offset:end]) {
			t.Errorf("[%d, +%d): %d bytes, %v", c.offset, c.length, len(got), err)
		}
	}
}

func missing(t *testing.T, s store.Store) {
	put(t, s, "a/b", []byte("x"))
	for _, key := range []string{"nosuch", "a/nosuch", "a"} {
		if _, err := store.ReadAll(ctx, s, key); key != "a" && !errors.Is(err, store.ErrNotFound) || err == nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if got := keys(t, s, "nosuch/"); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if err := s.DeletePrefix(ctx, "nosuch/"); err != nil {
		t.Errorf("delete: %v", err)
	}
}

func replace(t *testing.T, s store.Store) {
	put(t, s, "k", content(1000, 1))
	put(t, s, "k", content(10, 2))
	expect(t, s, "k", content(10, 2))
}

func ifAbsent(t *testing.T, s store.Store) {
	for _, o := range []store.CreateOptions{{IfAbsent: true}, {IfAbsent: true, Durable: true}} {
		key := fmt.Sprint("k", o.Durable)
		if err := store.Put(ctx, s, key, []byte("first"), o); err != nil {
			t.Fatal(err)
		}
		if err := store.Put(ctx, s, key, []byte("second"), o); !errors.Is(err, store.ErrExists) {
			t.Errorf("second put: %v", err)
		}
		expect(t, s, key, []byte("first"))
	}
}

func race(t *testing.T, s store.Store) { raceFor(t, s, "journal/7", 16, 2000) }

// raceFor lets writers race for a key: one of them makes the object.
func raceFor(t *testing.T, s store.Store, key string, writers, size int) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for n := range writers {
		wg.Go(func() {
			errs[n] = store.Put(ctx, s, key, content(size, uint32(n)), store.CreateOptions{IfAbsent: true})
		})
	}
	wg.Wait()
	winner := -1
	for n, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Fatalf("writers %d and %d both won", winner, n)
		case err == nil:
			winner = n
		case !errors.Is(err, store.ErrExists):
			t.Errorf("writer %d: %v", n, err)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	expect(t, s, key, content(size, uint32(winner)))
}

func invisible(t *testing.T, s store.Store) {
	w, err := s.Create(ctx, "q/x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content(6<<20, 1)); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if _, err := store.ReadAll(ctx, s, "q/x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("read: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "q/x", content(6<<20, 1))
}

func abort(t *testing.T, s store.Store) {
	put(t, s, "k", []byte("old"))
	w, err := s.Create(ctx, "k", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content(6<<20, 1)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Abort(), w.Abort()); err != nil {
		t.Errorf("abort: %v", err)
	}
	if w.Close() == nil {
		t.Error("closed after abort")
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("wrote after abort")
	}
	expect(t, s, "k", []byte("old"))
	w, err = s.Create(ctx, "k", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort after close: %v", err)
	}
	expect(t, s, "k", nil)
}

// closeAbort checks that of a concurrent commit and abort one takes effect as a whole.
func closeAbort(t *testing.T, s store.Store) {
	for n := range 20 {
		key := fmt.Sprint("k", n)
		w, err := s.Create(ctx, key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("content")); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() { _ = w.Abort() })
		closed := w.Close()
		wg.Wait()
		got, err := store.ReadAll(ctx, s, key)
		if closed == nil && string(got) != "content" || closed != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("close: %v, then %q, %v", closed, got, err)
		}
	}
}

func list(t *testing.T, s store.Store) {
	all := []string{"a-b", "a.c", "a/b", "a/b/c", "a/c", "ab", "b/x"}
	all = slices.DeleteFunc(all, func(k string) bool { return k == "a/b" }) // no key is a directory of another
	for n, k := range all {
		put(t, s, k, content(n, 1))
	}
	for prefix, want := range map[string][]string{
		"": all, "a": {"a-b", "a.c", "a/b/c", "a/c", "ab"}, "a/": {"a/b/c", "a/c"}, "a/b/c": {"a/b/c"}, "b": {"b/x"}, "c": nil, "a/b/c/": nil,
	} {
		if got := keys(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", prefix, got, want)
		}
	}
	if err := s.List(ctx, "", func(o store.Object) error {
		if n := slices.Index(all, o.Key); o.Size != int64(n) {
			t.Errorf("%s has %d bytes, want %d", o.Key, o.Size, n)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	stop := errors.New("stop")
	calls := 0
	if err := s.List(ctx, "", func(store.Object) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	for n := range 50 {
		put(t, s, fmt.Sprintf("many/%02d", n), nil)
	}
	if got := keys(t, s, "many/"); len(got) != 50 || !slices.IsSorted(got) {
		t.Errorf("listed %d keys: %v", len(got), got)
	}
}

func deletePrefix(t *testing.T, s store.Store) {
	for _, k := range []string{"q1/0/a", "q1/1/b", "q10/0/a", "q2/x", "z"} {
		put(t, s, k, []byte(k))
	}
	for _, step := range []struct {
		prefix string
		left   []string
	}{
		{"z/", []string{"q1/0/a", "q1/1/b", "q10/0/a", "q2/x", "z"}},
		{"q1/0", []string{"q1/1/b", "q10/0/a", "q2/x", "z"}},
		{"q1/", []string{"q10/0/a", "q2/x", "z"}},
		{"q1/", []string{"q10/0/a", "q2/x", "z"}},
		{"q", []string{"z"}},
		{"", nil},
	} {
		if err := s.DeletePrefix(ctx, step.prefix); err != nil {
			t.Fatalf("delete %q: %v", step.prefix, err)
		}
		if got := keys(t, s, ""); !slices.Equal(got, step.left) {
			t.Errorf("after deleting %q: %v, want %v", step.prefix, got, step.left)
		}
	}
	put(t, s, "q1/0/a", []byte("again"))
	expect(t, s, "q1/0/a", []byte("again"))
}

// deleteOne deletes objects whose keys are beginnings of others.
func deleteOne(t *testing.T, s store.Store) {
	d, ok := s.(store.Deleter)
	if !ok {
		return // what is in front of a driver need not
	}
	for _, k := range []string{"q/1", "q/10", "q/1.x", "r/1/x"} {
		put(t, s, k, []byte(k))
	}
	for _, step := range []struct {
		key  string
		left []string
	}{
		{"q/1", []string{"q/1.x", "q/10", "r/1/x"}},
		{"q/1", []string{"q/1.x", "q/10", "r/1/x"}},
		{"r/1", []string{"q/1.x", "q/10", "r/1/x"}},
		{"no/such", []string{"q/1.x", "q/10", "r/1/x"}},
		{"r/1/x", []string{"q/1.x", "q/10"}},
	} {
		if err := d.Delete(ctx, step.key); err != nil {
			t.Fatalf("delete %q: %v", step.key, err)
		}
		if got := keys(t, s, ""); !slices.Equal(got, step.left) {
			t.Errorf("after deleting %q: %v, want %v", step.key, got, step.left)
		}
	}
}

// deleteWhileReading allows the old content or an error, never other bytes.
func deleteWhileReading(t *testing.T, s store.Store) {
	data := content(8<<20, 3)
	put(t, s, "q/x", data)
	r, err := s.Open(ctx, "q/x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head := make([]byte, 1000)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	deleted := make(chan error, 1)
	go func() { deleted <- s.DeletePrefix(ctx, "q/") }()
	select {
	case err := <-deleted:
		deleted <- err
	case <-time.After(300 * time.Millisecond): // some wait for the reader to end, up to half a minute
	}
	rest, err := io.ReadAll(r)
	if err == nil && !bytes.Equal(append(head, rest...), data) {
		t.Error("read other bytes without an error")
	}
	r.Close()
	if err := <-deleted; err != nil {
		t.Error(err)
	}
}

func invalidKeys(t *testing.T, s store.Store) {
	for _, k := range []string{"", "/a", "a/", "../a", "a/../b", ".hidden", "a b", "a\nb"} {
		if err := store.Put(ctx, s, k, nil, store.CreateOptions{}); err == nil {
			t.Errorf("created %q", k)
		}
		if _, err := store.ReadAll(ctx, s, k); err == nil {
			t.Errorf("read %q", k)
		}
	}
	for _, p := range []string{"/", "../", "a//"} {
		if err := s.DeletePrefix(ctx, p); err == nil {
			t.Errorf("deleted %q", p)
		}
		if err := s.List(ctx, p, func(store.Object) error { return nil }); err == nil {
			t.Errorf("listed %q", p)
		}
	}
}

func cancelled(t *testing.T, s store.Store) {
	put(t, s, "k", content(100, 1))
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(ctx)
	w, err := s.Create(ctx, "x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cancel(why)
	_, _ = w.Write([]byte("x")) // Close tells
	if err := w.Close(); err == nil {
		t.Error("committed after its context ended")
	}
	_ = w.Abort()
	if _, err := store.ReadAll(ctx, s, "k"); !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if err := store.Put(ctx, s, "y", nil, store.CreateOptions{}); err == nil {
		t.Error("put with an ended context")
	}
	if got := keys(t, s, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("left: %v", got)
	}
}

func concurrent(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for m := range 8 {
				key := fmt.Sprintf("w%d/%d", n, m)
				data := content(1000*m+n, uint32(n))
				if err := store.Put(ctx, s, key, data, store.CreateOptions{}); err != nil {
					t.Errorf("put: %v", err)
				}
				if got, err := store.ReadAll(ctx, s, key); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s: %d bytes, %v", key, len(got), err)
				}
			}
			if n%2 == 0 {
				if err := s.DeletePrefix(ctx, fmt.Sprintf("w%d/", n)); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if got := keys(t, s, "w"); len(got) != 32 {
		t.Errorf("%d objects are left", len(got))
	}
}
