package rowpattern

import (
	"fmt"
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// aggregate computes a Fold row by row. States are immutable, so that threads can share them; nil is the state of no row.
type aggregate struct {
	args []evaluator
	add  func(state any, args []any) (any, error)
	// result makes the value of a state.
	result func(state any) any
}

// average is the state of avg.
type average struct {
	sum any // float64 or *big.Int
	n   int64
}

// Supported reports whether the fold's aggregate is known for the types of its arguments.
func (f Fold) Supported() bool {
	_, err := buildFold(f)
	return err == nil
}

// buildFold translates a fold.
func buildFold(f Fold) (*aggregate, error) {
	a := &aggregate{result: func(s any) any { return s }}
	for _, e := range f.Args {
		arg, err := build(e)
		if err != nil {
			return nil, err
		}
		a.args = append(a.args, arg)
	}
	kind := Kind("")
	if len(f.Args) > 0 {
		kind = f.Args[0].Type.Kind
	}
	switch {
	case f.Name == "count":
		a.add, a.result = countRows, orZero
	case f.Name == "count_if" && kind == Bool:
		a.add, a.result = countTrue, orZero
	case f.Name == "sum" && summable(kind):
		a.add = skipNull(func(s any, v []any) (any, error) { return addUp(s, v[0], f.Type) })
	case f.Name == "avg" && summable(kind):
		a.add, a.result = skipNull(func(s any, v []any) (any, error) { return addAverage(s, v[0], f) }), quotientOf(f)
	case spreads[f.Name] != nil && (kind == Double || kind == Int):
		a.add, a.result = skipNull(addSpread), spreads[f.Name]
	case (f.Name == "min" || f.Name == "max") && len(f.Args) == 1 && kind != Opaque:
		a.add = skipNull(keep(func(s any, v []any) bool { return better(f.Name, v[0], s) }, func(v []any) any { return v[0] }))
	case (f.Name == "min" || f.Name == "max") && len(f.Args) == 2 && kind != Opaque:
		n, ok := positive(f.Args[1])
		if !ok {
			return nil, fmt.Errorf("row pattern: %s of a variable number of values", f.Name)
		}
		a.add, a.result = skipNull(collect(0)), topValues(f.Name, n)
	case (f.Name == "min_by" || f.Name == "max_by") && len(f.Args) == 2 && kind != Opaque && f.Args[1].Type.Kind != Opaque:
		a.add, a.result = keepBy(f.Name), firstOfPair
	case (f.Name == "min_by" || f.Name == "max_by") && len(f.Args) == 3 && kind != Opaque && f.Args[1].Type.Kind != Opaque:
		n, ok := positive(f.Args[2])
		if !ok {
			return nil, fmt.Errorf("row pattern: %s of a variable number of values", f.Name)
		}
		a.add, a.result = collectPairs(1), topValues(f.Name, n)
	case (f.Name == "arbitrary" || f.Name == "any_value") && kind != Opaque:
		a.add = skipNull(keep(func(s any, _ []any) bool { return s == nil }, func(v []any) any { return v[0] }))
	case (f.Name == "bool_and" || f.Name == "every") && kind == Bool:
		a.add = skipNull(keep(func(s any, v []any) bool { return s == nil || v[0] == false }, func(v []any) any { return v[0] }))
	case f.Name == "bool_or" && kind == Bool:
		a.add = skipNull(keep(func(s any, v []any) bool { return s == nil || v[0] == true }, func(v []any) any { return v[0] }))
	case (f.Name == "map_agg" || f.Name == "multimap_agg") && len(f.Args) == 2 && kind != Opaque && f.Args[1].Type.Kind != Opaque:
		a.add, a.result = collectPairs(0), asMap(f.Name == "multimap_agg")
	case f.Name == "map_union" && kind == Map:
		a.add, a.result = skipNull(collect(0)), united
	case f.Name == "array_agg" && kind != Opaque:
		a.add = collect(0)
		a.result = func(s any) any {
			if s == nil {
				return nil
			}
			return s.(*list).items()
		}
	default:
		return nil, fmt.Errorf("row pattern: no aggregate %s", f.Name)
	}
	return a, nil
}

func summable(k Kind) bool { return k == Int || k == Double || k == Real || k == Decimal }

func orZero(s any) any {
	if s == nil {
		return int64(0)
	}
	return s
}

func countRows(s any, v []any) (any, error) {
	if len(v) > 0 && v[0] == nil {
		return s, nil
	}
	return orZero(s).(int64) + 1, nil
}

func countTrue(s any, v []any) (any, error) {
	if v[0] != true {
		return s, nil
	}
	return orZero(s).(int64) + 1, nil
}

// skipNull leaves out rows whose first argument is NULL.
func skipNull(f func(any, []any) (any, error)) func(any, []any) (any, error) {
	return func(s any, v []any) (any, error) {
		if v[0] == nil {
			return s, nil
		}
		return f(s, v)
	}
}

// keep replaces the state where a row is to be preferred.
func keep(prefer func(any, []any) bool, value func([]any) any) func(any, []any) (any, error) {
	return func(s any, v []any) (any, error) {
		if prefer(s, v) {
			return value(v), nil
		}
		return s, nil
	}
}

func better(name string, v, than any) bool {
	if than == nil {
		return true
	}
	c := compare(v, than)
	return c < 0 && name[:3] == "min" || c > 0 && name[:3] == "max"
}

// keepBy keeps the pair with the least or greatest second argument.
func keepBy(name string) func(any, []any) (any, error) {
	return func(s any, v []any) (any, error) {
		if v[1] == nil || s != nil && !better(name, v[1], s.([2]any)[1]) {
			return s, nil
		}
		return [2]any{v[0], v[1]}, nil
	}
}

func firstOfPair(s any) any {
	if s == nil {
		return nil
	}
	return s.([2]any)[0]
}

// addUp is sum.
func addUp(s, v any, t Type) (any, error) {
	if s == nil {
		return v, nil
	}
	switch v := v.(type) {
	case int64:
		r := s.(int64) + v
		if (r > s.(int64)) != (v > 0) && v != 0 {
			return fail(trinoerr.NumericValueOutOfRange, "bigint addition overflow: %d + %d", s, v)
		}
		return r, nil
	case float64:
		r := s.(float64) + v
		if t.Kind == Real {
			return r, nil
		}
		return r, nil
	case *big.Int:
		r := new(big.Int).Add(s.(*big.Int), v)
		if r.CmpAbs(power10(38)) >= 0 {
			return fail(trinoerr.NumericValueOutOfRange, "Decimal overflow")
		}
		return r, nil
	}
	return s, nil
}

func addAverage(s, v any, f Fold) (any, error) {
	a, _ := s.(average)
	if n, ok := v.(int64); ok {
		v = float64(n)
	}
	sum, err := addUp(a.sum, v, f.Type)
	return average{sum, a.n + 1}, err
}

// quotientOf makes the result of avg.
func quotientOf(f Fold) func(any) any {
	return func(s any) any {
		a, ok := s.(average)
		if !ok {
			return nil
		}
		switch sum := a.sum.(type) {
		case float64:
			return rounded(sum/float64(a.n), f.Type)
		case *big.Int:
			return quotient(sum, big.NewInt(a.n))
		}
		return nil
	}
}

// equalStates reports whether two states give the same results from here on.
func equalStates(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case *list:
		b, ok := b.(*list)
		for x := a; ok; x, b = x.before, b.before {
			switch {
			case x == b:
				return true
			case x == nil || b == nil || x.n != b.n || !equalStates(x.value, b.value):
				return false
			}
		}
		return false
	case average:
		b, ok := b.(average)
		return ok && a.n == b.n && equalStates(a.sum, b.sum)
	case spread:
		b, ok := b.(spread)
		return ok && a == b
	case [2]any:
		b, ok := b.([2]any)
		return ok && equalStates(a[0], b[0]) && equalStates(a[1], b[1])
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	case []entry:
		b, ok := b.([]entry)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equalStates(a[i].key, b[i].key) || !equalStates(a[i].value, b[i].value) {
				return false
			}
		}
		return true
	}
	return b != nil && compare(a, b) == 0
}
