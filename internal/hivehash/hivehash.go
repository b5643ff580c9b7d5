// Package hivehash computes the hashes by which Hive divides the rows of a bucketed table among buckets, in both versions that there are: the
// first, of Java's hash codes, and the second, of Murmur3.
//
// It knows nothing of tables. What a value's type is in Hive is the caller's business. Start with Bucket.
package hivehash

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The versions of hashing.
const (
	V1 = 1 // hash codes as Java has them
	V2 = 2 // Murmur3, from Hive 3 on
)

// seed is that of the second version, see Hive's Murmur3.DEFAULT_SEED.
const seed = 104729

// Bucket is the bucket, from 0 on, of a row whose bucketing columns have some hashes, in order. That of NULL is 0. count must be positive.
func Bucket(count int, hashes ...int32) int {
	h := int32(0)
	for _, next := range hashes {
		h = Combine(h, next)
	}
	return int(h&math.MaxInt32) % count
}

// Combine adds the hash of a row's next value to that of those before it.
func Combine(before, next int32) int32 { return before*31 + next }

// Small hashes booleans (0 and 1) and tinyints.
func Small(n int8) int32 { return int32(n) }

// Short hashes smallints.
func Short(version int, n int16) int32 {
	if version == V1 {
		return int32(n)
	}
	return murmur(binary.BigEndian.AppendUint16(nil, uint16(n)))
}

// Int hashes integers, and dates as days since 1970-01-01.
func Int(version int, n int32) int32 {
	if version == V1 {
		return n
	}
	return murmur(binary.BigEndian.AppendUint32(nil, uint32(n)))
}

// Long hashes bigints.
func Long(version int, n int64) int32 {
	if version == V1 {
		return int32(uint32(n) ^ uint32(uint64(n)>>32))
	}
	return murmur(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// Real hashes a number by its bits, in the first version.
func Real(f float32) int32 {
	if f != f {
		return 0x7fc00000 // the only NaN that Java makes bits of
	}
	return int32(math.Float32bits(f))
}

// Double hashes a number by its bits, in the first version.
func Double(f float64) int32 {
	if f != f {
		return Long(V1, 0x7ff8000000000000)
	}
	return Long(V1, int64(math.Float64bits(f)))
}

// Text hashes the bytes of a text in UTF-8. That of a type with a length, as varchar(5), has another hash in the first version.
func Text(version int, bounded bool, text string) int32 {
	if version == V2 {
		return murmur([]byte(text))
	}
	h := int32(0)
	if bounded {
		h = 1
	}
	for i := range len(text) {
		h = h*31 + int32(int8(text[i]))
	}
	return h
}

// murmur is Murmur3 of 32 bits but for the bytes behind the last four: Hive takes them with their signs (Murmur3.hash32 of
// org.apache.hive.common.util), and buckets have been filled by that.
func murmur(b []byte) int32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h := uint32(seed)
	n := len(b)
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * c1
		h ^= bits.RotateLeft32(k, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	k := uint32(0)
	for i, c := range b {
		k ^= uint32(int32(int8(c))) << (8 * i)
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= uint32(n)
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return int32(h ^ h>>16)
}
