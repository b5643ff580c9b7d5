package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// unnestSubqueries turns subquery expressions of filters and projections into joins:
//
//	EXISTS, IN as a conjunct          semi join (anti join when negated)
//	EXISTS, IN elsewhere              mark join
//	scalar, uncorrelated              cross join with the single row
//	scalar aggregation, correlated    left join with the aggregation grouped by the correlated columns
//
// Correlation is removed where it consists of predicates that can be pulled up above the subquery. What cannot be
// unnested stays an expression, which one task evaluates.
func unnestSubqueries(c *Context, n plan.Node) plan.Node {
	u := &unnester{c: c}
	return rewrite(n, u.node)
}

type unnester struct{ c *Context }

func (u *unnester) node(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return u.filter(n)
	case *plan.Project:
		src := n.Source
		cols := make([]plan.Assignment, len(n.Cols))
		changed := false
		for i, a := range n.Cols {
			cols[i] = plan.Assignment{Sym: a.Sym, Expr: u.expression(a.Expr, &src)}
			changed = changed || cols[i].Expr != a.Expr
		}
		if changed {
			return &plan.Project{Source: src, Cols: cols}
		}
	}
	return n
}

// filter unnests conjunct by conjunct. The added columns are projected away.
func (u *unnester) filter(n *plan.Filter) plan.Node {
	src := n.Source
	var rest []plan.Expr
	changed := false
	for _, term := range plan.Conjuncts(n.Pred) {
		if joined := u.conjunct(term, src); joined != nil {
			src, changed = joined, true
			continue
		}
		e := u.expression(term, &src)
		changed = changed || e != term
		rest = append(rest, e)
	}
	if !changed {
		return n
	}
	if len(rest) > 0 {
		src = &plan.Filter{Source: src, Pred: plan.And(rest...)}
	}
	if len(src.Outputs()) == len(n.Outputs()) {
		return src
	}
	return &plan.Project{Source: src, Cols: identity(n.Outputs())}
}

// conjunct makes a semi or anti join of a whole conjunct; nil when it is not of that kind.
func (u *unnester) conjunct(term plan.Expr, src plan.Node) plan.Node {
	kind := plan.Semi
	if not, ok := term.(*plan.Not); ok {
		kind, term = plan.Anti, not.Arg
	}
	switch e := term.(type) {
	case *plan.Exists:
		sub, preds, ok := pullUp(e.Plan)
		if !ok {
			return nil
		}
		if len(preds) == 0 { // uncorrelated: one row is as good as many
			sub = &plan.Limit{Source: sub, Count: 1}
		}
		return &plan.Join{Type: kind, Left: src, Right: sub, Filter: filterOf(preds)}
	case *plan.InSubquery:
		if kind == plan.Anti {
			if correlated(e.Plan) || hasSubplan(e.Arg) {
				return nil
			}
			return &plan.Join{Type: plan.Anti, Left: src, Right: e.Plan, NullAware: true,
				Equi: []plan.EquiClause{{Left: e.Arg, Right: &plan.Ref{Sym: e.Plan.Outputs()[0]}}}}
		}
		out := e.Plan.Outputs()[0]
		sub, preds, ok := pullUp(e.Plan)
		if !ok || hasSubplan(e.Arg) {
			return nil
		}
		preds = append(preds, &plan.Compare{Op: plan.Eq, Left: e.Arg, Right: &plan.Ref{Sym: out}})
		return &plan.Join{Type: plan.Semi, Left: src, Right: sub, Filter: plan.And(preds...)}
	}
	return nil
}

func filterOf(preds []plan.Expr) plan.Expr {
	if len(preds) == 0 {
		return nil
	}
	return plan.And(preds...)
}

func hasSubplan(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		found = found || plan.Subplan(e) != nil
		return !found
	})
	return found
}

// expression replaces the subqueries of an expression by columns that it joins to src.
func (u *unnester) expression(e plan.Expr, src *plan.Node) plan.Expr {
	if guarded(e) {
		return e
	}
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		switch e := e.(type) {
		case *plan.ScalarSubquery:
			if r := u.scalar(e, src); r != nil {
				return r
			}
		case *plan.Exists:
			sub, preds, ok := pullUp(e.Plan)
			if !ok || len(preds) == 0 {
				return e
			}
			mark := u.c.Symbols.New("exists", e.Type())
			*src = &plan.Join{Type: plan.Mark, Left: *src, Right: sub, Filter: filterOf(preds), MarkSym: mark}
			return &plan.Ref{Sym: mark}
		case *plan.InSubquery:
			if correlated(e.Plan) {
				return e
			}
			mark := u.c.Symbols.New("in", e.Type())
			*src = &plan.Join{Type: plan.Mark, Left: *src, Right: e.Plan, MarkSym: mark, NullAware: true,
				Equi: []plan.EquiClause{{Left: e.Arg, Right: &plan.Ref{Sym: e.Plan.Outputs()[0]}}}}
			return &plan.Ref{Sym: mark}
		}
		return e
	})
}

