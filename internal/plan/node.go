// Package plan holds the relational algebra with typed expressions that everything between the binder and the lowering
// to SQL works on.
//
// A plan is a tree of nodes; a node's columns are symbols, identified by pointer. Subqueries are expressions that hold a
// plan of their own, which may refer to symbols of the outer query (correlation); every node can be lowered as it is,
// correlated or not, so a rewrite is never needed for correctness, only for distribution and speed.
// The package knows nothing of SQL text, connectors' insides or stages' execution. Start with Node.
package plan

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Node is a relational operator. Nodes are immutable: rewrites build new ones.
type Node interface {
	// Outputs are the columns of the result, in order.
	Outputs() []*Symbol
	// Sources are the inputs, in order.
	Sources() []Node
	// WithSources returns a copy over other inputs, as many as Sources gave.
	WithSources([]Node) Node
}

// Scan reads a table of a catalog. Symbols correspond to Table.Columns by position.
type Scan struct {
	Catalog string
	Table   connector.Scan
	Symbols []*Symbol
	// Ranges, if not nil, is how the rows are divided among tasks: each reads some ranges of a column's values.
	Ranges *connector.Ranges `json:",omitempty"`
	// Pushed says in words, in order, what the connector has taken into the table's handle: a filter, a join, an aggregation.
	Pushed []string `json:",omitempty"`
	// Expected is what the optimizer expects of the rows of a scan with something pushed into it: what it expected of that itself. Nil when nothing
	// was known, and for a table as it is: then the connector is asked.
	Expected *connector.Statistics `json:"-"`
}

// Values is a constant relation; each row has an expression per symbol.
type Values struct {
	Symbols []*Symbol
	Rows    [][]Expr
	// Metadata says that the rows describe the catalogs, and are no data.
	Metadata bool `json:",omitempty"`
}

// Filter keeps the rows for which Pred is TRUE.
type Filter struct {
	Source Node
	Pred   Expr
}

// Assignment gives a symbol the value of an expression.
type Assignment struct {
	Sym  *Symbol
	Expr Expr
}

// Project computes columns; nothing else is passed on.
type Project struct {
	Source Node
	Cols   []Assignment
}

// SortKey is one key of an ordering. Trino's default is ascending with NULLS LAST, in both directions.
type SortKey struct {
	Expr       Expr
	Desc       bool
	NullsFirst bool
}

// Aggregation is one aggregate function call.
type Aggregation struct {
	Sym      *Symbol
	Name     string
	Variant  string // as in Call
	Args     []Expr
	Distinct bool
	Filter   Expr // nil: all rows
	OrderBy  []SortKey
}

// AggregateStep says which part of a split aggregation a node does.
type AggregateStep uint8

// Single does everything; Partial makes states that Final merges.
const (
	Single AggregateStep = iota
	Partial
	Final
)

// Aggregate groups rows. Keys are symbols of the source. Without Sets there is one grouping by all Keys (a global
// aggregation, which yields a row even of no input, when there are no keys). With Sets, each is a list of indexes
// into Keys, keys outside the set are NULL, and GroupID, when not nil, numbers the set.
type Aggregate struct {
	Source  Node
	Keys    []*Symbol
	Sets    [][]int
	GroupID *Symbol
	Aggs    []Aggregation
	Step    AggregateStep
}

// Distinct removes duplicate rows.
type Distinct struct{ Source Node }

// Frame bounds and units.
type (
	// FrameUnit is ROWS, RANGE or GROUPS.
	FrameUnit string
	// BoundKind says where a frame begins or ends.
	BoundKind string
)

// The units and bounds of window frames.
const (
	Rows               FrameUnit = "ROWS"
	Range              FrameUnit = "RANGE"
	Groups             FrameUnit = "GROUPS"
	UnboundedPreceding BoundKind = "UNBOUNDED PRECEDING"
	Preceding          BoundKind = "PRECEDING"
	CurrentRow         BoundKind = "CURRENT ROW"
	Following          BoundKind = "FOLLOWING"
	UnboundedFollowing BoundKind = "UNBOUNDED FOLLOWING"
)

