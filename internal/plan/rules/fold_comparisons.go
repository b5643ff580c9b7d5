package rules

import (
	"cmp"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// foldChoice decides comparisons of literals, and what depends on such a decision: conditions that a reader has on a constant column of a
// CTE, 's' = 'w', say that all of a branch of it is not needed. Nothing is dropped that would have been evaluated.
func foldChoice(e plan.Expr) plan.Expr {
	switch e := e.(type) {
	case *plan.Compare:
		if v, ok := decided(e.Op, e.Left, e.Right); ok {
			return truth(v)
		}
	case *plan.Not:
		if c, ok := e.Arg.(*plan.Const); ok {
			if b, is := c.Value.(bool); is {
				return truth(!b)
			}
			return truth(nil)
		}
	case *plan.IsNull:
		if c, ok := e.Arg.(*plan.Const); ok {
			return truth(c.Value == nil)
		}
	case *plan.Between:
		low, lok := decided(plan.Ge, e.Arg, e.Low)
		high, hok := decided(plan.Le, e.Arg, e.High)
		switch {
		case !lok || !hok:
		case low == false || high == false:
			return truth(false)
		case low == nil || high == nil:
			return truth(nil)
		default:
			return truth(true)
		}
	case *plan.In:
		return foldIn(e)
	case *plan.Case:
		return foldCase(e)
	case *plan.Coalesce:
		if c, ok := e.Args[0].(*plan.Const); ok && c.Value != nil && c.Typ.Equal(e.Typ) {
			return c
		}
	}
	return e
}

// truth is a literal of type boolean; nil is NULL.
func truth(v any) plan.Expr { return &plan.Const{Typ: types.Of(types.Boolean), Value: v} }

// decided compares two literals: true, false, or nil for NULL. ok is false for what is not known to compare here as in a task.
func decided(op plan.CompareOp, a, b plan.Expr) (v any, ok bool) {
	l, lok := a.(*plan.Const)
	r, rok := b.(*plan.Const)
	if !lok || !rok || op == plan.DistinctFrom || op == plan.NotDistinctFrom {
		return nil, false
	}
	if l.Value == nil || r.Value == nil {
		return nil, true
	}
	order, ok := compared(l, r)
	if !ok {
		return nil, false
	}
	switch op {
	case plan.Eq:
		return order == 0, true
	case plan.Ne:
		return order != 0, true
	case plan.Lt:
		return order < 0, true
	case plan.Le:
		return order <= 0, true
	case plan.Gt:
		return order > 0, true
	case plan.Ge:
		return order >= 0, true
	}
	return nil, false
}

func compared(l, r *plan.Const) (order int, ok bool) {
	if l.Typ.Kind != r.Typ.Kind {
		return 0, false
	}
	switch lv := l.Value.(type) {
	case int64:
		rv, ok := r.Value.(int64)
		return cmp.Compare(lv, rv), ok && l.Typ.Integral()
	case types.DateValue:
		rv, ok := r.Value.(types.DateValue)
		return cmp.Compare(lv, rv), ok
	case string:
		rv, ok := r.Value.(string)
		return cmp.Compare(lv, rv), ok && l.Typ.Kind == types.Varchar
	}
	return 0, false
}

// foldIn decides membership where all values are literals.
func foldIn(e *plan.In) plan.Expr {
	var found any = false
	for _, x := range e.List {
		v, ok := decided(plan.Eq, e.Arg, x)
		switch {
		case !ok:
			return e
		case v == true:
			found = true
		case v == nil && found == false:
			found = nil
		}
	}
	return truth(found)
}

// foldCase drops arms that are never taken, and what comes after one that always is.
func foldCase(e *plan.Case) plan.Expr {
	out := &plan.Case{Typ: e.Typ, Else: e.Else}
	for _, w := range e.Whens {
		c, ok := w.Cond.(*plan.Const)
		if ok && c.Value == true {
			out.Else = w.Result
			break
		}
		if !ok {
			out.Whens = append(out.Whens, w)
		}
	}
	switch {
	case len(out.Whens) == len(e.Whens):
		return e
	case len(out.Whens) > 0:
		return out
	case out.Else == nil:
		return &plan.Const{Typ: e.Typ}
	case out.Else.Type().Equal(e.Typ):
		return out.Else
	}
	return e
}
