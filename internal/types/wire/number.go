package wire

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// AppendDecimal appends a decimal, a JSON string, given the 128-bit two's complement of its unscaled value.
func AppendDecimal(dst []byte, hi int64, lo uint64, scale int) []byte {
	dst = append(dst, '"')
	dst = TextDecimal(dst, hi, lo, scale)
	return append(dst, '"')
}

// AppendDecimal64 is AppendDecimal for an unscaled value of 64 bits.
func AppendDecimal64(dst []byte, v int64, scale int) []byte {
	return AppendDecimal(dst, v>>63, uint64(v), scale)
}

// TextDecimal appends a decimal's text, with exactly scale digits after the point.
func TextDecimal(dst []byte, hi int64, lo uint64, scale int) []byte {
	h := uint64(hi)
	if hi < 0 {
		dst = append(dst, '-')
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	var buf [48]byte
	at := len(buf)
	for n := 0; n <= scale || h|lo != 0; n++ {
		if n == scale && scale > 0 {
			at--
			buf[at] = '.'
		}
		var digit uint64
		if h == 0 {
			lo, digit = lo/10, lo%10
		} else {
			h, digit = h/10, h%10
			lo, digit = bits.Div64(digit, lo, 10)
		}
		at--
		buf[at] = byte('0' + digit)
	}
	return append(dst, buf[at:]...)
}

// AppendDouble appends a double: a JSON number as Java writes it (1.0E10), or a string for NaN and the infinities.
func AppendDouble(dst []byte, v float64) []byte { return appendFloat(dst, v, 64) }

// AppendReal appends a real, like AppendDouble.
func AppendReal(dst []byte, v float32) []byte { return appendFloat(dst, float64(v), 32) }

func appendFloat(dst []byte, v float64, bitSize int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		dst = append(dst, '"')
		dst = textFloat(dst, v, bitSize)
		return append(dst, '"')
	}
	return textFloat(dst, v, bitSize)
}

// TextDouble appends a double as Java's Double.toString does. Casts to varchar differ; see TextDoubleCast.
func TextDouble(dst []byte, v float64) []byte { return textFloat(dst, v, 64) }

// TextReal appends a real as Java's Float.toString does. Casts to varchar differ; see TextRealCast.
func TextReal(dst []byte, v float32) []byte { return textFloat(dst, float64(v), 32) }

// textFloat writes the shortest decimal that reads back as v: plain between 10^-3 and 10^7, with an exponent
// elsewhere, always with a digit after the point.
func textFloat(dst []byte, v float64, bitSize int) []byte {
	if special := specialFloat(v); special != "" {
		return append(dst, special...)
	}
	if v == 0 {
		if math.Signbit(v) {
			dst = append(dst, '-')
		}
		return append(dst, "0.0"...)
	}
	if a := math.Abs(v); a >= 1e-3 && a < 1e7 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, v, 'f', -1, bitSize)
		if slices.Contains(dst[start:], '.') {
			return dst
		}
		return append(dst, ".0"...)
	}
	var buf [32]byte
	return appendScientific(dst, shortest(buf[:0], v, bitSize))
}

// shortest appends, in Go's %e form, the shortest decimal that reads back as v. Like Java it does not shorten to one
// digit where two come closer (4.9E-324).
func shortest(dst []byte, v float64, bitSize int) []byte {
	digits := strconv.AppendFloat(dst, v, 'e', -1, bitSize)
	if !oneDigit(digits) {
		return digits
	}
	var buf [32]byte
	two := strconv.AppendFloat(buf[:0], v, 'e', 1, bitSize)
	if back, err := strconv.ParseFloat(string(two), bitSize); err == nil && back == v {
		digits = append(dst, two...)
	}
	return digits
}

func specialFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return ""
}

// oneDigit reports whether a number in Go's %e form has a single digit before its exponent.
func oneDigit(digits []byte) bool {
	for _, c := range digits {
		if c == '.' {
			return false
		}
		if c == 'e' {
			return true
		}
	}
	return false
}

// appendScientific turns Go's 1.5e+07 into Java's 1.5E7, and 1e+07 into 1.0E7.
func appendScientific(dst, digits []byte) []byte {
	point := false
	for i, c := range digits {
		switch c {
		case '.':
			point = true
		case 'e':
			if !point {
				dst = append(dst, ".0"...)
			}
			dst = append(dst, 'E')
			exp := digits[i+1:]
			if exp[0] == '-' {
				dst = append(dst, '-')
			}
			exp = exp[1:]
			for len(exp) > 1 && exp[0] == '0' {
				exp = exp[1:]
			}
			return append(dst, exp...)
		}
		dst = append(dst, c)
	}
	return dst
}
