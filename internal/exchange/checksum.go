package exchange

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// A segment that is not encrypted ends with a checksum, so that whoever keeps a handle need not keep one of every segment. It
// covers the salt of the bundle, which only the handle and the index say, and the segment's place: a segment of another
// bundle, or from elsewhere in the same one, does not check, though it is whole.

// sumSize is the size of a checksum.
const sumSize = 8

// newSalt returns a number that no other bundle has, not even one that is written to the same keys.
func newSalt() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// newSum begins the checksum of a segment; its content follows.
func newSum(salt uint64, s Segment) *xxhash.Digest {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 32), salt)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Object))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Offset))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Partition))
	b = append(b, byte(s.Kind))
	sum := xxhash.New()
	sum.Write(b)
	return sum
}

// appendSum appends what the checksum has come to, as it is stored.
func appendSum(b []byte, sum *xxhash.Digest) []byte {
	return binary.LittleEndian.AppendUint64(b, sum.Sum64())
}
