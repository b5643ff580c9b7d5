package sqljson

import (
	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Value describes JSON_VALUE.
type Value struct {
	Invocation
	// Returning is the type of the result.
	Returning string `json:"returning"`
	// OnEmpty and OnError are Null, Error or Default.
	OnEmpty Behavior `json:"onEmpty"`
	OnError Behavior `json:"onError"`
}

// PrepareValue makes a function of the text of a Value: from a document and parameters to the text of the result. The
// parameters are those of the path, then the texts of the defaults ON EMPTY and ON ERROR.
func PrepareValue(description string) (func(document string, parameters []any) (any, error), error) {
	var v Value
	if err := decode(description, &v); err != nil {
		return nil, err
	}
	p, err := v.prepare()
	if err != nil {
		return nil, err
	}
	x := &valueExtractor{prepared: p, onEmpty: v.OnEmpty, onError: v.OnError}
	if x.returning, err = types.Parse(v.Returning); err != nil {
		return nil, err
	}
	return func(document string, parameters []any) (any, error) {
		n := len(p.variables)
		items, err := p.evaluate(document, parameters[:n])
		return x.extract(items, err, parameters[n], parameters[n+1])
	}, nil
}

// valueExtractor makes an SQL scalar of a sequence.
type valueExtractor struct {
	*prepared
	returning        types.Type
	onEmpty, onError Behavior
}

func resultError(format string, args ...any) error {
	return trinoerr.New(trinoerr.JsonValueResultError, "cannot extract SQL scalar from JSON: "+format, args...)
}

// extract returns the text of the only item, or what the behaviors say.
func (x *valueExtractor) extract(items []jsonpath.Item, err error, emptyDefault, errorDefault any) (any, error) {
	if err == nil && len(items) == 0 {
		return settle(x.onEmpty, emptyDefault, resultError("JSON path found no items"))
	}
	if err == nil {
		var text any
		if text, err = x.only(items); err == nil {
			return text, nil
		}
	}
	return settle(x.onError, errorDefault, err)
}

func settle(b Behavior, otherwise any, err error) (any, error) {
	switch b {
	case Error:
		return nil, err
	case Default:
		return otherwise, nil
	}
	return nil, nil
}

func (x *valueExtractor) only(items []jsonpath.Item) (any, error) {
	if len(items) > 1 {
		return nil, resultError("JSON path found multiple items")
	}
	if items[0] == (jsonpath.Null{}) {
		return nil, nil
	}
	v, ok := items[0].(jsonpath.Value)
	if !ok {
		if v, ok = jsonpath.Scalar(items[0]); !ok {
			return nil, resultError("JSON path found an item that cannot be converted to an SQL value")
		}
	}
	out, ok := types.Cast(v.Value, v.Type, x.returning, x.zone)
	if !ok {
		return nil, resultError("Cannot cast value of type %s to declared return type of function JSON_VALUE: %s", v.Type, x.returning)
	}
	// Casts of floats to varchar may round: what is read back has to be the same.
	switch f := out.(type) {
	case float64:
		return string(wire.TextDouble(nil, f)), nil
	case float32:
		return string(wire.TextReal(nil, f)), nil
	}
	return types.Text(x.returning, out), nil
}