// FrameBound is an end of a frame; Offset belongs to Preceding and Following.
type FrameBound struct {
	Kind   BoundKind
	Offset Expr
}

// Frame is a window frame. Its zero value (Unit "") stands for Trino's default: RANGE UNBOUNDED PRECEDING.
type Frame struct {
	Unit       FrameUnit
	Start, End FrameBound
}

// WindowFunction is one window function call.
type WindowFunction struct {
	Sym         *Symbol
	Name        string
	Variant     string
	Args        []Expr
	Distinct    bool
	Filter      Expr
	OrderBy     []SortKey // inside the call's parentheses
	IgnoreNulls bool
	Frame       Frame
}

// Window adds window function results to the columns of its source. All functions share partitioning and ordering.
type Window struct {
	Source      Node
	PartitionBy []Expr
	OrderBy     []SortKey
	Functions   []WindowFunction
}

// JoinType is the kind of a join.
type JoinType string

// The kinds of joins. Semi and Anti output the left columns only; Mark outputs the left columns and a boolean that tells
// whether there is a match (NULL-aware as IN is when NullAware).
const (
	Inner JoinType = "INNER"
	Left  JoinType = "LEFT"
	Right JoinType = "RIGHT"
	Full  JoinType = "FULL"
	Cross JoinType = "CROSS"
	Semi  JoinType = "SEMI"
	Anti  JoinType = "ANTI"
	Mark  JoinType = "MARK"
)

// JoinDistribution says how the inputs of a join meet.
type JoinDistribution string

// Undecided until the distribution is planned.
const (
	Undecided   JoinDistribution = ""
	Partitioned JoinDistribution = "PARTITIONED"
	Replicated  JoinDistribution = "REPLICATED" // the right side goes to every task
)

// EquiClause is Left = Right, each over symbols of its side.
type EquiClause struct{ Left, Right Expr }

// Join combines rows of two inputs. The condition is the conjunction of the equality clauses and Filter. The binder
// puts all of ON into Filter; a rule extracts the clauses.
type Join struct {
	Type         JoinType
	Left, Right  Node
	Equi         []EquiClause
	Filter       Expr // nil: none
	Distribution JoinDistribution
	// MarkSym is the extra output of a Mark join.
	MarkSym *Symbol
	// NullAware says that an Anti or Mark join has the semantics of NOT IN / IN: NULL keys give unknown. It then has exactly
	// one equality clause.
	NullAware bool
}

// LateralJoin evaluates Right, which may refer to symbols of Left, for every row of Left. Type is Inner, Left or Cross.
type LateralJoin struct {
	Type        JoinType
	Left, Right Node
	Filter      Expr
}

// SetOpKind is a set operation.
type SetOpKind string

// The set operations.
const (
	Union     SetOpKind = "UNION"
	Intersect SetOpKind = "INTERSECT"
	Except    SetOpKind = "EXCEPT"
)

// SetOp combines inputs with columns of equal types, by position. All keeps duplicates.
type SetOp struct {
	Kind    SetOpKind
	All     bool
	Inputs  []Node
	Symbols []*Symbol
}

// Sort orders rows.
type Sort struct {
	Source Node
	Keys   []SortKey
}

// TopN is the first Count rows of an ordering.
type TopN struct {
	Source Node
	Keys   []SortKey
	Count  int64
	// Partial marks the half of a split TopN that runs before the exchange.
	Partial bool
}

// Limit passes Count rows; with ties (FETCH FIRST … WITH TIES, over a Sort) also the peers of the last. Count -1 is no limit.
type Limit struct {
	Source   Node
	Count    int64
	Offset   int64
	WithTies []SortKey
	Partial  bool
}

// Unnest expands arrays and maps to rows, next to the columns of its source (Source nil: a row without columns). Each
// column expression yields one symbol (array), two (map), or one per field (array of rows). Outer keeps source rows
// whose collections are all empty (LEFT JOIN UNNEST … ON TRUE).
type Unnest struct {
	Source     Node
	Cols       []UnnestColumn
	Ordinality *Symbol
	Outer      bool
}

