package native

import "encoding/binary"

// checksumPrime is what Trino multiplies hashes with, and adds for NULL.
const checksumPrime = 0x9E3779B185EBCA87

// checksumAggregates sum hashes of values, in any order.
var checksumAggregates = []Aggregate{
	accumulating("wb_checksum", "BLOB", params("BIGINT"), accumulate[uint64]{onNull: true,
		first: func([]any) (*uint64, error) { return new(uint64), nil },
		add: func(s *uint64, a []any) error {
			if v, ok := a[0].(int64); ok {
				*s += uint64(v) * checksumPrime
			} else {
				*s += checksumPrime
			}
			return nil
		},
		merge: addChecksum, copy: copyChecksum, result: checksumBytes,
	}),
	accumulating("wb_checksum_merge", "BLOB", params("BLOB"), accumulate[uint64]{
		first: func([]any) (*uint64, error) { return new(uint64), nil },
		add: func(s *uint64, a []any) error {
			*s += binary.LittleEndian.Uint64(a[0].([]byte))
			return nil
		},
		merge: addChecksum, copy: copyChecksum, result: checksumBytes,
	}),
}

func addChecksum(s, o *uint64) error {
	*s += *o
	return nil
}

func copyChecksum(s *uint64) *uint64 {
	c := *s
	return &c
}

func checksumBytes(s *uint64) (any, error) { return binary.LittleEndian.AppendUint64(nil, *s), nil }
