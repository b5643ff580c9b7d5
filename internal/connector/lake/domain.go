package lake

import (
	"cmp"
	"math"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Allowed reports whether a domain may allow a value between low and high. It errs on the side of yes.
func Allowed(d connector.Domain, low, high any) bool {
	if d.Values != nil {
		for _, v := range d.Values {
			above, ok1 := Compare(v, low)
			below, ok2 := Compare(v, high)
			if !ok1 || !ok2 || above >= 0 && below <= 0 {
				return true
			}
		}
		return false
	}
	if d.Low != nil {
		if n, ok := Compare(high, d.Low.Value); ok && (n < 0 || n == 0 && !d.Low.Inclusive) {
			return false
		}
	}
	if d.High != nil {
		if n, ok := Compare(low, d.High.Value); ok && (n > 0 || n == 0 && !d.High.Inclusive) {
			return false
		}
	}
	return true
}

// Compare orders two values of the same type; ok is false when they have none or no order.
func Compare(a, b any) (n int, ok bool) {
	switch a := a.(type) {
	case int64:
		b, ok := b.(int64)
		return cmp.Compare(a, b), ok
	case types.DateValue:
		b, ok := b.(types.DateValue)
		return cmp.Compare(a, b), ok
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case float64:
		b, ok := b.(float64)
		return cmp.Compare(a, b), ok && !math.IsNaN(a) && !math.IsNaN(b)
	case float32:
		b, ok := b.(float32)
		return cmp.Compare(a, b), ok && a == a && b == b
	case types.Int128:
		b, ok := b.(types.Int128)
		return a.Cmp(b), ok
	case types.TimestampValue:
		b, ok := b.(types.TimestampValue)
		return cmp.Or(cmp.Compare(a.EpochMicros, b.EpochMicros), cmp.Compare(a.PicosOfMicro, b.PicosOfMicro)), ok
	case bool:
		b, ok := b.(bool)
		return cmp.Compare(truth(a), truth(b)), ok
	}
	return 0, false
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
