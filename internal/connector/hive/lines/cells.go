package lines

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// closeList ends an array or a map of n items that have been appended.
func closeList(v *connector.Vector, t types.Type, n int) {
	v.MakeParts(t)
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Offsets = append(v.Offsets, v.Offsets[len(v.Offsets)-1]+uint32(n))
}

func appendDecimal(v *connector.Vector, t types.Type, unscaled *big.Int) {
	if t.P <= 18 {
		v.I64 = append(v.I64, unscaled.Int64())
		return
	}
	n, _ := types.Int128FromBig(unscaled)
	v.I128 = append(v.I128, connector.Int128{Lo: n.Lo, Hi: n.Hi})
}

// appendScalar appends the value that a text is in some type; false, and nothing is appended, when it is none.
func appendScalar(v *connector.Vector, t types.Type, text string) bool {
	switch t.Kind {
	case types.Boolean:
		yes := strings.EqualFold(text, "true")
		if !yes && !strings.EqualFold(text, "false") {
			return false
		}
		v.I8 = append(v.I8, truth(yes))
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		n, ok := wholeNumber(text, map[types.Kind]int{types.TinyInt: 8, types.SmallInt: 16, types.Integer: 32, types.BigInt: 64}[t.Kind])
		return ok && appendWhole(v, t, n)
	case types.Real:
		f, ok := floating(text, 32)
		if !ok {
			return false
		}
		v.F32 = append(v.F32, float32(f))
	case types.Double:
		f, ok := floating(text, 64)
		if !ok {
			return false
		}
		v.F64 = append(v.F64, f)
	case types.Decimal:
		n, ok := decimal(text, t)
		if !ok {
			return false
		}
		appendDecimal(v, t, n)
	case types.Date:
		day, ok := date(text)
		if !ok {
			return false
		}
		v.I32 = append(v.I32, day)
	case types.Timestamp:
		us, ok := timestamp(text, t.P)
		if !ok {
			return false
		}
		v.I64 = append(v.I64, us)
	case types.Varchar, types.Char:
		v.AppendBytes([]byte(cut(text, t)))
	case types.Varbinary:
		v.AppendBytes([]byte(text))
	default:
		return false
	}
	return true
}

func truth(yes bool) int8 {
	if yes {
		return 1
	}
	return 0
}

func appendWhole(v *connector.Vector, t types.Type, n int64) bool {
	switch t.Kind {
	case types.TinyInt:
		v.I8 = append(v.I8, int8(n))
	case types.SmallInt:
		v.I16 = append(v.I16, int16(n))
	case types.Integer:
		v.I32 = append(v.I32, int32(n))
	default:
		v.I64 = append(v.I64, n)
	}
	return true
}

