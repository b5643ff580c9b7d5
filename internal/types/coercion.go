package types

// Coercion follows Trino's TypeCoercion: one relation tells, for a pair of types, the type both can become and whether
// the first becomes the second without loss of meaning. Everything else here derives from it.

// widenings lists, for a kind, the kinds that its values become implicitly and how the type is made. A pair that is
// absent is not coercible, except for types of the same kind (see sameKind).
var widenings = map[Kind]map[Kind]func(Type) Type{
	TinyInt: {SmallInt: simple(SmallInt), Integer: simple(Integer), BigInt: simple(BigInt), Real: simple(Real),
		Double: simple(Double), Decimal: integral(3)},
	SmallInt: {Integer: simple(Integer), BigInt: simple(BigInt), Real: simple(Real), Double: simple(Double),
		Decimal: integral(5)},
	Integer:       {BigInt: simple(BigInt), Real: simple(Real), Double: simple(Double), Decimal: integral(10)},
	BigInt:        {Real: simple(Real), Double: simple(Double), Decimal: integral(19)},
	Decimal:       {Real: simple(Real), Double: simple(Double)},
	Real:          {Double: simple(Double)},
	Date:          {Timestamp: precise(Timestamp, 0), TimestampTZ: precise(TimestampTZ, 0)},
	Time:          {TimeTZ: samePrecision(TimeTZ)},
	Timestamp:     {TimestampTZ: samePrecision(TimestampTZ)},
	Varchar:       {Char: varcharToChar, JSONPath: simple(JSONPath), CodePoints: simple(CodePoints)},
	Char:          {JSONPath: simple(JSONPath), CodePoints: simple(CodePoints)},
	P4HyperLogLog: {HyperLogLog: simple(HyperLogLog)},
}

// maxCharLength is the largest length of a char.
const maxCharLength = 65536

func simple(k Kind) func(Type) Type         { return func(Type) Type { return Of(k) } }
func integral(p int) func(Type) Type        { return func(Type) Type { return DecimalOf(p, 0) } }
func precise(k Kind, p int) func(Type) Type { return func(Type) Type { return Type{Kind: k, P: p} } }
func samePrecision(k Kind) func(Type) Type  { return func(t Type) Type { return Type{Kind: k, P: t.P} } }
func varcharToChar(t Type) Type             { return CharN(min(t.P, maxCharLength)) }

// CanCoerce reports whether a value of type from becomes one of type to implicitly, as in a function call.
func CanCoerce(from, to Type) bool {
	_, coercible, _ := relate(from, to)
	return coercible
}

// CommonSuperType returns the type that values of both types become where they meet: in CASE, UNION, comparisons.
func CommonSuperType(a, b Type) (Type, bool) {
	t, _, ok := relate(a, b)
	return t, ok
}

// TypeOnlyCoercion reports whether coercing from to to changes no value's representation, so that no cast is needed.
func TypeOnlyCoercion(from, to Type) bool {
	if from.Equal(to) {
		return true
	}
	if from.Kind != to.Kind || !CanCoerce(from, to) {
		return false
	}
	switch from.Kind {
	case Varchar:
		return true
	case Decimal:
		return (from.P <= maxShortDecimal) == (to.P <= maxShortDecimal) && from.S == to.S && from.P <= to.P
	case Row, Array, Map:
		for i := range from.Args {
			if !TypeOnlyCoercion(from.Args[i].Type, to.Args[i].Type) {
				return false
			}
		}
		return true
	}
	return false
}

// maxShortDecimal is the largest precision of a decimal that Trino keeps in 64 bits.
const maxShortDecimal = 18

// relate returns the common super type of two types, whether from coerces to to, and whether there is a common type at
// all.
func relate(from, to Type) (common Type, coercible, ok bool) {
	switch {
	case from.Equal(to), from.Kind == Unknown:
		return to, true, true
	case to.Kind == Unknown:
		return from, false, true
	case from.Kind == to.Kind:
		return relateSameKind(from, to)
	}
	if widen := widenings[from.Kind][to.Kind]; widen != nil {
		return relate(widen(from), to)
	}
	if widen := widenings[to.Kind][from.Kind]; widen != nil {
		common, _, ok = relate(from, widen(to))
		return common, false, ok
	}
	return Type{}, false, false
}

func relateSameKind(from, to Type) (common Type, coercible, ok bool) {
	switch from.Kind {
	case Decimal:
		common = wider(from, to)
	case Varchar, Char, Time, TimeTZ, Timestamp, TimestampTZ:
		common = Type{Kind: from.Kind, P: max(from.P, to.P)}
	case Array, Map, Row:
		return relateArgs(from, to)
	default:
		return Type{}, false, false
	}
	return common, common.Equal(to), true
}

// wider returns the decimal with room for the integral digits and the scale of both. When that is over 38 digits
// precision is lost; overflow is then found when values are computed.
func wider(a, b Type) Type {
	scale := max(a.S, b.S)
	return DecimalOf(min(MaxDecimalPrecision, max(a.P-a.S, b.P-b.S)+scale), scale)
}

// relateArgs relates composite types parameter by parameter. Names of row fields do not matter for coercion; the common
// type keeps those on which both agree.
func relateArgs(from, to Type) (common Type, coercible, ok bool) {
	if len(from.Args) != len(to.Args) {
		return Type{}, false, false
	}
	common, coercible = Type{Kind: from.Kind, Args: make([]Field, len(from.Args))}, true
	for i := range from.Args {
		f, t := from.Args[i], to.Args[i]
		arg, argCoercible, argOK := relate(f.Type, t.Type)
		if !argOK {
			return Type{}, false, false
		}
		coercible = coercible && argCoercible
		common.Args[i].Type = arg
		if f.Name == t.Name {
			common.Args[i].Name = f.Name
		}
	}
	return common, coercible, true
}
