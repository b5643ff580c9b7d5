package native

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// jsonCastFunctions cast JSON to SQL types.
var jsonCastFunctions = []Function{
	// JSON text and the simple type that it is cast to: a text that casts to that type.
	{"wb_json_scalar", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		t, err := castTypes.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return scalarFromJSON(a[0].(string), t)
	}},
	// JSON text and the array, map or row type that it is cast to: a JSON array of texts, each of which casts to the type of
	// its place. Elements of arrays, pairs of keys and values, and fields of rows are arrays within it.
	{"wb_json_nested", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		t, err := castTypes.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return nestedFromJSON(a[0].(string), t)
	}},
	// A JSON array of texts, nulls and arrays: the texts of its elements.
	{"wb_json_texts", params("VARCHAR"), "VARCHAR[]", func(a []any) (any, error) {
		n, ok := parseJSON(a[0].(string))
		if !ok {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "malformed list of texts")
		}
		out := make([]any, len(n.items))
		for i, e := range n.items {
			switch e.kind {
			case 'n':
			case '"':
				out[i] = e.text
			default:
				out[i] = string(e.append(nil))
			}
		}
		return out, nil
	}},
}

// castTypes are types by their names.
var castTypes = &prepared[types.Type]{prepare: types.Parse}

// reason is why a nested value does not fit, in Trino's words.
type reason string

func (r reason) Error() string { return string(r) }

// maxShownJSON is how much of a JSON text a message shows.
const maxShownJSON = 10_000

func shownJSON(text string) string {
	if utf8.RuneCountInString(text) <= maxShownJSON {
		return text
	}
	return string([]rune(text)[:maxShownJSON]) + "...(truncated)"
}

// scalarFromJSON casts to a simple type. The text is canonical.
func scalarFromJSON(text string, t types.Type) (any, error) {
	n, ok := parseJSON(text)
	if !ok {
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast '%s' to %s", shownJSON(text), t)
	}
	out, err := leafFromJSON(&n, t)
	if err == nil {
		return out, nil
	}
	name := t.String()
	switch {
	case t.Kind == types.Decimal:
		if name = strings.ToUpper(name); err.kind == tooBig {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "%s", err.msg)
		}
	case t.Kind == types.Varchar:
		name = "varchar"
	case err.kind == badText, err.kind == farFloat && t.Kind == types.BigInt:
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "%s", err.msg)
	case err.kind == farFloat:
		name = "integer" // whatever integer type it is
	}
	return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast '%s' to %s", shownJSON(text), name)
}

// nestedFromJSON casts to an array, map or row.
func nestedFromJSON(text string, t types.Type) (any, error) {
	fail := func(msg string) error {
		if msg != "" {
			msg = " " + msg
		}
		return trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast to %s.%s\n%s", t, msg, shownJSON(text))
	}
	n, ok := parseJSON(text)
	switch {
	case strings.TrimLeft(text, " \t\r\n") == "":
		n.kind = 'n'
		return nil, fail(expected(&n, t).Error())
	case !ok:
		return nil, fail("")
	case n.kind == 'n':
		return nil, nil
	}
	out, err := nested(nil, &n, t)
	if err != nil {
		return nil, fail(err.Error())
	}
	return string(out), nil
}

// expected is the error for a value of another kind than a type needs.
func expected(n *jsonNode, t types.Type) error {
	what := map[types.Kind]string{types.Array: "array", types.Map: "object", types.Row: "array or object"}[t.Kind]
	return reason("Expected a json " + what + ", but got " + n.token())
}

// nested writes a value of any type.
func nested(dst []byte, n *jsonNode, t types.Type) ([]byte, error) {
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		if n.kind == 'n' {
			return wire.AppendNull(dst), nil
		}
	case types.JSON:
		return wire.AppendString(dst, string(n.append(nil))), nil
	default:
		return leaf(dst, n, t)
	}
	switch {
	case t.Kind == types.Array && n.kind == '[':
		return listOf(dst, len(n.items), func(dst []byte, i int) ([]byte, error) { return nested(dst, &n.items[i], t.Elem(0)) })
	case t.Kind == types.Map && n.kind == '{':
		return entries(dst, n, t)
	case t.Kind == types.Row && n.kind == '[':
		return fieldsByPosition(dst, n, t)
	case t.Kind == types.Row && n.kind == '{':
		return fieldsByName(dst, n, t)
	}
	return nil, expected(n, t)
}

