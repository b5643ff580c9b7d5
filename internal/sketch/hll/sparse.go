package hll

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"sort"
)

// sparse keeps the leading 26 bits of the hashes and, in the low 6 bits of an entry, how many zeros follow these. As long as
// there are few, that estimates better than buckets.
type sparse struct {
	indexBits int
	entries   []uint32 // sorted
	room      int      // of the array that Trino would have, which decides when it is given up
}

const (
	valueBits    = 6
	prefixBits   = 32 - valueBits
	roomGrowth   = 10
	maxIndexBits = 16
)

func newSparse(indexBits int) *sparse { return &sparse{indexBits: indexBits, room: 1} }

func (s *sparse) find(prefix uint32) (int, bool) {
	i := sort.Search(len(s.entries), func(i int) bool { return s.entries[i]>>valueBits >= prefix })
	return i, i < len(s.entries) && s.entries[i]>>valueBits == prefix
}

func (s *sparse) add(hash uint64) {
	prefix, zeros := uint32(hash>>(64-prefixBits)), uint32(position(hash, prefixBits)-1)
	i, found := s.find(prefix)
	entry := prefix<<valueBits | zeros
	if found {
		s.entries[i] = max(s.entries[i], entry)
		return
	}
	if len(s.entries)+1 > s.room {
		s.room += roomGrowth
	}
	s.entries = append(s.entries, 0)
	copy(s.entries[i+1:], s.entries[i:])
	s.entries[i] = entry
}

func (s *sparse) merge(o *sparse) {
	merged := make([]uint32, 0, len(s.entries)+len(o.entries))
	a, b := s.entries, o.entries
	for len(a) > 0 && len(b) > 0 {
		switch x, y := a[0]>>valueBits, b[0]>>valueBits; {
		case x < y:
			merged, a = append(merged, a[0]), a[1:]
		case x > y:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged, a, b = append(merged, max(a[0], b[0])), a[1:], b[1:]
		}
	}
	s.entries = append(append(merged, a...), b...)
	s.room = len(s.entries)
}

// tooLarge tells whether the buckets would take less memory. The figures are those of Trino's objects, so that we change over
// at the same number of values: 24 bytes and an array of 16 and 4 per entry, against 40 and an array of 16 and half a byte
// per bucket.
func (s *sparse) tooLarge() bool { return 24+16+4*s.room > 40+16+1<<s.indexBits/2 }

func (s *sparse) dense() *dense {
	d := newDense(s.indexBits)
	s.each(d.put)
	return d
}

// each calls put with the bucket and value of each entry.
func (s *sparse) each(put func(bucket, value int)) {
	for _, e := range s.entries {
		zeros := bits.LeadingZeros32(e << s.indexBits)
		if left := prefixBits - s.indexBits; zeros >= left {
			zeros = left + int(e&(1<<valueBits-1))
		}
		put(int(e>>(32-s.indexBits)), zeros+1)
	}
}

func (s *sparse) cardinality() int64 {
	const total = 1 << prefixBits
	return round(linearCounting(float64(total-len(s.entries)), total))
}

func (s *sparse) append(out []byte) []byte {
	out = binary.LittleEndian.AppendUint16(append(out, sparseV2, byte(s.indexBits)), uint16(len(s.entries)))
	for _, e := range s.entries {
		out = binary.LittleEndian.AppendUint32(out, e)
	}
	return out
}

var errSparse = errors.New("malformed sparse HyperLogLog")

func parseSparse(b []byte) (*sparse, error) {
	if len(b) < 4 || b[1] < 1 || b[1] > maxIndexBits {
		return nil, errSparse
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if len(b) != 4+4*n {
		return nil, errSparse
	}
	s := &sparse{indexBits: int(b[1]), room: n}
	for i := range n {
		s.entries = append(s.entries, binary.LittleEndian.Uint32(b[4+4*i:]))
	}
	return s, nil
}
