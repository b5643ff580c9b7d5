package facts

import "github.com/waterbear-sql/waterbear/internal/sketch/murmur3"

// HashInt is the hash of an integer: a permutation whose bits all depend on all of the value's (the finaliser of splitmix64).
func HashInt(v int64) uint64 {
	h := uint64(v) + 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// HashText is the hash of a text.
func HashText(b []byte) uint64 { return murmur3.Sum64(b) }

// Hash is the hash of a value of a column.
func (v Value) Hash(text bool) uint64 {
	if text {
		return HashText([]byte(v.Text))
	}
	return HashInt(v.Int)
}
