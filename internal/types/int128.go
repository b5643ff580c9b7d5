package types

import (
	"math/big"
	"math/bits"

	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Int128 is a 128-bit two's complement integer: the unscaled value of a decimal.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Int128From returns v as an Int128.
func Int128From(v int64) Int128 { return Int128{Hi: v >> 63, Lo: uint64(v)} }

// Int128FromBig returns b as an Int128; ok is false when it does not fit.
func Int128FromBig(b *big.Int) (v Int128, ok bool) {
	if b.BitLen() > 127 {
		return Int128{}, false
	}
	var words [16]byte
	new(big.Int).Abs(b).FillBytes(words[:])
	for i := range 8 {
		v.Hi = v.Hi<<8 | int64(words[i])
		v.Lo = v.Lo<<8 | uint64(words[8+i])
	}
	if b.Sign() < 0 {
		v = v.Neg()
	}
	return v, true
}

// Big returns v as a big integer.
func (v Int128) Big() *big.Int {
	b := big.NewInt(v.Hi)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(v.Lo))
}

// Neg returns -v.
func (v Int128) Neg() Int128 {
	lo, borrow := bits.Sub64(0, v.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(v.Hi), borrow)
	return Int128{Hi: int64(hi), Lo: lo}
}

// Cmp returns -1, 0 or +1 as v is less than, equal to or greater than u.
func (v Int128) Cmp(u Int128) int {
	switch {
	case v == u:
		return 0
	case v.Hi < u.Hi || v.Hi == u.Hi && v.Lo < u.Lo:
		return -1
	}
	return 1
}

// Int64 returns v as an int64; ok is false when it does not fit.
func (v Int128) Int64() (n int64, ok bool) { return int64(v.Lo), v.Hi == int64(v.Lo)>>63 }

// String returns v in decimal.
func (v Int128) String() string { return string(wire.TextDecimal(nil, v.Hi, v.Lo, 0)) }
