package connector

import (
	"context"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// What follows are offers: the optimizer asks a connector whether it would do a part of a query itself, in its own system. All of them are
// optional interfaces, and each answer is a choice: false says that the engine does it.
//
// An offer is about a Scan. Its Handle describes a relation: at first a table, then whatever has been pushed into it before, in the order of
// the offers. So the relation of a handle that has taken an aggregation is the groups; a filter that comes after it is over the groups (HAVING),
// and a connector that cannot say that declines. The answer is a new Handle, which describes the relation with the offer applied to it. The
// columns of the relation are Scan.Columns, with their names; offers name them so. Offers that come later, Splits and Source may be
// given a Scan with the same Handle and fewer columns, in another order, or none (then only the number of rows counts): the Handle must
// say by itself what each name means.
//
// A Scan's Constraint, which the connector finds when it enumerates splits, is over the columns of the relation too, outside of all that the
// Handle holds. It restricts rows after a limit or an aggregation in the Handle and never before. A Limit counts the rows that satisfy it.
// Both stay hints: to ignore them is always right.
//
// To take an offer is a promise of equal answers: the remote system compares, orders, rounds and overflows as Trino does, for the
// types at hand, or the connector declines. Where only some rows can be kept away remotely, it may do so and say that the engine is to filter again.
//
// Answers must be a function of the offer, the session and the table's metadata: another coordinator plans the query again, compares handles and goes on.
// They should not need the network. The catalog's session properties are in the context.

// FilterPushdown is a connector that can evaluate conditions.
type FilterPushdown interface {
	// PushFilter offers conjuncts, each a deterministic boolean expression. Only rows for which all are TRUE are wanted.
	PushFilter(ctx context.Context, scan Scan, conjuncts []Expression) (PushedFilter, bool, error)
}

// PushedFilter is what became of an offered filter.
type PushedFilter struct {
	Handle json.RawMessage
	// Exact says of each conjunct whether the handle's relation has only rows for which it is TRUE, so that the engine can forget it.
	Exact []bool
}

// LimitPushdown is a connector that can stop after some rows. Others see Scan.Limit.
type LimitPushdown interface {
	// PushLimit offers that any count rows of the relation are enough.
	PushLimit(ctx context.Context, scan Scan, count int64) (PushedLimit, bool, error)
}

// PushedLimit is what became of an offered limit.
type PushedLimit struct {
	Handle json.RawMessage
	// Guaranteed says that all splits together give no more rows than the limit.
	Guaranteed bool
}

// TopNPushdown is a connector that can order rows.
type TopNPushdown interface {
	// PushTopN offers that the first count rows of an ordering are enough. The engine orders what it is given and takes the first of them: more
	// rows do no harm, as when each of several splits has its own first ones.
	PushTopN(ctx context.Context, scan Scan, count int64, order []SortItem) (json.RawMessage, bool, error)
}

// SortItem is a key of an ordering. Texts are ordered by code points, NaN after all other numbers.
type SortItem struct {
	Column     string
	Type       types.Type
	Descending bool
	NullsFirst bool
}

// AggregationPushdown is a connector that can aggregate.
type AggregationPushdown interface {
	// PushAggregation offers the aggregation of the relation. Without GroupBy there is one group, even of no rows; without Aggregates
	// it is SELECT DISTINCT.
	PushAggregation(ctx context.Context, scan Scan, a Aggregation) (PushedRelation, bool, error)
}

// Aggregation groups rows by columns and aggregates each group.
type Aggregation struct {
	GroupBy    []Reference
	Aggregates []Aggregate
}

// Aggregate is a call of an aggregate function: count (without arguments of rows), sum, avg, min, max, …, as Trino defines it for the arguments'
// types. Type is its result's: a sum of bigint is a bigint that fails when it overflows, an average of decimals is rounded half up.
type Aggregate struct {
	Function string
	Type     types.Type
	Args     []Expression
	Distinct bool
	// Filter, when not nil, is TRUE of the rows that count.
	Filter  Expression
	OrderBy []SortItem
}

// PushedRelation is a relation with other columns than the scan had.
type PushedRelation struct {
	Handle json.RawMessage
	// Columns are those of the relation, with unique names and exactly the types that the offer implies: of an aggregation the keys, then the
	// aggregates; of a join those of the left scan, then those of the right one; in the order of the offer.
	Columns []Column
}

// JoinPushdown is a connector that can join relations of its own.
type JoinPushdown interface {
	// PushJoin offers the join of two scans of the catalog.
	PushJoin(ctx context.Context, join JoinOffer) (PushedRelation, bool, error)
}

// JoinKind is the kind of a join.
type JoinKind string

// The kinds of joins that are offered.
const (
	InnerJoin JoinKind = "INNER"
	LeftJoin  JoinKind = "LEFT"
	RightJoin JoinKind = "RIGHT"
	FullJoin  JoinKind = "FULL"
)

// JoinOffer is a join of two scans. Columns of the two may have the same names.
type JoinOffer struct {
	Kind        JoinKind
	Left, Right Scan
	// Conditions are all of the join's, at least one.
	Conditions []JoinCondition
	// What the engine expects, for connectors that take a join only where it makes less to be sent.
	LeftSize, RightSize, JoinSize RelationSize
}

// JoinCondition compares an expression over columns of the left scan with one over those of the right. Operator is one of the comparisons:
// OpEqual, OpIdentical, OpLess, ….
type JoinCondition struct {
	Operator    string
	Left, Right Expression
}

// RelationSize is how many rows and bytes a relation is expected to have; negative when nothing is known.
type RelationSize struct{ Rows, Bytes float64 }
