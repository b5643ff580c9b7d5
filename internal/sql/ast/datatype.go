package ast

// The types as written.
type (
	// GenericType is name[(argument, …)]. a ARRAY, ARRAY<a> and MAP<k, v> are array(a), array(a) and map(k, v); DOUBLE
	// PRECISION is double.
	GenericType struct {
		Location
		Name      *Identifier
		Arguments []TypeArgument
	}

	// DateTimeType is TIME or TIMESTAMP [(precision)] [WITH TIME ZONE]; Precision may be nil.
	DateTimeType struct {
		Location
		Timestamp    bool // false: TIME
		WithTimeZone bool
		Precision    TypeArgument
	}

	// IntervalType is INTERVAL from TO to; To equals From when not given.
	IntervalType struct {
		Location
		From, To IntervalField
	}

	// RowType is ROW(field, …).
	RowType struct {
		Location
		Fields []*RowTypeField
	}

	// RowTypeField is [name] type; Name may be nil.
	RowTypeField struct {
		Location
		Name *Identifier
		Type DataType
	}

	// NumericTypeArgument is a number between the parentheses of a type, as written.
	NumericTypeArgument struct {
		Location
		Value string
	}

	// TypeTypeArgument is a type (or a type variable) between the parentheses of a type.
	TypeTypeArgument struct {
		Location
		Type DataType
	}
)

// TypeArgument is *NumericTypeArgument or *TypeTypeArgument.
type TypeArgument interface {
	Node
	typeArgument()
}
