package ast

// Queries.
type (
	// Query is a query with all that may surround its body. As a Statement it may carry session properties and
	// functions; nested ones don't. ORDER BY, OFFSET and LIMIT that follow a plain SELECT belong to
	// its *QuerySpecification, whose columns they may name, and are absent here.
	Query struct {
		Location
		Session   []*SessionProperty       // WITH SESSION name = value, …
		Functions []*FunctionSpecification // WITH FUNCTION …
		With      *With                    // nil when absent
		Body      QueryBody
		OrderBy   *OrderBy // nil when absent
		Offset    *Offset  // nil when absent
		Limit     RowLimit // nil when absent
	}

	// SessionProperty is name = value of WITH SESSION.
	SessionProperty struct {
		Location
		Name  *QualifiedName
		Value Expression
	}

	// With is WITH [RECURSIVE] name [(columns)] AS (query), ….
	With struct {
		Location
		Recursive bool
		Queries   []*WithQuery
	}

	// WithQuery is one of the named queries of a WITH.
	WithQuery struct {
		Location
		Name    *Identifier
		Columns []*Identifier // nil when absent
		Query   *Query
	}

	// QuerySpecification is a SELECT.
	QuerySpecification struct {
		Location
		Select  *Select
		From    Relation   // nil when absent; several are joined as *Join of type ImplicitJoin
		Where   Expression // nil when absent
		GroupBy *GroupBy   // nil when absent
		Having  Expression // nil when absent
		Windows []*WindowDefinition
		OrderBy *OrderBy // nil when absent
		Offset  *Offset  // nil when absent
		Limit   RowLimit // nil when absent
	}

	// Select is the list after SELECT.
	Select struct {
		Location
		Distinct bool
		Items    []SelectItem
	}

	// SingleColumn is expression [[AS] alias]; Alias may be nil.
	SingleColumn struct {
		Location
		Value Expression
		Alias *Identifier
	}

	// AllColumns is *, or target.* [AS (alias, …)]; Target may be nil.
	AllColumns struct {
		Location
		Target  Expression
		Aliases []*Identifier
	}

	// GroupBy is GROUP BY [ALL|DISTINCT] element, ….
	GroupBy struct {
		Location
		Distinct bool
		Elements []GroupingElement
	}

	// SimpleGroupBy is one expression, or the expressions of one pair of parentheses.
	SimpleGroupBy struct {
		Location
		Columns []Expression
	}

	// GroupingSets is GROUPING SETS, CUBE or ROLLUP (set, …).
	GroupingSets struct {
		Location
		Kind GroupingSetsKind
		Sets [][]Expression
	}

	// AutoGroupBy is GROUP BY AUTO.
	AutoGroupBy struct{ Location }

	// WindowDefinition is name AS (specification) of a WINDOW clause.
	WindowDefinition struct {
		Location
		Name   *Identifier
		Window *WindowSpecification
	}

	// OrderBy is ORDER BY item, ….
	OrderBy struct {
		Location
		Items []*SortItem
	}

	// SortItem is expression [ASC|DESC] [NULLS FIRST|LAST].
	SortItem struct {
		Location
		Key        Expression
		Descending bool
		Nulls      NullOrdering // empty when not written: nulls come last
	}

	// Offset is OFFSET count [ROW|ROWS].
	Offset struct {
		Location
		Count Expression // *LongLiteral or *Parameter
	}

	// Limit is LIMIT count.
	Limit struct {
		Location
		Count Expression // *LongLiteral, *Parameter, or *AllRows
	}

	// AllRows is the ALL of LIMIT ALL.
	AllRows struct{ Location }

	// FetchFirst is FETCH FIRST [count] ROWS ONLY|WITH TIES; Count is *LongLiteral, *Parameter or nil (one row).
	FetchFirst struct {
		Location
		Count    Expression
		WithTies bool
	}

	// SetOperation is left UNION|INTERSECT|EXCEPT right.
	SetOperation struct {
		Location
		Op            SetOp
		Distinct      bool           // false: ALL
		Corresponding *Corresponding // nil when absent
		Left, Right   QueryBody
	}

	// Corresponding is CORRESPONDING [BY (column, …)].
	Corresponding struct {
		Location
		Columns []*Identifier
	}

	// Values is VALUES row, ….
	Values struct {
		Location
		Rows []Expression
	}

	// TableSubquery is (query), as a relation or as the operand of a set operation.
	TableSubquery struct {
		Location
		Query *Query
	}
)

// SelectItem is *SingleColumn or *AllColumns.
type SelectItem interface {
	Node
	selectItem()
}

// GroupingElement is *SimpleGroupBy, *GroupingSets or *AutoGroupBy.
type GroupingElement interface {
	Node
	groupingElement()
}

// RowLimit is *Limit or *FetchFirst.
type RowLimit interface {
	Node
	rowLimit()
}

// GroupingSetsKind is the construct that makes the grouping sets.
type GroupingSetsKind string

// The kinds of grouping sets.
const (
	Explicit GroupingSetsKind = "GROUPING SETS"
	Cube     GroupingSetsKind = "CUBE"
	Rollup   GroupingSetsKind = "ROLLUP"
)

// SetOp is a set operation.
type SetOp string

// The set operations.
const (
	Union     SetOp = "UNION"
	Intersect SetOp = "INTERSECT"
	Except    SetOp = "EXCEPT"
)

// NullOrdering says where nulls are sorted.
type NullOrdering string

// The null orderings.
const (
	NullsFirst NullOrdering = "FIRST"
	NullsLast  NullOrdering = "LAST"
)
