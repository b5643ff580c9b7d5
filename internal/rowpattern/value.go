package rowpattern

import (
	"cmp"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Kind is how values are held.
type Kind string

// The kinds of values. A nil is NULL in each.
const (
	Bool    Kind = "bool"    // bool
	Int     Kind = "int"     // int64; Type.P is the number of bits
	Double  Kind = "double"  // float64
	Real    Kind = "real"    // float64 that is a float32
	Decimal Kind = "decimal" // *big.Int, unscaled
	Text    Kind = "text"    // string; also bytes, as hexadecimal text
	Array   Kind = "array"   // []any
	Map     Kind = "map"     // []entry
	Moment  Kind = "moment"  // int64 of a date, a time or an interval: only compared
	Opaque  Kind = "opaque"  // bool: known only not to be NULL
)

// Type is the type of a value: decimal(P, S), or text of at most P characters when P is positive.
type Type struct {
	Kind Kind  `json:"kind"`
	P    int   `json:"p,omitempty"`
	S    int   `json:"s,omitempty"`
	Elem *Type `json:"elem,omitempty"` // of arrays, and the values of maps
	Key  *Type `json:"key,omitempty"`  // of maps
}

// entry is an entry of a map.
type entry struct{ key, value any }

// find looks a key up.
func find(m []entry, key any) (any, bool) {
	for _, e := range m {
		if compare(e.key, key) == 0 {
			return e.value, true
		}
	}
	return nil, false
}

// parse reads the text of a value.
func (t Type) parse(s string) (any, error) {
	switch t.Kind {
	case Bool:
		return strconv.ParseBool(s)
	case Int, Moment:
		return strconv.ParseInt(s, 10, 64)
	case Double, Real:
		return strconv.ParseFloat(s, 64)
	case Decimal:
		return parseDecimal(s, t.S), nil
	case Opaque:
		return true, nil
	}
	return s, nil
}

// parseDecimal reads digits with a point as an unscaled integer.
func parseDecimal(s string, scale int) any {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(fraction) < scale {
		fraction += strings.Repeat("0", scale-len(fraction))
	}
	v, ok := new(big.Int).SetString(whole+fraction[:scale], 10)
	if !ok {
		return nil
	}
	return v
}

// compare orders two values of one type that are not NULL. NaN is equal to itself and greater than all others.
func compare(a, b any) int {
	switch a := a.(type) {
	case bool:
		switch b := b.(bool); {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		b := b.(float64)
		switch {
		case math.IsNaN(a) && math.IsNaN(b):
			return 0
		case math.IsNaN(a):
			return 1
		case math.IsNaN(b):
			return -1
		}
		return cmp.Compare(a, b)
	case *big.Int:
		return a.Cmp(b.(*big.Int))
	case string:
		return strings.Compare(a, b.(string))
	case []any:
		b := b.([]any)
		for i := range min(len(a), len(b)) {
			if c := compareNulls(a[i], b[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(a), len(b))
	}
	return 0
}

// compareNulls is compare where NULL is greater than all values.
func compareNulls(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compare(a, b)
}

// decimalText writes an unscaled integer with its point.
func decimalText(v *big.Int, scale int) string {
	s := new(big.Int).Abs(v).String()
	if len(s) <= scale {
		s = strings.Repeat("0", scale-len(s)+1) + s
	}
	if scale > 0 {
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if v.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// Bytes returns bytes as a value of kind Text that orders as they do.
func Bytes(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
