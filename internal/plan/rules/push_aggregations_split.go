package rules

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// eagerSplit divides the aggregates of an aggregation into states of rows further down, and what merges them.
type eagerSplit struct {
	symbols *plan.Symbols
	by      *plan.Aggregate           // which computes the states
	down    func(plan.Expr) plan.Expr // what an expression above is over columns below
	target  symbolSet                 // the columns below
	filled  bool                      // whether there may be rows above with NULLs in the place of a row below
	rows    float64                   // below
}

// split divides one aggregate. ok is false when it cannot be divided, or reads other columns than those below in a way that does not only choose
// among rows: with DISTINCT or in an order, states would not do.
func (s *eagerSplit) split(a plan.Aggregation) (merge plan.Aggregation, ok bool) {
	if a.Distinct || a.OrderBy != nil {
		return merge, false
	}
	merge = plan.Aggregation{Sym: a.Sym, Name: a.Name}
	state := plan.Aggregation{Name: a.Name}
	var otherwise *plan.Const // what rows give that are not chosen; nil: nothing
	for _, e := range a.Args {
		x := s.down(e)
		if choose, value, other, is := s.choice(e); is && len(a.Args) == 1 {
			merge.Filter, x, otherwise = choose, value, other
		}
		state.Args = append(state.Args, x)
	}
	for _, t := range plan.Conjuncts(a.Filter) {
		if x := s.down(t); s.target.covers(x) && cannotFail(x) {
			state.Filter = and(state.Filter, x)
		} else {
			merge.Filter = and(merge.Filter, t)
		}
	}
	if otherwise != nil && (a.Name != "sum" || a.Filter != nil) {
		return merge, false
	}
	if !s.mayEvaluate(a, state.Args) {
		return merge, false
	}
	parts, final, ok := functions.Parts(a.Variant, plan.ExprTypes(state.Args))
	if !ok {
		return merge, false
	}
	for _, p := range parts {
		state.Variant = p.Variant
		merge.Args = append(merge.Args, s.state(state, a.Sym.Name, p.Type))
	}
	stateTypes := plan.ExprTypes(merge.Args)
	if _, merge.Variant, ok = functions.Parts(final, stateTypes); !ok {
		return merge, false // there can be no step between
	}
	if otherwise != nil {
		zero := &plan.Cast{Arg: &plan.Const{Typ: types.Of(types.BigInt), Value: int64(0)}, Typ: stateTypes[0]}
		merge.Args[0] = &plan.Case{Whens: []plan.When{{Cond: merge.Filter, Result: merge.Args[0]}}, Else: zero, Typ: stateTypes[0]}
		merge.Filter = nil
	}
	return merge, true
}

// state has a state computed, unless it is already.
func (s *eagerSplit) state(a plan.Aggregation, name string, t types.Type) plan.Expr {
	f := functions.Lookup(a.Variant)
	same := func(b plan.Aggregation) bool { // as the sum of an average and another one are
		g := functions.Lookup(b.Variant)
		return (a.Variant == b.Variant || f.SQL != "" && f.SQL == g.SQL) && b.Sym.Type.Equal(t) && plan.EqualExpr(a.Filter, b.Filter) && slices.EqualFunc(a.Args, b.Args, plan.EqualExpr)
	}
	if i := slices.IndexFunc(s.by.Aggs, same); i >= 0 {
		return &plan.Ref{Sym: s.by.Aggs[i].Sym}
	}
	a.Sym = s.symbols.New(name, t)
	s.by.Aggs = append(s.by.Aggs, a)
	return &plan.Ref{Sym: a.Sym}
}

// choice recognizes CASE WHEN choose THEN value END, with NULL or 0 for the other rows, where only the value is of columns below: the rows that
// one below is joined with are chosen above then. A sum counts 0 for the others, which matters when none is chosen.
func (s *eagerSplit) choice(e plan.Expr) (choose, value plan.Expr, other *plan.Const, ok bool) {
	to := e.Type()
	if cast, is := e.(*plan.Cast); is && !cast.Try {
		e = cast.Arg
	}
	c, is := e.(*plan.Case)
	if !is {
		return nil, nil, nil, false
	}
	value = s.down(c.Whens[0].Result)
	if !value.Type().Equal(to) {
		value = &plan.Cast{Arg: value, Typ: to, Implicit: true}
	}
	if len(c.Whens) != 1 || s.target.covers(s.down(c.Whens[0].Cond)) || !s.target.covers(value) {
		return nil, nil, nil, false
	}
	if c.Else != nil {
		if other, is = constant(c.Else); !is {
			return nil, nil, nil, false
		}
		if other.Value == nil {
			other = nil
		} else if !isZero(other) {
			return nil, nil, nil, false
		}
	}
	return c.Whens[0].Cond, value, other, true
}

// mayEvaluate reports whether an aggregate may be evaluated for rows below: whether it reads nothing else, cannot fail for a row that is dropped
// further up, and gives nothing for NULLs in the place of a row.
func (s *eagerSplit) mayEvaluate(a plan.Aggregation, args []plan.Expr) bool {
	if s.filled && len(args) == 0 {
		return false
	}
	for _, e := range args {
		if !s.target.covers(e) || !cannotFail(e) || s.filled && !nullIn(e, s.target) {
			return false
		}
	}
	if a.Name == "sum" || a.Name == "avg" {
		// Sums of decimals have 38 digits, which those of rows that are dropped must not exceed.
		if t := args[0].Type(); t.Kind == types.Decimal && float64(t.P)+math.Log10(max(s.rows, 1))+1 > types.MaxDecimalPrecision {
			return false
		}
	}
	return true
}

func and(a, b plan.Expr) plan.Expr {
	if a == nil {
		return b
	}
	return plan.And(append(plan.Conjuncts(a), b)...)
}

// constant is the literal that an expression is, casts left out of account.
func constant(e plan.Expr) (*plan.Const, bool) {
	for {
		c, ok := e.(*plan.Cast)
		if !ok {
			break
		}
		e = c.Arg
	}
	c, ok := e.(*plan.Const)
	return c, ok
}

// isZero reports whether a literal is the number 0.
func isZero(c *plan.Const) bool {
	switch v := c.Value.(type) {
	case int64:
		return v == 0
	case float64:
		return v == 0
	case types.Int128:
		return v == types.Int128{}
	}
	return false
}

// sameWhenEqual reports whether equal values of a type are one value: of groups of others, such as 0.0 and -0.0 or an instant in two zones,
// one is shown, which need not do for what is computed of it further up.
func sameWhenEqual(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal, types.Varchar, types.Char, types.Varbinary, types.Date,
		types.Time, types.Timestamp, types.UUID:
		return true
	}
	return false
}
