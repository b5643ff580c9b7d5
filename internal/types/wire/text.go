package wire

import (
	"strings"
	"unicode/utf8"
)

// AppendString appends a JSON string, escaped as Jackson escapes: the quote, the backslash and control characters only.
// Bytes that are no UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = escape(dst, s)
	return append(dst, '"')
}

// AppendChar appends a char(n), padded with spaces to n characters.
func AppendChar(dst []byte, s string, n int) []byte {
	dst = append(dst, '"')
	dst = escape(dst, s)
	for i := utf8.RuneCountInString(s); i < n; i++ {
		dst = append(dst, ' ')
	}
	return append(dst, '"')
}

// PadChar returns s padded with spaces to n characters, the text of a char(n).
func PadChar(s string, n int) string {
	if missing := n - utf8.RuneCountInString(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// escape copies runs of plain bytes and replaces the others.
func escape(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\t':
		return append(dst, '\\', 't')
	case '\n':
		return append(dst, '\\', 'n')
	case '\f':
		return append(dst, '\\', 'f')
	case '\r':
		return append(dst, '\\', 'r')
	}
	const upperHex = "0123456789ABCDEF"
	return append(dst, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
}
