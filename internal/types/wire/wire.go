// Package wire appends single values to a buffer in the form of Trino's client protocol: the JSON that /v1/statement
// sends, byte for byte as a Trino server's.
//
// It works on primitive values, allocates nothing and knows nothing of types or columns; whoever has a column composes
// these functions once and calls them for each row. Append… functions write a JSON value, quotes included; Text…
// functions write the bare text inside it, which is also what casts to varchar show, except where noted.
//
// Start with AppendString, AppendDecimal and AppendTimestamp.
package wire

import (
	"encoding/base64"
	"strconv"
)

// AppendNull appends null.
func AppendNull(dst []byte) []byte { return append(dst, "null"...) }

// AppendBool appends true or false.
func AppendBool(dst []byte, v bool) []byte { return strconv.AppendBool(dst, v) }

// AppendInt appends a number; it serves all four integer types.
func AppendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// AppendBinary appends a varbinary, in base64.
func AppendBinary(dst []byte, v []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, v)
	return append(dst, '"')
}

// AppendUUID appends a UUID given as its big-endian halves.
func AppendUUID(dst []byte, hi, lo uint64) []byte {
	dst = append(dst, '"')
	dst = TextUUID(dst, hi, lo)
	return append(dst, '"')
}

// TextUUID appends the text of a UUID.
func TextUUID(dst []byte, hi, lo uint64) []byte {
	for i := range 16 {
		half := hi
		if i >= 8 {
			half = lo
		}
		b := byte(half >> (8 * (7 - i%8)))
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, lowerHex[b>>4], lowerHex[b&15])
	}
	return dst
}

const lowerHex = "0123456789abcdef"
