package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// packageSize is that of a package of the cipher as stored: header, 64 KiB and tag.
const packageSize = 16 + 64<<10 + 16

// Bytes of a store that are genuine, but of another object, attempt, query or place, are never taken for what should stand there: whole
// segments and single packages, at the very same offset.
func TestReplayedBytes(t *testing.T) {
	const size = 200_000
	for _, encrypted := range []bool{false, true} {
		s := open(t)
		newKey := func() *QueryKey {
			if encrypted {
				return NewQueryKey()
			}
			return nil
		}
		key := newKey()
		seed := 0
		bundle := func(prefix, producer string, key *QueryKey) *Handle {
			w, err := NewWriter(ctx, WriterConfig{Store: s, Key: key, Prefix: prefix, Producer: producer, MaxObject: size + 100_000})
			if err != nil {
				t.Fatal(err)
			}
			for p := range 2 {
				if err := w.Add(p, size/10, size, bytes.NewReader(content(size, seed))); err != nil {
					t.Fatal(err)
				}
				seed++
			}
			h, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			return &h
		}
		victim := bundle("a/", "q.0.0.0", key)
		whole, err := store.ReadAll(ctx, s, "a/0.bundle")
		if err != nil {
			t.Fatal(err)
		}
		segment := victim.Segments[0]
		foreign := map[string]string{ // object by what it is
			"another object of the bundle": "a/1.bundle",
			"another attempt":              bundle("b/", "q.0.0.1", key).Objects[0].Key,
			"another partition's task":     bundle("c/", "q.0.1.0", key).Objects[0].Key,
			"another stage":                bundle("d/", "q.1.0.0", key).Objects[0].Key,
			"another query":                bundle("e/", "q.0.0.0", newKey()).Objects[0].Key,
			"the same attempt once more":   bundle("f/", "q.0.0.0", key).Objects[0].Key,
		}
		try := func(name string, changed []byte) {
			if bytes.Equal(changed, whole) {
				t.Fatalf("%s: nothing has changed", name)
			}
			if err := store.Put(ctx, s, "a/0.bundle", changed, store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			_, err := collect(t, readerOf(s, key), Wanted{[]*Handle{victim}, func(p int) bool { return p == 0 }})
			if _, lost := errors.AsType[*LostError](err); !lost {
				t.Errorf("encrypted=%v, %s: %v", encrypted, name, err)
			}
		}
		replace := func(from []byte, at, n int64) []byte {
			return slices.Concat(whole[:at], from[at:at+n], whole[at+n:])
		}
		for name, key := range foreign {
			from, err := store.ReadAll(ctx, s, key)
			if err != nil {
				t.Fatal(err)
			}
			try(name+", whole", from)
			try(name+", segment", replace(from, segment.Offset, segment.Length))
			try(name+", package", replace(from, segment.Offset+packageSize, packageSize))
		}
		a, b := segment.Offset, segment.Offset+packageSize
		try("packages by turns", slices.Concat(whole[:a], whole[b:b+packageSize], whole[a:b], whole[b+packageSize:]))
		try("a package twice", slices.Concat(whole[:b], whole[a:b], whole[b+packageSize:]))
		try("a package left out", slices.Concat(whole[:a], whole[b:]))
		try("cut after a package", whole[:b])
	}
}

// What a bundle's keys are derived from does not outlive its writer.
func TestKeyringIsWiped(t *testing.T) {
	for name, end := range map[string]func(w *Writer) error{
		"close": func(w *Writer) error { _, err := w.Close(); return err },
		"abort": func(w *Writer) error { return w.Abort() },
	} {
		w, err := NewWriter(ctx, WriterConfig{Store: open(t), Key: NewQueryKey(), Prefix: "p/", Producer: "q.0.0.0"})
		if err != nil {
			t.Fatal(err)
		}
		if err := end(w); err != nil || !bytes.Equal(w.keys.extracted, make([]byte, len(w.keys.extracted))) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDamagedObject changes a stored object: it is cut, pieces of it change places, bits flip. A reader gets what was written or a
// LostError.
func FuzzDamagedObject(f *testing.F) {
	f.Add(byte(0), uint32(100), uint32(0), uint32(0))
	f.Add(byte(1), uint32(8), uint32(70_000), uint32(60_000))
	f.Add(byte(2), uint32(8), uint32(70_000), uint32(65_568))
	f.Add(byte(3), uint32(9), uint32(3), uint32(0))
	f.Add(byte(7), uint32(30), uint32(5), uint32(1))
	sizes := []int{70_000, 1000, 140_000}
	stores := []*memory{{}, {}}
	handles := []*Handle{}
	key := NewQueryKey()
	for n, k := range []*QueryKey{nil, key} {
		w, err := NewWriter(ctx, WriterConfig{Store: stores[n], Key: k, Prefix: "p/", Producer: "q.0.0.0"})
		if err != nil {
			f.Fatal(err)
		}
		for p, size := range sizes {
			data := content(size, p)
			err := errors.Join(w.AddPart(p, int64(size/2), bytes.NewReader(data[:size/2])), w.Add(p, int64(size/10), int64(size-size/2), bytes.NewReader(data[size/2:])))
			if err != nil {
				f.Fatal(err)
			}
		}
		h, err := w.Close()
		if err != nil {
			f.Fatal(err)
		}
		handles = append(handles, &h)
	}
	f.Fuzz(func(t *testing.T, how byte, at, to, n uint32) {
		for i, h := range handles {
			whole := stores[i].object.Bytes()
			b := bytes.Clone(whole)
			at, to := int(at)%len(b), int(to)%len(b)
			n := min(int(n)%len(b), len(b)-at, len(b)-to)
			switch how % 4 {
			case 0:
				b = b[:at]
			case 1: // a piece stands where another one stood
				copy(b[to:], whole[at:at+n])
			case 2: // two pieces change places
				copy(b[to:], whole[at:at+n])
				copy(b[at:], whole[to:to+n])
			case 3:
				b[at] ^= 1 << (to % 8)
			}
			s := open(t)
			if err := store.Put(ctx, s, h.Objects[0].Key, b, store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			var k *QueryKey
			if h.Encrypted {
				k = key
			}
			if x, err := ReadIndex(ctx, s, Object{Key: h.Objects[0].Key, Size: int64(len(b))}, k, "q.0.0.0", 0); err == nil && !slices.Equal(x.Segments, h.Segments) {
				t.Errorf("index of %d segments", len(x.Segments))
			}
			got, err := collect(t, readerOf(s, k), Wanted{[]*Handle{h}, all})
			if _, lost := errors.AsType[*LostError](err); err != nil && !lost {
				t.Errorf("%v", err)
			}
			for p, size := range sizes {
				if err == nil && !bytes.Equal(got[p], content(size, p)) {
					t.Errorf("partition %d is wrong", p)
				}
			}
		}
	})
}

// FuzzHandleOfStranger reads what any handle asks for: an error, but no panic, and never a byte that is not checked.
func FuzzHandleOfStranger(f *testing.F) {
	s := &memory{}
	w, err := NewWriter(ctx, WriterConfig{Store: s, Prefix: "p/", Producer: "q.0.0.0", InlineLimit: -1})
	if err != nil {
		f.Fatal(err)
	}
	if err := errors.Join(w.AddPart(0, 100, bytes.NewReader(content(100, 1))), w.Add(0, 30, 200, bytes.NewReader(content(200, 2))), w.Add(1, 10, 100, bytes.NewReader(content(100, 3)))); err != nil {
		f.Fatal(err)
	}
	h, err := w.Close()
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"producer":"q.0.0.0","segments":[{"k":1,"p":0,"o":0,"at":-8,"n":-3,"r":1,"b":-5}],"inline":"AAAA"}`))
	f.Add([]byte(`{"producer":"q.0.0.0","segments":[{"k":4,"p":0,"o":7,"at":8,"n":9223372036854775807,"r":1,"b":5}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h Handle
		if json.Unmarshal(data, &h) != nil {
			return
		}
		h.Encrypted = false
		r := &Reader{Open: func(context.Context, string) (store.Store, error) { return bounded{s}, nil }}
		files, err := r.Files(ctx, Wanted{[]*Handle{&h}, all}, NewSpool(t.TempDir(), 1<<20))
		for _, f := range files {
			f.File.Close()
		}
		if err == nil && len(files) == 0 && len(h.Segments) > 0 {
			t.Error(fmt.Sprint("nothing came of ", len(h.Segments), " segments"))
		}
		_, _ = r.Pages(ctx, &h, 0, len(h.Segments))
	})
}

// bounded is a memory store that has an end.
type bounded struct{ *memory }

// Open implements store.Store.
func (b bounded) Open(_ context.Context, _ string, offset, length int64) (io.ReadCloser, error) {
	data := b.object.Bytes()
	if offset < 0 || offset > int64(len(data)) {
		return nil, io.ErrUnexpectedEOF
	}
	if rest := int64(len(data)) - offset; length < 0 || length > rest {
		length = rest
	}
	return io.NopCloser(bytes.NewReader(data[offset : offset+length])), nil
}
