package jsonpath

import (
	"cmp"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// comparison compares every item of the left sequence with every item of the right one: it is true when a pair fulfils it.
// In lax mode the first pair that is true, or that cannot be compared, decides; in strict mode all pairs are looked at.
//
// null equals null and differs from everything else; arrays and objects can be compared with nothing but null.
func (v *evaluation) comparison(p *Comparison, sc scope) truth {
	left, err := v.unwrapped(p.Left, sc)
	if err != nil {
		return unknown
	}
	right, err := v.unwrapped(p.Right, sc)
	if err != nil {
		return unknown
	}
	if len(left) == 0 || len(right) == 0 {
		return no
	}
	l, r := sort(left), sort(right)
	if l.composite && (r.composite || len(r.scalars) > 0) || r.composite && len(l.scalars) > 0 {
		return unknown
	}
	found := p.Op == "==" && l.null && r.null ||
		p.Op == "<>" && (l.null && (r.composite || len(r.scalars) > 0) || r.null && (l.composite || len(l.scalars) > 0))
	if found && v.lax || len(l.scalars) == 0 || len(r.scalars) == 0 {
		return truthOf(found)
	}
	a, ok1 := values(l.scalars)
	b, ok2 := values(r.scalars)
	if !ok1 || !ok2 {
		return unknown
	}
	for _, x := range a {
		for _, y := range b {
			switch compare(p.Op, x, y, v.env.Zone) {
			case unknown:
				return unknown
			case yes:
				if v.lax {
					return yes
				}
				found = true
			}
		}
	}
	return truthOf(found)
}

// sorted is a sequence by what can be compared.
type sorted struct {
	null, composite bool
	scalars         []Item
}

func sort(items []Item) (out sorted) {
	for _, i := range items {
		switch i.(type) {
		case Null:
			out.null = true
		case Array, *Object:
			out.composite = true
		default:
			out.scalars = append(out.scalars, i)
		}
	}
	return out
}

// values returns scalars as SQL values.
func values(items []Item) ([]Value, bool) {
	out := make([]Value, len(items))
	for n, i := range items {
		v, ok := i.(Value)
		if !ok {
			if v, ok = Scalar(i); !ok {
				return nil, false
			}
		}
		out[n] = v
	}
	return out, true
}

// compare compares two values in their common type.
func compare(op string, a, b Value, zone types.Zone) truth {
	common, ok := types.CommonSuperType(a.Type, b.Type)
	if !ok {
		return unknown
	}
	x, ok1 := types.Cast(a.Value, a.Type, common, zone)
	y, ok2 := types.Cast(b.Value, b.Type, common, zone)
	if !ok1 || !ok2 {
		return unknown
	}
	order, comparable, known := order(x, y)
	if !known {
		return unknown
	}
	switch op {
	case "==":
		return truthOf(comparable && order == 0)
	case "<>":
		return truthOf(!comparable || order != 0)
	case "<":
		return truthOf(comparable && order < 0)
	case "<=":
		return truthOf(comparable && order <= 0)
	case ">":
		return truthOf(comparable && order > 0)
	}
	return truthOf(comparable && order >= 0)
}

// order compares two values of one type. comparable is false for NaN, which neither equals nor precedes anything; known is
// false for values that paths do not compare.
func order(x, y any) (order int, comparable, known bool) {
	switch x := x.(type) {
	case bool:
		return cmp.Compare(bit(x), bit(y.(bool))), true, true
	case int64:
		return cmp.Compare(x, y.(int64)), true, true
	case float64:
		y := y.(float64)
		return cmp.Compare(x, y), x == x && y == y, true
	case float32:
		y := y.(float32)
		return cmp.Compare(x, y), x == x && y == y, true
	case types.Int128:
		return x.Cmp(y.(types.Int128)), true, true
	case string:
		return strings.Compare(x, y.(string)), true, true
	case types.DateValue:
		return cmp.Compare(x, y.(types.DateValue)), true, true
	case types.TimeValue:
		return cmp.Compare(x, y.(types.TimeValue)), true, true
	case types.TimeTZValue:
		y := y.(types.TimeTZValue)
		return cmp.Compare(utcPicos(x), utcPicos(y)), true, true
	case types.TimestampValue:
		y := y.(types.TimestampValue)
		return cmp.Or(cmp.Compare(x.EpochMicros, y.EpochMicros), cmp.Compare(x.PicosOfMicro, y.PicosOfMicro)), true, true
	case types.TimestampTZValue:
		y := y.(types.TimestampTZValue)
		return cmp.Or(cmp.Compare(x.EpochMillis, y.EpochMillis), cmp.Compare(x.PicosOfMilli, y.PicosOfMilli)), true, true
	}
	return 0, false, false
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// utcPicos is the time of day in UTC.
func utcPicos(v types.TimeTZValue) int64 {
	const picosPerMinute, picosPerDay = 60_000_000_000_000, 86_400_000_000_000_000
	return ((v.Picos-int64(v.OffsetMinutes)*picosPerMinute)%picosPerDay + picosPerDay) % picosPerDay
}

func (v *evaluation) startsWith(p *StartsWith, sc scope) truth {
	items, err := v.unwrapped(p.Arg, sc)
	if err != nil {
		return unknown
	}
	prefixes, err := v.eval(p.Prefix, sc)
	if err != nil || len(prefixes) != 1 {
		return unknown
	}
	prefix, ok := characters(prefixes[0])
	if !ok {
		return unknown
	}
	found := no
	for _, i := range items {
		s, ok := characters(i)
		if !ok {
			return unknown
		}
		if strings.HasPrefix(s, prefix) {
			if found = yes; v.lax {
				return yes
			}
		}
	}
	return found
}

// characters returns the text of a string item.
func characters(i Item) (string, bool) {
	switch i := i.(type) {
	case string:
		return i, true
	case Value:
		return types.Text(i.Type, i.Value), i.Type.Kind == types.Varchar || i.Type.Kind == types.Char
	}
	return "", false
}
