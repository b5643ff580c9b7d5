package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// kind is what a token is to the grammar: a keyword or a symbol is its own kind, in upper case; the other kinds
// have names that no token can spell. The names are those that errors show where Trino has one.
type kind string

const (
	kindEOF           kind = "<EOF>"
	kindString        kind = "STRING_LITERAL"
	kindUnicodeString kind = "UNICODE_STRING"
	kindDollarString  kind = "DOLLAR_STRING"
	kindBinary        kind = "BINARY_LITERAL"
	kindInteger       kind = "<integer>"
	kindDecimal       kind = "DECIMAL_VALUE"
	kindDouble        kind = "DOUBLE_VALUE"
	kindIdentifier    kind = "IDENTIFIER_NAME"
	kindDigitID       kind = "DIGIT_IDENTIFIER"
	kindQuotedID      kind = "QUOTED_IDENTIFIER"
	kindBackquotedID  kind = "BACKQUOTED_IDENTIFIER"
	kindUnrecognized  kind = "UNRECOGNIZED"
)

// token is a piece of the text with a meaning.
type token struct {
	kind kind
	text string
	pos  trinoerr.Position
	name bool // it can be an identifier
}

// symbols are the tokens that are not words, longest first.
var symbols = []string{
	"<>", "!=", "<=", ">=", "||", "=>", "->", "{-", "-}",
	".", "(", ")", ",", "[", "]", ":", "|", "^", "$", "{", "}", "=", "<", ">", "+", "-", "*", "/", "%", "?", ";",
}

// lexer cuts a text into tokens. It never fails: what it cannot read becomes a token of kind kindUnrecognized, which
// no rule of the grammar accepts.
type lexer struct {
	text   string
	offset int
	line   int // 1-based
	column int // 1-based, in code points
}

// tokenize returns the tokens of text; the last is of kind kindEOF.
func tokenize(text string) []token {
	l := lexer{text: text, line: 1, column: 1}
	tokens := make([]token, 0, len(text)/5+2)
	for l.skipHidden(); l.offset < len(l.text); l.skipHidden() {
		tokens = append(tokens, l.next())
	}
	return append(tokens, token{kind: kindEOF, text: "<EOF>", pos: l.pos()})
}

func (l *lexer) pos() trinoerr.Position { return trinoerr.Position{Line: l.line, Column: l.column} }

// advance moves n bytes on and counts lines and columns.
func (l *lexer) advance(n int) {
	for end := l.offset + n; l.offset < end; {
		c := l.text[l.offset]
		if c < utf8.RuneSelf {
			l.offset++
			l.column++
			if c == '\n' {
				l.line++
				l.column = 1
			}
			continue
		}
		_, size := utf8.DecodeRuneInString(l.text[l.offset:])
		l.offset += size
		l.column++
	}
}

// skipHidden moves over spaces and comments.
func (l *lexer) skipHidden() {
	for l.offset < len(l.text) {
		rest := l.text[l.offset:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.advance(1)
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			l.advance(end)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return
			}
			l.advance(end + 4)
		default:
			return
		}
	}
}

// next reads the token at the current place, where there is one.
func (l *lexer) next() token {
	k, n := scan(l.text[l.offset:])
	t := token{kind: k, text: l.text[l.offset : l.offset+n], pos: l.pos()}
	switch k {
	case kindIdentifier:
		t.name = true
		if word, ok := keywords[strings.ToUpper(t.text)]; ok {
			t.kind, t.name = word.word, !word.reserved
		}
	case kindQuotedID, kindBackquotedID, kindDigitID:
		t.name = true
	}
	l.advance(n)
	return t
}

