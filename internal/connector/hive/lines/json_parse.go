package lines

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// node is a JSON value.
type node struct {
	kind  nodeKind
	text  string // of strings and numbers; "true", "false"
	keys  []string
	items []node // of arrays, and the values of objects, parallel to keys
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

// maxNested bounds the depth of values.
const maxNested = 512

// parser reads JSON. A lenient one, as OpenX's, takes strings in single quotes too.
type parser struct {
	text    []byte
	at      int
	lenient bool
}

func (p *parser) failed(what string) error {
	return fmt.Errorf("%s at character %d", what, p.at+1)
}

func (p *parser) spaces() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// next returns the byte that follows spaces; zero at the end.
func (p *parser) next() byte {
	p.spaces()
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value(depth int) (n node, err error) {
	switch c := p.next(); {
	case depth == 0:
		return n, p.failed("values are nested too deep")
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"' || c == '\'' && p.lenient:
		n.kind = stringNode
		n.text, err = p.quoted(c)
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []struct {
		text string
		kind nodeKind
	}{{"true", boolNode}, {"false", boolNode}, {"null", nullNode}} {
		if end := p.at + len(word.text); end <= len(p.text) && string(p.text[p.at:end]) == word.text {
			p.at = end
			return node{kind: word.kind, text: word.text}, nil
		}
	}
	return n, p.failed("a value was expected")
}

func (p *parser) object(depth int) (node, error) {
	n := node{kind: objectNode}
	p.at++
	for first := true; ; first = false {
		c := p.next()
		if c == '}' && first {
			p.at++
			return n, nil
		}
		if c != '"' && (c != '\'' || !p.lenient) {
			return n, p.failed("the name of a field was expected")
		}
		key, err := p.quoted(c)
		if err != nil {
			return n, err
		}
		if p.next() != ':' {
			return n, p.failed("a colon was expected")
		}
		p.at++
		v, err := p.value(depth - 1)
		if err != nil {
			return n, err
		}
		n.keys, n.items = append(n.keys, key), append(n.items, v)
		switch p.next() {
		case ',':
			p.at++
		case '}':
			p.at++
			return n, nil
		default:
			return n, p.failed("the object is truncated")
		}
	}
}

func (p *parser) array(depth int) (node, error) {
	n := node{kind: arrayNode}
	p.at++
	if p.next() == ']' {
		p.at++
		return n, nil
	}
	for {
		v, err := p.value(depth - 1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, v)
		switch p.next() {
		case ',':
			p.at++
		case ']':
			p.at++
			return n, nil
		default:
			return n, p.failed("the array is truncated")
		}
	}
}

// number reads a number as it stands.
func (p *parser) number() (node, error) {
	begin := p.at
	digits := func() int {
		from := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at - from
	}
	is := func(c byte) bool { return p.at < len(p.text) && p.text[p.at] == c }
	if is('-') {
		p.at++
	}
	zero := is('0')
	if n := digits(); n == 0 || zero && n > 1 {
		return node{}, p.failed("a number was expected")
	}
	if is('.') {
		p.at++
		if digits() == 0 {
			return node{}, p.failed("a digit was expected")
		}
	}
	if is('e') || is('E') {
		p.at++
		if is('+') || is('-') {
			p.at++
		}
		if digits() == 0 {
			return node{}, p.failed("a digit was expected")
		}
	}
	return node{kind: numberNode, text: string(p.text[begin:p.at])}, nil
}

// quoted reads a string. Bytes that are no UTF-8 are replaced.
func (p *parser) quoted(quote byte) (string, error) {
	p.at++
	var out []byte
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return string(out), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ' && !p.lenient:
			return "", p.failed("a control character stands in a string")
		case c < utf8.RuneSelf:
			out = append(out, c)
			p.at++
		default:
			r, size := utf8.DecodeRune(p.text[p.at:])
			out = utf8.AppendRune(out, r)
			p.at += size
		}
	}
	return "", p.failed("the string is truncated")
}

func (p *parser) escape() (rune, error) {
	if p.at+1 >= len(p.text) {
		return 0, p.failed("the string is truncated")
	}
	c := p.text[p.at+1]
	p.at += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := p.unit()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
			before := p.at
			p.at += 2
			low, err := p.unit()
			if err != nil {
				return 0, err
			}
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, nil
			}
			p.at = before
		}
		return utf8.RuneError, nil
	}
	if p.lenient {
		return rune(c), nil
	}
	return 0, p.failed("an unknown escape stands in a string")
}

// unit reads four hexadecimal digits.
func (p *parser) unit() (rune, error) {
	if p.at+4 > len(p.text) {
		return 0, p.failed("the string is truncated")
	}
	n, err := strconv.ParseUint(string(p.text[p.at:p.at+4]), 16, 16)
	if err != nil {
		return 0, p.failed("four hexadecimal digits were expected")
	}
	p.at += 4
	return rune(n), nil
}
