package jsonpath

import (
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Item is what paths work on: JSON, which is one of
//
//	Null, bool, string, Number, Array, *Object
//
// or a Value, which is SQL.
type Item any

// Null is the JSON null.
type Null struct{}

// Number is a JSON number with the SQL type that it has in arithmetic and comparisons: integer, bigint, double, or what the
// SQL value was that it was made of. An integer beyond 64 bits has the type unknown and a *big.Int as its value; it can
// only be looked at.
type Number Value

// Array is a JSON array. It holds no Values.
type Array []Item

// Object is a JSON object, its members in the order of their first appearance. It holds no Values.
type Object struct {
	Keys   []string
	Values []Item
	index  map[string]int // once there are many members
}

// manyMembers is how many members an object must have before an index is faster than looking.
const manyMembers = 8

// Get returns the value of a member.
func (o *Object) Get(key string) (Item, bool) {
	at, ok := o.find(key)
	if !ok {
		return nil, false
	}
	return o.Values[at], true
}

func (o *Object) find(key string) (int, bool) {
	if o.index != nil {
		at, ok := o.index[key]
		return at, ok
	}
	for i, k := range o.Keys {
		if k == key {
			return i, true
		}
	}
	return 0, false
}

// Set adds a member or replaces its value.
func (o *Object) Set(key string, v Item) {
	if at, ok := o.find(key); ok {
		o.Values[at] = v
		return
	}
	o.Keys, o.Values = append(o.Keys, key), append(o.Values, v)
	if o.index != nil {
		o.index[key] = len(o.Keys) - 1
	} else if len(o.Keys) > manyMembers {
		o.index = make(map[string]int, len(o.Keys))
		for i, k := range o.Keys {
			o.index[k] = i
		}
	}
}

// kindName names an item in messages: a JSON value by its kind, an SQL value by its type.
func kindName(i Item) string {
	switch i := i.(type) {
	case Null:
		return "NULL"
	case bool:
		return "BOOLEAN"
	case string:
		return "STRING"
	case Number:
		return "NUMBER"
	case Array:
		return "ARRAY"
	case *Object:
		return "OBJECT"
	case Value:
		return i.Type.String()
	}
	return ""
}

// numeric returns the SQL value of a JSON number; ok is false for other items and for integers that are too big.
func numeric(i Item) (v Value, ok bool) {
	n, ok := i.(Number)
	return Value(n), ok && n.Type.Kind != types.Unknown
}

// Scalar returns the SQL value of a JSON scalar other than null; ok is false for all other items and for integers that are
// too big for SQL.
func Scalar(i Item) (v Value, ok bool) {
	switch i := i.(type) {
	case bool:
		return Value{types.Of(types.Boolean), i}, true
	case string:
		return Value{types.Of(types.Varchar), i}, true
	}
	return numeric(i)
}

// JSON returns the JSON item that stands for an item; ok is false for SQL values without one, such as dates.
func JSON(i Item) (item Item, ok bool) {
	v, isValue := i.(Value)
	if !isValue {
		return i, true
	}
	switch v.Type.Kind {
	case types.Boolean:
		return v.Value.(bool), true
	case types.Char, types.Varchar:
		return types.Text(v.Type, v.Value), true
	}
	return Number(v), v.Type.Numeric()
}

func isTooBig(i Item) bool {
	n, ok := i.(Number)
	if !ok {
		return false
	}
	_, big := n.Value.(*big.Int)
	return big
}