// UnnestColumn is one expanded collection.
type UnnestColumn struct {
	Expr    Expr
	Symbols []*Symbol
}

// Sample is TABLESAMPLE.
type Sample struct {
	Source  Node
	System  bool // else BERNOULLI
	Percent Expr
}

// SingleRow fails with SUBQUERY_MULTIPLE_ROWS when its source has more than one row and yields NULLs when it has none.
type SingleRow struct{ Source Node }

// RowNumber adds a number that is unique among the rows of the query, not dense. It serves decorrelation.
type RowNumber struct {
	Source Node
	Sym    *Symbol
}

// CTE evaluates Def once and lets CTERefs of the same ID inside Body read it.
type CTE struct {
	ID   int
	Name string
	Def  Node
	Body Node
}

// CTERef reads a CTE's definition. Symbols correspond to the definition's outputs by position.
type CTERef struct {
	ID      int
	Name    string
	Symbols []*Symbol
}

// RecursiveCTE is WITH RECURSIVE: Def is Base unioned with Step, which reads the rows of the round before through a
// CTERef of ID. Symbols correspond to the outputs of both.
type RecursiveCTE struct {
	ID         int
	Name       string
	Base, Step Node
	Symbols    []*Symbol
	MaxDepth   int
}

// Write writes its source's rows into a table. Columns gives, for each column of the table that files hold, the symbol to
// write. Its outputs are one row per attempt's result: the row count and the connector's fragment.
type Write struct {
	Source  Node
	Target  WriteTarget
	Columns []*Symbol
	// Change, when not nil, says that rows of the table are deleted and replaced, not only added.
	Change *RowChange
	Rows   *Symbol // bigint: rows written
}

// RowChange says what a Write does with each row of its source.
type RowChange struct {
	// Operation is a connector.Operation.
	Operation *Symbol
	// RowID are the columns that identify the row of the table; NULL for one that is inserted.
	RowID []*Symbol
}

// WriteTarget is the table that a Write goes to. Handle is set when the write begins.
type WriteTarget struct {
	Catalog string
	Table   *connector.Table
	Create  bool
	// RowID are the columns of a row's id when the rows of the table are changed, else none.
	RowID []connector.Column
	// Unique says that a row of the table may occur several times, which is an error: rows of the same id must come together.
	Unique bool
	// Procedure is the procedure of tables that writes rows anew; Table then is what it reads.
	Procedure string
	// Analysis says that the rows are statistics of the table.
	Analysis *connector.Analysis
	Handle   []byte
}

// Output names the columns of a query's result.
type Output struct {
	Source  Node
	Names   []string
	Symbols []*Symbol
}

// ExchangeKind says how rows get from one stage to the next.
type ExchangeKind string

// The kinds of exchanges.
const (
	Gather      ExchangeKind = "GATHER"      // all rows to a single task
	Repartition ExchangeKind = "REPARTITION" // by a hash of Keys
	Replicate   ExchangeKind = "REPLICATE"   // all rows to every task
	RoundRobin  ExchangeKind = "ROUND_ROBIN" // to any task
)

// Exchange is where a plan will be cut into stages. It changes the distribution of rows, not the rows.
type Exchange struct {
	Source Node
	Kind   ExchangeKind
	Keys   []Expr
	// SingleProducer says that the source must be computed by a single task.
	SingleProducer bool
	// Ranges says that Keys is the number of the partition itself, and that the rows of each come before those of the next
	// in an ordering.
	Ranges bool
}

// RemoteSource reads the output of another stage, after the cut.
type RemoteSource struct {
	Stage   int
	Kind    ExchangeKind
	Symbols []*Symbol
	// OrderBy, when set, says that the single producer's rows come in this order.
	OrderBy []SortKey
	// Ranges is the exchange's.
	Ranges bool
}
