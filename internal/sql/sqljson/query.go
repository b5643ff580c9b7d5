package sqljson

import (
	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Query describes JSON_QUERY.
type Query struct {
	Invocation
	Extraction
}

// Extraction says what JSON_QUERY makes of the items that it finds.
type Extraction struct {
	Wrapper Wrapper `json:"wrapper,omitempty"`
	// OmitQuotes gives a single string as it is, without quotes.
	OmitQuotes bool `json:"omitQuotes,omitempty"`
	// Wide says that the text will be written in UTF-16 or UTF-32.
	Wide bool `json:"wide,omitempty"`
	// OnEmpty and OnError are Null, Error, EmptyArray or EmptyObject.
	OnEmpty Behavior `json:"onEmpty"`
	OnError Behavior `json:"onError"`
}

// Wrapper says when items are put into an array.
type Wrapper string

// The wrappers.
const (
	Unwrapped     Wrapper = ""
	Conditional   Wrapper = "conditional" // unless it is a single array or object
	Unconditional Wrapper = "unconditional"
)

// PrepareQuery makes a function of the text of a Query: from a document and parameters to the text of the result.
func PrepareQuery(description string) (func(document string, parameters []any) (any, error), error) {
	var q Query
	if err := decode(description, &q); err != nil {
		return nil, err
	}
	p, err := q.prepare()
	if err != nil {
		return nil, err
	}
	return func(document string, parameters []any) (any, error) {
		return q.extract(p.evaluate(document, parameters))
	}, nil
}

func outputError(format string, args ...any) error {
	return trinoerr.New(trinoerr.JsonOutputConversionError, "conversion from JSON failed: "+format, args...)
}

// extract returns the text of the items, or what the behaviors say.
func (x *Extraction) extract(items []jsonpath.Item, err error) (any, error) {
	if err == nil && len(items) == 0 {
		return replace(x.OnEmpty, outputError("JSON path found no items"))
	}
	if err == nil {
		items, err = allJSON(items)
	}
	if err == nil {
		items = x.wrap(items)
		if len(items) == 1 {
			return x.text(items[0]), nil
		}
		err = outputError("JSON path found multiple items")
	}
	return replace(x.OnError, err)
}

func replace(b Behavior, err error) (any, error) {
	switch b {
	case Error:
		return nil, err
	case EmptyArray, EmptyObject:
		return string(b), nil
	}
	return nil, nil
}

// allJSON turns SQL values among items into JSON.
func allJSON(items []jsonpath.Item) ([]jsonpath.Item, error) {
	out := make([]jsonpath.Item, len(items))
	for n, i := range items {
		var ok bool
		if out[n], ok = jsonpath.JSON(i); !ok {
			return nil, outputError("JSON path returned a scalar SQL value of type %s that cannot be represented as JSON", i.(jsonpath.Value).Type)
		}
	}
	return out, nil
}

func (x *Extraction) wrap(items []jsonpath.Item) []jsonpath.Item {
	switch x.Wrapper {
	case Unwrapped:
		return items
	case Conditional:
		if len(items) == 1 {
			switch items[0].(type) {
			case jsonpath.Array, *jsonpath.Object:
				return items
			}
		}
	}
	return []jsonpath.Item{jsonpath.Array(items)}
}

func (x *Extraction) text(i jsonpath.Item) string {
	if s, ok := i.(string); ok && x.OmitQuotes {
		return s
	}
	return encode(i, x.Wide)
}

func encode(i jsonpath.Item, wide bool) string {
	if wide {
		return jsonpath.EncodeWide(i)
	}
	return jsonpath.Encode(i)
}
