package jsonpath

import (
	"errors"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/types"
)

var errMalformed = errors.New("malformed JSON")

// Decode reads the JSON value that a text begins with. What follows it does not matter, as for Trino, and a text without a
// value is null. Of members with equal names the last one counts.
func Decode(text string) (Item, error) {
	d := decoder{text: text}
	d.space()
	if d.at == len(text) {
		return Null{}, nil
	}
	item, ok := d.value(0)
	if !ok || !d.atBoundary(item) {
		return nil, errMalformed
	}
	return item, nil
}

// maxJSONDepth bounds the nesting of a document, as Trino's reader does.
const maxJSONDepth = 1000

// decoder reads JSON strictly: no comments, no leading zeros, no single quotes.
type decoder struct {
	text string
	at   int
}

func (d *decoder) space() {
	for d.at < len(d.text) && isSpace(d.text[d.at]) {
		d.at++
	}
}

func (d *decoder) accept(c byte) bool {
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

// atBoundary reports whether what follows a number or word cannot belong to it.
func (d *decoder) atBoundary(item Item) bool {
	if d.at == len(d.text) {
		return true
	}
	c := d.text[d.at]
	switch item.(type) {
	case Number:
		return isSpace(c)
	case bool, Null:
		return !isLetter(c) && !isDigit(c)
	}
	return true
}

func (d *decoder) value(depth int) (Item, bool) {
	if d.at == len(d.text) || depth > maxJSONDepth {
		return nil, false
	}
	switch c := d.text[d.at]; {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.array(depth)
	case c == '"':
		s, ok := d.string()
		return s, ok
	case c == '-' || isDigit(c):
		return d.number()
	}
	for _, w := range []struct {
		text string
		item Item
	}{{"true", true}, {"false", false}, {"null", Null{}}} {
		if len(d.text)-d.at >= len(w.text) && d.text[d.at:d.at+len(w.text)] == w.text {
			d.at += len(w.text)
			return w.item, true
		}
	}
	return nil, false
}

func (d *decoder) array(depth int) (Item, bool) {
	d.at++
	out := Array{}
	d.space()
	if d.accept(']') {
		return out, true
	}
	for {
		d.space()
		e, ok := d.value(depth + 1)
		if !ok {
			return nil, false
		}
		out = append(out, e)
		d.space()
		if d.accept(']') {
			return out, true
		}
		if !d.accept(',') {
			return nil, false
		}
	}
}

func (d *decoder) object(depth int) (Item, bool) {
	d.at++
	out := &Object{}
	d.space()
	if d.accept('}') {
		return out, true
	}
	for {
		d.space()
		if d.at == len(d.text) || d.text[d.at] != '"' {
			return nil, false
		}
		key, ok := d.string()
		d.space()
		if !ok || !d.accept(':') {
			return nil, false
		}
		d.space()
		v, ok := d.value(depth + 1)
		if !ok {
			return nil, false
		}
		out.Set(key, v)
		d.space()
		if d.accept('}') {
			return out, true
		}
		if !d.accept(',') {
			return nil, false
		}
	}
}

func (d *decoder) number() (Item, bool) {
	start := d.at
	d.accept('-')
	whole := digits(d.text[d.at:])
	if whole == 0 || whole > 1 && d.text[d.at] == '0' {
		return nil, false
	}
	d.at += whole
	integer := true
	if d.accept('.') {
		n := digits(d.text[d.at:])
		if n == 0 {
			return nil, false
		}
		integer = false
		d.at += n
	}
	if d.accept('e') || d.accept('E') {
		if !d.accept('+') {
			d.accept('-')
		}
		n := digits(d.text[d.at:])
		if n == 0 {
			return nil, false
		}
		integer = false
		d.at += n
	}
	return numberOf(d.text[start:d.at], integer), true
}

func numberOf(text string, integer bool) Number {
	if !integer {
		f, _ := strconv.ParseFloat(text, 64) // out of range gives an infinity, as in Trino
		return Number{types.Of(types.Double), f}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b, _ := new(big.Int).SetString(text, 10)
		return Number{types.Of(types.Unknown), b}
	}
	if n == int64(int32(n)) {
		return Number{types.Of(types.Integer), n}
	}
	return Number{types.Of(types.BigInt), n}
}

// escapes are the characters that may follow a backslash, other than u.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (d *decoder) string() (string, bool) {
	d.at++
	start := d.at
	for d.at < len(d.text) && d.text[d.at] != '"' && d.text[d.at] != '\\' && d.text[d.at] >= ' ' {
		d.at++
	}
	out := []byte(nil)
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			s := d.text[start:d.at]
			d.at++
			return string(out) + s, true
		case c < ' ':
			return "", false
		case c != '\\':
			d.at++
			continue
		}
		out = append(out, d.text[start:d.at]...)
		d.at++
		if d.at == len(d.text) {
			return "", false
		}
		if d.accept('u') {
			r, ok := d.unicode()
			if !ok {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		} else {
			e, ok := escapes[d.text[d.at]]
			if !ok {
				return "", false
			}
			d.at++
			out = append(out, e)
		}
		start = d.at
	}
	return "", false
}

// unicode reads the digits of \uXXXX, and a second one when the first is half of a pair.
func (d *decoder) unicode() (rune, bool) {
	r, ok := d.hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	rest := d.at
	if d.accept('\\') && d.accept('u') {
		if low, ok := d.hex(); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, true
			}
		}
	}
	d.at = rest
	return utf8.RuneError, true
}

func (d *decoder) hex() (rune, bool) {
	if len(d.text)-d.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(d.text[d.at:d.at+4], 16, 16)
	if err != nil {
		return 0, false
	}
	d.at += 4
	return rune(n), true
}