// guarded reports whether a subquery stands where it may not be evaluated for every row: inside a lambda, or in an arm of
// a CASE whose evaluation could fail.
func guarded(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		switch e.(type) {
		case *plan.Lambda, *plan.Try:
			found = found || hasSubplan(e)
			return false
		}
		return !found
	})
	return found
}

// scalar joins the value of a scalar subquery to src and returns its column; nil when the correlation is not of a kind
// that can be removed.
func (u *unnester) scalar(e *plan.ScalarSubquery, src *plan.Node) plan.Expr {
	out := e.Plan.Outputs()[0]
	if !correlated(e.Plan) {
		sub := e.Plan
		if !yieldsOneRow(sub) {
			sub = &plan.SingleRow{Source: sub}
		}
		*src = &plan.Join{Type: plan.Cross, Left: *src, Right: sub}
		return &plan.Ref{Sym: out}
	}
	return u.correlatedAggregate(e.Plan, out, src)
}

// yieldsOneRow reports whether a plan has exactly one row whatever the data.
func yieldsOneRow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) == 0 && n.Sets == nil
	case *plan.Project:
		return yieldsOneRow(n.Source)
	case *plan.Values:
		return len(n.Rows) == 1
	case *plan.SingleRow:
		return true
	case *plan.Output:
		return yieldsOneRow(n.Source)
	}
	return false
}

// correlatedAggregate unnests SELECT f(agg(x)) FROM … WHERE inner = outer AND …: the aggregation is grouped by the inner
// sides of the equalities and joined on them. Rows without a group get what the aggregates give over nothing.
func (u *unnester) correlatedAggregate(n plan.Node, out *plan.Symbol, src *plan.Node) plan.Expr {
	var value plan.Expr = &plan.Ref{Sym: out}
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			break
		}
		by := map[*plan.Symbol]plan.Expr{}
		for _, a := range p.Cols {
			by[a.Sym] = a.Expr
		}
		value = substitute(value, by)
		n = p.Source
	}
	agg, ok := n.(*plan.Aggregate)
	if !ok || len(agg.Keys) > 0 || agg.Sets != nil || hasSubplan(value) || aggregatesCorrelated(agg) {
		return nil
	}
	inner, preds, ok := pullUp(agg.Source)
	if !ok {
		return nil
	}
	innerSymbols := outputsOf(inner)
	var keys []*plan.Symbol
	var cond []plan.Expr
	project := &plan.Project{Source: inner, Cols: identity(inner.Outputs())}
	for _, p := range preds {
		in, outer := equality(p, innerSymbols)
		if in == nil {
			return nil
		}
		key := u.c.Symbols.New("key", in.Type())
		if r, ok := in.(*plan.Ref); ok {
			key = r.Sym
		} else {
			project.Cols = append(project.Cols, plan.Assignment{Sym: key, Expr: in})
		}
		keys = append(keys, key)
		cond = append(cond, &plan.Compare{Op: plan.Eq, Left: outer, Right: &plan.Ref{Sym: key}})
	}
	grouped := *agg
	grouped.Source = inner
	if len(project.Cols) > len(inner.Outputs()) {
		grouped.Source = project
	}
	// The keys get symbols of their own above the aggregation only by being its keys; duplicates would be ambiguous.
	grouped.Keys = unique(keys)
	defaults := map[*plan.Symbol]plan.Expr{}
	for _, a := range agg.Aggs {
		if zero := overNothing(a); zero != nil {
			defaults[a.Sym] = &plan.Coalesce{Args: []plan.Expr{&plan.Ref{Sym: a.Sym}, zero}, Typ: a.Sym.Type}
		} else if !nullOverNothing(a) {
			return nil
		}
	}
	*src = &plan.Join{Type: plan.Left, Left: *src, Right: &grouped, Filter: plan.And(cond...)}
	return substitute(value, defaults)
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
