package ast

// The SQL/JSON constructs.
type (
	// JSONPathInvocation is input [FORMAT …], 'path' [AS name] [PASSING argument, …]. The format is FormatJSON when it is
	// not written.
	JSONPathInvocation struct {
		Location
		Input     Expression
		Format    JSONFormat
		Path      *StringLiteral
		PathName  *Identifier // nil when absent
		Arguments []*JSONPathArgument
	}

	// JSONPathArgument is value [FORMAT …] AS name.
	JSONPathArgument struct {
		Location
		Value  Expression
		Format JSONFormat
		Name   *Identifier
	}

	// JSONExists is JSON_EXISTS(path [behavior ON ERROR]); the behavior is FALSE when it is not written.
	JSONExists struct {
		Location
		Path    *JSONPathInvocation
		OnError JSONExistsError
	}

	// JSONValue is JSON_VALUE(path [RETURNING type] [behavior ON EMPTY] [behavior ON ERROR]). The behaviors are NULL when
	// they are not written.
	JSONValue struct {
		Location
		Path      *JSONPathInvocation
		Returning DataType // nil when absent
		OnEmpty   *JSONValueBehavior
		OnError   *JSONValueBehavior
	}

	// JSONValueBehavior is ERROR, NULL or DEFAULT expression; Default is nil but for the last.
	JSONValueBehavior struct {
		Location
		Kind    JSONValueBehaviorKind
		Default Expression
	}

	// JSONQuery is JSON_QUERY(path [RETURNING type [FORMAT …]] [wrapper] [quotes] [ON EMPTY] [ON ERROR]). The wrapper is
	// WITHOUT and the behaviors are NULL when they are not written.
	JSONQuery struct {
		Location
		Path            *JSONPathInvocation
		Returning       DataType   // nil when absent
		ReturningFormat JSONFormat // empty when absent
		Wrapper         JSONWrapper
		Quotes          JSONQuotes // empty when absent: keep
		OnEmpty         JSONQueryBehavior
		OnError         JSONQueryBehavior
	}

	// JSONObject is JSON_OBJECT(member, … [NULL|ABSENT ON NULL] [WITH|WITHOUT UNIQUE KEYS] [RETURNING …]).
	JSONObject struct {
		Location
		Members         []*JSONMember
		AbsentOnNull    bool // false: NULL ON NULL, the default
		UniqueKeys      bool // false: WITHOUT UNIQUE KEYS, the default
		Returning       DataType
		ReturningFormat JSONFormat
	}

	// JSONMember is [KEY] key VALUE value, or key : value.
	JSONMember struct {
		Location
		Key    Expression
		Value  Expression
		Format JSONFormat
	}

	// JSONArray is JSON_ARRAY(element, … [NULL|ABSENT ON NULL] [RETURNING …]).
	JSONArray struct {
		Location
		Elements        []*JSONElement
		NullOnNull      bool // false: ABSENT ON NULL, the default
		Returning       DataType
		ReturningFormat JSONFormat
	}

	// JSONElement is value [FORMAT …].
	JSONElement struct {
		Location
		Value  Expression
		Format JSONFormat
	}

	// JSONTable is JSON_TABLE(path COLUMNS (…) [PLAN …] [ERROR|EMPTY ON ERROR]).
	JSONTable struct {
		Location
		Path    *JSONPathInvocation
		Columns []JSONTableColumn
		Plan    JSONTablePlan  // nil when absent
		OnError JSONTableError // empty when absent: EMPTY
	}

	// JSONOrdinalityColumn is name FOR ORDINALITY.
	JSONOrdinalityColumn struct {
		Location
		Name *Identifier
	}

	// JSONValueColumn is name type [PATH path] [behaviors of JSON_VALUE]. OnError is nil when it is not written: JSON_TABLE
	// decides then.
	JSONValueColumn struct {
		Location
		Name    *Identifier
		Type    DataType
		Path    *StringLiteral // nil when absent
		OnEmpty *JSONValueBehavior
		OnError *JSONValueBehavior
	}

	// JSONQueryColumn is name type FORMAT … [PATH path] [behaviors of JSON_QUERY]. OnError is empty when it is not written:
	// JSON_TABLE decides then.
	JSONQueryColumn struct {
		Location
		Name    *Identifier
		Type    DataType
		Format  JSONFormat
		Path    *StringLiteral // nil when absent
		Wrapper JSONWrapper
		Quotes  JSONQuotes
		OnEmpty JSONQueryBehavior
		OnError JSONQueryBehavior
	}

	// JSONNestedColumns is NESTED [PATH] path [AS name] COLUMNS (…).
	JSONNestedColumns struct {
		Location
		Path     *StringLiteral
		PathName *Identifier // nil when absent
		Columns  []JSONTableColumn
	}

	// JSONPlanLeaf is the name of a path in a PLAN.
	JSONPlanLeaf struct {
		Location
		Name *Identifier
	}

	// JSONPlanJoin is parent OUTER|INNER child.
	JSONPlanJoin struct {
		Location
		Inner  bool
		Parent *JSONPlanLeaf
		Child  JSONTablePlan
	}

	// JSONPlanSiblings is a UNION|CROSS b ….
	JSONPlanSiblings struct {
		Location
		Cross    bool
		Siblings []JSONTablePlan
	}

	// JSONDefaultPlan is PLAN DEFAULT (OUTER|INNER, UNION|CROSS).
	JSONDefaultPlan struct {
		Location
		Inner bool // false: OUTER, the default
		Cross bool // false: UNION, the default
	}
)

