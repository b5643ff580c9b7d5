package types

import (
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// ParseBinary reads the text of a binary literal, X'00 ff'; white space between the digits is ignored.
func ParseBinary(text string) ([]byte, error) {
	var digits []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		d := hexDigit(c)
		if d < 0 {
			return nil, trinoerr.New(trinoerr.SyntaxError, "Binary literal can only contain hexadecimal digits")
		}
		digits = append(digits, byte(d))
	}
	if len(digits)%2 != 0 {
		return nil, trinoerr.New(trinoerr.SyntaxError, "Binary literal must contain an even number of digits")
	}
	v := make([]byte, len(digits)/2)
	for i := range v {
		v[i] = digits[2*i]<<4 | digits[2*i+1]
	}
	return v, nil
}

// DecodeUnicode reads the text of a string with Unicode escapes, U&'\0041\+01F600' UESCAPE '\'. Without a UESCAPE
// clause the escape is a backslash.
func DecodeUnicode(text, escape string) (string, error) {
	esc, size := utf8.DecodeRuneInString(escape)
	switch {
	case escape == "":
		return "", unicodeError("Empty Unicode escape character")
	case len(escape) != size, strings.ContainsRune("+'\"", esc), hexRune(esc), strings.ContainsRune(" \t\n\r", esc):
		return "", unicodeError("Invalid Unicode escape character: %s", escape)
	}
	var b strings.Builder
	for text != "" {
		before, after, found := strings.Cut(text, escape)
		b.WriteString(before)
		if !found {
			break
		}
		if rest, doubled := strings.CutPrefix(after, escape); doubled {
			b.WriteString(escape)
			text = rest
			continue
		}
		digits := 4
		if rest, long := strings.CutPrefix(after, "+"); long {
			digits, after = 6, rest
		}
		r, err := unicodeEscape(after, digits)
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
		text = after[digits:]
	}
	return b.String(), nil
}

// unicodeEscape reads a code point of so many digits at the start of s.
func unicodeEscape(s string, digits int) (rune, error) {
	var r rune
	for i := range digits {
		if i >= len(s) {
			return 0, unicodeError("Incomplete escape sequence: %s", s)
		}
		d := hexDigit(s[i])
		if d < 0 {
			bad, _ := utf8.DecodeRuneInString(s[i:])
			return 0, unicodeError("Invalid hexadecimal digit: %c", bad)
		}
		r = r<<4 | rune(d)
	}
	if r >= 0xD800 && r <= 0xDFFF {
		return 0, unicodeError("Invalid escaped character: %s. Escaped character is a surrogate. Use '\\+123456' instead.",
			s[:digits])
	}
	if r > utf8.MaxRune {
		return 0, unicodeError("Invalid escaped character: %s", s[:digits])
	}
	return r, nil
}

func hexRune(r rune) bool { return r < utf8.RuneSelf && hexDigit(byte(r)) >= 0 }

func unicodeError(format string, args ...any) error {
	return trinoerr.New(trinoerr.SyntaxError, format, args...)
}
