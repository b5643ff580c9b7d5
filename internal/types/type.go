// Package types holds Trino's SQL types: their identity, names, coercions, and how their values
// are rendered as text and as JSON for the client protocol.
//
// It knows nothing of plans, functions or storage. Start with Type; Parse reads types, CommonSuperType relates them,
// ParseLiteral reads constants (value.go lists their Go types), AppendWire and Text show them. The subpackage wire has
// the same rendering for columns.
package types

// Kind is the family of a type; together with its parameters it identifies the type.
type Kind uint8

// The kinds of Trino 476. The zero Kind is Unknown, the type of a bare NULL.
const (
	Unknown Kind = iota
	Boolean
	TinyInt
	SmallInt
	Integer
	BigInt
	Real
	Double
	Decimal
	Varchar
	Char
	Varbinary
	JSON
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	IntervalDayToSecond
	IntervalYearToMonth
	UUID
	IPAddress
	Array
	Map
	Row
	HyperLogLog
	P4HyperLogLog
	QDigest
	TDigest
	SetDigest
	Function   // the type of a lambda; Args are the parameters, the last is the result
	JSONPath   // compiled path of the JSON functions, never a column
	Color      // result of color()/rgb()
	CodePoints // argument of trim functions, never a column
)

// UnboundedLength is the length of a varchar without a limit, as in Trino.
const UnboundedLength = 1<<31 - 1

// MaxDecimalPrecision is the largest number of decimal digits of a decimal.
const MaxDecimalPrecision = 38

// Type is a SQL type. It is an immutable value; compare with Equal, not with ==.
type Type struct {
	Kind Kind
	// P is the precision of a decimal, the fractional digits of a time or timestamp (0 to 12), or
	// the length of a varchar or char (UnboundedLength for a plain varchar).
	P int
	// S is the scale of a decimal.
	S int
	// Args are the element of an array; key and value of a map; the fields of a row; the value type
	// of a qdigest; the parameters and result of a function.
	Args []Field
}

// Field is a parameter of a composite type; Name is empty unless it is a named field of a row.
type Field struct {
	Name string
	Type Type
}

// Constructors of the types that have parameters.

// VarcharN returns varchar(n); n = UnboundedLength gives varchar.
func VarcharN(n int) Type { return Type{Kind: Varchar, P: n} }

// CharN returns char(n).
func CharN(n int) Type { return Type{Kind: Char, P: n} }

// DecimalOf returns decimal(p, s).
func DecimalOf(p, s int) Type { return Type{Kind: Decimal, P: p, S: s} }

// TimestampP returns timestamp(p).
func TimestampP(p int) Type { return Type{Kind: Timestamp, P: p} }

// TimestampTZP returns timestamp(p) with time zone.
func TimestampTZP(p int) Type { return Type{Kind: TimestampTZ, P: p} }

// TimeP returns time(p).
func TimeP(p int) Type { return Type{Kind: Time, P: p} }

// TimeTZP returns time(p) with time zone.
func TimeTZP(p int) Type { return Type{Kind: TimeTZ, P: p} }

// ArrayOf returns array(elem).
func ArrayOf(elem Type) Type { return Type{Kind: Array, Args: []Field{{Type: elem}}} }

// MapOf returns map(key, value).
func MapOf(key, value Type) Type {
	return Type{Kind: Map, Args: []Field{{Type: key}, {Type: value}}}
}

// RowOf returns row(fields...).
func RowOf(fields ...Field) Type { return Type{Kind: Row, Args: fields} }

// FunctionOf returns the type of a lambda.
func FunctionOf(result Type, params ...Type) Type {
	t := Type{Kind: Function}
	for _, p := range params {
		t.Args = append(t.Args, Field{Type: p})
	}
	t.Args = append(t.Args, Field{Type: result})
	return t
}

// Of returns a type without parameters.
func Of(k Kind) Type {
	if k == Varchar {
		return VarcharN(UnboundedLength)
	}
	return Type{Kind: k}
}

// Elem returns the element type of an array, or the i-th parameter of any composite type.
func (t Type) Elem(i int) Type { return t.Args[i].Type }

// Equal reports whether two types are identical, parameters and row field names included.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.P != u.P || t.S != u.S || len(t.Args) != len(u.Args) {
		return false
	}
	for i := range t.Args {
		if t.Args[i].Name != u.Args[i].Name || !t.Args[i].Type.Equal(u.Args[i].Type) {
			return false
		}
	}
	return true
}
