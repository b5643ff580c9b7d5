package plan

import "github.com/waterbear-sql/waterbear/internal/types"

// OrderKey is one value in the place of an ordering's: those of two rows compare as the rows do in the ordering, NULLs, NaN and
// descending keys included, so that a row's place among others can be told by comparing with what is known of them. It is a
// bigint where the keys are small, else a varbinary.
type OrderKey struct {
	Keys []SortKey
	Typ  types.Type
}

// NewOrderKey returns the value of an ordering.
func NewOrderKey(keys []SortKey) *OrderKey {
	bytes := 0
	for _, k := range keys {
		n := orderBytes(k.Expr.Type().Kind)
		if n == 0 {
			return &OrderKey{Keys: keys, Typ: types.Of(types.Varbinary)}
		}
		bytes += n
	}
	if bytes > 8 {
		return &OrderKey{Keys: keys, Typ: types.Of(types.Varbinary)}
	}
	return &OrderKey{Keys: keys, Typ: types.Of(types.BigInt)}
}

// orderBytes is how many bytes a type takes in an order key; 0 for those that take more than a bigint has.
func orderBytes(k types.Kind) int {
	switch k {
	case types.Boolean, types.TinyInt:
		return 2
	case types.SmallInt:
		return 3
	case types.Integer, types.Date, types.Real:
		return 5
	}
	return 0
}

// Type is bigint or varbinary.
func (e *OrderKey) Type() types.Type { return e.Typ }

// Children are the keys' expressions.
func (e *OrderKey) Children() []Expr {
	out := make([]Expr, len(e.Keys))
	for i, k := range e.Keys {
		out[i] = k.Expr
	}
	return out
}

// WithChildren returns the same ordering of other expressions.
func (e *OrderKey) WithChildren(c []Expr) Expr {
	out := &OrderKey{Keys: make([]SortKey, len(c)), Typ: e.Typ}
	for i, k := range e.Keys {
		k.Expr = c[i]
		out.Keys[i] = k
	}
	return out
}

// sameOrder reports whether two orderings have the same directions.
func sameOrder(a, b []SortKey) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Desc != b[i].Desc || a[i].NullsFirst != b[i].NullsFirst {
			return false
		}
	}
	return true
}
