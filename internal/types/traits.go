package types

// trait tells what can be done with values of a kind.
type trait struct{ comparable, orderable bool }

// traits covers every kind; composite types additionally need the trait of their parameters.
var traits = map[Kind]trait{
	Unknown: {true, true}, Boolean: {true, true}, TinyInt: {true, true}, SmallInt: {true, true},
	Integer: {true, true}, BigInt: {true, true}, Real: {true, true}, Double: {true, true}, Decimal: {true, true},
	Varchar: {true, true}, Char: {true, true}, Varbinary: {true, true}, JSON: {true, false}, Date: {true, true},
	Time: {true, true}, TimeTZ: {true, true}, Timestamp: {true, true}, TimestampTZ: {true, true},
	IntervalDayToSecond: {true, true}, IntervalYearToMonth: {true, true}, UUID: {true, true}, IPAddress: {true, true},
	Array: {true, true}, Map: {true, false}, Row: {true, true}, HyperLogLog: {}, P4HyperLogLog: {}, QDigest: {},
	TDigest: {}, SetDigest: {}, Function: {}, JSONPath: {}, Color: {true, false}, CodePoints: {},
}

// Comparable reports whether values of the type can be tested for equality, and so grouped, joined and made distinct.
func (t Type) Comparable() bool {
	return t.has(func(tr trait) bool { return tr.comparable })
}

// Orderable reports whether values of the type have an order.
func (t Type) Orderable() bool {
	return t.has(func(tr trait) bool { return tr.orderable })
}

func (t Type) has(is func(trait) bool) bool {
	if !is(traits[t.Kind]) {
		return false
	}
	for _, a := range t.Args {
		if !a.Type.has(is) {
			return false
		}
	}
	return true
}

// Numeric reports whether the type is an integer, decimal or floating-point type.
func (t Type) Numeric() bool {
	switch t.Kind {
	case TinyInt, SmallInt, Integer, BigInt, Real, Double, Decimal:
		return true
	}
	return false
}

// Integral reports whether the type is one of the four integer types.
func (t Type) Integral() bool {
	switch t.Kind {
	case TinyInt, SmallInt, Integer, BigInt:
		return true
	}
	return false
}
