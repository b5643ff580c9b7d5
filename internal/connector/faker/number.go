package faker

import (
	"fmt"
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// number is the place of a value on the line of its type: an integer that counts the type's smallest steps, or a floating-point number.
type number struct {
	whole *big.Int // nil for a floating-point number
	float float64
}

func whole(n int64) number { return number{whole: big.NewInt(n)} }

func (n number) cmp(m number) int {
	if n.whole != nil {
		return n.whole.Cmp(m.whole)
	}
	switch {
	case n.float < m.float:
		return -1
	case n.float > m.float:
		return 1
	}
	return 0
}

// next is the number above, or with -1 the one below.
func (n number) next(direction int) number {
	if n.whole != nil {
		return number{whole: new(big.Int).Add(n.whole, big.NewInt(int64(direction)))}
	}
	return number{float: math.Nextafter(n.float, math.Inf(direction))}
}

// String writes the number so that readNumber reads the same one.
func (n number) String() string {
	if n.whole != nil {
		return n.whole.String()
	}
	return fmt.Sprintf("%x", n.float)
}

// readNumber reads a number of a type, or what is given in the place of none.
func readNumber(text string, t types.Type, none number) number {
	if text == "" {
		return none
	}
	if t.Kind == types.Real || t.Kind == types.Double {
		var f float64
		if _, err := fmt.Sscanf(text, "%g", &f); err != nil {
			return none
		}
		return number{float: f}
	}
	if n, ok := new(big.Int).SetString(text, 10); ok {
		return number{whole: n}
	}
	return none
}

// powers of ten, to 18.
var powers = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// numberOf is the place of a value; false when its type has no line, or the value is NaN.
func numberOf(v any, t types.Type) (number, bool) {
	switch v := v.(type) {
	case int64:
		return whole(v), true
	case types.Int128:
		return number{whole: v.Big()}, true
	case types.DateValue:
		return whole(int64(v)), true
	case types.TimeValue:
		return whole(int64(v) / powers[12-t.P]), true
	case types.TimestampValue:
		return whole(types.FloorDiv(v.EpochMicros, powers[6-t.P])), true
	case types.TimestampTZValue:
		return whole(types.FloorDiv(v.EpochMillis, powers[3-t.P])), true
	case float32:
		return number{float: float64(v)}, v == v
	case float64:
		return number{float: v}, v == v
	}
	return number{}, false
}

// parsed is the place of a literal.
func parsed(text string, t types.Type) (number, bool) {
	v, ok := types.Cast(text, varchar, t, types.UTC)
	if !ok || v == nil {
		return number{}, false
	}
	return numberOf(v, t)
}

// Ends of what dates and timestamps can be: DuckDB's.
const (
	maxDate   = math.MaxInt32 - 1
	maxMicros = 9_223_372_022_400_000_000
)

// ends are the first and last number of a type.
func ends(t types.Type) (low, high number) {
	symmetric := func(n int64) (number, number) { return whole(-n), whole(n) }
	switch t.Kind {
	case types.TinyInt:
		return whole(math.MinInt8), whole(math.MaxInt8)
	case types.SmallInt:
		return whole(math.MinInt16), whole(math.MaxInt16)
	case types.Integer:
		return whole(math.MinInt32), whole(math.MaxInt32)
	case types.BigInt:
		return whole(math.MinInt64), whole(math.MaxInt64)
	case types.Real:
		return number{float: -math.MaxFloat32}, number{float: math.MaxFloat32}
	case types.Double:
		return number{float: -math.MaxFloat64}, number{float: math.MaxFloat64}
	case types.Decimal:
		n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.P)), nil)
		n.Sub(n, big.NewInt(1))
		return number{whole: new(big.Int).Neg(n)}, number{whole: n}
	case types.Date:
		return symmetric(maxDate)
	case types.Time:
		return whole(0), whole(86_400*powers[t.P] - 1)
	case types.Timestamp:
		return symmetric(maxMicros / powers[6-t.P])
	case types.TimestampTZ:
		return symmetric(maxMicros / powers[6-t.P])
	}
	return number{}, number{}
}

// bounds are the first and last number of a column.
func (s *spec) bounds(t types.Type) (low, high number) {
	low, high = ends(t)
	return readNumber(s.Low, t, low), readNumber(s.High, t, high)
}

// increment is a step as a fraction: so many of the type's numbers, or nanoseconds of which a number has several.
type increment struct {
	of    number
	nanos int64 // of a number, for types of times; otherwise 1
}

// stepOf reads the step of a sequence: a literal, or a duration.
func stepOf(text string, t types.Type) (increment, error) {
	if !temporal(t) {
		n, ok := parsed(text, t)
		if !ok {
			return increment{}, fmt.Errorf("%q is not a %s", text, t)
		}
		return increment{n, 1}, nil
	}
	d, err := config.ParseDuration(text)
	nanos := int64(86_400_000_000_000)
	if t.Kind != types.Date {
		nanos = powers[9-t.P]
	}
	return increment{whole(int64(d)), nanos}, err
}

// at is the number of a row in a sequence that begins with low and stays at high once it is there.
func (i increment) at(low, high number, row int64) number {
	var n number
	if i.of.whole == nil {
		n = number{float: low.float + float64(row)*i.of.float}
	} else {
		far := new(big.Int).Mul(i.of.whole, big.NewInt(row))
		far.Quo(far, big.NewInt(i.nanos))
		n = number{whole: far.Add(far, low.whole)}
	}
	if n.cmp(high) > 0 {
		return high
	}
	if n.cmp(low) < 0 {
		return low // a step down from the lowest value
	}
	return n
}
