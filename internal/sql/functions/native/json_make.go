package native

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// jsonMakeFunctions make JSON text of SQL values.
var jsonMakeFunctions = []Function{
	{"wb_json_string", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return string(types.AppendJSONString(nil, a[0].(string))), nil
	}},
	{"wb_json_number", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.AppendDouble(nil, a[0].(float64))), nil
	}},
	{"wb_json_real", params("FLOAT"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.AppendReal(nil, a[0].(float32))), nil
	}},
	// The texts of numbers as keys of objects.
	{"wb_json_number_key", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.TextDouble(nil, a[0].(float64))), nil
	}},
	{"wb_json_real_key", params("FLOAT"), "VARCHAR", func(a []any) (any, error) {
		return string(wire.TextReal(nil, a[0].(float32))), nil
	}},
	// The keys of an object and the JSON texts of its values, NULL being null.
	{"wb_json_members", params("VARCHAR[]", "VARCHAR[]"), "VARCHAR", func(a []any) (any, error) {
		return jsonMembers(a[0].([]any), a[1].([]any)), nil
	}},
}

// jsonMembers writes an object with its members in Java's order of their keys.
func jsonMembers(keys, values []any) string {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return types.CompareUTF16(keys[a].(string), keys[b].(string)) })
	dst := []byte{'{'}
	for n, i := range order {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(types.AppendJSONString(dst, keys[i].(string)), ':')
		if v, ok := values[i].(string); ok {
			dst = append(dst, v...)
		} else {
			dst = wire.AppendNull(dst)
		}
	}
	return string(append(dst, '}'))
}
