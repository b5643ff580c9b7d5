package native

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// jsonFunctions are about JSON.
var jsonFunctions = join(jsonTextFunctions, constructFunctions)

// jsonTextFunctions make and read JSON text.
var jsonTextFunctions = []Function{
	{"wb_json_string", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.AppendString(nil, a[0].(string))), nil
	}},
	{"wb_json_number", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.AppendDouble(nil, a[0].(float64))), nil
	}},
	{"wb_json_parse", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		s, err := types.CanonicalJSON(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Cannot convert value to JSON: '%s'", a[0])
		}
		return s, nil
	}},
	// JSON text and the type that it is cast to: the scalar as a text that casts to that type.
	{"wb_json_scalar", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return jsonScalar(a[0].(string), a[1].(string))
	}},
	{"wb_json_array_length", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		var v []json.RawMessage
		if json.Unmarshal([]byte(a[0].(string)), &v) != nil || v == nil {
			return nil, nil
		}
		return int64(len(v)), nil
	}},
}

func jsonScalar(text, to string) (any, error) {
	fail := trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast '%s' to %s", text, to)
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, fail
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return v, nil
	case bool:
		if to == "BOOLEAN" || strings.HasPrefix(to, "varchar") {
			return map[bool]string{true: "true", false: "false"}[v], nil
		}
		return map[bool]string{true: "1", false: "0"}[v], nil
	case json.Number:
		if f, err := v.Float64(); to == "BOOLEAN" && err == nil {
			return map[bool]string{true: "true", false: "false"}[f != 0 && !math.IsNaN(f)], nil
		}
		return v.String(), nil
	}
	return nil, fail
}
