package native

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// hashFunctions are digests and hash functions.
var hashFunctions = []Function{
	{"wb_sha512", params("BLOB"), "BLOB", func(a []any) (any, error) {
		sum := sha512.Sum512(a[0].([]byte))
		return sum[:], nil
	}},
	{"wb_hmac_md5", params("BLOB", "BLOB"), "BLOB", keyed(md5.New)},
	{"wb_hmac_sha1", params("BLOB", "BLOB"), "BLOB", keyed(sha1.New)},
	{"wb_hmac_sha256", params("BLOB", "BLOB"), "BLOB", keyed(sha256.New)},
	{"wb_hmac_sha512", params("BLOB", "BLOB"), "BLOB", keyed(sha512.New)},
	{"wb_xxhash64", params("BLOB"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint64(nil, xxhash.Sum64(a[0].([]byte))), nil
	}},
	{"wb_crc32", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		return int64(crc32.ChecksumIEEE(a[0].([]byte))), nil
	}},
	{"wb_murmur3", params("BLOB"), "BLOB", func(a []any) (any, error) {
		h1, h2 := murmurHash(a[0].([]byte))
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, h1), h2), nil
	}},
	{"wb_spooky_hash_v2_32", params("BLOB"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint32(nil, uint32(spooky(a[0].([]byte)))), nil
	}},
	{"wb_spooky_hash_v2_64", params("BLOB"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint64(nil, spooky(a[0].([]byte))), nil
	}},
}

// keyed makes a message authentication code of a digest: text, key.
func keyed(digest func() hash.Hash) func([]any) (any, error) {
	return func(a []any) (any, error) {
		key := a[1].([]byte)
		if len(key) == 0 {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "Empty key")
		}
		h := hmac.New(digest, key)
		h.Write(a[0].([]byte))
		return h.Sum(nil), nil
	}
}

// murmurHash is MurmurHash3 for 64-bit machines with 128 bits and a seed of 0.
func murmurHash(b []byte) (h1, h2 uint64) {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	n := uint64(len(b))
	first := func(k uint64) { h1 ^= bits.RotateLeft64(k*c1, 31) * c2 }
	second := func(k uint64) { h2 ^= bits.RotateLeft64(k*c2, 33) * c1 }
	for ; len(b) >= 16; b = b[16:] {
		first(binary.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		second(binary.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var rest [16]byte
	copy(rest[:], b)
	second(binary.LittleEndian.Uint64(rest[8:]))
	first(binary.LittleEndian.Uint64(rest[:]))
	h1, h2 = h1^n, h2^n
	h1 += h2
	h2 += h1
	h1, h2 = murmurMix(h1), murmurMix(h2)
	h1 += h2
	return h1, h2 + h1
}

func murmurMix(k uint64) uint64 {
	k = (k ^ k>>33) * 0xff51afd7ed558ccd
	k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