// listOf writes a JSON array of n elements.
func listOf(dst []byte, n int, element func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = element(dst, i); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// entries writes pairs of keys and values.
func entries(dst []byte, n *jsonNode, t types.Type) ([]byte, error) {
	seen := map[string]bool{}
	return listOf(dst, len(n.items), func(dst []byte, i int) ([]byte, error) {
		start := len(dst) + 1
		dst, err := leaf(append(dst, '['), &jsonNode{kind: '"', text: n.keys[i]}, t.Elem(0))
		if err != nil {
			return nil, err
		}
		key := string(dst[start:])
		if seen[key] {
			return nil, reason("Duplicate map keys are not allowed")
		}
		seen[key] = true
		if dst, err = nested(append(dst, ','), &n.items[i], t.Elem(1)); err != nil {
			return nil, err
		}
		return append(dst, ']'), nil
	})
}

// fieldsByPosition writes a row of a JSON array, which must have as many elements as the row has fields.
func fieldsByPosition(dst []byte, n *jsonNode, t types.Type) ([]byte, error) {
	dst, err := listOf(dst, len(t.Args), func(dst []byte, i int) ([]byte, error) {
		if i < len(n.items) {
			return nested(dst, &n.items[i], t.Elem(i))
		}
		end := jsonNode{kind: ']'}
		if t.Elem(i).Kind == types.JSON {
			return nil, reason("Expected json array ending, but got null")
		}
		return nested(dst, &end, t.Elem(i))
	})
	if err == nil && len(n.items) > len(t.Args) {
		err = reason("Expected json array ending, but got " + n.items[len(t.Args)].token())
	}
	return dst, err
}

// fieldsByName writes a row of a JSON object. Its keys are taken in lower case; the last of fields of one name counts.
func fieldsByName(dst []byte, n *jsonNode, t types.Type) ([]byte, error) {
	if t.Args[0].Name == "" {
		return nil, reason("Cannot cast a JSON object to anonymous row type. Input must be a JSON array.")
	}
	index := map[string]int{}
	for i, f := range t.Args {
		index[f.Name] = i
	}
	values := make([]*jsonNode, len(t.Args))
	for i, k := range n.keys {
		name := strings.ToLower(k)
		at, ok := index[name]
		if !ok {
			continue
		}
		if values[at] != nil {
			return nil, reason("Duplicate field: " + name)
		}
		values[at] = &n.items[i]
	}
	return listOf(dst, len(t.Args), func(dst []byte, i int) ([]byte, error) {
		if values[i] == nil {
			return wire.AppendNull(dst), nil
		}
		return nested(dst, values[i], t.Elem(i))
	})
}

// leaf writes the text of a simple value.
func leaf(dst []byte, n *jsonNode, t types.Type) ([]byte, error) {
	within := t
	if t.Kind == types.SmallInt {
		within = types.Of(types.Integer) // as which they are read
	}
	text, err := leafFromJSON(n, within)
	if err != nil {
		switch err.kind {
		case wrongToken:
			name := within.String()
			if t.Kind == types.Decimal {
				name = strings.ToUpper(name)
			} else if t.Kind == types.Varchar {
				name = "varchar"
			}
			return nil, reason("Unexpected token when cast to " + name + ": " + n.token())
		case tooBig:
			if t.Kind != types.Decimal {
				return nil, reason("")
			}
		case badNumber:
			return nil, reason("")
		}
		return nil, err
	}
	if text == nil {
		return wire.AppendNull(dst), nil
	}
	if t.Kind == types.SmallInt {
		if v, _ := strconv.ParseInt(text.(string), 10, 32); v > 1<<15-1 {
			return nil, reason("Value " + text.(string) + " exceeds MAX_SHORT for type smallint")
		} else if v < -1<<15 {
			return nil, reason("Value " + text.(string) + " is less than MIN_SHORT for type smallint")
		}
	}
	return wire.AppendString(dst, text.(string)), nil
}
