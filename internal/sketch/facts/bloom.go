package facts

import (
	"encoding/binary"
	"math/bits"
)

// A key filter is a Bloom filter in blocks of one word (Putze, Sanders and Singler 2007): a value sets and tests a few bits of the one
// word that its hash names, so that a test costs one access to memory.

// Bounds of filters, in words.
const (
	minFilterWords = 1 << 6
	maxFilterWords = 1 << 14 // 128 kB
	// bitsPerValue is what a filter is made for: of other values about 2 % pass then.
	bitsPerValue = 12
)

// Filter tells most values that a column does not have from those that it has.
type Filter []uint64

// FilterWords is the size of a filter that is made for so many values, in words; 0 when they are too many for one.
func FilterWords(values float64) int {
	n := values * bitsPerValue / 64
	if !(n < maxFilterWords) {
		return 0
	}
	return max(minFilterWords, 1<<bits.Len(uint(n)))
}

// ParseFilter is the inverse of Bytes; nil when the bytes are no filter.
func ParseFilter(b []byte) Filter {
	n := len(b) / 8
	if len(b)%8 != 0 || n == 0 || n&(n-1) != 0 || n > maxFilterWords {
		return nil
	}
	f := make(Filter, n)
	for i := range f {
		f[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return f
}

// Bytes writes the filter down.
func (f Filter) Bytes() []byte {
	out := make([]byte, 0, 8*len(f))
	for _, w := range f {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

// block is the word of a hash, and the bits in it. The word is chosen by the hash's low bits, the bits in it by its high ones.
func (f Filter) block(hash uint64) (at int, mask uint64) {
	return int(hash) & (len(f) - 1), 1<<(hash>>58) | 1<<(hash>>52&63) | 1<<(hash>>46&63) | 1<<(hash>>40&63)
}

// Add adds the value with a hash.
func (f Filter) Add(hash uint64) {
	at, mask := f.block(hash)
	f[at] |= mask
}

// Has reports whether the value with a hash may have been added.
func (f Filter) Has(hash uint64) bool {
	at, mask := f.block(hash)
	return f[at]&mask == mask
}

// PassRate is the share of values that pass although they have not been added.
func (f Filter) PassRate() float64 {
	total := 0.0
	for _, w := range f {
		share := float64(bits.OnesCount64(w)) / 64
		total += share * share * share * share
	}
	return total / float64(max(1, len(f)))
}
