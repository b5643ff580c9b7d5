package lake

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// ParsePlain reads a value of a type whose text is the same in the logs and directory names of all formats: texts, booleans, whole numbers and
// floating point ones. plain is false for other types, ok for texts that are no such value.
func ParsePlain(t types.Type, s string) (v any, ok, plain bool) {
	switch t.Kind {
	case types.Varchar:
		return s, true, true
	case types.Boolean:
		b, err := strconv.ParseBool(strings.ToLower(s))
		return b, err == nil, true
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		bits := map[types.Kind]int{types.TinyInt: 8, types.SmallInt: 16, types.Integer: 32, types.BigInt: 64}[t.Kind]
		n, err := strconv.ParseInt(s, 10, bits)
		return n, err == nil, true
	case types.Double:
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil, true
	case types.Real:
		f, err := strconv.ParseFloat(s, 32)
		return float32(f), err == nil, true
	}
	return nil, false, false
}
