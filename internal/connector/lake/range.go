package lake

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Range is between which numbers the values of a column lie, as far as that is known.
type Range struct {
	low, high float64
	unknown   bool
}

// NewRange is the range of no values.
func NewRange() Range { return Range{low: math.Inf(1), high: math.Inf(-1)} }

// Widen adds values of a type; some that are no numbers make the range unknown.
func (r *Range) Widen(t types.Type, low, high any) {
	l, ok1 := Number(t, low)
	h, ok2 := Number(t, high)
	if !ok1 || !ok2 {
		r.unknown = true
		return
	}
	r.low, r.high = min(r.low, l), max(r.high, h)
}

// Forget says that there are values of which nothing is known.
func (r *Range) Forget() { r.unknown = true }

// Bounds are the smallest and the largest number, NaN when they are not known.
func (r *Range) Bounds() (low, high float64) {
	if r.unknown || r.low > r.high {
		return math.NaN(), math.NaN()
	}
	return r.low, r.high
}

// Discrete reports whether a type has countably many values between two others.
func Discrete(t types.Type) bool {
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date:
		return true
	}
	return false
}
