package jsonpath

import "github.com/waterbear-sql/waterbear/internal/types"

// Path is a parsed path.
type Path struct {
	// Lax paths unwrap arrays and forgive structural errors; strict ones do not.
	Lax  bool
	Root Expr
}

// Expr is a path expression: it gives a sequence of items.
type Expr interface{ expr() }

// The path expressions.
type (
	// Literal is a number, a string or a boolean, as an SQL value.
	Literal struct{ Value Value }
	// NullLiteral is null.
	NullLiteral struct{}
	// Context is $.
	Context struct{}
	// Variable is $name.
	Variable struct{ Name string }
	// Last is last, the index of an array's last element.
	Last struct{}
	// Current is @, the item that a filter looks at.
	Current struct{}
	// Binary is Left Op Right, where Op is one of + - * / %.
	Binary struct {
		Op          byte
		Left, Right Expr
	}
	// Sign is +Base or -Base.
	Sign struct {
		Negative bool
		Base     Expr
	}
	// Member is Base.Key, or Base.* when Any is set.
	Member struct {
		Base Expr
		Key  string
		Any  bool
	}
	// Descendants is Base..Key.
	Descendants struct {
		Base Expr
		Key  string
	}
	// Elements is Base[Subscripts], or Base[*] when there are none.
	Elements struct {
		Base       Expr
		Subscripts []Subscript
	}
	// Filter is Base ? (Condition).
	Filter struct {
		Base      Expr
		Condition Predicate
	}
	// Method is Base.Name(), where Name is one of abs, ceiling, datetime, double, floor, keyvalue, size, type.
	Method struct {
		Base Expr
		Name string
	}
)

// Subscript is From, or From to To. To may be nil.
type Subscript struct{ From, To Expr }

// Predicate is a condition of a filter: true, false or unknown.
type Predicate interface{ predicate() }

// The predicates.
type (
	// Comparison is Left Op Right, where Op is one of == <> < <= > >=.
	Comparison struct {
		Op          string
		Left, Right Expr
	}
	// And is Left && Right.
	And struct{ Left, Right Predicate }
	// Or is Left || Right.
	Or struct{ Left, Right Predicate }
	// Not is !Arg.
	Not struct{ Arg Predicate }
	// Exists is exists(Arg).
	Exists struct{ Arg Expr }
	// StartsWith is Arg starts with Prefix.
	StartsWith struct{ Arg, Prefix Expr }
	// LikeRegex is Arg like_regex Pattern [flag Flags].
	LikeRegex struct {
		Arg            Expr
		Pattern, Flags string
	}
	// IsUnknown is (Arg) is unknown.
	IsUnknown struct{ Arg Predicate }
)

func (*Literal) expr()     {}
func (*NullLiteral) expr() {}
func (*Context) expr()     {}
func (*Variable) expr()    {}
func (*Last) expr()        {}
func (*Current) expr()     {}
func (*Binary) expr()      {}
func (*Sign) expr()        {}
func (*Member) expr()      {}
func (*Descendants) expr() {}
func (*Elements) expr()    {}
func (*Filter) expr()      {}
func (*Method) expr()      {}

func (*Comparison) predicate() {}
func (*And) predicate()        {}
func (*Or) predicate()         {}
func (*Not) predicate()        {}
func (*Exists) predicate()     {}
func (*StartsWith) predicate() {}
func (*LikeRegex) predicate()  {}
func (*IsUnknown) predicate()  {}

// Value is an SQL value as an item: a literal, a parameter or what was computed from them. It is never NULL.
type Value struct {
	Type  types.Type
	Value any // in the Go representation of package types
}
