package rowpattern

import (
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// cast returns the conversion between two types, where there is one.
func cast(from, to Type) (operation, bool) {
	var f func(v any) (any, error)
	switch {
	case from.Kind == to.Kind && from.Kind == Array:
		inner, ok := cast(*from.Elem, *to.Elem)
		return func(vs []any) (any, error) { return castElements(vs[0].([]any), inner) }, ok
	case from.Kind == Int && to.Kind == Int:
		f = func(v any) (any, error) { return toInteger(big.NewInt(v.(int64)), to, v) }
	case from.Kind == Int && (to.Kind == Double || to.Kind == Real):
		f = func(v any) (any, error) { return rounded(float64(v.(int64)), to), nil }
	case from.Kind == Int && to.Kind == Decimal:
		f = func(v any) (any, error) { return toDecimal(big.NewInt(v.(int64)), 0, to) }
	case from.Kind == Int && to.Kind == Text:
		f = func(v any) (any, error) { return toText(strconv.FormatInt(v.(int64), 10), to) }
	case from.Kind == Decimal && to.Kind == Decimal:
		f = func(v any) (any, error) { return toDecimal(v.(*big.Int), from.S, to) }
	case from.Kind == Decimal && (to.Kind == Double || to.Kind == Real):
		f = func(v any) (any, error) {
			d, err := strconv.ParseFloat(decimalText(v.(*big.Int), from.S), 64)
			return rounded(d, to), err
		}
	case from.Kind == Decimal && to.Kind == Int:
		f = func(v any) (any, error) {
			return toInteger(rescale(v.(*big.Int), from.S, 0), to, decimalText(v.(*big.Int), from.S))
		}
	case from.Kind == Decimal && to.Kind == Text:
		f = func(v any) (any, error) { return toText(decimalText(v.(*big.Int), from.S), to) }
	case (from.Kind == Double || from.Kind == Real) && (to.Kind == Double || to.Kind == Real):
		f = func(v any) (any, error) { return rounded(v.(float64), to), nil }
	case (from.Kind == Double || from.Kind == Real) && to.Kind == Int:
		f = func(v any) (any, error) { return roundInteger(v.(float64), to) }
	case from.Kind == Text && to.Kind == Text:
		f = func(v any) (any, error) {
			s := v.(string)
			if to.P > 0 && utf8.RuneCountInString(s) > to.P {
				s = string([]rune(s)[:to.P])
			}
			return s, nil
		}
	case from.Kind == Bool && to.Kind == Text:
		f = func(v any) (any, error) { return toText(strconv.FormatBool(v.(bool)), to) }
	case from.Kind == Bool && to.Kind == Bool:
		f = func(v any) (any, error) { return v, nil }
	default:
		return nil, false
	}
	return func(vs []any) (any, error) { return f(vs[0]) }, true
}

func castElements(list []any, f operation) (any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		if v == nil {
			continue
		}
		var err error
		if out[i], err = f([]any{v}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func toInteger(v *big.Int, to Type, shown any) (any, error) {
	if !fits(v, to.P) {
		return fail(trinoerr.NumericValueOutOfRange, "Out of range for %s: %v", integerNames[to.P], shown)
	}
	return v.Int64(), nil
}

func roundInteger(v float64, to Type) (any, error) {
	r := math.Round(v)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fail(trinoerr.InvalidCastArgument, "Cannot cast %v to %s", v, integerNames[to.P])
	}
	b, _ := new(big.Float).SetFloat64(r).Int(nil)
	return toInteger(b, to, v)
}

func rounded(v float64, to Type) float64 {
	if to.Kind == Real {
		return float64(float32(v))
	}
	return v
}

func toDecimal(v *big.Int, scale int, to Type) (any, error) {
	r := rescale(v, scale, to.S)
	if r.CmpAbs(power10(to.P)) >= 0 {
		return fail(trinoerr.InvalidCastArgument, "Cannot cast '%s' to DECIMAL(%d, %d)", decimalText(v, scale), to.P, to.S)
	}
	return r, nil
}

// toText refuses texts that are too long: only texts are cut.
func toText(s string, to Type) (any, error) {
	if to.P > 0 && len(s) > to.P {
		return fail(trinoerr.InvalidCastArgument, "Value %s cannot be represented as varchar(%d)", s, to.P)
	}
	return s, nil
}
