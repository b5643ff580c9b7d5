package ast

// Relations. A query's body is a relation too: see query.go.
type (
	// Table is a named table, as a relation or as the query TABLE name.
	Table struct {
		Location
		Name   *QualifiedName
		Period *QueryPeriod // nil when absent
	}

	// QueryPeriod is FOR VERSION|TIMESTAMP AS OF end.
	QueryPeriod struct {
		Location
		Type QueryPeriodType
		End  Expression
	}

	// AliasedRelation is relation [AS] alias [(column, …)].
	AliasedRelation struct {
		Location
		Relation Relation
		Alias    *Identifier
		Columns  []*Identifier // nil when absent
	}

	// SampledRelation is relation TABLESAMPLE method (percentage).
	SampledRelation struct {
		Location
		Relation   Relation
		Method     SampleMethod
		Percentage Expression
	}

	// Join is left JOIN right. Criteria is nil for CrossJoin and ImplicitJoin.
	Join struct {
		Location
		Type        JoinType
		Left, Right Relation
		Criteria    JoinCriteria
	}

	// JoinOn is ON condition.
	JoinOn struct {
		Location
		Condition Expression
	}

	// JoinUsing is USING (column, …).
	JoinUsing struct {
		Location
		Columns []*Identifier
	}

	// NaturalJoin is the NATURAL before a join.
	NaturalJoin struct{ Location }

	// Unnest is UNNEST(expression, …) [WITH ORDINALITY].
	Unnest struct {
		Location
		Expressions    []Expression
		WithOrdinality bool
	}

	// Lateral is LATERAL (query).
	Lateral struct {
		Location
		Query *Query
	}
)

// JoinCriteria is *JoinOn, *JoinUsing or *NaturalJoin.
type JoinCriteria interface {
	Node
	joinCriteria()
}

// JoinType is the type of a join.
type JoinType string

// The join types. ImplicitJoin is the comma of a FROM clause.
const (
	CrossJoin    JoinType = "CROSS"
	InnerJoin    JoinType = "INNER"
	LeftJoin     JoinType = "LEFT"
	RightJoin    JoinType = "RIGHT"
	FullJoin     JoinType = "FULL"
	ImplicitJoin JoinType = "IMPLICIT"
)

// SampleMethod is how rows are sampled.
type SampleMethod string

// The sample methods.
const (
	Bernoulli SampleMethod = "BERNOULLI"
	System    SampleMethod = "SYSTEM"
)

// QueryPeriodType is what a time travel counts in.
type QueryPeriodType string

// The query periods.
const (
	ForTimestamp QueryPeriodType = "TIMESTAMP"
	ForVersion   QueryPeriodType = "VERSION"
)

// Table functions.
type (
	// TableFunction is TABLE(name(argument, … [COPARTITION (a, b), …])).
	TableFunction struct {
		Location
		Name         *QualifiedName
		Arguments    []*TableFunctionArgument
		Copartitions [][]*QualifiedName
	}

	// TableFunctionArgument is [name =>] value; Name may be nil. Value is a *TableArgument, a *Descriptor or an
	// Expression.
	TableFunctionArgument struct {
		Location
		Name  *Identifier
		Value Node
	}

	// TableArgument is TABLE(…) as an argument. Relation is a *Table, a *TableSubquery or one of them with an alias.
	TableArgument struct {
		Location
		Relation    Relation
		Partitioned bool // PARTITION BY is written; it may name nothing
		PartitionBy []Expression
		OrderBy     *OrderBy       // nil when absent
		Empty       EmptyTreatment // empty when not written
	}

	// Descriptor is DESCRIPTOR(name [type], …), or CAST(NULL AS DESCRIPTOR), which has no fields.
	Descriptor struct {
		Location
		Fields []*DescriptorField // nil: the null descriptor
	}

	// DescriptorField is name [type]; Type may be nil.
	DescriptorField struct {
		Location
		Name *Identifier
		Type DataType
	}
)

// EmptyTreatment says what becomes of a table argument without rows.
type EmptyTreatment string

// The treatments of an empty table argument.
const (
	PruneWhenEmpty EmptyTreatment = "PRUNE WHEN EMPTY"
	KeepWhenEmpty  EmptyTreatment = "KEEP WHEN EMPTY"
)
