package exchange

import (
	"bytes"
	"context"
	"reflect"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

// written returns handles as writers make them: inline, in one object, in several.
func written(t testing.TB, key *QueryKey) (handles []Handle) {
	t.Helper()
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 10, 2000, 40_000} {
		w, err := NewWriter(context.Background(), WriterConfig{Store: st, Prefix: AttemptPrefix("q", 1, 2, 3), Producer: "q.1.2.3", Key: key, MaxObject: 500_000})
		if err != nil {
			t.Fatal(err)
		}
		for p := range 50 {
			if size > 0 {
				if err := w.Add(p, int64(100*p), int64(size+p), bytes.NewReader(make([]byte, size+p))); err != nil {
					t.Fatal(err)
				}
			}
		}
		h, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, h)
	}
	return handles
}

// TestHandleCodec: handles come back as they were, ordinary ones in few bytes.
func TestHandleCodec(t *testing.T) {
	for _, key := range []*QueryKey{nil, NewQueryKey()} {
		handles := written(t, key)
		for i, most := range []int{16, 50_000, 50*7 + 20, 50*7 + 48} {
			h := handles[i]
			var bases Bases
			data := AppendHandle(nil, &h, "q.1.2.3", AttemptPrefix("q", 1, 2, 3), &bases)
			if len(data) > most {
				t.Errorf("%d objects, %d inline: %d bytes", len(h.Objects), len(h.Inline), len(data))
			}
			back, err := DecodeHandle(data, "q.1.2.3", AttemptPrefix("q", 1, 2, 3), &bases)
			if err != nil || !reflect.DeepEqual(*back, h) {
				t.Errorf("%+v became %+v (%v)", h, back, err)
			}
		}
	}
	if _, err := DecodeHandle([]byte{0, 0, 0, 0}, "q.1.2.3", "p/", NewBases()); err == nil {
		t.Error("a handle of an older version was decoded")
	}
	for _, h := range []Handle{
		{Producer: "other", Base: "b", Salt: 7, Objects: []Object{{"k", 1}, {"l", 2}}, Segments: []Segment{{Kind: 2, Partition: 7, Object: 1, Offset: 3, Length: 4, Rows: 5, Bytes: 6}, {Kind: 1}}},
		{Segments: []Segment{{Object: 3}, {Partition: 5, Object: 1}, {Partition: 2}}},
		{Encrypted: true, Segments: []Segment{{Bytes: 1, Offset: 8, Length: storedSize(1, true)}}, Inline: []byte("x")},
	} {
		var bases Bases
		data := AppendHandle(nil, &h, "q.1.2.3", "p/", &bases)
		if back, err := DecodeHandle(data, "q.1.2.3", "p/", &bases); err != nil || !reflect.DeepEqual(*back, h) && len(h.Objects) > 1 {
			t.Errorf("%+v became %+v (%v)", h, back, err)
		}
		for n := range data {
			if _, err := DecodeHandle(data[:n], "q.1.2.3", "p/", &bases); err == nil {
				t.Errorf("%d of %d bytes were enough", n, len(data))
			}
		}
	}
}

// FuzzDecodeHandle: whatever can be decoded comes back the same after it was encoded.
func FuzzDecodeHandle(f *testing.F) {
	bases := &Bases{}
	for _, h := range written(f, nil) {
		f.Add(AppendHandle(nil, &h, "q.1.2.3", "p/", bases))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := DecodeHandle(data, "q.1.2.3", "p/", bases)
		if err != nil {
			return
		}
		again := AppendHandle(nil, h, "q.1.2.3", "p/", bases)
		back, err := DecodeHandle(again, "q.1.2.3", "p/", bases)
		if err != nil || !reflect.DeepEqual(back, h) {
			t.Fatalf("%+v became %+v (%v)", h, back, err)
		}
	})
}

// TestMoveHandle: a handle that was moved to other numbers of stores says what it said before.
func TestMoveHandle(t *testing.T) {
	prefix := AttemptPrefix("q", 1, 2, 3)
	for _, producer := range []string{"q.1.2.3", "another"} {
		for _, h := range written(t, NewQueryKey()) {
			h.Producer = producer
			from, to := NewBases("a", "b"), NewBases("c")
			data := AppendHandle(nil, &h, "q.1.2.3", prefix, from)
			if base, err := HandleBase(data, from); base != h.Base || err != nil {
				t.Errorf("base %q, %v, want %q", base, err, h.Base)
			}
			moved, objects, err := MoveHandle(nil, data, from, to)
			if err != nil || objects != len(h.Objects) {
				t.Fatalf("%d objects, %v, want %d", objects, err, len(h.Objects))
			}
			want, err := DecodeHandle(data, "q.1.2.3", prefix, from)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeHandle(moved, "q.1.2.3", prefix, to)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			if _, _, err := MoveHandle(nil, data[:1], from, to); err == nil {
				t.Error("a handle that is cut off was moved")
			}
		}
	}
}
