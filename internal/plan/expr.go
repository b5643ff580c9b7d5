package plan

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Symbol is a column of a plan. Two symbols are the same column exactly if they are the same pointer; names are
// unique within a plan, so that printed plans and SQL text can use them.
type Symbol struct {
	Name string
	Type types.Type
}

// Expr is a typed scalar expression. Expressions are immutable trees; rewrites build new ones (see MapExpr).
type Expr interface {
	// Type is the SQL type of the expression's value.
	Type() types.Type
	// Children are the direct operands, in order. Nested plans of subqueries are not among them.
	Children() []Expr
	// WithChildren returns a copy with other operands, as many as Children gave.
	WithChildren([]Expr) Expr
}

// Ref reads a column. A Ref to a symbol that the surrounding node's sources do not produce is a correlated reference
// to an outer query.
type Ref struct{ Sym *Symbol }

// Const is a literal; Value is in the Go representation of package types, nil for NULL.
type Const struct {
	Typ   types.Type
	Value any
}

// Call applies a scalar function or operator. Operators have names that start with "$": "$add", "$subtract", "$multiply",
// "$divide", "$modulus", "$negate", "$concat" is plain concat, "$subscript". The arguments have already been coerced to the types
// that the signature wants.
type Call struct {
	// Name is the canonical lower-case name; Variant, chosen by the resolver, identifies the overload in
	// sql/functions ("round(decimal(p,s),bigint)"): the signature as declared there.
	Name    string
	Variant string
	Args    []Expr
	Typ     types.Type
}

// Cast converts a value; Try gives NULL instead of an error. Implicit marks a coercion that the binder inserted.
type Cast struct {
	Arg      Expr
	Typ      types.Type
	Try      bool
	Implicit bool
}

// CompareOp is a comparison operator.
type CompareOp string

// The comparison operators.
const (
	Eq              CompareOp = "="
	Ne              CompareOp = "<>"
	Lt              CompareOp = "<"
	Le              CompareOp = "<="
	Gt              CompareOp = ">"
	Ge              CompareOp = ">="
	DistinctFrom    CompareOp = "IS DISTINCT FROM"
	NotDistinctFrom CompareOp = "IS NOT DISTINCT FROM"
)

// Flip returns the operator that says the same with its sides exchanged: a < b is b > a.
func (op CompareOp) Flip() CompareOp {
	switch op {
	case Lt:
		return Gt
	case Le:
		return Ge
	case Gt:
		return Lt
	case Ge:
		return Le
	}
	return op
}

// Compare compares two values of one type.
type Compare struct {
	Op          CompareOp
	Left, Right Expr
}

// Logical is an n-ary AND or OR.
type Logical struct {
	Or    bool
	Terms []Expr
}

// Not negates a boolean.
type Not struct{ Arg Expr }

// IsNull tests for NULL.
type IsNull struct{ Arg Expr }

// Between is Arg >= Low AND Arg <= High, evaluating Arg once.
type Between struct{ Arg, Low, High Expr }

// In tests membership in a list.
type In struct {
	Arg  Expr
	List []Expr
}

// Like matches a pattern; Escape may be nil.
type Like struct{ Arg, Pattern, Escape Expr }

// Case is a searched CASE; the binder rewrites the simple form. Else may be nil, meaning NULL.
type Case struct {
	Whens []When
	Else  Expr
	Typ   types.Type
}

// When is one arm of a Case.
type When struct{ Cond, Result Expr }

// Coalesce returns the first value that is not NULL.
type Coalesce struct {
	Args []Expr
	Typ  types.Type
}

// NullIf is NULL when both are equal, else the first.
type NullIf struct{ First, Second Expr }

// Try evaluates to NULL where its argument fails with an error that Trino's try() swallows.
type Try struct{ Arg Expr }

// MakeRow builds a row value.
type MakeRow struct {
	Fields []Expr
	Typ    types.Type
}

// MakeArray builds an array.
type MakeArray struct {
	Elems []Expr
	Typ   types.Type
}

// Field takes the Index-th (0-based) field of a row.
type Field struct {
	Row   Expr
	Index int
	Typ   types.Type
}

// Lambda is an anonymous function, an argument of a Call. Its parameters are symbols that only Body sees.
type Lambda struct {
	Params []*Symbol
	Body   Expr
}

// ScalarSubquery is the single value of a plan with one output column: NULL when it has no row, an error
// SUBQUERY_MULTIPLE_ROWS when it has several. Plan may refer to outer symbols.
type ScalarSubquery struct{ Plan Node }

// Exists tells whether a plan has a row.
type Exists struct{ Plan Node }

// InSubquery tests membership in a plan's single column, with SQL's rules for NULL.
type InSubquery struct {
	Arg  Expr
	Plan Node
}

// Quantified compares with ALL or ANY row of a plan's single column.
type Quantified struct {
	Arg  Expr
	Op   CompareOp
	All  bool
	Plan Node
}
