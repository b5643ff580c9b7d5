package parser

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// isString reports whether a string begins at the current token.
func (p *parser) isString() bool {
	p.note(ruleString)
	k := p.kind()
	return k == kindString || k == kindUnicodeString
}

// stringLiteral reads '…', or U&'…' [UESCAPE '.'].
func (p *parser) stringLiteral() *ast.StringLiteral {
	if !p.isString() {
		p.fail()
	}
	s := &ast.StringLiteral{Location: p.loc()}
	t := p.advance()
	if t.kind == kindString {
		s.Value = unquote(t.text)
		return s
	}
	escape := `\`
	if p.accept("UESCAPE") {
		p.note("STRING")
		if p.kind() != kindString {
			p.fail()
		}
		escape = unquote(p.advance().text)
	}
	s.Value = decodeUnicode(s.Location, unquote(t.text[2:]), escape)
	return s
}

// decodeUnicode undoes the escapes of a U&'…' string: four hexadecimal digits, or + and six.
func decodeUnicode(at ast.Location, text, escape string) string {
	if escape == "" {
		failAt(at, "Empty Unicode escape character")
	}
	if utf8.RuneCountInString(escape) != 1 {
		failAt(at, "Invalid Unicode escape character: %s", escape)
	}
	if strings.ContainsAny(escape, "+'\" \t\r\n0123456789abcdefABCDEF") {
		failAt(at, "Invalid Unicode escape character: %s", escape)
	}
	var out strings.Builder
	for text != "" {
		plain, rest, found := strings.Cut(text, escape)
		out.WriteString(plain)
		if !found {
			break
		}
		if strings.HasPrefix(rest, escape) {
			out.WriteString(escape)
			text = rest[len(escape):]
			continue
		}
		digits := 4
		if strings.HasPrefix(rest, "+") {
			rest, digits = rest[1:], 6
		}
		n := 0
		for n < len(rest) && n < digits && isHex(rest[n]) {
			n++
		}
		if n < digits {
			if n < len(rest) {
				failAt(at, "Invalid hexadecimal digit: %s", firstRune(rest[n:]))
			}
			failAt(at, "Incomplete escape sequence: %s", rest)
		}
		code, _ := strconv.ParseUint(rest[:n], 16, 32)
		if code > utf8.MaxRune {
			failAt(at, "Invalid escaped character: %s", rest[:n])
		}
		if 0xD800 <= code && code <= 0xDFFF {
			failAt(at, "Invalid escaped character: %s. Escaped character is a surrogate. Use '%s+123456' instead.", rest[:n], escape)
		}
		out.WriteRune(rune(code))
		text = rest[n:]
	}
	return out.String()
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// binaryLiteral reads X'…'.
func (p *parser) binaryLiteral() ast.Expression {
	at := p.loc()
	text := p.advance().text
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text[2:len(text)-1])
	for i := range len(text) {
		if !isHex(text[i]) {
			failAt(at, "Binary literal can only contain hexadecimal digits")
		}
	}
	value, err := hex.DecodeString(text)
	if err != nil {
		failAt(at, "Binary literal must contain an even number of digits")
	}
	return &ast.BinaryLiteral{Location: at, Value: value}
}

// isNumber reports whether t is a number without a sign.
func isNumber(t token) bool {
	return t.kind == kindInteger || t.kind == kindDecimal || t.kind == kindDouble
}

// number reads a number; a minus sign before it belongs to it.
func (p *parser) number() ast.Expression {
	at := p.loc()
	sign := ""
	if p.kind() == "-" {
		sign = "-"
		p.advance()
	}
	t := p.advance()
	switch t.kind {
	case kindDecimal:
		return &ast.DecimalLiteral{Location: at, Text: sign + t.text}
	case kindDouble:
		value, _ := strconv.ParseFloat(sign+t.text, 64) // too large: infinity, as in Trino
		return &ast.DoubleLiteral{Location: at, Value: value}
	}
	return integer(at, sign+t.text)
}

// integerLiteral reads a number without a sign, point or exponent.
func (p *parser) integerLiteral() *ast.LongLiteral {
	at := p.loc()
	return integer(at, p.want(kindInteger).text)
}

func integer(at ast.Location, text string) *ast.LongLiteral {
	value, err := strconv.ParseInt(integerDigits(text), 0, 64)
	if err != nil {
		failAt(at, "Invalid numeric literal: %s", text)
	}
	return &ast.LongLiteral{Location: at, Text: text, Value: value}
}

// integerDigits returns text without underscores and leading zeros, which mean octal to strconv.
func integerDigits(text string) string {
	sign := ""
	text = strings.ReplaceAll(text, "_", "")
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	for len(text) > 1 && text[0] == '0' && isDigit(text[1]) {
		text = text[1:]
	}
	return sign + text
}

// smallInteger reads an integer that counts something: a precision or the bound of a quantifier.
func (p *parser) smallInteger() int {
	at := p.loc()
	text := p.want(kindInteger).text
	value, err := strconv.ParseInt(integerDigits(text), 0, 32)
	if err != nil {
		failAt(at, "Invalid numeric literal: %s", text)
	}
	return int(value)
}

// intervalOrGenericLiteral reads INTERVAL '…' from [TO to], or INTERVAL '…' as a literal of a type of that name.
func (p *parser) intervalOrGenericLiteral() ast.Expression {
	if after := p.ahead(2); isStringKind(p.ahead(1).kind) && !isIntervalField(after.kind) && after.kind != "UESCAPE" {
		name := p.identifier()
		e := &ast.GenericLiteral{Location: name.Location, Type: name, Value: p.stringLiteral().Value}
		p.note("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
		return e
	}
	return p.intervalLiteral()
}

// intervalLiteral reads INTERVAL [+|-] '…' from [TO to].
func (p *parser) intervalLiteral() *ast.IntervalLiteral {
	n := &ast.IntervalLiteral{Location: p.loc()}
	p.want("INTERVAL")
	n.Negative = p.acceptAny("+", "-") == "-"
	n.Value = p.stringLiteral().Value
	n.From = p.intervalField()
	if p.accept("TO") {
		n.To = p.intervalField()
	}
	return n
}

func (p *parser) intervalField() ast.IntervalField {
	return ast.IntervalField(p.wantAny("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"))
}
