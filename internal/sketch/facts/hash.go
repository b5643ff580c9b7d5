package facts

import (
	"encoding/binary"
)

// Hashes of values are the same in all processes of a cluster: filters and estimates travel. A value's bits are spread by the finaliser of
// splitmix64 (Steele, Lea and Flood 2014), a permutation in which every bit depends on all.

// HashInt is the hash of an integer.
func HashInt(v int64) uint64 { return mixed(uint64(v) + 0x9e3779b97f4a7c15) }

func mixed(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// HashText is the hash of a text.
func HashText(b []byte) uint64 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for ; len(b) >= 8; b = b[8:] {
		h = mixed(h ^ binary.LittleEndian.Uint64(b))
	}
	if len(b) == 0 {
		return h
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	return mixed(h ^ tail)
}

// Hash is the hash of a value of a column.
func (v Value) Hash(text bool) uint64 {
	if text {
		return HashText([]byte(v.Text))
	}
	return HashInt(v.Int)
}
