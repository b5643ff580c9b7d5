package jsonpath

import (
	"math/big"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Encode returns the text of a JSON item, without white space. Characters beyond the basic plane are escaped, as Trino does
// when it writes UTF-8.
func Encode(i Item) string { return string(encoder(types.AppendJSONString).item(nil, i)) }

// EncodeWide is Encode without the escapes, as Trino does when it writes UTF-16 or UTF-32.
func EncodeWide(i Item) string { return string(encoder(wire.AppendString).item(nil, i)) }

// encoder writes JSON with a given way to write strings.
type encoder func(dst []byte, s string) []byte

func (e encoder) item(dst []byte, i Item) []byte {
	switch i := i.(type) {
	case bool:
		return wire.AppendBool(dst, i)
	case string:
		return e(dst, i)
	case Number:
		return appendNumber(dst, i)
	case Array:
		dst = append(dst, '[')
		for n, element := range i {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = e.item(dst, element)
		}
		return append(dst, ']')
	case *Object:
		dst = append(dst, '{')
		for n, key := range i.Keys {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = append(e(dst, key), ':')
			dst = e.item(dst, i.Values[n])
		}
		return append(dst, '}')
	}
	return wire.AppendNull(dst)
}

func appendNumber(dst []byte, n Number) []byte {
	switch v := n.Value.(type) {
	case int64:
		return wire.AppendInt(dst, v)
	case float64:
		return wire.AppendDouble(dst, v)
	case float32:
		return wire.AppendReal(dst, v)
	case *big.Int:
		return v.Append(dst, 10)
	case types.Int128:
		return append(dst, scientific(v.Big(), n.Type.S)...)
	}
	return dst
}

// scientific writes a decimal as Java's BigDecimal does: with an exponent when it is small.
func scientific(unscaled *big.Int, scale int) string {
	digits := new(big.Int).Abs(unscaled).String()
	exponent := len(digits) - 1 - scale
	var b strings.Builder
	if unscaled.Sign() < 0 {
		b.WriteByte('-')
	}
	switch {
	case exponent < -6:
		b.WriteString(digits[:1])
		if len(digits) > 1 {
			b.WriteString("." + digits[1:])
		}
		b.WriteString("E" + big.NewInt(int64(exponent)).String())
	case exponent < 0:
		b.WriteString("0." + strings.Repeat("0", scale-len(digits)) + digits)
	case scale == 0:
		b.WriteString(digits)
	default:
		b.WriteString(digits[:exponent+1] + "." + digits[exponent+1:])
	}
	return b.String()
}
