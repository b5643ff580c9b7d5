package native

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// pathFunctions are json_extract and its like. They read no more of a text than they need; where it turns out to be no JSON
// they give NULL.
var pathFunctions = []Function{
	{"wb_json_extract", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		c, found, err := follow(a[0].(string), a[1].(string))
		var n jsonNode
		if !found || !c.value(&n, 0) || !c.ended(n.kind) {
			return nil, err
		}
		return string(n.append(nil)), nil
	}},
	{"wb_json_extract_scalar", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		c, found, err := follow(a[0].(string), a[1].(string))
		if !found {
			return nil, err
		}
		var n jsonNode
		if k := c.kind(); k == '{' || k == '[' || !c.value(&n, 0) || n.kind == 'n' || !c.ended(n.kind) {
			return nil, nil
		}
		return n.token(), nil
	}},
	{"wb_json_size", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		c, found, err := follow(a[0].(string), a[1].(string))
		if !found {
			return nil, err
		}
		size := int64(0)
		if k := c.kind(); k != '{' && k != '[' {
			if !c.value(nil, 0) {
				return nil, nil
			}
		} else if !c.each(func(string) bool { size++; return c.value(nil, 1) }) {
			return nil, nil
		}
		return size, nil
	}},
	{"wb_json_array_get", params("VARCHAR", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return arrayGet(a[0].(string), a[1].(int64)), nil
	}},
	{"wb_json_array_length", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		c, n := jsonCursor{text: a[0].(string)}, int64(0)
		if c.kind() != '[' || !c.each(func(string) bool { n++; return c.value(nil, 1) }) {
			return nil, nil
		}
		return n, nil
	}},
	// Array, kind of the value (boolean, integer, double, string), its text.
	{"wb_json_array_contains", params("VARCHAR", "VARCHAR", "VARCHAR"), "BOOLEAN", func(a []any) (any, error) {
		c, found := jsonCursor{text: a[0].(string)}, false
		if c.kind() != '[' {
			return nil, nil
		}
		complete := c.each(func(string) bool {
			var n jsonNode
			if k := c.kind(); k == '{' || k == '[' {
				return c.value(nil, 1)
			}
			ok := c.value(&n, 1)
			found = ok && sameScalar(&n, a[1].(string), a[2].(string))
			return ok && !found
		})
		if !found && !complete {
			return nil, nil
		}
		return found, nil
	}},
	{"wb_is_json_scalar", params("VARCHAR"), "BOOLEAN", func(a []any) (any, error) {
		n, ok := parseJSON(a[0].(string))
		if !ok {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid JSON value: %s", shownJSON(a[0].(string)))
		}
		return n.kind != '{' && n.kind != '[', nil
	}},
}

// ended reports whether a number ends where numbers may end; what follows other values does not matter.
func (c *jsonCursor) ended(kind byte) bool {
	return kind != '0' || c.at == len(c.text) || strings.IndexByte(" \t\r\n,]}", c.text[c.at]) >= 0
}

// arrayGet is an element, counted from the end when the index is negative: the text of a scalar, or JSON.
func arrayGet(text string, index int64) any {
	c := jsonCursor{text: text}
	if c.kind() != '[' {
		return nil
	}
	var all []jsonNode
	at, found := int64(0), false
	complete := c.each(func(string) bool {
		var n jsonNode
		if !c.value(&n, 1) {
			return false
		}
		switch {
		case index < 0:
			all = append(all, n)
		case at == index:
			all, found = []jsonNode{n}, true
		}
		at++
		return !found
	})
	switch {
	case index < 0 && complete && -index > 0 && -index <= at:
		all = all[at+index:]
	case !found:
		return nil
	}
	switch n := &all[0]; n.kind {
	case 'n':
		return nil
	case '{', '[':
		return string(n.append(nil))
	default:
		return n.token()
	}
}

func sameScalar(n *jsonNode, kind, text string) bool {
	switch kind {
	case "s":
		return n.kind == '"' && n.text == text
	case "b":
		return (n.kind == 't' || n.kind == 'f') && n.token() == text
	case "i":
		v, err := strconv.ParseInt(n.text, 10, 64)
		return n.kind == '0' && err == nil && strconv.FormatInt(v, 10) == text
	}
	v, err := strconv.ParseFloat(text, 64)
	f, finite := strconv.ParseFloat(n.text, 64)
	return n.kind == '0' && !n.integral() && err == nil && finite == nil && f == v
}

// follow goes to the value that a path leads to; found is false when there is none.
func follow(text, path string) (c *jsonCursor, found bool, err error) {
	steps, err := extractPaths.get(path)
	if err != nil {
		return nil, false, err
	}
	c = &jsonCursor{text: text}
	for _, s := range steps {
		if !c.step(s) {
			return nil, false, nil
		}
	}
	return c, true, nil
}

// step goes to a member of an object or an element of an array.
func (c *jsonCursor) step(s string) bool {
	kind := c.kind()
	if kind != '{' && kind != '[' {
		return false
	}
	index, err := strconv.Atoi(s)
	if kind == '[' && (err != nil || index < 0) {
		return false
	}
	found, at := false, 0
	c.each(func(key string) bool {
		found = kind == '{' && key == s || kind == '[' && at == index
		at++
		return !found && c.value(nil, 1)
	})
	return found
}

// extractPaths are the paths of json_extract that have been parsed.
var extractPaths = &prepared[[]string]{prepare: parsePath}

// parsePath reads $.name.name[0]["name"].
func parsePath(path string) ([]string, error) {
	bad := trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid JSON path: '%s'", path)
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, bad
	}
	var steps []string
	for rest != "" {
		var step string
		switch {
		case strings.HasPrefix(rest, `["`):
			if step, rest, ok = quotedStep(rest[2:]); !ok || !strings.HasPrefix(rest, "]") {
				return nil, bad
			}
			rest = rest[1:]
		case rest[0] == '[':
			step, rest = plainStep(rest[1:], false)
			if step == "" || !strings.HasPrefix(rest, "]") {
				return nil, bad
			}
			rest = rest[1:]
		case rest[0] == '.':
			if step, rest = plainStep(rest[1:], true); step == "" {
				return nil, bad
			}
		default:
			return nil, bad
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// quotedStep reads up to a closing quote; quotes and backslashes may be escaped, nothing else may.
func quotedStep(s string) (step, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// plainStep reads letters, digits and underscores, and colons where they are allowed.
func plainStep(s string, colons bool) (step, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !(r == '_' || r == ':' && colons || r <= 0xFFFF && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	})
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}
