package native

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/twmb/murmur3"
)

// murmur32Functions hash as Iceberg's bucket transform does: 32 bits of Murmur3, of which the sign is dropped.
var murmur32Functions = []Function{
	{"wb_murmur3_32", params("BLOB"), "BIGINT", func(a []any) (any, error) { return unsigned(a[0].([]byte)), nil }},
	{"wb_murmur3_32_bigint", params("BIGINT"), "BIGINT", func(a []any) (any, error) {
		return unsigned(binary.LittleEndian.AppendUint64(nil, uint64(a[0].(int64)))), nil
	}},
	{"wb_murmur3_32_decimal", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		n, ok := new(big.Int).SetString(a[0].(string), 10)
		if !ok {
			return nil, fmt.Errorf("%q is no number", a[0])
		}
		return unsigned(twosComplement(n)), nil
	}},
}

func unsigned(b []byte) int64 { return int64(murmur3.Sum32(b) & math.MaxInt32) }

// twosComplement is a number in the fewest bytes, the first one first.
func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := n.Bytes()
		if len(b) == 0 || b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	size := new(big.Int).Not(n).BitLen()/8 + 1
	return new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size))).FillBytes(make([]byte, size))
}
