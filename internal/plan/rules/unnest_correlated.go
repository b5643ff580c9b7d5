package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// correlatedAggregate unnests SELECT f(agg(x)), … FROM … WHERE inner = outer AND …: the aggregation is grouped by the inner
// sides of the equalities and joined on them. Rows without a group get what the aggregates give over nothing. It returns
// the values of the given columns of the subquery, nil when it is not of this kind.
func (u *unnester) correlatedAggregate(n plan.Node, columns []*plan.Symbol, src *plan.Node) []plan.Expr {
	values := make([]plan.Expr, len(columns))
	for i, s := range columns {
		values[i] = &plan.Ref{Sym: s}
	}
	values, n = computed(values, n)
	agg, ok := n.(*plan.Aggregate)
	if !ok || len(agg.Keys) > 0 || agg.Sets != nil || aggregatesCorrelated(agg) {
		return nil
	}
	inner, preds, ok := pullUp(agg.Source)
	if !ok {
		return nil
	}
	// Below the join the aggregates have symbols of their own: above it they are values with defaults.
	grouped := plan.Aggregate{}
	outside := map[*plan.Symbol]plan.Expr{}
	for _, a := range agg.Aggs {
		own := a
		own.Sym = u.c.Symbols.New(a.Sym.Name, a.Sym.Type)
		grouped.Aggs = append(grouped.Aggs, own)
		outside[a.Sym] = &plan.Ref{Sym: own.Sym}
		if zero := overNothing(a); zero != nil {
			outside[a.Sym] = &plan.Coalesce{Args: []plan.Expr{&plan.Ref{Sym: own.Sym}, zero}, Typ: a.Sym.Type}
		} else if !nullOverNothing(a) {
			return nil
		}
	}
	for i, v := range values {
		if hasSubplan(v) || !deterministic(v) {
			return nil
		}
		values[i] = substitute(v, outside)
	}
	cond, ok := u.groupByCorrelation(&grouped, inner, preds)
	if !ok {
		return nil
	}
	*src = &plan.Join{Type: plan.Left, Left: *src, Right: &grouped, Filter: plan.And(cond...)}
	return values
}

// computed goes down from a plan to what its projections are computed of, and makes expressions over that of those over the plan.
func computed(values []plan.Expr, n plan.Node) ([]plan.Expr, plan.Node) {
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			return values, n
		}
		by := map[*plan.Symbol]plan.Expr{}
		for _, a := range p.Cols {
			by[a.Sym] = a.Expr
		}
		out := make([]plan.Expr, len(values))
		for i, v := range values {
			out[i] = substitute(v, by)
		}
		values, n = out, p.Source
	}
}

// lateral unnests a lateral join whose right side is correlated by predicates alone, or is an aggregation of that kind.
func (u *unnester) lateral(n *plan.LateralJoin) plan.Node {
	inner, preds, ok := pullUp(n.Right)
	if ok {
		j := &plan.Join{Type: n.Type, Left: n.Left, Right: inner, Filter: filterOf(append(preds, plan.Conjuncts(n.Filter)...))}
		switch {
		case j.Type == plan.Cross && j.Filter != nil:
			j.Type = plan.Inner
		case j.Type == plan.Inner && j.Filter == nil:
			j.Type = plan.Cross
		}
		return only(j, n.Outputs())
	}
	if n.Filter != nil && n.Type == plan.Left { // the condition decides which values become NULL
		return u.lateralDependent(n)
	}
	src, columns := n.Left, n.Right.Outputs()
	values := u.correlatedAggregate(n.Right, columns, &src)
	if values == nil {
		return u.lateralDependent(n)
	}
	p := &plan.Project{Source: src, Cols: identity(n.Left.Outputs())}
	for i, s := range columns {
		p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: values[i]})
	}
	return filtered(p, plan.Conjuncts(n.Filter))
}

// groupByCorrelation groups an aggregation over a plan by the inner sides of the equalities that were pulled out of it, and
// returns the condition that joins the groups with the rows outside. ok is false when a predicate is no equality.
func (u *unnester) groupByCorrelation(n *plan.Aggregate, inner plan.Node, preds []plan.Expr) (cond []plan.Expr, ok bool) {
	innerSymbols := outputsOf(inner)
	project := &plan.Project{Source: inner, Cols: identity(inner.Outputs())}
	var keys []*plan.Symbol
	for _, p := range preds {
		in, outer := equality(p, innerSymbols)
		if in == nil {
			return nil, false
		}
		var key *plan.Symbol
		if r, ok := in.(*plan.Ref); ok {
			key = r.Sym
		} else {
			key = u.c.Symbols.New("key", in.Type())
			project.Cols = append(project.Cols, plan.Assignment{Sym: key, Expr: in})
		}
		keys = append(keys, key)
		cond = append(cond, &plan.Compare{Op: plan.Eq, Left: outer, Right: &plan.Ref{Sym: key}})
	}
	n.Source = inner
	if len(project.Cols) > len(inner.Outputs()) {
		n.Source = project
	}
	n.Keys = unique(keys)
	return cond, true
}

