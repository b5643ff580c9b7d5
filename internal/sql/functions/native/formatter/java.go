package formatter

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// className is what Java calls the class of a value.
func className(v any) string {
	switch v.(type) {
	case bool:
		return "java.lang.Boolean"
	case int64:
		return "java.lang.Long"
	case float32:
		return "java.lang.Float"
	case float64:
		return "java.lang.Double"
	case string:
		return "java.lang.String"
	case Decimal:
		return "java.math.BigDecimal"
	case Date:
		return "java.time.LocalDate"
	case Time:
		return "java.time.LocalTime"
	case DateTime:
		return "java.time.LocalDateTime"
	}
	return "java.time.ZonedDateTime"
}

// display is the value's toString.
func display(v any) string {
	switch v := v.(type) {
	case float32:
		return floatText(float64(v), 32)
	case float64:
		return floatText(v, 64)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// Text is what Java's Double.toString gives.
func Text(v float64) string { return floatText(v, 64) }

// TextReal is Text for a float.
func TextReal(v float32) string { return floatText(float64(v), 32) }

// floatText has an exponent outside of 0.001 to 10,000,000, and always a digit after the point.
func floatText(v float64, bitSize int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return shortest(v, bitSize)
}

// String returns the digits, with an exponent when the number is very small.
func (d Decimal) String() string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	sign := ""
	if d.Unscaled.Sign() < 0 {
		sign = "-"
	}
	exponent := len(digits) - 1 - d.Scale
	switch {
	case d.Scale == 0:
		return sign + digits
	case d.Scale > 0 && exponent >= -6:
		if len(digits) <= d.Scale {
			digits = strings.Repeat("0", d.Scale+1-len(digits)) + digits
		}
		return sign + digits[:len(digits)-d.Scale] + "." + digits[len(digits)-d.Scale:]
	}
	s := sign + digits[:1]
	if len(digits) > 1 {
		s += "." + digits[1:]
	}
	return s + fmt.Sprintf("E%+d", exponent)
}

// upper brings a text to upper case; some characters become two.
func upper(s string) string { return cases.Upper(language.Und).String(s) }

// hashCode is the value's hash code.
func hashCode(v any) int32 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1231
		}
		return 1237
	case int64:
		return hashLong(v)
	case float32:
		if v != v {
			return 0x7fc00000
		}
		return int32(math.Float32bits(v))
	case float64:
		if v != v {
			return 0x7ff80000
		}
		return hashLong(int64(math.Float64bits(v)))
	case string:
		return hashText(v)
	case Decimal:
		return v.hash()
	case Date:
		return v.hash()
	case Time:
		return hashLong(int64(v))
	case DateTime:
		return v.hash()
	case ZonedDateTime:
		zone := int32(v.Offset)
		if !v.Fixed {
			zone = hashText(v.Zone)
		}
		return v.DateTime.hash() ^ int32(v.Offset) ^ int32(bits.RotateLeft32(uint32(zone), 3))
	}
	return 0
}

func hashLong(v int64) int32 { return int32(v ^ int64(uint64(v)>>32)) }

func hashText(s string) int32 {
	var h int32
	for _, u := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(u)
	}
	return h
}

func (d Date) hash() int32 {
	y, m, day := d.civil()
	return int32(y)&^0x7ff ^ (int32(y)<<11 + int32(m)<<6 + int32(day))
}

func (t DateTime) hash() int32 { return t.Date.hash() ^ hashLong(int64(t.Time)) }

func (d Decimal) hash() int32 {
	if d.Unscaled.IsInt64() && d.Unscaled.Int64() != math.MinInt64 {
		abs := new(big.Int).Abs(d.Unscaled).Uint64()
		h := int32(abs>>32)*31 + int32(abs)
		if d.Unscaled.Sign() < 0 {
			h = -h
		}
		return 31*h + int32(d.Scale)
	}
	var h int32
	words := new(big.Int).Abs(d.Unscaled).Bytes()
	words = append(make([]byte, (4-len(words)%4)%4), words...)
	for ; len(words) > 0; words = words[4:] {
		h = 31*h + int32(uint32(words[0])<<24|uint32(words[1])<<16|uint32(words[2])<<8|uint32(words[3]))
	}
	return 31*h*int32(d.Unscaled.Sign()) + int32(d.Scale)
}
