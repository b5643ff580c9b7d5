package wire

import (
	"bytes"
	"math"
	"strconv"
)

// Casts of doubles and reals to varchar always have an exponent: 1.0E0, 3.0000000000000004E-1.

// TextDoubleCast appends a double as a cast to varchar shows it: the shortest decimal that reads back as v. (Trino
// itself adds a digit or two for about one in a hundred values above 10^16, where Java's formatter is not shortest.)
func TextDoubleCast(dst []byte, v float64) []byte { return textFloatCast(dst, v, 64) }

// TextRealCast appends a real as a cast to varchar shows it: at most seven digits.
func TextRealCast(dst []byte, v float32) []byte { return textFloatCast(dst, float64(v), 32) }

func textFloatCast(dst []byte, v float64, bitSize int) []byte {
	if special := specialFloat(v); special != "" {
		return append(dst, special...)
	}
	if v == 0 {
		if math.Signbit(v) {
			dst = append(dst, '-')
		}
		return append(dst, "0E0"...)
	}
	var buf, rounded [32]byte
	digits := shortest(buf[:0], v, bitSize)
	if bitSize == 32 {
		// Trino rounds the double nearest to the shortest decimal, not the real itself.
		d, _ := strconv.ParseFloat(string(digits), 64)
		digits = trimZeros(strconv.AppendFloat(rounded[:0], d, 'e', 6, 64))
	}
	return appendScientific(dst, digits)
}

// trimZeros drops trailing zeros before the exponent of a number like 1.500000e+07.
func trimZeros(digits []byte) []byte {
	e := bytes.IndexByte(digits, 'e')
	end := len(bytes.TrimRight(bytes.TrimRight(digits[:e], "0"), "."))
	return append(digits[:end], digits[e:]...)
}
