package sqljson

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Object describes JSON_OBJECT.
type Object struct {
	// Keys are the SQL types of the keys.
	Keys []string `json:"keys,omitempty"`
	// Types are the SQL types of the values, or json where they are read as JSON.
	Types        []string `json:"types,omitempty"`
	AbsentOnNull bool     `json:"absentOnNull,omitempty"`
	UniqueKeys   bool     `json:"uniqueKeys,omitempty"`
	// Wide says that the text will be written in UTF-16 or UTF-32.
	Wide bool `json:"wide,omitempty"`
}

// Array describes JSON_ARRAY.
type Array struct {
	// Types are the SQL types of the elements, or json where they are read as JSON.
	Types        []string `json:"types,omitempty"`
	AbsentOnNull bool     `json:"absentOnNull,omitempty"`
	// Wide says that the text will be written in UTF-16 or UTF-32.
	Wide bool `json:"wide,omitempty"`
}

// PrepareObject makes a function of the text of an Object: from the texts of keys and values to that of the object.
func PrepareObject(description string) (func(keys, values []any) (string, error), error) {
	var o Object
	if err := decode(description, &o); err != nil {
		return nil, err
	}
	ts, err := parseTypes(o.Types)
	if err != nil {
		return nil, err
	}
	keyTypes, err := parseTypes(o.Keys)
	if err != nil {
		return nil, err
	}
	return func(keys, values []any) (string, error) {
		out := &jsonpath.Object{}
		for n, k := range keys {
			key, ok := k.(string)
			if !ok {
				return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "null value passed for JSON object key to JSON_OBJECT function")
			}
			if keyTypes[n].Kind == types.Char {
				key = strings.TrimRight(key, " ")
			}
			item, err := itemOf(ts[n], values[n])
			if err != nil {
				return "", err
			}
			if item == nil {
				if o.AbsentOnNull {
					continue
				}
				item = jsonpath.Null{}
			}
			if _, exists := out.Get(key); exists {
				if o.UniqueKeys {
					return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "duplicate key passed to JSON_OBJECT function")
				}
				// Keeping both would be right; a single one would lose data.
				return "", trinoerr.New(trinoerr.NotSupported, "cannot construct a JSON object with duplicate key")
			}
			out.Set(key, item)
		}
		return encode(hashed(out), o.Wide), nil
	}, nil
}

// PrepareArray makes a function of the text of an Array: from the texts of elements to that of the array.
func PrepareArray(description string) (func(elements []any) (string, error), error) {
	var a Array
	if err := decode(description, &a); err != nil {
		return nil, err
	}
	ts, err := parseTypes(a.Types)
	if err != nil {
		return nil, err
	}
	return func(elements []any) (string, error) {
		out := jsonpath.Array{}
		for n, e := range elements {
			item, err := itemOf(ts[n], e)
			if err != nil {
				return "", err
			}
			if item == nil {
				if a.AbsentOnNull {
					continue
				}
				item = jsonpath.Null{}
			}
			out = append(out, item)
		}
		return encode(out, a.Wide), nil
	}, nil
}

func parseTypes(names []string) ([]types.Type, error) {
	out := make([]types.Type, len(names))
	for n, name := range names {
		var err error
		if out[n], err = types.Parse(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// itemOf makes a JSON item of a text; nil of NULL.
func itemOf(t types.Type, text any) (jsonpath.Item, error) {
	s, ok := text.(string)
	if !ok {
		return nil, nil
	}
	if t.Kind == types.JSON {
		return read(s)
	}
	v, err := valueOf(t, s, "")
	if err != nil {
		return nil, err
	}
	item, _ := jsonpath.JSON(v) // the binder passes nothing else
	return item, nil
}
