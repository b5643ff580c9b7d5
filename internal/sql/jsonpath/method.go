package jsonpath

import (
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func (v *evaluation) method(e *Method, sc scope) ([]Item, error) {
	switch e.Name {
	case "abs":
		return v.each(e.Base, sc, true, onNumber(absolute))
	case "ceiling":
		return v.each(e.Base, sc, true, onNumber(func(n Value) (Item, error) { return roundTo(n, math.Ceil, 1), nil }))
	case "floor":
		return v.each(e.Base, sc, true, onNumber(func(n Value) (Item, error) { return roundTo(n, math.Floor, -1), nil }))
	case "double":
		return v.each(e.Base, sc, true, toDouble)
	case "size":
		return v.each(e.Base, sc, false, v.size)
	case "type":
		return v.each(e.Base, sc, false, typeName)
	case "keyvalue":
		return v.keyValues(e, sc)
	}
	return nil, fail("unknown method %s", e.Name)
}

// onNumber makes a function of items of one of numbers.
func onNumber(apply func(Value) (Item, error)) func(Item) (Item, error) {
	return func(i Item) (Item, error) {
		n, err := number1(i)
		if err != nil {
			return nil, err
		}
		return apply(n)
	}
}

// number1 returns an item as a number.
func number1(i Item) (Value, error) {
	v, isValue := i.(Value)
	if !isValue {
		var ok bool
		if v, ok = numeric(i); !ok {
			if isTooBig(i) {
				return v, errSilent
			}
			return v, wrongType("NUMBER", i)
		}
	}
	if !v.Type.Numeric() {
		return v, wrongType("NUMBER", v)
	}
	return v, nil
}

func absolute(n Value) (Item, error) {
	switch v := n.Value.(type) {
	case float64:
		return Value{n.Type, math.Abs(v)}, nil
	case float32:
		return Value{n.Type, float32(math.Abs(float64(v)))}, nil
	case int64:
		if v >= 0 {
			return n, nil
		}
	case types.Int128:
		if v.Hi >= 0 {
			return n, nil
		}
	}
	return negated(n)
}

// apply applies a sign.
func (e *Sign) apply(i Item) (Item, error) {
	n, err := number1(i)
	if err != nil || !e.Negative {
		return n, err
	}
	return negated(n)
}

func negated(n Value) (Item, error) {
	switch v := n.Value.(type) {
	case float64:
		return Value{n.Type, -v}, nil
	case float32:
		return Value{n.Type, -v}, nil
	case types.Int128:
		return Value{n.Type, v.Neg()}, nil
	case int64:
		if v == minimum(n.Type) {
			return nil, errSilent
		}
		return Value{n.Type, -v}, nil
	}
	return nil, errSilent
}

// roundTo rounds a number to an integral one; step is what a decimal's quotient lacks when there is a rest of its sign.
func roundTo(n Value, float func(float64) float64, step int) Item {
	switch v := n.Value.(type) {
	case float64:
		return Value{n.Type, float(v)}
	case float32:
		return Value{n.Type, float32(float(float64(v)))}
	case types.Int128:
		scale := n.Type.S
		quotient, rest := new(big.Int).QuoRem(v.Big(), powerOfTen(scale), new(big.Int))
		if rest.Sign() == step {
			quotient.Add(quotient, big.NewInt(int64(step)))
		}
		out, _ := types.Int128FromBig(quotient) // smaller than v, but for a step that the type has room for
		return Value{types.DecimalOf(max(1, n.Type.P-scale+min(scale, 1)), 0), out}
	}
	return n
}

func powerOfTen(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func toDouble(i Item) (Item, error) {
	v, ok := i.(Value)
	if !ok {
		if v, ok = Scalar(i); !ok || v.Type.Kind == types.Boolean {
			if isTooBig(i) {
				return nil, errSilent
			}
			return nil, wrongType("NUMBER or TEXT", i)
		}
	}
	from := v.Type
	switch {
	case from.Kind == types.Char:
		from = types.Of(types.Varchar)
	case from.Kind != types.Varchar && !from.Numeric():
		return nil, wrongType("NUMBER or TEXT", v)
	}
	f, ok := types.Cast(v.Value, from, types.Of(types.Double), "")
	if !ok {
		return nil, errSilent
	}
	return Value{types.Of(types.Double), f}, nil
}

func (v *evaluation) size(i Item) (Item, error) {
	n := 1
	if a, ok := i.(Array); ok {
		n = len(a)
	} else if !v.lax {
		return nil, wrongType("ARRAY", i)
	}
	return Value{types.Of(types.Integer), int64(n)}, nil
}

// typeMethodLength is the length of the longest name that type() gives.
const typeMethodLength = 27

// sqlTypeNames are the standard's names of the types that JSON does not have.
var sqlTypeNames = map[types.Kind]string{
	types.Date: "date", types.Time: "time without time zone", types.TimeTZ: "time with time zone",
	types.Timestamp: "timestamp without time zone", types.TimestampTZ: "timestamp with time zone",
}

func typeName(i Item) (Item, error) {
	name := ""
	if v, ok := i.(Value); ok {
		name = sqlTypeNames[v.Type.Kind]
	}
	if j, ok := JSON(i); ok && name == "" {
		switch j.(type) {
		case Null:
			name = "null"
		case bool:
			name = "boolean"
		case string:
			name = "string"
		case Number:
			name = "number"
		case Array:
			name = "array"
		case *Object:
			name = "object"
		}
	}
	return Value{types.VarcharN(typeMethodLength), name}, nil
}

// keyValues gives an object of name, value and id for every member. The id tells the members of different objects apart.
func (v *evaluation) keyValues(e *Method, sc scope) ([]Item, error) {
	items, err := v.unwrapped(e.Base, sc)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, i := range items {
		o, ok := i.(*Object)
		if !ok {
			return nil, wrongType("OBJECT", i)
		}
		id := Number{types.Of(types.Integer), int64(v.objects)}
		for n, key := range o.Keys {
			out = append(out, &Object{Keys: []string{"name", "value", "id"}, Values: []Item{key, o.Values[n], id}})
		}
		v.objects++
	}
	return out, nil
}
