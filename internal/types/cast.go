package types

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Cast converts a constant from one type to another, as CAST does. zone is the session's. ok is false when the cast
// does not exist, fails or is not known here; whoever folds constants then leaves it to the execution, which raises the
// error.
func Cast(v any, from, to Type, zone Zone) (result any, ok bool) {
	if v == nil || from.Equal(to) {
		return v, true
	}
	switch to.Kind {
	case Boolean:
		return castToBoolean(v)
	case TinyInt, SmallInt, Integer, BigInt:
		n, ok := castToInteger(v, from)
		bits := map[Kind]uint{TinyInt: 8, SmallInt: 16, Integer: 32, BigInt: 64}[to.Kind]
		return n, ok && n >= -1<<(bits-1) && n <= 1<<(bits-1)-1
	case Real:
		f, ok := castToFloat(v, from, 32)
		return float32(f), ok
	case Double:
		return result2(castToFloat(v, from, 64))
	case Decimal:
		return result2(castToDecimal(v, from, to))
	case Varchar:
		return castToVarchar(v, from, to)
	case Char:
		s, isText := v.(string)
		return strings.TrimRight(firstRunes(s, to.P), " "), isText && (from.Kind == Varchar || from.Kind == Char)
	case Varbinary, UUID, IPAddress:
		s, isText := v.(string)
		if !isText || from.Kind != Varchar {
			return nil, false
		}
		_, parsed, err := ParseLiteral(to, s)
		return parsed, err == nil
	case Date, Time, TimeTZ, Timestamp, TimestampTZ:
		return castToDatetime(v, from, to, zone)
	case Array, Map, Row:
		return castComposite(v, from, to, zone)
	}
	return nil, false
}

// result2 makes the result of a typed cast an any.
func result2[T any](v T, ok bool) (any, bool) { return v, ok }

func castToBoolean(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v != 0, true
	case float32:
		return v != 0, true
	case float64:
		return v != 0, true
	case Int128:
		return v != Int128{}, true
	case string:
		b, err := parseBoolean(v)
		return b, err == nil
	}
	return nil, false
}

func castToInteger(v any, from Type) (int64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return v, true
	case float32:
		return roundToInteger(float64(v))
	case float64:
		return roundToInteger(v)
	case Int128:
		rounded, ok := Int128FromBig(rescale(v.Big(), from.S, 0))
		n, fits := rounded.Int64()
		return n, ok && fits
	case string:
		n, err := strconv.ParseInt(trimJava(v), 10, 64)
		return n, err == nil && from.Kind == Varchar
	}
	return 0, false
}

// roundToInteger rounds halves away from zero.
func roundToInteger(f float64) (int64, bool) {
	f = math.Round(f)
	if !(f >= -1<<63 && f < 1<<63) { // also false for NaN
		return 0, false
	}
	return int64(f), true
}

func castToFloat(v any, from Type, bitSize int) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		if bitSize == 32 {
			return float64(float32(v)), true // in one step: rounding twice may differ
		}
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	case Int128:
		f, err := strconv.ParseFloat(string(wire.TextDecimal(nil, v.Hi, v.Lo, from.S)), bitSize)
		return f, err == nil
	case string:
		f, err := parseJavaFloat(v, bitSize)
		return f, err == nil && from.Kind == Varchar
	}
	return 0, false
}

// decimalNumber is a decimal with an optional exponent, as casts read it.
var decimalNumber = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$`)

func castToDecimal(v any, from, to Type) (Int128, bool) {
	switch v := v.(type) {
	case bool:
		n, _ := castToInteger(v, from)
		return toDecimal(big.NewInt(n), 0, to)
	case int64:
		return toDecimal(big.NewInt(v), 0, to)
	case Int128:
		return toDecimal(v.Big(), from.S, to)
	case float32:
		return parseToDecimal(string(wire.TextReal(nil, v)), to)
	case float64:
		return parseToDecimal(string(wire.TextDouble(nil, v)), to)
	case string:
		if from.Kind == Varchar {
			return parseToDecimal(v, to)
		}
	}
	return Int128{}, false
}

func parseToDecimal(text string, to Type) (Int128, bool) {
	m := decimalNumber.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return Int128{}, false
	}
	exponent, _ := strconv.Atoi(m[4])
	b, _ := new(big.Int).SetString(m[1]+m[2]+m[3], 10)
	return toDecimal(b, len(m[3])-exponent, to)
}

// toDecimal rescales an unscaled value and checks that it fits.
func toDecimal(b *big.Int, scale int, to Type) (Int128, bool) {
	b = rescale(b, scale, to.S)
	if new(big.Int).Abs(b).Cmp(powerOfTen(to.P)) >= 0 {
		return Int128{}, false
	}
	return Int128FromBig(b)
}

// rescale changes the scale of an unscaled value, rounding halves away from zero.
func rescale(b *big.Int, from, to int) *big.Int {
	if to >= from {
		return new(big.Int).Mul(b, powerOfTen(to-from))
	}
	divisor := powerOfTen(from - to)
	quotient, rest := new(big.Int).QuoRem(b, divisor, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).Cmp(divisor) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(b.Sign())))
	}
	return quotient
}

func powerOfTen(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func castToVarchar(v any, from, to Type) (any, bool) {
	switch from.Kind {
	case Varchar, Char:
		return firstRunes(Text(from, v), to.P), true
	case JSON, Varbinary, Array, Map, Row:
		return nil, false
	}
	s := Text(from, v)
	return s, utf8.RuneCountInString(s) <= to.P
}

// firstRunes returns at most the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// trimJava removes what Java counts as white space from both ends.
func trimJava(s string) string { return strings.Trim(s, " \t\n\v\f\r\x1c\x1d\x1e\x1f") }

func castComposite(v any, from, to Type, zone Zone) (any, bool) {
	if from.Kind != to.Kind || from.Kind != Array && len(from.Args) != len(to.Args) {
		return nil, false
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var ok bool
			if out[i], ok = Cast(e, from.elemAt(i), to.elemAt(i), zone); !ok {
				return nil, false
			}
		}
		return out, true
	case []MapEntry:
		out := make([]MapEntry, len(v))
		for i, e := range v {
			key, ok1 := Cast(e.Key, from.Elem(0), to.Elem(0), zone)
			value, ok2 := Cast(e.Value, from.Elem(1), to.Elem(1), zone)
			if !ok1 || !ok2 || key == nil {
				return nil, false
			}
			out[i] = MapEntry{key, value}
		}
		return out, hasUniqueKeys(out, to.Elem(0))
	}
	return nil, false
}

// hasUniqueKeys reports whether a cast left all keys of a map different.
func hasUniqueKeys(entries []MapEntry, key Type) bool {
	seen := map[string]bool{}
	for _, e := range entries {
		text := string(appendText(nil, key, e.Key))
		if seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}