// correlatedRow unnests SELECT x FROM … WHERE inner = outer AND …: each group of equal inner sides must have one row, unless
// no row outside asks for it.
func (u *unnester) correlatedRow(n plan.Node, out *plan.Symbol, src *plan.Node) plan.Expr {
	inner, preds, ok := pullUp(n)
	if !ok {
		return nil
	}
	value := aggregation(u.c.Symbols.New(out.Name, out.Type), "arbitrary", &plan.Ref{Sym: out})
	rows := aggregation(u.c.Symbols.New("rows", types.Of(types.BigInt)), "count")
	grouped := &plan.Aggregate{Aggs: []plan.Aggregation{value, rows}}
	cond, ok := u.groupByCorrelation(grouped, inner, preds)
	if !ok {
		return nil
	}
	*src = &plan.Join{Type: plan.Left, Left: *src, Right: grouped, Filter: plan.And(cond...)}
	return call(atMostOneRow, &plan.Ref{Sym: value.Sym}, &plan.Ref{Sym: rows.Sym})
}

func aggregatesCorrelated(n *plan.Aggregate) bool {
	own := outputsOf(n.Source)
	for _, e := range plan.NodeExprs(n) {
		if !own.covers(e) || hasSubplan(e) {
			return true
		}
	}
	return false
}

func unique(symbols []*plan.Symbol) []*plan.Symbol {
	seen := symbolSet{}
	var out []*plan.Symbol
	for _, s := range symbols {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// equality splits inner = outer, in either order; nil when a predicate is not of that form.
func equality(p plan.Expr, inner symbolSet) (in, outer plan.Expr) {
	c, ok := p.(*plan.Compare)
	if !ok || c.Op != plan.Eq {
		return nil, nil
	}
	switch {
	case inner.covers(c.Left) && inner.disjoint(c.Right):
		return c.Left, c.Right
	case inner.covers(c.Right) && inner.disjoint(c.Left):
		return c.Right, c.Left
	}
	return nil, nil
}

// zeroAggregates give 0 over no rows; nullAggregates NULL. Others are not unnested.
var (
	zeroAggregates = map[string]bool{"count": true, "count_if": true, "approx_distinct": true}
	nullAggregates = map[string]bool{"sum": true, "avg": true, "min": true, "max": true, "min_by": true, "max_by": true,
		"arbitrary": true, "any_value": true, "bool_and": true, "bool_or": true, "every": true, "array_agg": true,
		"stddev": true, "stddev_samp": true, "stddev_pop": true, "variance": true, "var_samp": true, "var_pop": true,
		"geometric_mean": true, "corr": true, "covar_pop": true, "covar_samp": true, "approx_percentile": true}
)

func overNothing(a plan.Aggregation) plan.Expr {
	if zeroAggregates[a.Name] {
		return &plan.Const{Typ: a.Sym.Type, Value: int64(0)}
	}
	return nil
}

func nullOverNothing(a plan.Aggregation) bool { return nullAggregates[a.Name] }

// pullUp removes the correlation of a subquery by taking the predicates that cause it out of its filters. The plan that
// it returns puts out, besides the columns it had, those that the predicates need. ok is false when correlation
// remains.
func pullUp(n plan.Node) (out plan.Node, preds []plan.Expr, ok bool) {
	out, preds = pull(n)
	if correlated(out) {
		return nil, nil, false
	}
	return out, preds, true
}

func pull(n plan.Node) (plan.Node, []plan.Expr) {
	switch n := n.(type) {
	case *plan.Filter:
		src, preds := pull(n.Source)
		var keep []plan.Expr
		own := outputsOf(src)
		for _, t := range plan.Conjuncts(n.Pred) {
			if own.covers(t) || hasSubplan(t) {
				keep = append(keep, t)
			} else {
				preds = append(preds, t)
			}
		}
		if len(keep) == 0 {
			return src, preds
		}
		return &plan.Filter{Source: src, Pred: plan.And(keep...)}, preds
	case *plan.Project:
		src, preds := pull(n.Source)
		if len(preds) == 0 {
			return n, nil
		}
		p := &plan.Project{Source: src, Cols: append([]plan.Assignment(nil), n.Cols...)}
		have := symbolSet{}
		for _, a := range p.Cols {
			have[a.Sym] = true
		}
		own := outputsOf(src)
		for _, pred := range preds {
			plan.FreeSymbols(pred, func(s *plan.Symbol) {
				if own[s] && !have[s] {
					have[s] = true
					p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
				}
			})
		}
		return p, preds
	case *plan.Join:
		if n.Type != plan.Inner && n.Type != plan.Cross {
			return n, nil
		}
		left, lp := pull(n.Left)
		right, rp := pull(n.Right)
		preds := append(lp, rp...)
		c := *n
		c.Left, c.Right = left, right
		own := outputsOf(&c)
		var keep []plan.Expr
		for _, t := range plan.Conjuncts(n.Filter) {
			if own.covers(t) || hasSubplan(t) {
				keep = append(keep, t)
			} else {
				preds = append(preds, t)
			}
		}
		if n.Filter != nil {
			c.Filter = filterOf(keep)
		}
		return &c, preds
	case *plan.Distinct:
		// A predicate may cross it only if it needs no further columns, which would change what is distinct.
		src, preds := pull(n.Source)
		if len(preds) > 0 && len(src.Outputs()) == len(n.Outputs()) {
			return &plan.Distinct{Source: src}, preds
		}
	}
	return n, nil
}
