package resourcegroups

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// position is a place in the file, from 1.
type position struct{ line, column int }

// Error is what is wrong with a configuration, and where.
type Error struct {
	Line, Column int
	Msg          string
}

// Error returns "line 3:7: message".
func (e *Error) Error() string { return fmt.Sprintf("line %d:%d: %s", e.Line, e.Column, e.Msg) }

func (p position) error(format string, args ...any) *Error {
	return &Error{p.line, p.column, fmt.Sprintf(format, args...)}
}

// node is a value of JSON that knows where it stands.
type node struct {
	at     position
	token  any // nil, bool, string, json.Number; '[' or '{' as json.Delim
	items  []node
	fields []field
}

type field struct {
	at    position
	name  string
	value node
}

// maxDepth bounds how deep values nest.
const maxDepth = 100

// reader reads nodes off a text.
type reader struct {
	text string
	dec  *json.Decoder
}

func parseJSON(text string) (node, error) {
	r := &reader{text, json.NewDecoder(strings.NewReader(text))}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return node{}, err
	}
	at := r.next()
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, at.error("there is more after the configuration")
	}
	return n, nil
}

// next is where the next token begins.
func (r *reader) next() position {
	offset := int(r.dec.InputOffset())
	for offset < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[offset]) >= 0 {
		offset++
	}
	return r.place(offset)
}

func (r *reader) place(offset int) position {
	before := r.text[:min(offset, len(r.text))]
	line := strings.LastIndexByte(before, '\n')
	return position{strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[line+1:]) + 1}
}

func (r *reader) token() (position, json.Token, error) {
	at := r.next()
	t, err := r.dec.Token()
	var bad *json.SyntaxError
	switch {
	case err == nil:
		return at, t, nil
	case errors.As(err, &bad):
		return at, nil, at.error("Invalid JSON: %v", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return at, nil, r.place(len(r.text)).error("Invalid JSON: it ends too early")
	}
	return at, nil, at.error("Invalid JSON: %v", err)
}

func (r *reader) value(depth int) (node, error) {
	at, t, err := r.token()
	n := node{at: at, token: t}
	if err != nil {
		return n, err
	}
	d, nested := t.(json.Delim)
	if !nested {
		return n, nil
	}
	if depth == maxDepth {
		return n, at.error("it nests too deep")
	}
	for r.dec.More() {
		if d == '[' {
			item, err := r.value(depth + 1)
			if err != nil {
				return n, err
			}
			n.items = append(n.items, item)
			continue
		}
		at, name, err := r.token()
		if err != nil {
			return n, err
		}
		text, ok := name.(string)
		if !ok {
			return n, at.error("Invalid JSON: a name is missing")
		}
		for _, f := range n.fields {
			if f.name == text {
				return n, at.error("Duplicate property: %s", text)
			}
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.fields = append(n.fields, field{at, text, v})
	}
	_, _, err = r.token() // the end
	return n, err
}
