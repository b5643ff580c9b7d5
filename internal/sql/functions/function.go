package functions

import (
	"github.com/waterbear-sql/waterbear/internal/types"
	"time"
)

// Kind tells where a function may be called.
type Kind uint8

// The kinds. An Aggregate can also be called as a window function.
const (
	Scalar Kind = iota
	Aggregate
	Window
)

// String returns the word that SHOW FUNCTIONS uses.
func (k Kind) String() string { return [...]string{"scalar", "aggregate", "window"}[k] }

// Function is one overload of a function or operator.
type Function struct {
	// Name is the canonical lower-case name; operators' begin with "$".
	Name string
	// Signature is the name with the argument types as Trino's messages show it, "round(decimal(p,s), bigint)". Capital
	// letters are type variables, small ones inside parentheses are numeric parameters. It identifies the overload.
	Signature string
	// Vars declares the type variables and their constraints, "K, V" or "T:orderable", as Trino shows them.
	Vars string
	// Returns is the result type in the same notation.
	Returns string
	// Result computes the result type where Returns cannot say it.
	Result func(Binding) (types.Type, error)
	// Variadic functions repeat their last argument any number of times.
	Variadic bool
	Kind     Kind
	// Nondeterministic functions may give another result for the same arguments.
	Nondeterministic bool
	// CalledOnNull functions see NULL arguments; the others are NULL when an argument is.
	CalledOnNull bool
	// OrderSensitive aggregates depend on the order of their input.
	OrderSensitive bool

	// SQL is the DuckDB text of a call. $1, $2, … are the arguments, $* all of them separated by commas, $r the
	// DuckDB type of the result, $t1 that of the first argument. In aggregates and window functions "sum{$1}" stands for
	// a call that gets the DISTINCT, ORDER BY, FILTER and OVER of the SQL call.
	SQL string
	// Emit makes the text where a template cannot.
	Emit func(*Site) (string, error)
	// Split says how the aggregate is computed in two steps; nil when it cannot be.
	Split *Split

	Doc string
	// Examples are SQL expressions with their value as a varchar, as Trino gives it. Those of aggregates are over the
	// rows of (VALUES …) and are whole queries.
	Examples [][2]string
	// Hidden functions are not listed by SHOW FUNCTIONS: operators and parts of other functions.
	Hidden bool

	parsed signature
}

// Split describes the two steps of an aggregate: each state component is an aggregate over the input, and Final is an
// aggregate over the components ($1, $2, …), in the notation of Function.SQL.
type Split struct {
	States []State
	Final  string
	// FinalEmit makes the final text where a template cannot.
	FinalEmit func(*Site) (string, error)
}

// State is a component of an aggregate's intermediate state.
type State struct {
	// SQL computes the component from the aggregate's arguments.
	SQL string
	// Emit makes the text where a template cannot.
	Emit func(*Site) (string, error)
	// Type is the component's type, in the notation of Function.Returns.
	Type string
	// TypeOf computes the type where Type cannot say it.
	TypeOf func(Binding) types.Type
	// Merge makes one component ($1) of several, so that there can be steps between the first and the last; MergeEmit where a
	// template cannot. Neither: there cannot.
	Merge     string
	MergeEmit func(*Site) (string, error)
}

// Site is a call to be written as SQL.
type Site struct {
	Function *Function
	Args     []Operand
	Result   types.Type
	// TypeSQL names the DuckDB type that holds a SQL type.
	TypeSQL func(types.Type) string

	// Zone is the session's time zone.
	Zone string
	// Now is the statement's start.
	Now time.Time
	// Narrow lets decimal arithmetic stay in 64 bits, where it fails when a result does not fit, although the result's type
	// would have room for it. Whoever asks for it has the wide form as well.
	Narrow bool

	names int // how many names once has given
}

// Operand is an argument of a Site.
type Operand struct {
	// SQL is text that can stand as an operand of any operator.
	SQL  string
	Type types.Type
	// Const says that the argument is the literal Value (in the Go representation of package types, nil for NULL).
	Const bool
	Value any
	// Cheap says that writing the operand twice costs nothing: a column or a literal.
	Cheap bool
}

// Resolved is an overload chosen for a call.
type Resolved struct {
	Function *Function
	// Variant is what identifies the overload in a plan; Lookup takes it back.
	Variant string
	// Args are the types that the arguments have to be coerced to; of lambdas, their function types.
	Args   []types.Type
	Result types.Type
}
