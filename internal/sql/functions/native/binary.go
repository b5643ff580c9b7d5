package native

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// binaryFunctions are the functions over bytes.
var binaryFunctions = []Function{
	{"wb_binary_reverse", params("BLOB"), "BLOB", func(a []any) (any, error) {
		b := slices.Clone(a[0].([]byte))
		slices.Reverse(b)
		return b, nil
	}},
	// Bytes, start, length.
	{"wb_binary_substr", params("BLOB", "BIGINT", "BIGINT"), "BLOB", func(a []any) (any, error) {
		return binarySubstring(a[0].([]byte), a[1].(int64), a[2].(int64)), nil
	}},
	// Bytes, length, padding, whether on the right.
	{"wb_binary_pad", params("BLOB", "BIGINT", "BLOB", "BOOLEAN"), "BLOB", func(a []any) (any, error) {
		return binaryPad(a[0].([]byte), a[1].(int64), a[2].([]byte), a[3].(bool))
	}},
	{"wb_to_big_endian_32", params("BIGINT"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint32(nil, uint32(a[0].(int64))), nil
	}},
	{"wb_to_big_endian_64", params("BIGINT"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint64(nil, uint64(a[0].(int64))), nil
	}},
	{"wb_from_big_endian_32", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		b, err := exactly(a[0].([]byte), 4, "expected 4-byte input, but got instead: %d", len(a[0].([]byte)))
		if err != nil {
			return nil, err
		}
		return int64(int32(binary.BigEndian.Uint32(b))), nil
	}},
	{"wb_from_big_endian_64", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		b, err := exactly(a[0].([]byte), 8, "expected 8-byte input, but got instead: %d", len(a[0].([]byte)))
		if err != nil {
			return nil, err
		}
		return int64(binary.BigEndian.Uint64(b)), nil
	}},
	{"wb_to_ieee754_32", params("FLOAT"), "BLOB", func(a []any) (any, error) {
		bits := math.Float32bits(a[0].(float32))
		if a[0] != a[0] {
			bits = 0x7fc00000
		}
		return binary.BigEndian.AppendUint32(nil, bits), nil
	}},
	{"wb_to_ieee754_64", params("DOUBLE"), "BLOB", func(a []any) (any, error) {
		bits := math.Float64bits(a[0].(float64))
		if a[0] != a[0] {
			bits = 0x7ff8000000000000
		}
		return binary.BigEndian.AppendUint64(nil, bits), nil
	}},
	{"wb_from_ieee754_32", params("BLOB"), "FLOAT", func(a []any) (any, error) {
		b, err := exactly(a[0].([]byte), 4, "Input floating-point value must be exactly 4 bytes long")
		if err != nil {
			return nil, err
		}
		return math.Float32frombits(binary.BigEndian.Uint32(b)), nil
	}},
	{"wb_from_ieee754_64", params("BLOB"), "DOUBLE", func(a []any) (any, error) {
		b, err := exactly(a[0].([]byte), 8, "Input floating-point value must be exactly 8 bytes long")
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	}},
	// Bytes, and what to put where they are no UTF-8.
	{"wb_from_utf8", params("BLOB", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		r := a[1].(string)
		if utf8.RuneCountInString(r) > 1 {
			return nil, invalidArgument("Replacement character string must empty or a single character")
		}
		return validText(a[0].([]byte), r), nil
	}},
	{"wb_from_utf8_codepoint", params("BLOB", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		r := a[1].(int64)
		switch {
		case r < math.MinInt32 || r > utf8.MaxRune || r >= 0xd800 && r <= 0xdfff:
			return nil, invalidArgument("Invalid replacement character")
		case r < 0:
			return nil, trinoerr.New(trinoerr.GenericInternalError, "Invalid code point 0x%X", uint32(r))
		}
		return validText(a[0].([]byte), string(rune(r))), nil
	}},
}

func invalidArgument(format string, args ...any) error {
	return trinoerr.New(trinoerr.InvalidFunctionArgument, format, args...)
}

// exactly checks the number of bytes.
func exactly(b []byte, n int, message string, args ...any) ([]byte, error) {
	if len(b) != n {
		return nil, invalidArgument(message, args...)
	}
	return b, nil
}

// binarySubstring starts at 1, or counts from the end; a start outside of the bytes gives none.
func binarySubstring(b []byte, start, length int64) []byte {
	n := int64(len(b))
	if start < 0 {
		start += n + 1
	}
	if start < 1 || start > n || length <= 0 {
		return []byte{}
	}
	return b[start-1 : start-1+min(length, n-start+1)]
}

// maxBinary is the largest number of bytes that a value can have.
const maxBinary = 1<<31 - 9

func binaryPad(b []byte, n int64, padding []byte, right bool) (any, error) {
	switch {
	case n < 0 || n > math.MaxInt32:
		return nil, invalidArgument("Target length must be in the range [0..2147483647]")
	case len(padding) == 0:
		return nil, invalidArgument("Padding bytes must not be empty")
	case n > maxBinary:
		return nil, trinoerr.New(trinoerr.GenericInternalError, "Cannot allocate slice larger than %d bytes", maxBinary)
	case n <= int64(len(b)):
		return b[:n], nil
	}
	fill := make([]byte, n-int64(len(b)))
	for i := range fill {
		fill[i] = padding[i%len(padding)]
	}
	if right {
		return append(slices.Clip(b), fill...), nil
	}
	return append(fill, b...), nil
}

// validText replaces every sequence of bytes that is no UTF-8. A sequence is as long as its first byte says, as far as bytes
// follow that continue it.
func validText(b []byte, replacement string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
			out.Write(b[:size])
			b = b[size:]
			continue
		}
		out.WriteString(replacement)
		b = b[invalidLength(b):]
	}
	return out.String()
}

// invalidLength is the length of an invalid sequence.
func invalidLength(b []byte) int {
	want := 1
	switch c := b[0]; {
	case c >= 0xfe:
	case c >= 0xfc:
		want = 6
	case c >= 0xf8:
		want = 5
	case c >= 0xf0:
		want = 4
	case c >= 0xe0:
		want = 3
	case c >= 0xc0:
		want = 2
	}
	n := 1
	for n < want && n < len(b) && b[n]&0xc0 == 0x80 {
		n++
	}
	return n
}
