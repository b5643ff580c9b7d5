package ast

// The literals.
type (
	// NullLiteral is NULL.
	NullLiteral struct{ Location }

	// BooleanLiteral is TRUE or FALSE.
	BooleanLiteral struct {
		Location
		Value bool
	}

	// StringLiteral is '…' or U&'…', with the escapes undone.
	StringLiteral struct {
		Location
		Value string
	}

	// BinaryLiteral is X'…'.
	BinaryLiteral struct {
		Location
		Value []byte
	}

	// LongLiteral is an integer. Text is as written (it may be hexadecimal, octal or binary, have underscores and a
	// leading minus sign); Value is in the range of a bigint.
	LongLiteral struct {
		Location
		Text  string
		Value int64
	}

	// DecimalLiteral is a number with a decimal point, or DECIMAL '…'. Text is as written: it may have underscores and a leading minus
	// sign.
	DecimalLiteral struct {
		Location
		Text string
	}

	// DoubleLiteral is a number with an exponent.
	DoubleLiteral struct {
		Location
		Value float64
	}

	// GenericLiteral is a type's name before a string: DATE '2020-01-01', JSON '{}', DOUBLE PRECISION '1' (whose
	// Type is DOUBLE).
	GenericLiteral struct {
		Location
		Type  *Identifier
		Value string
	}

	// IntervalLiteral is INTERVAL [+|-] '…' from [TO to].
	IntervalLiteral struct {
		Location
		Value    string
		Negative bool
		From     IntervalField
		To       IntervalField // empty when not given
	}
)

// IntervalField is a unit of an interval, in upper case.
type IntervalField string

// The interval fields.
const (
	Year   IntervalField = "YEAR"
	Month  IntervalField = "MONTH"
	Day    IntervalField = "DAY"
	Hour   IntervalField = "HOUR"
	Minute IntervalField = "MINUTE"
	Second IntervalField = "SECOND"
)

// Names and parameters. A bare column is an *Identifier.
type (
	// Parameter is a ?; Index counts them from 0 in the order of the text.
	Parameter struct {
		Location
		Index int
	}

	// Dereference is base.field: a qualified column, or a field of a row.
	Dereference struct {
		Location
		Base  Expression
		Field *Identifier
	}

	// Subscript is base[index].
	Subscript struct {
		Location
		Base  Expression
		Index Expression
	}

	// DateTimeFunction is CURRENT_DATE and the like. Precision is nil when not given.
	DateTimeFunction struct {
		Location
		Function  DateTimeFunctionName
		Precision *int
	}

	// SessionFunction is CURRENT_USER and the like.
	SessionFunction struct {
		Location
		Function SessionFunctionName
	}
)

// DateTimeFunctionName names a function of the current time that is written without parentheses.
type DateTimeFunctionName string

// The functions of the current time.
const (
	CurrentDate      DateTimeFunctionName = "CURRENT_DATE"
	CurrentTime      DateTimeFunctionName = "CURRENT_TIME"
	CurrentTimestamp DateTimeFunctionName = "CURRENT_TIMESTAMP"
	LocalTime        DateTimeFunctionName = "LOCALTIME"
	LocalTimestamp   DateTimeFunctionName = "LOCALTIMESTAMP"
)

// SessionFunctionName names a function of the session that is written without parentheses.
type SessionFunctionName string

// The functions of the session.
const (
	CurrentUser    SessionFunctionName = "CURRENT_USER"
	CurrentCatalog SessionFunctionName = "CURRENT_CATALOG"
	CurrentSchema  SessionFunctionName = "CURRENT_SCHEMA"
	CurrentPath    SessionFunctionName = "CURRENT_PATH"
)

// Operators.
type (
	// ArithmeticUnary is -a or +a. The minus of a number belongs to its literal.
	ArithmeticUnary struct {
		Location
		Negative bool
		Value    Expression
	}

	// ArithmeticBinary is left op right. It lies at the operator.
	ArithmeticBinary struct {
		Location
		Op          ArithmeticOp
		Left, Right Expression
	}

	// Comparison is left op right. It lies at the operator. NOT (a IS DISTINCT FROM b) is how a IS NOT DISTINCT FROM b
	// appears.
	Comparison struct {
		Location
		Op          ComparisonOp
		Left, Right Expression
	}

	// QuantifiedComparison is value op ALL|ANY|SOME (query).
	QuantifiedComparison struct {
		Location
		Op         ComparisonOp
		Quantifier Quantifier
		Value      Expression
		Query      *Query
	}

	// Logical is a chain of two or more terms joined by the same AND or OR.
	Logical struct {
		Location
		Op    LogicalOp
		Terms []Expression
	}

	// Not is NOT value; also what NOT IN, NOT LIKE, NOT BETWEEN and IS NOT DISTINCT FROM become.
	Not struct {
		Location
		Value Expression
	}

	// Between is value BETWEEN min AND max.
	Between struct {
		Location
		Value, Min, Max Expression
	}

	// InList is value IN (a, b, …).
	InList struct {
		Location
		Value Expression
		List  []Expression
	}

	// InSubquery is value IN (query).
	InSubquery struct {
		Location
		Value Expression
		Query *Query
	}

	// Like is value LIKE pattern [ESCAPE escape]; Escape may be nil.
	Like struct {
		Location
		Value, Pattern, Escape Expression
	}

	// IsNull is value IS [NOT] NULL.
	IsNull struct {
		Location
		Value   Expression
		Negated bool
	}

	// AtTimeZone is value AT TIME ZONE zone; Zone is a string or an interval literal.
	AtTimeZone struct {
		Location
		Value, Zone Expression
	}
)

