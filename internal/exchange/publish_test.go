package exchange

import (
	"errors"
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// stored are the keys of a store.
func stored(t *testing.T, s store.Store) (keys []string) {
	t.Helper()
	if err := s.List(ctx, "p/", func(o store.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return keys
}

// The pages of a bundle are read while it is being written, and again when it is complete.
func TestPublish(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		s := open(t)
		w, err := NewWriter(ctx, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		h, n := &Handle{}, 0
		check := func(h *Handle) {
			t.Helper()
			pages, err := readerOf(s, key).Pages(ctx, h, 0, len(h.Segments))
			if err != nil || len(pages) != n {
				t.Fatalf("%d pages instead of %d, %v", len(pages), n, err)
			}
			for i, p := range pages {
				if string(p.Data) != fmt.Sprint("page ", i) || p.Rows != int64(i) {
					t.Errorf("page %d: %d rows, %s", i, p.Rows, p.Data)
				}
			}
		}
		for round := range 4 {
			for range round { // the first time nothing
				if err := w.AppendPage(int64(n), fmt.Append(nil, "page ", n)); err != nil {
					t.Fatal(err)
				}
				n++
			}
			more, err := w.Publish()
			if err != nil || len(more.Segments) != round {
				t.Fatalf("%d new pages instead of %d, %v", len(more.Segments), round, err)
			}
			h = h.Append(&more)
			check(h)
		}
		if err := w.AppendPage(int64(n), fmt.Append(nil, "page ", n)); err != nil {
			t.Fatal(err)
		}
		n++
		whole, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		check(&whole)
	}
}

// Only what was read is deleted, object by object, and an abort leaves the rest to its readers.
func TestDiscardPublished(t *testing.T) {
	s := open(t)
	w, err := NewWriter(ctx, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // objects of two pages
		for range 2 {
			if err := w.AppendPage(1, []byte("page")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Publish(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.AppendPage(1, []byte("of an object that is not published")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ read, left int }{{0, 3}, {1, 3}, {2, 2}, {1, 2}, {5, 1}} {
		if err := w.Discard(tt.read); err != nil {
			t.Fatal(err)
		}
		if keys := stored(t, s); len(keys) != tt.left {
			t.Errorf("after %d pages there is %v", tt.read, keys)
		}
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if keys := stored(t, s); len(keys) != 1 || keys[0] != "p/2.bundle" {
		t.Errorf("the abort leaves %v", keys)
	}
	if err := w.Discard(99); err != nil || len(stored(t, s)) != 0 {
		t.Errorf("when all was read there is %v, %v", stored(t, s), err)
	}
	if _, err := w.Publish(); !errors.Is(err, errEnded) {
		t.Errorf("publishing after the abort: %v", err)
	}
}