// wholeNumber reads an integer; of one with a fraction the fraction is dropped.
func wholeNumber(text string, bits int) (int64, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	for i := range len(fraction) {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(whole, 10, bits)
	return n, err == nil
}

// floating reads a number as Java does, which knows no underscores and takes a suffix for the type.
func floating(text string, bits int) (float64, bool) {
	text = strings.TrimSpace(text)
	switch strings.TrimLeft(text, "+-") {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		sign := 1
		if text[0] == '-' {
			sign = -1
		}
		return math.Inf(sign), true
	}
	digits := strings.TrimRight(text, "dDfF")
	if digits == "" || len(text)-len(digits) > 1 || strings.Trim(digits, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(digits, bits)
	if err != nil && !math.IsInf(f, 0) { // what is too large is infinite
		return 0, false
	}
	return f, true
}

// mostDigits bounds the length and the exponents of decimals that are looked at.
const mostDigits = 400

// decimal reads a number and rounds it, halves away from zero; false when it has too many digits.
func decimal(text string, t types.Type) (*big.Int, bool) {
	unscaled, scale, ok := bigDecimal(text)
	if !ok {
		return nil, false
	}
	if n := t.S - scale; n >= 0 {
		unscaled.Mul(unscaled, pow10(n))
	} else {
		divisor := pow10(-n)
		rest := new(big.Int)
		unscaled.QuoRem(unscaled, divisor, rest)
		if rest.Abs(rest).Lsh(rest, 1).Cmp(divisor) >= 0 {
			if strings.HasPrefix(text, "-") {
				unscaled.Sub(unscaled, big.NewInt(1))
			} else {
				unscaled.Add(unscaled, big.NewInt(1))
			}
		}
	}
	return unscaled, unscaled.CmpAbs(pow10(t.P)) < 0
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// bigDecimal reads a number as Java's BigDecimal: its digits, and how many of them are behind the point.
func bigDecimal(text string) (unscaled *big.Int, scale int, ok bool) {
	if len(text) > mostDigits {
		return nil, 0, false
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > mostDigits || n < -mostDigits {
			return nil, 0, false
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole, "+-") + fraction
	if digits == "" || len(whole)-len(strings.TrimLeft(whole, "+-")) > 1 || strings.Trim(digits, "0123456789") != "" {
		return nil, 0, false
	}
	unscaled, ok = new(big.Int).SetString(digits, 10)
	if ok && strings.HasPrefix(whole, "-") {
		unscaled.Neg(unscaled)
	}
	return unscaled, len(fraction) - exponent, ok
}

// date reads a day; what follows a space is no part of it, and days and months may be beyond their ends, as in Hive.
func date(text string) (int32, bool) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
	day, rest, ok := calendar(text)
	if !ok || rest != "" || day > math.MaxInt32 || day < math.MinInt32 {
		return 0, false
	}
	return int32(day), true
}

// calendar reads year-month-day, in days since 1970, and returns what follows.
func calendar(text string) (day int64, rest string, ok bool) {
	year, rest, ok := digits(text, 10, true)
	if !ok || !strings.HasPrefix(rest, "-") {
		return 0, "", false
	}
	month, rest, ok := digits(rest[1:], 2, false)
	if !ok || !strings.HasPrefix(rest, "-") {
		return 0, "", false
	}
	d, rest, ok := digits(rest[1:], 2, false)
	if !ok || year > 9_999_999 || year < -9_999_999 {
		return 0, "", false
	}
	t := time.Date(int(year), time.Month(month), int(d), 0, 0, 0, 0, time.UTC)
	return types.FloorDiv(t.Unix(), 24*60*60), rest, true
}

// digits reads a number of at most so many digits.
func digits(text string, most int, signed bool) (n int64, rest string, ok bool) {
	negative := signed && strings.HasPrefix(text, "-")
	if negative || signed && strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	i := 0
	for i < len(text) && i < most && text[i] >= '0' && text[i] <= '9' {
		n = n*10 + int64(text[i]-'0')
		i++
	}
	if negative {
		n = -n
	}
	return n, text[i:], i > 0
}

// timestamp reads a day and a time of it, in microseconds, rounded to so many digits of a second, halves up.
func timestamp(text string, precision int) (int64, bool) {
	day, rest, ok := calendar(strings.TrimSpace(text))
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != 'T' && rest[0] != 't' {
		return 0, false
	}
	rest = rest[1:]
	var parts [3]int64
	for i := range parts {
		if i > 0 {
			if !strings.HasPrefix(rest, ":") {
				return 0, false
			}
			rest = rest[1:]
		}
		if parts[i], rest, ok = digits(rest, 2, false); !ok {
			return 0, false
		}
	}
	nanos := int64(0)
	if rest != "" {
		fraction, found := strings.CutPrefix(rest, ".")
		if !found || fraction == "" || len(fraction) > 9 || strings.Trim(fraction, "0123456789") != "" {
			return 0, false
		}
		nanos, _, _ = digits((fraction + "000000000")[:9], 9, false)
	}
	seconds := day*24*60*60 + parts[0]*60*60 + parts[1]*60 + parts[2]
	if seconds > math.MaxInt64/1_000_001 || seconds < math.MinInt64/1_000_001 {
		return 0, false
	}
	unit := int64(math.Pow10(9 - precision))
	nanos = (nanos + unit/2) / unit * unit
	return seconds*1_000_000 + nanos/1000, true
}

// cut shortens a text to the length of a type; char loses spaces at its end.
func cut(text string, t types.Type) string {
	if t.Kind == types.Char || t.P != types.UnboundedLength {
		at, n := 0, 0
		for at < len(text) && n < t.P {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
			n++
		}
		text = text[:at]
	}
	if t.Kind == types.Char {
		text = strings.TrimRight(text, " ")
	}
	return text
}

// binary reads Base64 as Apache's codec does: what is not of its alphabet is passed over, and a rest that makes no byte is dropped.
func binary(text string) []byte {
	clean := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		case c == '-': // of the alphabet for URLs
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c == '=':
			return decodeBase64(clean)
		}
	}
	return decodeBase64(clean)
}

func decodeBase64(clean []byte) []byte {
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean) // nothing but the alphabet is left
	return out[:n]
}
