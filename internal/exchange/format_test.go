package exchange

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// The bytes of a small object are part of the format: a change needs a new version.
func TestLayoutIsStable(t *testing.T) {
	x := index{producer: "q.0.1.2", object: 0, salt: 0x0102030405060708, segments: []Segment{
		{Kind: ParquetFile, Partition: 3, Offset: 8, Length: 13, Rows: 300, Bytes: 5},
	}}
	body := x.append(nil)
	object := append(appendHeader(nil, false), "01234"...)
	sum := newSum(x.salt, x.segments[0])
	sum.WriteString("01234")
	object = appendSum(object, sum)
	object = append(object, body...)
	object = trailer{indexOffset: 21, indexLength: int64(len(body)), sum: 0xAABBCCDD}.append(object)
	want := "5742424e03000000" + "3031323334" + "f88b5f90ba57a7fa" +
		"07712e302e312e32" + "00" + "0807060504030201" + "01" + "01" + "03" + "0d" + "ac02" + "05" +
		"1500000000000000" + "18000000" + "ddccbbaa" + "03000000" + "5742424e"
	if got := hex.EncodeToString(object); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzTrailer(f *testing.F) {
	f.Add(trailer{indexOffset: 13, indexLength: 24, sum: 1, encrypted: true}.append(nil), int64(13+24+trailerSize))
	f.Add([]byte("short"), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		x, err := decodeTrailer(b, size)
		if err != nil {
			return
		}
		if x.indexOffset < headerSize || x.indexOffset+x.indexLength+trailerSize != size {
			t.Errorf("accepted %+v of %d", x, size)
		}
		if !bytes.Equal(x.append(nil), b) {
			t.Errorf("%x decodes to %+v", b, x)
		}
	})
}

func FuzzIndex(f *testing.F) {
	x := index{producer: "q.0.1.2", object: 1, salt: 7, segments: []Segment{
		{Kind: ParquetFile, Partition: 3, Length: 5, Rows: 300, Bytes: 5},
		{Kind: RowPage, Length: 500, Rows: 1, Bytes: 400},
	}}
	f.Add(x.append(nil), int64(headerSize+505))
	f.Add([]byte{0, 0, 0}, int64(headerSize))
	f.Add([]byte{0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}, int64(headerSize))
	f.Fuzz(func(t *testing.T, b []byte, end int64) {
		x, err := decodeIndex(b, end)
		if err != nil {
			return
		}
		at := int64(headerSize)
		for _, s := range x.segments {
			if s.Offset != at || s.Length <= 0 || s.Rows < 0 || s.Bytes < 0 || s.Partition < 0 {
				t.Errorf("accepted %+v", s)
			}
			at += s.Length
		}
		again, err := decodeIndex(x.append(nil), end)
		if err != nil || at != end || len(again.segments) != len(x.segments) {
			t.Errorf("%x does not survive encoding: %v", b, err)
		}
	})
}
