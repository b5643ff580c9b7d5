package lake

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Number is a value as statistics have it; false for values that are no numbers.
func Number(t types.Type, v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case types.DateValue:
		return float64(v), true
	case types.Int128:
		if n, ok := v.Int64(); ok { // a small one that is negative would be lost between two large numbers
			return float64(n) / math.Pow10(t.S), true
		}
		return (float64(v.Hi)*math.Exp2(64) + float64(v.Lo)) / math.Pow10(t.S), true
	}
	return 0, false
}
