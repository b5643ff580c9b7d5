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
	maxFilterWords = 1 << 12 // 32 kB: it is part of the statement of each task
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
	if !IsFilter(b) {
		return nil
	}
	f := make(Filter, len(b)/8)
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

// IsFilter reports whether bytes are a filter.
func IsFilter(b []byte) bool {
	n := len(b) / 8
	return len(b)%8 == 0 && n > 0 && n&(n-1) == 0 && n <= maxFilterWords
}

// MayHave reports whether the value with a hash may have been added to the filter that was written down.
func MayHave(filter []byte, hash uint64) bool {
	at, mask := block(len(filter)/8, hash)
	return binary.LittleEndian.Uint64(filter[8*at:])&mask == mask
}

// block is the word of a hash, and the bits in it. The word is chosen by the hash's low bits, the bits in it by its high ones.
func block(words int, hash uint64) (at int, mask uint64) {
	return int(hash) & (words - 1), 1<<(hash>>58) | 1<<(hash>>52&63) | 1<<(hash>>46&63) | 1<<(hash>>40&63)
}

// Add adds the value with a hash.
func (f Filter) Add(hash uint64) {
	at, mask := block(len(f), hash)
	f[at] |= mask
}

// Has reports whether the value with a hash may have been added.
func (f Filter) Has(hash uint64) bool {
	at, mask := block(len(f), hash)
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