// ArithmeticOp is an arithmetic operator as written.
type ArithmeticOp string

// The arithmetic operators.
const (
	Add      ArithmeticOp = "+"
	Subtract ArithmeticOp = "-"
	Multiply ArithmeticOp = "*"
	Divide   ArithmeticOp = "/"
	Modulus  ArithmeticOp = "%"
)

// ComparisonOp is a comparison operator in its canonical spelling.
type ComparisonOp string

// The comparison operators.
const (
	OpEqual          ComparisonOp = "="
	OpNotEqual       ComparisonOp = "<>"
	OpLess           ComparisonOp = "<"
	OpLessOrEqual    ComparisonOp = "<="
	OpGreater        ComparisonOp = ">"
	OpGreaterOrEqual ComparisonOp = ">="
	OpDistinctFrom   ComparisonOp = "IS DISTINCT FROM"
)

// LogicalOp joins conditions.
type LogicalOp string

// The logical operators.
const (
	And LogicalOp = "AND"
	Or  LogicalOp = "OR"
)

// Quantifier says how a comparison treats a query's rows.
type Quantifier string

// The quantifiers.
const (
	QuantifierAll  Quantifier = "ALL"
	QuantifierAny  Quantifier = "ANY"
	QuantifierSome Quantifier = "SOME"
)

// Subqueries, constructors and the forms with a syntax of their own.
type (
	// SubqueryExpression is (query) as a value.
	SubqueryExpression struct {
		Location
		Query *Query
	}

	// Exists is EXISTS (query).
	Exists struct {
		Location
		Query *Query
	}

	// Row is ROW(a, …) or (a, b, …).
	Row struct {
		Location
		Items []Expression
	}

	// Array is ARRAY[a, …].
	Array struct {
		Location
		Items []Expression
	}

	// Lambda is x -> body or (x, y) -> body.
	Lambda struct {
		Location
		Parameters []*Identifier
		Body       Expression
	}

	// SimpleCase is CASE operand WHEN … THEN … END; Default may be nil.
	SimpleCase struct {
		Location
		Operand Expression
		Whens   []*WhenClause
		Default Expression
	}

	// SearchedCase is CASE WHEN … THEN … END; Default may be nil.
	SearchedCase struct {
		Location
		Whens   []*WhenClause
		Default Expression
	}

	// WhenClause is WHEN operand THEN result.
	WhenClause struct {
		Location
		Operand, Result Expression
	}

	// Cast is CAST(value AS type), or TRY_CAST when Safe.
	Cast struct {
		Location
		Value Expression
		Type  DataType
		Safe  bool
	}

	// Trim is TRIM([LEADING|TRAILING|BOTH] [characters FROM] source); Characters may be nil.
	Trim struct {
		Location
		Spec       TrimSpec
		Source     Expression
		Characters Expression
	}

	// Extract is EXTRACT(field FROM source).
	Extract struct {
		Location
		Field  ExtractField
		Source Expression
	}

	// GroupingOperation is GROUPING(column, …).
	GroupingOperation struct {
		Location
		Columns []Expression // *Identifier or *Dereference
	}

	// If is if(condition, then[, else]); Else may be nil.
	If struct {
		Location
		Condition, Then, Else Expression
	}

	// NullIf is nullif(first, second).
	NullIf struct {
		Location
		First, Second Expression
	}

	// Coalesce is coalesce(a, b, …), with two operands or more.
	Coalesce struct {
		Location
		Operands []Expression
	}

	// Try is try(value).
	Try struct {
		Location
		Value Expression
	}
)

// TrimSpec says which ends are trimmed.
type TrimSpec string

// The trim specifications; BOTH is the default.
const (
	TrimBoth     TrimSpec = "BOTH"
	TrimLeading  TrimSpec = "LEADING"
	TrimTrailing TrimSpec = "TRAILING"
)

// ExtractField is what EXTRACT takes out of a time, in upper case; the parser admits only those of ExtractFields.
type ExtractField string

// ExtractFields are the fields that EXTRACT knows.
var ExtractFields = []ExtractField{
	"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY",
	"YEAR_OF_WEEK", "YOW", "HOUR", "MINUTE", "SECOND", "TIMEZONE_MINUTE", "TIMEZONE_HOUR",
}
