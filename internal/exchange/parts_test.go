package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// writeParts writes files of several partitions by turns, a piece of each at a time, and ends them.
func writeParts(t *testing.T, cfg WriterConfig, partitions, size, piece int) *Handle {
	t.Helper()
	w, err := NewWriter(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for ; at+piece < size; at += piece {
		for p := range partitions {
			if err := w.AddPart(p, int64(piece), bytes.NewReader(content(size, p)[at:at+piece])); err != nil {
				t.Fatal(err)
			}
		}
	}
	for p := range partitions {
		if err := w.Add(p, int64(size/10), int64(size-at), bytes.NewReader(content(size, p)[at:])); err != nil {
			t.Fatal(err)
		}
		if err := w.Add(p, 1, 10, bytes.NewReader(content(10, p))); err != nil { // a file after it
			t.Fatal(err)
		}
	}
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return &h
}

// A file whose parts went out one after the other, between those of other partitions and into several objects, comes back whole.
func TestFilesInParts(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		for _, budget := range []int64{0, 1 << 30} {
			s := open(t)
			h := writeParts(t, WriterConfig{Store: s, Key: key, Prefix: "p/", Producer: "q.0.0.0", MaxObject: 300_000}, 4, 200_000, 65_536)
			if len(h.Objects) < 3 {
				t.Errorf("%d objects", len(h.Objects))
			}
			checkObjects(t, s, h, key)
			r := readerOf(s, key)
			r.MergeGap = 1 // ranges of their own, which fill a file by turns
			files, err := r.Files(ctx, Wanted{[]*Handle{h, h}, func(p int) bool { return p != 1 }}, NewSpool(t.TempDir(), budget))
			if err != nil || len(files) != 12 {
				t.Fatalf("%d files, %v", len(files), err)
			}
			for n, f := range files {
				p, size := []int{0, 2, 3}[n%6%3], 200_000 // the files in parts begin first
				if n%6 >= 3 {
					size = 10
				}
				got := make([]byte, f.Bytes)
				if _, err := f.File.ReadAt(got, 0); err != nil || f.Partition != p || !bytes.Equal(got, content(size, p)) {
					t.Errorf("file %d of partition %d: %d bytes, %v", n, f.Partition, f.Bytes, err)
				}
				f.File.Close()
			}
		}
	}
}

// A part that stands in the place of another one does not check, not even one of the same partition and size in the same object.
func TestSwappedParts(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		s := open(t)
		h := writeParts(t, WriterConfig{Store: s, Key: key, Prefix: "p/", Producer: "q.0.0.0"}, 1, 200_000, 65_536)
		whole, err := store.ReadAll(ctx, s, h.Objects[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		a, b := h.Segments[0], h.Segments[1]
		first := bytes.Clone(whole[a.Offset : a.Offset+a.Length])
		copy(whole[a.Offset:], whole[b.Offset:b.Offset+b.Length])
		copy(whole[b.Offset:], first)
		if err := store.Put(ctx, s, h.Objects[0].Key, whole, store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		_, err = collect(t, readerOf(s, key), Wanted{[]*Handle{h}, all})
		if _, lost := errors.AsType[*LostError](err); !lost {
			t.Errorf("encrypted=%v: %v", key != nil, err)
		}
	}
}

// A handle in which a file has no end is refused.
func TestFileWithoutEnd(t *testing.T) {
	s := open(t)
	h := writeParts(t, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"}, 1, 200_000, 65_536)
	h.Segments = h.Segments[:2]
	if _, err := collect(t, readerOf(s, nil), Wanted{[]*Handle{h}, all}); !errors.Is(err, errFormat) {
		t.Errorf("%v", err)
	}
}

func TestSpoolQuota(t *testing.T) {
	for _, c := range []struct {
		budget, quota int64
		fails         bool
	}{{0, 0, false}, {0, 3000, false}, {0, 2999, true}, {1000, 2000, false}, {3000, 1, false}} {
		t.Run(fmt.Sprint(c.budget, " ", c.quota), func(t *testing.T) {
			s := open(t)
			h := write(t, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0"}, 1000, 1000, 1000)
			spool := NewSpool(t.TempDir(), c.budget)
			spool.Quota = c.quota
			files, err := readerOf(s, nil).Files(ctx, Wanted{[]*Handle{h}, all}, spool)
			if c.fails != (err != nil) || c.fails && trinoerr.CodeOf(err) != trinoerr.ExceededSpillLimit {
				t.Errorf("%v", err)
			}
			for _, f := range files {
				f.File.Close()
			}
		})
	}
}
