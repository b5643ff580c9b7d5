package native

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// pathFunctions are json_extract and its like. A text that is no JSON gives NULL.
var pathFunctions = []Function{
	{"wb_json_extract", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		v, err := follow(a[0].(string), a[1].(string))
		if v == nil || err != nil {
			return nil, err
		}
		s, err := types.CanonicalJSON(string(v))
		if err != nil {
			return nil, nil
		}
		return s, nil
	}},
	{"wb_json_extract_scalar", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		v, err := follow(a[0].(string), a[1].(string))
		if v == nil || err != nil {
			return nil, err
		}
		return scalarText(v), nil
	}},
	{"wb_json_size", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		v, err := follow(a[0].(string), a[1].(string))
		if v == nil || err != nil {
			return nil, err
		}
		var list []json.RawMessage
		var object map[string]json.RawMessage
		if json.Unmarshal(v, &list) == nil {
			return int64(len(list)), nil
		}
		_ = json.Unmarshal(v, &object)
		return int64(len(object)), nil
	}},
	{"wb_json_array_get", params("VARCHAR", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		var list []json.RawMessage
		if json.Unmarshal([]byte(a[0].(string)), &list) != nil {
			return nil, nil
		}
		i := a[1].(int64)
		if i < 0 {
			i += int64(len(list))
		}
		if i < 0 || i >= int64(len(list)) || string(list[i]) == "null" {
			return nil, nil
		}
		var s string
		if json.Unmarshal(list[i], &s) == nil {
			return s, nil
		}
		text, err := types.CanonicalJSON(string(list[i]))
		if err != nil {
			return nil, nil
		}
		return text, nil
	}},
	// Array, kind of the value (boolean, integer, double, string), its text.
	{"wb_json_array_contains", params("VARCHAR", "VARCHAR", "VARCHAR"), "BOOLEAN", func(a []any) (any, error) {
		var list []json.RawMessage
		if json.Unmarshal([]byte(a[0].(string)), &list) != nil || list == nil {
			return nil, nil
		}
		for _, e := range list {
			if sameScalar(string(e), a[1].(string), a[2].(string)) {
				return true, nil
			}
		}
		return false, nil
	}},
}

func sameScalar(element, kind, text string) bool {
	switch kind {
	case "s":
		var s string
		return element[0] == '"' && json.Unmarshal([]byte(element), &s) == nil && s == text
	case "d":
		x, err := strconv.ParseFloat(element, 64)
		y, err2 := strconv.ParseFloat(text, 64)
		return err == nil && err2 == nil && x == y && strings.ContainsAny(element, ".eE")
	}
	return element == text
}

func scalarText(v json.RawMessage) any {
	s := strings.TrimSpace(string(v))
	switch {
	case s == "null" || s[0] == '{' || s[0] == '[':
		return nil
	case s[0] == '"':
		var t string
		_ = json.Unmarshal(v, &t)
		return t
	}
	return s
}

// follow returns what a path leads to; nil when there is nothing.
func follow(text, path string) (json.RawMessage, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(text)) {
		return nil, nil
	}
	v := json.RawMessage(text)
	for _, s := range steps {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		switch {
		case json.Unmarshal(v, &list) == nil && list != nil:
			i, err := strconv.Atoi(s)
			if err != nil || i < 0 || i >= len(list) {
				return nil, nil
			}
			v = list[i]
		case json.Unmarshal(v, &object) == nil && object != nil:
			next, ok := object[s]
			if !ok {
				return nil, nil
			}
			v = next
		default:
			return nil, nil
		}
	}
	return v, nil
}

// parsePath reads $.name.name[0]["name"].
func parsePath(path string) ([]string, error) {
	bad := trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid JSON path: '%s'", path)
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		// A path without the root is a member of it.
		rest = "." + path
	}
	var steps []string
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, `["`):
			end := strings.Index(rest[2:], `"]`)
			if end < 0 {
				return nil, bad
			}
			steps = append(steps, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(rest[2:2+end]))
			rest = rest[end+4:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 2 {
				return nil, bad
			}
			steps = append(steps, rest[1:end])
			rest = rest[end+1:]
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			if end == 0 || rest[1:1+end] == "*" {
				return nil, bad
			}
			steps = append(steps, rest[1:1+end])
			rest = rest[1+end:]
		default:
			return nil, bad
		}
	}
	return steps, nil
}
