package rowpattern

import (
	"fmt"
	"math"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Expr is an expression of a condition or of an argument of a Fold. Its operands have the types that its operator wants.
type Expr struct {
	Op   string  `json:"op"`
	Type Type    `json:"type"`
	Args []*Expr `json:"args,omitempty"`
	// Ref is the index into Spec.Reads of "read", into Spec.Folds of "fold" and into Spec.Columns of "column", which reads the
	// row that a Fold takes in.
	Ref int `json:"ref,omitempty"`
	// Text is the value of "const"; nil is NULL.
	Text *string `json:"text,omitempty"`
}

// scope is what expressions see.
type scope interface {
	read(i int) any
	fold(i int) (any, error)
	column(i int) any
	classifier() any
	matchNumber() int64
}

// evaluator computes an expression.
type evaluator func(scope) (any, error)

// Supports reports whether an operator is known for these types of operands.
func Supports(op string, result Type, args ...Type) bool {
	e := &Expr{Op: op, Type: result}
	for _, t := range args {
		e.Args = append(e.Args, &Expr{Op: "const", Type: t})
	}
	_, err := build(e)
	return err == nil
}

// build translates an expression.
func build(e *Expr) (evaluator, error) {
	args := make([]evaluator, len(e.Args))
	for i, a := range e.Args {
		var err error
		if args[i], err = build(a); err != nil {
			return nil, err
		}
	}
	switch e.Op {
	case "const":
		if e.Text == nil {
			return func(scope) (any, error) { return nil, nil }, nil
		}
		v, err := e.Type.parse(*e.Text)
		return func(scope) (any, error) { return v, nil }, err
	case "read":
		return func(s scope) (any, error) { return s.read(e.Ref), nil }, nil
	case "fold":
		return func(s scope) (any, error) { return s.fold(e.Ref) }, nil
	case "column":
		return func(s scope) (any, error) { return s.column(e.Ref), nil }, nil
	case "classifier":
		return func(s scope) (any, error) { return s.classifier(), nil }, nil
	case "match_number":
		return func(s scope) (any, error) { return s.matchNumber(), nil }, nil
	case "and", "or":
		return logical(args, e.Op == "or"), nil
	case "case":
		return choice(args), nil
	case "coalesce":
		return coalesce(args), nil
	case "isnull":
		return func(s scope) (any, error) {
			v, err := args[0](s)
			return v == nil, err
		}, nil
	case "distinct":
		return pair(args, func(a, b any) (any, error) { return compareNulls(a, b) != 0, nil }), nil
	case "nullif":
		return pair(args, func(a, b any) (any, error) {
			if a != nil && b != nil && equal(a, b) {
				return nil, nil
			}
			return a, nil
		}), nil
	case "array":
		return all(args, func(vs []any) (any, error) { return append([]any(nil), vs...), nil }), nil
	case "in":
		return in(args), nil
	case "array_join":
		return arrayJoin(e, args)
	}
	f, ok := strict(e)
	if !ok {
		return nil, fmt.Errorf("row pattern: no operator %s", e.Op)
	}
	return all(args, func(vs []any) (any, error) {
		for _, v := range vs {
			if v == nil {
				return nil, nil
			}
		}
		return f(vs)
	}), nil
}

// all computes all operands first.
func all(args []evaluator, f func([]any) (any, error)) evaluator {
	return func(s scope) (any, error) {
		vs := make([]any, len(args))
		for i, a := range args {
			var err error
			if vs[i], err = a(s); err != nil {
				return nil, err
			}
		}
		return f(vs)
	}
}

func pair(args []evaluator, f func(a, b any) (any, error)) evaluator {
	return all(args, func(vs []any) (any, error) { return f(vs[0], vs[1]) })
}

// logical is AND or OR with three values; what decides ends the evaluation.
func logical(args []evaluator, or bool) evaluator {
	return func(s scope) (any, error) {
		null := false
		for _, a := range args {
			v, err := a(s)
			switch {
			case err != nil:
				return nil, err
			case v == nil:
				null = true
			case v.(bool) == or:
				return or, nil
			}
		}
		if null {
			return nil, nil
		}
		return !or, nil
	}
}

// choice is a searched CASE: conditions and results in turn, then what else.
func choice(args []evaluator) evaluator {
	return func(s scope) (any, error) {
		for i := 0; i+1 < len(args); i += 2 {
			c, err := args[i](s)
			if err != nil {
				return nil, err
			}
			if c == true {
				return args[i+1](s)
			}
		}
		return args[len(args)-1](s)
	}
}

func coalesce(args []evaluator) evaluator {
	return func(s scope) (any, error) {
		for _, a := range args {
			if v, err := a(s); v != nil || err != nil {
				return v, err
			}
		}
		return nil, nil
	}
}

// in is membership of the first operand in the others.
func in(args []evaluator) evaluator {
	return func(s scope) (any, error) {
		v, err := args[0](s)
		if err != nil || v == nil {
			return nil, err
		}
		null := false
		for _, a := range args[1:] {
			m, err := a(s)
			switch {
			case err != nil:
				return nil, err
			case m == nil:
				null = true
			case equal(v, m):
				return true, nil
			}
		}
		if null {
			return nil, nil
		}
		return false, nil
	}
}

// equal is SQL's =, to which NaN is equal to nothing.
func equal(a, b any) bool {
	if f, ok := a.(float64); ok && math.IsNaN(f) {
		return false
	}
	return compare(a, b) == 0
}

// order makes a comparison of which NaN is no part.
func order(holds func(int) bool) operation {
	return func(vs []any) (any, error) {
		if isNaN(vs[0]) || isNaN(vs[1]) {
			return false, nil
		}
		return holds(compare(vs[0], vs[1])), nil
	}
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

// operation computes from operands that are not NULL.
type operation func([]any) (any, error)

// strict returns the operators that are NULL when an operand is.
func strict(e *Expr) (operation, bool) {
	switch e.Op {
	case "eq":
		return func(vs []any) (any, error) { return equal(vs[0], vs[1]), nil }, comparable(e)
	case "ne":
		return func(vs []any) (any, error) { return !equal(vs[0], vs[1]), nil }, comparable(e)
	case "lt":
		return order(func(c int) bool { return c < 0 }), comparable(e)
	case "le":
		return order(func(c int) bool { return c <= 0 }), comparable(e)
	case "gt":
		return order(func(c int) bool { return c > 0 }), comparable(e)
	case "ge":
		return order(func(c int) bool { return c >= 0 }), comparable(e)
	case "not":
		return func(vs []any) (any, error) { return !vs[0].(bool), nil }, true
	case "cast":
		return cast(e.Args[0].Type, e.Type)
	}
	if f, ok := arithmetic(e); ok {
		return f, true
	}
	return function(e)
}

func comparable(e *Expr) bool {
	for _, a := range e.Args {
		if k := a.Type.Kind; k == Opaque || k == Map {
			return false
		}
	}
	return true
}

func fail(code *trinoerr.Code, format string, args ...any) (any, error) {
	return nil, trinoerr.New(code, format, args...)
}
