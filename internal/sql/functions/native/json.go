package native

import (
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// jsonFunctions are about JSON.
var jsonFunctions = join(jsonTextFunctions, jsonMakeFunctions, jsonCastFunctions, constructFunctions)

// jsonTextFunctions make and read JSON text.
var jsonTextFunctions = []Function{
	{"wb_json_parse", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		s, err := types.CanonicalJSON(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Cannot convert value to JSON: '%s'", a[0])
		}
		return s, nil
	}},
}
