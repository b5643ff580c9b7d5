package jsonpath

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

func (v *evaluation) elements(e *Elements, sc scope) ([]Item, error) {
	items, err := v.eval(e.Base, sc)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, i := range items {
		array, ok := i.(Array)
		if !ok {
			if !v.lax {
				return nil, wrongType("ARRAY", i)
			}
			array = Array{i}
		}
		if len(e.Subscripts) == 0 {
			out = append(out, array...)
			continue
		}
		if len(array) == 0 {
			if !v.lax {
				return nil, fail("structural error: invalid array subscript for empty array")
			}
			continue
		}
		for _, s := range e.Subscripts {
			if out, err = v.slice(out, array, s, scope{len(array) - 1, sc.current}); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// slice adds the elements that a subscript names.
func (v *evaluation) slice(out []Item, array Array, s Subscript, sc scope) ([]Item, error) {
	from, err := v.eval(s.From, sc)
	if err != nil {
		return nil, err
	}
	to := from
	if s.To != nil {
		if to, err = v.eval(s.To, sc); err != nil {
			return nil, err
		}
	}
	if len(from) != 1 {
		return nil, fail("array subscript 'from' value must be singleton numeric")
	}
	if len(to) != 1 {
		return nil, fail("array subscript 'to' value must be singleton numeric")
	}
	low, err := index(from[0])
	if err != nil {
		return nil, err
	}
	high, err := index(to[0])
	if err != nil {
		return nil, err
	}
	size := int64(len(array))
	if !v.lax && (low < 0 || low >= size || high < 0 || high >= size || low > high) {
		return nil, fail("structural error: invalid array subscript: [%d, %d] for array of size %d", low, high, size)
	}
	for n := max(low, 0); n <= min(high, size-1); n++ {
		out = append(out, array[n])
	}
	return out, nil
}

// index reads a subscript; fractions are rounded.
func index(i Item) (int64, error) {
	v, ok := i.(Value)
	if !ok {
		n, isNumber := i.(Number)
		switch {
		case !isNumber:
			return 0, wrongType("NUMBER", i)
		case isTooBig(i):
			return 0, fail("cannot convert value %s to long", Encode(i))
		}
		if f, ok := n.Value.(float64); ok {
			// A fraction in a document is cut off, unlike one that was computed.
			if !(f > -1<<63-1 && f < 1<<63) {
				return 0, fail("cannot convert value %s to long", Encode(i))
			}
			return int64(f), nil
		}
		v = Value(n)
	}
	if !v.Type.Numeric() {
		return 0, wrongType("NUMBER", v)
	}
	n, ok := types.Cast(v.Value, v.Type, types.Of(types.BigInt), "")
	if !ok {
		return 0, errSilent
	}
	return n.(int64), nil
}
