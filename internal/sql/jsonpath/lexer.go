package jsonpath

import (
	"strings"
	"unicode/utf8"
)

// tokenKind classifies tokens.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenSymbol
	tokenWord    // an identifier or keyword
	tokenNamed   // $name
	tokenString  // "text"
	tokenInteger // 12
	tokenDecimal // 1.2
	tokenDouble  // 1e2
)

// token is a piece of a path's text.
type token struct {
	kind         tokenKind
	text         string // as written; "<EOF>" at the end
	line, column int    // the line from 1, the column from 0, in characters
	at           int    // the offset in bytes
}

// value returns what the token stands for: a string without its quotes, a variable without its dollar.
func (t token) value() string {
	switch t.kind {
	case tokenString:
		return strings.ReplaceAll(t.text[1:len(t.text)-1], `""`, `"`)
	case tokenNamed:
		return t.text[1:]
	}
	return t.text
}

// lex splits a text into tokens; the last one is the end. What is no token becomes a symbol that no rule accepts.
func lex(text string) []token {
	var out []token
	line, column, at := 1, 0, 0
	for text != "" {
		n := 0
		for n < len(text) && isSpace(text[n]) {
			n++
		}
		if n == 0 {
			kind, length := scan(text)
			out = append(out, token{kind, text[:length], line, column, at})
			n = length
		}
		for _, r := range text[:n] {
			column++
			if r == '\n' {
				line, column = line+1, 0
			}
		}
		text, at = text[n:], at+n
	}
	return append(out, token{tokenEnd, "<EOF>", line, column, at})
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// symbols of two characters, which are tried before those of one.
var twoCharSymbols = []string{"==", "<>", "!=", "<=", ">=", "&&", "||", ".."}

// scan finds the longest token that a text begins with.
func scan(text string) (tokenKind, int) {
	c := text[0]
	switch {
	case isLetter(c):
		return tokenWord, word(text)
	case c == '$' && len(text) > 1 && isLetter(text[1]):
		return tokenNamed, 1 + word(text[1:])
	case c == '"':
		if n := quoted(text); n > 0 {
			return tokenString, n
		}
	case isDigit(c), c == '.' && len(text) > 1 && isDigit(text[1]):
		return number(text)
	}
	for _, s := range twoCharSymbols {
		if strings.HasPrefix(text, s) {
			return tokenSymbol, 2
		}
	}
	_, n := utf8.DecodeRuneInString(text)
	return tokenSymbol, n
}

func word(text string) int {
	n := 0
	for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
		n++
	}
	return n
}

// quoted returns the length of a string in quotes, zero when it does not end.
func quoted(text string) int {
	for n := 1; n < len(text); n++ {
		if text[n] != '"' {
			continue
		}
		if n+1 == len(text) || text[n+1] != '"' {
			return n + 1
		}
		n++
	}
	return 0
}

func digits(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func number(text string) (tokenKind, int) {
	kind, n := tokenInteger, digits(text)
	if n < len(text) && text[n] == '.' {
		kind = tokenDecimal
		n += 1 + digits(text[n+1:])
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		e := n + 1
		if e < len(text) && (text[e] == '+' || text[e] == '-') {
			e++
		}
		if d := digits(text[e:]); d > 0 {
			return tokenDouble, e + d
		}
	}
	return kind, n
}