// scan returns the kind and the length of the token that text, which is not empty, begins with. Words are kindIdentifier.
func scan(text string) (kind, int) {
	c := text[0]
	switch {
	case c == '\'':
		return scanQuoted(text, 0, kindString)
	case c == '"':
		return scanQuoted(text, 0, kindQuotedID)
	case c == '`':
		return scanQuoted(text, 0, kindBackquotedID)
	case (c == 'x' || c == 'X') && strings.HasPrefix(text[1:], "'"):
		if end := strings.IndexByte(text[2:], '\''); end >= 0 {
			return kindBinary, end + 3
		}
		return kindIdentifier, 1
	case (c == 'u' || c == 'U') && strings.HasPrefix(text[1:], "&'"):
		if k, n := scanQuoted(text, 2, kindUnicodeString); k == kindUnicodeString {
			return k, n
		}
		return kindIdentifier, 1
	case strings.HasPrefix(text, "$$"):
		if end := strings.Index(text[2:], "$$"); end >= 0 {
			return kindDollarString, end + 4
		}
	case isDigit(c), c == '.' && len(text) > 1 && isDigit(text[1]):
		return scanNumber(text)
	case isLetter(c) || c == '_':
		return kindIdentifier, spanWord(text, 1)
	}
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			if s == "!=" {
				return "<>", len(s)
			}
			return kind(s), len(s)
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return kindUnrecognized, size
}

// scanQuoted reads a text that is quoted by text[start]; doubled quotes stay inside.
func scanQuoted(text string, start int, k kind) (kind, int) {
	quote := text[start]
	for i := start + 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			i++
			continue
		}
		return k, i + 1
	}
	return kindUnrecognized, 1
}

// scanNumber reads a number, or an identifier that begins with a digit if that is longer.
func scanNumber(text string) (kind, int) {
	k, n := scanUnsigned(text)
	if isDigit(text[0]) {
		if word := spanWord(text, 1); word > n {
			return kindDigitID, word
		}
	}
	return k, n
}

func scanUnsigned(text string) (kind, int) {
	if text[0] == '0' && len(text) > 1 {
		if digits := radixDigits(text[1]); digits != "" {
			if n := spanDigits(text, 2, digits, true); n > 2 {
				return kindInteger, n
			}
		}
	}
	k, n := kindInteger, spanDigits(text, 0, "0123456789", false)
	if n < len(text) && text[n] == '.' {
		k = kindDecimal
		n = spanDigits(text, n+1, "0123456789", false)
	}
	// The digits of a number with an exponent have no underscores.
	if m := spanExponent(text, n); m > n && !strings.Contains(text[:n], "_") {
		return kindDouble, m
	}
	return k, n
}

// radixDigits returns the digits of the radix that the letter after a 0 stands for; none for other letters.
func radixDigits(letter byte) string {
	switch letter {
	case 'x', 'X':
		return "0123456789abcdefABCDEF"
	case 'o', 'O':
		return "01234567"
	case 'b', 'B':
		return "01"
	}
	return ""
}

// spanDigits returns the end of the digits that begin at start; single underscores may stand between them, and before the
// first one if lead.
func spanDigits(text string, start int, digits string, lead bool) int {
	n := start
	for n < len(text) {
		switch {
		case strings.IndexByte(digits, text[n]) >= 0:
			n++
		case text[n] == '_' && (lead || n > start) && n+1 < len(text) && strings.IndexByte(digits, text[n+1]) >= 0:
			n += 2
		default:
			return n
		}
	}
	return n
}

// spanExponent returns the end of an exponent at start, or start if there is none.
func spanExponent(text string, start int) int {
	n := start
	if n >= len(text) || text[n] != 'e' && text[n] != 'E' {
		return start
	}
	n++
	if n < len(text) && (text[n] == '+' || text[n] == '-') {
		n++
	}
	first := n
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if n == first {
		return start
	}
	return n
}

// spanWord returns the end of the letters, digits and underscores that begin at start.
func spanWord(text string, start int) int {
	n := start
	for n < len(text) && (isLetter(text[n]) || isDigit(text[n]) || text[n] == '_') {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