// JSONTableColumn is a column of JSON_TABLE.
type JSONTableColumn interface {
	Node
	jsonTableColumn()
}

// JSONTablePlan is the PLAN of JSON_TABLE, or a part of it.
type JSONTablePlan interface {
	Node
	jsonTablePlan()
}

// JSONFormat is a FORMAT clause.
type JSONFormat string

// The JSON formats; empty when not written.
const (
	FormatJSON  JSONFormat = "JSON"
	FormatUTF8  JSONFormat = "JSON ENCODING UTF8"
	FormatUTF16 JSONFormat = "JSON ENCODING UTF16"
	FormatUTF32 JSONFormat = "JSON ENCODING UTF32"
)

// JSONExistsError is what JSON_EXISTS gives ON ERROR.
type JSONExistsError string

// The ON ERROR of JSON_EXISTS.
const (
	ExistsTrueOnError    JSONExistsError = "TRUE"
	ExistsFalseOnError   JSONExistsError = "FALSE"
	ExistsUnknownOnError JSONExistsError = "UNKNOWN"
	ExistsErrorOnError   JSONExistsError = "ERROR"
)

// JSONValueBehaviorKind is what JSON_VALUE gives ON EMPTY or ON ERROR.
type JSONValueBehaviorKind string

// The behaviors of JSON_VALUE.
const (
	ValueError   JSONValueBehaviorKind = "ERROR"
	ValueNull    JSONValueBehaviorKind = "NULL"
	ValueDefault JSONValueBehaviorKind = "DEFAULT"
)

// JSONQueryBehavior is what JSON_QUERY gives ON EMPTY or ON ERROR.
type JSONQueryBehavior string

// The behaviors of JSON_QUERY.
const (
	QueryError       JSONQueryBehavior = "ERROR"
	QueryNull        JSONQueryBehavior = "NULL"
	QueryEmptyArray  JSONQueryBehavior = "EMPTY ARRAY"
	QueryEmptyObject JSONQueryBehavior = "EMPTY OBJECT"
)

// JSONWrapper says when JSON_QUERY puts its items into an array.
type JSONWrapper string

// The array wrappers.
const (
	WrapperWithout       JSONWrapper = "WITHOUT ARRAY"
	WrapperConditional   JSONWrapper = "WITH CONDITIONAL ARRAY"
	WrapperUnconditional JSONWrapper = "WITH UNCONDITIONAL ARRAY" // also plain WITH
)

// JSONQuotes says whether JSON_QUERY keeps the quotes of a scalar string.
type JSONQuotes string

// The treatments of quotes.
const (
	QuotesKeep JSONQuotes = "KEEP"
	QuotesOmit JSONQuotes = "OMIT"
)

// JSONTableError is the ON ERROR of JSON_TABLE.
type JSONTableError string

// The ON ERROR of JSON_TABLE.
const (
	TableErrorOnError JSONTableError = "ERROR"
	TableEmptyOnError JSONTableError = "EMPTY"
)
