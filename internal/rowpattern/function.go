package rowpattern

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// functions are the functions of texts and arrays whose names are Trino's, by the kinds of their arguments.
var functions = map[string]operation{
	"concat(text,text)": func(vs []any) (any, error) { return vs[0].(string) + vs[1].(string), nil },
	"lower(text)":       func(vs []any) (any, error) { return mapped(vs[0].(string), unicode.ToLower), nil },
	"upper(text)":       func(vs []any) (any, error) { return mapped(vs[0].(string), unicode.ToUpper), nil },
	"length(text)":      func(vs []any) (any, error) { return int64(utf8.RuneCountInString(vs[0].(string))), nil },
	"starts_with(text,text)": func(vs []any) (any, error) {
		return strings.HasPrefix(vs[0].(string), vs[1].(string)), nil
	},
	"cardinality(array)": func(vs []any) (any, error) { return int64(len(vs[0].([]any))), nil },
	"concat(array,array)": func(vs []any) (any, error) {
		return append(append([]any(nil), vs[0].([]any)...), vs[1].([]any)...), nil
	},
	"map(array,array)":      newMap,
	"cardinality(map)":      func(vs []any) (any, error) { return int64(len(vs[0].([]entry))), nil },
	"map_keys(map)":         func(vs []any) (any, error) { return parts(vs[0], func(e entry) any { return e.key }), nil },
	"map_values(map)":       func(vs []any) (any, error) { return parts(vs[0], func(e entry) any { return e.value }), nil },
	"element_at(map,text)":  valueAt,
	"element_at(map,int)":   valueAt,
	"$subscript(map,text)":  valueOf,
	"$subscript(map,int)":   valueOf,
	"element_at(array,int)": elementAt,
	"$subscript(array,int)": subscript,
	"contains(array,text)":  contains,
	"contains(array,int)":   contains,
}

// function returns a function by its name and the kinds of its arguments.
func function(e *Expr) (operation, bool) {
	kinds := make([]string, len(e.Args))
	for i, a := range e.Args {
		kinds[i] = string(a.Type.Kind)
	}
	f, ok := functions[e.Op+"("+strings.Join(kinds, ",")+")"]
	return f, ok
}

// mapped changes the letters of a text one by one.
func mapped(s string, f func(rune) rune) string { return strings.Map(f, s) }

func elementAt(vs []any) (any, error) {
	list, i := vs[0].([]any), vs[1].(int64)
	n := int64(len(list))
	switch {
	case i == 0:
		return fail(trinoerr.InvalidFunctionArgument, "SQL array indices start at 1")
	case i > n || i < -n:
		return nil, nil
	case i < 0:
		return list[n+i], nil
	}
	return list[i-1], nil
}

func subscript(vs []any) (any, error) {
	list, i := vs[0].([]any), vs[1].(int64)
	switch {
	case i == 0:
		return fail(trinoerr.InvalidFunctionArgument, "SQL array indices start at 1")
	case i < 0:
		return fail(trinoerr.InvalidFunctionArgument, "Array subscript is negative: %d", i)
	case i > int64(len(list)):
		return fail(trinoerr.InvalidFunctionArgument, "Array subscript must be less than or equal to array length: %d > %d", i, len(list))
	}
	return list[i-1], nil
}

// newMap makes a map of keys and values.
func newMap(vs []any) (any, error) {
	keys, values := vs[0].([]any), vs[1].([]any)
	if len(keys) != len(values) {
		return fail(trinoerr.InvalidFunctionArgument, "Key and value arrays must be the same length")
	}
	out := make([]entry, 0, len(keys))
	for i, k := range keys {
		if k == nil {
			return fail(trinoerr.InvalidFunctionArgument, "map key cannot be null")
		}
		if _, ok := find(out, k); ok {
			return fail(trinoerr.InvalidFunctionArgument, "Duplicate map keys (%v) are not allowed", k)
		}
		out = append(out, entry{k, values[i]})
	}
	return out, nil
}

func parts(m any, part func(entry) any) any {
	out := []any{}
	for _, e := range m.([]entry) {
		out = append(out, part(e))
	}
	return out
}

func valueAt(vs []any) (any, error) {
	v, _ := find(vs[0].([]entry), vs[1])
	return v, nil
}

func valueOf(vs []any) (any, error) {
	v, ok := find(vs[0].([]entry), vs[1])
	if !ok {
		return fail(trinoerr.InvalidFunctionArgument, "Key not present in map: %v", vs[1])
	}
	return v, nil
}

func contains(vs []any) (any, error) {
	null := false
	for _, v := range vs[0].([]any) {
		switch {
		case v == nil:
			null = true
		case equal(v, vs[1]):
			return true, nil
		}
	}
	if null {
		return nil, nil
	}
	return false, nil
}

// arrayJoin writes the elements of an array, without the NULLs unless there is a text for them.
func arrayJoin(e *Expr, args []evaluator) (evaluator, error) {
	elem := e.Args[0].Type.Elem
	if elem == nil || elem.Kind != Text && elem.Kind != Int && elem.Kind != Bool && elem.Kind != Decimal {
		return nil, fmt.Errorf("row pattern: no array_join of %v", e.Args[0].Type)
	}
	return all(args, func(vs []any) (any, error) {
		if vs[0] == nil || vs[1] == nil {
			return nil, nil
		}
		var parts []string
		for _, v := range vs[0].([]any) {
			switch {
			case v != nil:
				parts = append(parts, plainText(v, elem))
			case len(vs) > 2 && vs[2] != nil:
				parts = append(parts, vs[2].(string))
			}
		}
		return strings.Join(parts, vs[1].(string)), nil
	}), nil
}

// plainText writes a value as its cast to varchar does.
func plainText(v any, t *Type) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case *big.Int:
		return decimalText(v, t.S)
	}
	return ""
}
