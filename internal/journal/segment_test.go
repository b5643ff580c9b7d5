package journal

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzDecodeSegment: the decoder never panics, invents no payload that is not framed, and what it accepts encodes to
// what it was decoded from.
func FuzzDecodeSegment(f *testing.F) {
	whole := encodeSegment(Header{Segment: 7, Epoch: 2, Writer: WriterID{1}, First: 9, Previous: 3}, [][]byte{[]byte("a"), {}, []byte("bcd")})
	f.Add(whole)
	f.Add(whole[:len(whole)-2])
	f.Add(whole[:10])
	f.Add(make([]byte, 100))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, payloads, err := decodeSegment(data)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, errTorn) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		again, back, err := decodeSegment(encodeSegment(h, payloads))
		if err != nil {
			t.Fatal(err)
		}
		h.Count = uint32(len(payloads))
		if again != h || len(back) != len(payloads) {
			t.Fatalf("%+v with %d payloads came back as %+v with %d", h, len(payloads), again, len(back))
		}
		for i := range back {
			if !bytes.Equal(back[i], payloads[i]) {
				t.Fatalf("payload %d differs", i)
			}
		}
	})
}

// Any single damaged byte is noticed: it costs payloads, or is an error, but changes none.
func TestDamage(t *testing.T) {
	payloads := [][]byte{[]byte("alpha"), []byte("beta"), []byte("gamma")}
	whole := encodeSegment(Header{Segment: 1, Epoch: 1, First: 1}, payloads)
	for i := range whole {
		for _, bit := range []byte{1, 0x80} {
			data := bytes.Clone(whole)
			data[i] ^= bit
			_, got, err := decodeSegment(data)
			if i < headerSize && err == nil {
				t.Errorf("damage in byte %d of the header is not noticed", i)
			}
			for k := range got {
				if !bytes.Equal(got[k], payloads[k]) {
					t.Errorf("damage in byte %d changes payload %d", i, k)
				}
			}
			if err == nil && len(got) == len(payloads) {
				t.Errorf("damage in byte %d is not noticed", i)
			}
		}
	}
}
