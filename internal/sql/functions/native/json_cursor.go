package native

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// jsonCursor reads a JSON text from front to back, strictly and no further than it is asked: what is wrong behind a value
// does not matter to whoever wants that value.
type jsonCursor struct {
	text string
	at   int
}

// maxJSONDepth bounds the nesting of values, as Trino's reader does.
const maxJSONDepth = 1000

// kind skips white space and returns what comes: the opening bracket, the quote, '0' for a number, the first letter of a
// word, another byte as it is, or 0 at the end.
func (c *jsonCursor) kind() byte {
	for c.at < len(c.text) && strings.IndexByte(" \t\r\n", c.text[c.at]) >= 0 {
		c.at++
	}
	switch {
	case c.at == len(c.text):
		return 0
	case c.text[c.at] == '-', isNumeral(c.text[c.at]):
		return '0'
	}
	return c.text[c.at]
}

func isNumeral(b byte) bool { return b >= '0' && b <= '9' }

// accept takes a byte after white space.
func (c *jsonCursor) accept(b byte) bool {
	if c.kind(); c.at < len(c.text) && c.text[c.at] == b {
		c.at++
		return true
	}
	return false
}

// atEnd reports whether nothing but white space is left.
func (c *jsonCursor) atEnd() bool { return c.kind() == 0 }

// value reads a value into n, or skips it when n is nil.
func (c *jsonCursor) value(n *jsonNode, depth int) bool {
	if depth > maxJSONDepth {
		return false
	}
	kind := c.kind()
	if n != nil {
		*n = jsonNode{kind: kind}
	}
	switch kind {
	case '{':
		return c.each(func(key string) bool {
			if n == nil {
				return c.value(nil, depth+1)
			}
			var v jsonNode
			ok := c.value(&v, depth+1)
			n.keys, n.items = append(n.keys, key), append(n.items, v)
			return ok
		})
	case '[':
		return c.each(func(string) bool {
			if n == nil {
				return c.value(nil, depth+1)
			}
			var v jsonNode
			ok := c.value(&v, depth+1)
			n.items = append(n.items, v)
			return ok
		})
	case '"':
		s, ok := c.string()
		if n != nil {
			n.text = s
		}
		return ok
	case '0':
		s, ok := c.number()
		if n != nil {
			n.text = s
		}
		return ok
	}
	return c.word("true") || c.word("false") || c.word("null")
}

// each reads an object or array: member reads a value, of an object's key. It stops where member gives false.
func (c *jsonCursor) each(member func(key string) bool) bool {
	object := c.text[c.at] == '{'
	closing := c.text[c.at] + 2 // the closing brackets are two after the opening ones
	c.at++
	if c.accept(closing) {
		return true
	}
	for {
		key := ""
		if object {
			var ok bool
			if c.kind() != '"' {
				return false
			}
			if key, ok = c.string(); !ok || !c.accept(':') {
				return false
			}
		}
		if !member(key) {
			return false
		}
		if c.accept(closing) {
			return true
		}
		if !c.accept(',') {
			return false
		}
	}
}

func (c *jsonCursor) word(w string) bool {
	if !strings.HasPrefix(c.text[c.at:], w) {
		return false
	}
	c.at += len(w)
	return true
}

func (c *jsonCursor) digits() int {
	start := c.at
	for c.at < len(c.text) && isNumeral(c.text[c.at]) {
		c.at++
	}
	return c.at - start
}

// number reads a number as it is written.
func (c *jsonCursor) number() (string, bool) {
	start := c.at
	c.word("-")
	first := c.at
	if n := c.digits(); n == 0 || n > 1 && c.text[first] == '0' {
		return "", false
	}
	if c.word(".") && c.digits() == 0 {
		return "", false
	}
	if c.word("e") || c.word("E") {
		if !c.word("+") {
			c.word("-")
		}
		if c.digits() == 0 {
			return "", false
		}
	}
	return c.text[start:c.at], true
}

// string reads a string, without its quotes and escapes.
func (c *jsonCursor) string() (string, bool) {
	start, plain := c.at, true
	for c.at++; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			if plain {
				return c.text[start+1 : c.at-1], true
			}
			var s string
			err := json.Unmarshal([]byte(c.text[start:c.at]), &s)
			return s, err == nil
		case b < ' ':
			return "", false
		case b == '\\':
			plain = false
			c.at++
		}
	}
	return "", false
}

// jsonNode is a JSON value as it was written: with equal keys kept and numbers as text.
type jsonNode struct {
	kind  byte       // as kind of jsonCursor
	text  string     // of a string, without quotes and escapes; of a number, as written
	keys  []string   // of an object
	items []jsonNode // of an array; the values of an object
}

// parseJSON reads a JSON text that is nothing but one value.
func parseJSON(text string) (n jsonNode, ok bool) {
	c := jsonCursor{text: text}
	ok = c.value(&n, 0) && c.atEnd()
	return n, ok
}

// integral reports whether a number was written without fraction and exponent.
func (n *jsonNode) integral() bool { return !strings.ContainsAny(n.text, ".eE") }

// float is the value of a number; one that is out of range is infinite.
func (n *jsonNode) float() float64 {
	f, _ := strconv.ParseFloat(n.text, 64)
	return f
}

// token is how messages show the beginning of a value.
func (n *jsonNode) token() string {
	switch n.kind {
	case '"', '0':
		return n.text
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return string(n.kind)
}

// append writes the value without white space, its numbers as Java does.
func (n *jsonNode) append(dst []byte) []byte {
	switch n.kind {
	case '"':
		return types.AppendJSONString(dst, n.text)
	case '0':
		switch {
		case n.text == "-0":
			return append(dst, '0')
		case n.integral():
			return append(dst, n.text...)
		}
		return wire.AppendDouble(dst, n.float())
	case '{', '[':
		dst = append(dst, n.kind)
		for i := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if n.kind == '{' {
				dst = append(types.AppendJSONString(dst, n.keys[i]), ':')
			}
			dst = n.items[i].append(dst)
		}
		return append(dst, n.kind+2)
	}
	return append(dst, n.token()...)
}
