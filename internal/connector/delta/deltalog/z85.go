package deltalog

import (
	"encoding/binary"
	"math"
	"strings"
)

// z85 is the alphabet of ZeroMQ's way to write four bytes as five printable characters.
const z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

func decodeZ85(text string) ([]byte, error) {
	if len(text)%5 != 0 {
		return nil, broken("%q is not Z85", text)
	}
	out := make([]byte, 0, len(text)/5*4)
	for ; len(text) > 0; text = text[5:] {
		n := uint64(0)
		for i := range 5 {
			digit := strings.IndexByte(z85, text[i])
			if digit < 0 {
				return nil, broken("%q is not Z85", text)
			}
			n = n*85 + uint64(digit)
		}
		if n > math.MaxUint32 {
			return nil, broken("%q is not Z85", text)
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	return out, nil
}

// encodeZ85 encodes data whose length is a multiple of four.
func encodeZ85(data []byte) string {
	var out strings.Builder
	for ; len(data) >= 4; data = data[4:] {
		n := binary.BigEndian.Uint32(data)
		var digits [5]byte
		for i := len(digits) - 1; i >= 0; i-- {
			digits[i] = z85[n%85]
			n /= 85
		}
		out.Write(digits[:])
	}
	return out.String()
}
