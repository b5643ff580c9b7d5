package native

import (
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// errorFunctions raise errors: unlike DuckDB's error function they are not volatile, so that TRY can catch what they
// raise. They never return.
var errorFunctions = []Function{
	// A code's name and a message.
	{"wb_raise", params("VARCHAR", "VARCHAR"), "NULL", func(a []any) (any, error) {
		code := trinoerr.ByName(a[0].(string))
		if code == nil {
			code = trinoerr.GenericInternalError
		}
		return nil, trinoerr.New(code, "%s", a[1])
	}},
	// A code's number and a message.
	{"wb_fail_with", params("BIGINT", "VARCHAR"), "NULL", func(a []any) (any, error) {
		code := standardCodes[a[0].(int64)]
		if code == nil {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "Unable to find error for code: %d", a[0])
		}
		return nil, trinoerr.New(code, "%s", a[1])
	}},
	// The description of a failure, as the client protocol has it in JSON.
	{"wb_fail_as", params("VARCHAR"), "NULL", func(a []any) (any, error) {
		var f struct{ Type, Message *string }
		if json.Unmarshal([]byte(a[0].(string)), &f) != nil || f.Type == nil {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "Invalid JSON bytes for [simple type, class io.trino.client.FailureInfo]")
		}
		message := ""
		if f.Message != nil {
			message = *f.Message
		}
		return nil, trinoerr.New(trinoerr.GenericUserError, "%s", message)
	}},
}

// connectorCodes is where the numbers of connectors' codes begin.
const connectorCodes = 1 << 24

// standardCodes are the engine's own codes by number.
var standardCodes = func() map[int64]*trinoerr.Code {
	out := map[int64]*trinoerr.Code{}
	for _, name := range trinoerr.Names() {
		if c := trinoerr.ByName(name); c.Number < connectorCodes {
			out[int64(c.Number)] = c
		}
	}
	return out
}()
