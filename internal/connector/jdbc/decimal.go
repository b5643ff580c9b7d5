package jdbc

import (
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// AppendDecimal appends an unscaled value to a column of decimals; false when it has too many digits.
func AppendDecimal(v *connector.Vector, t types.Type, n types.Int128) bool {
	limit := powers[t.P]
	if n.Cmp(limit) >= 0 || n.Cmp(limit.Neg()) <= 0 {
		return false
	}
	if t.P > 18 {
		v.I128 = append(v.I128, connector.Int128{Lo: n.Lo, Hi: n.Hi})
	} else {
		v.I64 = append(v.I64, int64(n.Lo))
	}
	return true
}

// powers are those of ten.
var powers = func() (p [types.MaxDecimalPrecision + 1]types.Int128) {
	n := big.NewInt(1)
	for i := range p {
		p[i], _ = types.Int128FromBig(n)
		n.Mul(n, big.NewInt(10))
	}
	return p
}()

// decimal appends a number, given as text or as a number.
func decimal(v *connector.Vector, t types.Type, value any) error {
	var n types.Int128
	var ok bool
	switch x := value.(type) {
	case []byte:
		n, ok = plainDecimal(x, t.S)
	case string:
		n, ok = plainDecimal(x, t.S)
	case int64:
		value = strconv.FormatInt(x, 10)
	case uint64:
		value = strconv.FormatUint(x, 10)
	case float64:
		value = strconv.FormatFloat(x, 'f', -1, 64)
	}
	if ok && AppendDecimal(v, t, n) {
		return nil
	}
	s, ok := textOf(value)
	if !ok {
		return mismatch(value, t)
	}
	n, ok = Unscaled(s, t.S, Unnecessary)
	if !ok || !AppendDecimal(v, t, n) {
		return outOfRange(s, t)
	}
	return nil
}

// plainDecimal is Unscaled for the texts that databases send: digits, perhaps with a sign in front and a point among them, of which no more than
// scale come after it. It allocates nothing. False: Unscaled knows what it is.
func plainDecimal[T []byte | string](s T, scale int) (n types.Int128, ok bool) {
	i := 0
	if len(s) > 0 && s[0] == '-' {
		i = 1
	}
	digits, after := 0, -1 // how many there are, and how many of them come after the point; negative: there is none
	for ; i < len(s); i++ {
		d := s[i] - '0'
		switch {
		case d <= 9:
			digits++
			if digits <= 18 {
				n.Lo = n.Lo*10 + uint64(d)
			} else {
				n = tenfold(n, uint64(d))
			}
			if after >= 0 {
				after++
			}
		case s[i] == '.' && after < 0:
			after = 0
		default:
			return n, false
		}
	}
	missing := scale - max(after, 0)
	if digits == 0 || missing < 0 || digits+missing > types.MaxDecimalPrecision {
		return n, false
	}
	for range missing {
		n = tenfold(n, 0)
	}
	if s[0] == '-' {
		n = n.Neg()
	}
	return n, true
}

// tenfold is n * 10 + d, of a number that is not negative. What does not fit is cut off.
func tenfold(n types.Int128, d uint64) types.Int128 {
	high, low := bits.Mul64(n.Lo, 10)
	low, carry := bits.Add64(low, d, 0)
	return types.Int128{Hi: n.Hi*10 + int64(high+carry), Lo: low}
}

// Unscaled reads a decimal number as an integer of units in the last of scale digits after the point. Further digits are rounded; false
// when they must not be there, or the number is none or too large.
func Unscaled(s string, scale int, r Rounding) (types.Int128, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	rest := ""
	if len(fraction) > scale {
		fraction, rest = fraction[:scale], strings.TrimRight(fraction[scale:], "0")
	}
	for _, c := range rest {
		if c < '0' || c > '9' {
			return types.Int128{}, false
		}
	}
	if !strings.ContainsAny(s, "0123456789") {
		return types.Int128{}, false
	}
	n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok {
		return types.Int128{}, false
	}
	if rest != "" {
		up, ok := roundsUp(r, strings.HasPrefix(s, "-"), n.Bit(0) == 1, rest)
		if !ok {
			return types.Int128{}, false
		}
		if up && strings.HasPrefix(s, "-") {
			n.Sub(n, big.NewInt(1))
		} else if up {
			n.Add(n, big.NewInt(1))
		}
	}
	return types.Int128FromBig(n)
}

// roundsUp says whether a number goes away from zero when the digits of rest, of which the last is not 0, are cut off.
func roundsUp(r Rounding, negative, odd bool, rest string) (up, ok bool) {
	half := strings.Compare(rest, "5")
	switch r {
	case Up:
		return true, true
	case Down:
		return false, true
	case Ceiling:
		return !negative, true
	case Floor:
		return negative, true
	case HalfUp:
		return half >= 0, true
	case HalfDown:
		return half > 0, true
	case HalfEven:
		return half > 0 || half == 0 && odd, true
	}
	return false, false
}
