package native

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// encodingFunctions write bytes as text, and read them from the bytes of a text.
var encodingFunctions = join([]Function{
	{"wb_from_hex", params("BLOB"), "BLOB", decoder(fromHex)},
	{"wb_from_base64", params("BLOB"), "BLOB", decoder(func(s string) ([]byte, error) { return fromBase64(s, '+', '/') })},
	{"wb_from_base64url", params("BLOB"), "BLOB", decoder(func(s string) ([]byte, error) { return fromBase64(s, '-', '_') })},
	{"wb_from_base32", params("BLOB"), "BLOB", decoder(fromBase32)},
	{"wb_to_base64url", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		return base64.URLEncoding.EncodeToString(a[0].([]byte)), nil
	}},
	{"wb_to_base32", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		return base32.StdEncoding.EncodeToString(a[0].([]byte)), nil
	}},
}, binaryFunctions, hashFunctions, urlFunctions, networkFunctions, languageFunctions, conversionFunctions, colorFunctions, splitFunctions, castFunctions)

// decoder makes a function of a decoding.
func decoder(decode func(string) ([]byte, error)) func([]any) (any, error) {
	return func(a []any) (any, error) {
		b, err := decode(string(a[0].([]byte)))
		if err != nil {
			return nil, err
		}
		return b, nil
	}
}

func fromHex(s string) ([]byte, error) {
	if len(s)%2 != 0 {
		return nil, invalidArgument("invalid input length %d", len(s))
	}
	for _, r := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return nil, invalidArgument("not a hexadecimal digit: \"%c\" = %d", r, r)
		}
	}
	return hex.DecodeString(s)
}

// fromBase64 reads groups of four characters, the last of which may lack its padding. What the last character has more than
// is needed does not count.
func fromBase64(s string, c62, c63 byte) ([]byte, error) {
	out := make([]byte, 0, len(s)/4*3+2)
	if len(s) == 1 {
		return nil, invalidArgument("Input byte[] should at least have 2 bytes for base64 bytes")
	}
	bits, n := uint32(0), 0
	i := 0
	for ; i < len(s) && s[i] != '='; i++ {
		v := base64Value(s[i], c62, c63)
		if v < 0 {
			return nil, invalidArgument("Illegal base64 character %x", int8(s[i]))
		}
		bits = bits<<6 | uint32(v)
		if n++; n == 4 {
			out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, n = 0, 0
		}
	}
	if i < len(s) {
		i++ // the padding
		if n == 2 && i < len(s) && s[i] == '=' {
			i++
		} else if n == 0 || n == 2 {
			return nil, invalidArgument("Input byte array has wrong 4-byte ending unit")
		}
	}
	switch n {
	case 1:
		return nil, invalidArgument("Last unit does not have enough valid bits")
	case 2:
		out = append(out, byte(bits>>4))
	case 3:
		out = append(out, byte(bits>>10), byte(bits>>2))
	}
	if i < len(s) {
		return nil, invalidArgument("Input byte array has incorrect ending byte at %d", i)
	}
	return out, nil
}

func base64Value(c, c62, c63 byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == c62:
		return 62
	case c == c63:
		return 63
	}
	return -1
}

func fromBase32(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	switch len(s) % 8 {
	case 1, 3, 6:
		return nil, invalidArgument("Invalid input length %d", len(s))
	}
	out := make([]byte, 0, len(s)*5/8)
	bits, n := uint32(0), 0
	for _, r := range s {
		v := strings.IndexRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", r)
		switch {
		case v < 0 && (r <= ' ' || r >= 0x7f):
			return nil, invalidArgument("Unrecognized character: 0x%x", r)
		case v < 0:
			return nil, invalidArgument("Unrecognized character: %c", r)
		}
		bits, n = bits<<5|uint32(v), n+5
		if n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	return out, nil
}
