package format

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A node is a JSON value as it was written: objects keep the order of their entries, numbers their digits.
type node struct {
	kind  byte   // 'n'ull, 'b'oolean, '0' number, '"' string, '[' array, '{' object
	text  string // of a boolean, number or string
	items []node // of an array; the values of an object
	keys  []string
}

// ParseRows reads a JSON array of arrays, the protocol's "data".
func ParseRows(data []byte) ([]Row, error) {
	p := parser{data: data}
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(data) {
		return nil, p.errorf("something after the end")
	}
	if n.kind != '[' {
		return nil, p.errorf("rows are no array")
	}
	rows := make([]Row, len(n.items))
	for i, item := range n.items {
		if item.kind != '[' {
			return nil, p.errorf("row %d is no array", i+1)
		}
		rows[i] = Row{item.items}
	}
	return rows, nil
}

// Row is a row as it came from the server.
type Row struct{ values []node }

// Len returns the number of values.
func (r Row) Len() int { return len(r.values) }

// maxDepth bounds how deep values are nested, so that a hostile server cannot exhaust the stack.
const maxDepth = 1000

type parser struct {
	data []byte
	pos  int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("rows, byte %d: %s", p.pos, fmt.Sprintf(format, args...))
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte after white space, and 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos == len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

func (p *parser) value(depth int) (node, error) {
	if depth > maxDepth {
		return node{}, p.errorf("nested more than %d deep", maxDepth)
	}
	switch c := p.peek(); {
	case c == '[':
		return p.array(depth)
	case c == '{':
		return p.object(depth)
	case c == '"':
		s, err := p.str()
		return node{kind: '"', text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c >= 'a' && c <= 'z':
		return p.word()
	}
	return node{}, p.errorf("a value should begin here")
}

func (p *parser) word() (node, error) {
	for word, n := range map[string]node{
		"null": {kind: 'n'}, "true": {kind: 'b', text: "true"}, "false": {kind: 'b', text: "false"},
	} {
		if end := p.pos + len(word); end <= len(p.data) && string(p.data[p.pos:end]) == word {
			p.pos = end
			return n, nil
		}
	}
	return node{}, p.errorf("unknown word")
}

func (p *parser) number() (node, error) {
	begin := p.pos
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		if c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' && (c < '0' || c > '9') {
			break
		}
		p.pos++
	}
	text := p.data[begin:p.pos]
	if !json.Valid(text) {
		return node{}, p.errorf("bad number %q", text)
	}
	return node{kind: '0', text: string(text)}, nil
}

// str reads a string; only those with escapes or odd bytes take the slow way.
func (p *parser) str() (string, error) {
	begin, plain := p.pos, true
	for p.pos++; p.pos < len(p.data); p.pos++ {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			quoted := p.data[begin:p.pos]
			if plain && utf8.Valid(quoted) {
				return string(quoted[1 : len(quoted)-1]), nil
			}
			var s string
			if err := json.Unmarshal(quoted, &s); err != nil {
				return "", p.errorf("bad string: %v", err)
			}
			return s, nil
		case c == '\\':
			plain = false
			p.pos++
		case c < 0x20:
			plain = false
		}
	}
	p.pos = len(p.data)
	return "", p.errorf("string without end")
}

func (p *parser) array(depth int) (node, error) {
	n := node{kind: '['}
	err := p.list(']', func() error {
		item, err := p.value(depth + 1)
		n.items = append(n.items, item)
		return err
	})
	return n, err
}

func (p *parser) object(depth int) (node, error) {
	n := node{kind: '{'}
	err := p.list('}', func() error {
		if p.peek() != '"' {
			return p.errorf("a key should begin here")
		}
		key, err := p.str()
		if err != nil {
			return err
		}
		if p.peek() != ':' {
			return p.errorf("colon expected")
		}
		p.pos++
		item, err := p.value(depth + 1)
		n.keys, n.items = append(n.keys, key), append(n.items, item)
		return err
	})
	return n, err
}

// list reads elements, separated by commas, up to the closing bracket.
func (p *parser) list(closing byte, element func() error) error {
	p.pos++
	if p.peek() == closing {
		p.pos++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		switch p.peek() {
		case closing:
			p.pos++
			return nil
		case ',':
			p.pos++
		default:
			return p.errorf("comma or %c expected", closing)
		}
	}
}
