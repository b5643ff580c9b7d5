package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// unnestSubqueries turns subquery expressions of filters, projections and join conditions into joins:
//
//	EXISTS, IN, ANY as a conjunct     semi join (anti join when negated)
//	ALL as a conjunct                 anti join
//	EXISTS, IN elsewhere              mark join
//	EXISTS, uncorrelated              cross join with whether there is a row
//	scalar, uncorrelated              cross join with the single row
//	scalar aggregation, correlated    left join with the aggregation grouped by the correlated columns
//	scalar, correlated                left join with the only row of each group
//	lateral                           join, or left join with the grouped aggregation
//
// Correlation that consists of predicates is pulled up above the subquery (unnest_correlated.go); all other correlation is removed by
// evaluating the subquery for the domain of the rows outside (domain.go). What neither can unnest stays an expression as the binder
// made it, which one task evaluates: DuckDB unnests in its own way, from plans without semi joins. A plan for one task leaves to it
// what it can do, unless there is something that it cannot: then nothing is left.
func unnestSubqueries(c *Context, n plan.Node) plan.Node {
	u := &unnester{c: c, all: c.distributed || beyondDuckDB(n), nested: map[plan.Node]plan.Node{}, uses: map[plan.Node]int{}, lastCTE: lastCTE(n)}
	countUses(n, u.uses)
	return u.node(n)
}

type unnester struct {
	c    *Context
	all  bool              // nothing is left to DuckDB
	uses map[plan.Node]int // of the plans of subqueries
	// nested maps the plans of subqueries to what has become of them: one that stands in several expressions is
	// rewritten once.
	nested map[plan.Node]plan.Node
	// values maps the plans of subqueries that the node at hand has been joined with to their columns.
	values  map[plan.Node]plan.Expr
	lastCTE int
}

func (u *unnester) node(n plan.Node) plan.Node {
	n = rewriteSources(n, u.node)
	u.values = map[plan.Node]plan.Expr{}
	switch n := n.(type) {
	case *plan.Filter:
		return u.filter(n)
	case *plan.Project:
		return u.project(n)
	case *plan.Join:
		return u.join(n)
	case *plan.LateralJoin:
		return u.lateral(n)
	}
	return n
}

// subplan returns the plan of a subquery with its own subqueries unnested.
func (u *unnester) subplan(n plan.Node) plan.Node {
	if done, ok := u.nested[n]; ok {
		return done
	}
	saved := u.values
	done := u.node(n)
	u.values, u.nested[n] = saved, done
	return done
}

func (u *unnester) project(n *plan.Project) plan.Node {
	src := n.Source
	cols := make([]plan.Assignment, len(n.Cols))
	changed := false
	for i, a := range n.Cols {
		cols[i] = plan.Assignment{Sym: a.Sym, Expr: u.expression(a.Expr, &src)}
		changed = changed || cols[i].Expr != a.Expr
	}
	if !changed {
		return n
	}
	return &plan.Project{Source: src, Cols: cols}
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
	return only(src, n.Outputs())
}

// only projects away what is not among the given columns.
func only(n plan.Node, columns []*plan.Symbol) plan.Node {
	if sameSymbols(n.Outputs(), columns) {
		return n
	}
	return &plan.Project{Source: n, Cols: identity(columns)}
}

// join unnests the condition of a join. Of an inner join the conjuncts with subqueries become a filter above. Of an outer
// join one that reads a single side is evaluated there: as a filter of the side whose rows may get lost, else as a
// column.
func (u *unnester) join(n *plan.Join) plan.Node {
	if n.Filter == nil || !hasSubplan(n.Filter) {
		return n
	}
	c := *n
	left, right := outputsOf(n.Left), outputsOf(n.Right)
	var keep, above, ofLeft, ofRight []plan.Expr
	column := func(e plan.Expr, side *plan.Node) {
		s := u.c.Symbols.New("condition", e.Type())
		*side = u.project(&plan.Project{Source: *side, Cols: append(identity((*side).Outputs()), plan.Assignment{Sym: s, Expr: e})})
		keep = append(keep, &plan.Ref{Sym: s})
	}
	for _, term := range plan.Conjuncts(n.Filter) {
		switch {
		case !hasSubplan(term):
			keep = append(keep, term)
		case n.Type == plan.Inner || n.Type == plan.Cross:
			above = append(above, term)
		case right.covers(term) && n.Type == plan.Left:
			ofRight = append(ofRight, term)
		case left.covers(term) && n.Type == plan.Right:
			ofLeft = append(ofLeft, term)
		case left.covers(term):
			column(term, &c.Left)
		case right.covers(term):
			column(term, &c.Right)
		default:
			keep = append(keep, term)
		}
	}
	side := func(n plan.Node, terms []plan.Expr) plan.Node {
		if len(terms) == 0 {
			return n
		}
		u.values = map[plan.Node]plan.Expr{}
		return u.filter(&plan.Filter{Source: n, Pred: plan.And(terms...)})
	}
	c.Left, c.Right = side(c.Left, ofLeft), side(c.Right, ofRight)
	c.Filter = filterOf(keep)
	if c.Type == plan.Inner && c.Filter == nil {
		c.Type = plan.Cross
	}
	return only(side(&c, above), n.Outputs())
}

// conjunct makes a semi or anti join of a whole conjunct; nil when it is not of that kind.
func (u *unnester) conjunct(term plan.Expr, src plan.Node) plan.Node {
	kind := plan.Semi
	if not, ok := term.(*plan.Not); ok {
		kind, term = plan.Anti, not.Arg
	}
	switch e := term.(type) {
	case *plan.Exists:
		nested := u.subplan(e.Plan)
		if sub, preds, ok := pullUp(nested); ok && len(preds) > 0 {
			return &plan.Join{Type: kind, Left: src, Right: sub, Filter: filterOf(preds)}
		}
		if d := u.dependent(src, nested); d != nil {
			return d.join(kind, d.sub)
		}
		return nil
	case *plan.InSubquery:
		if hasSubplan(e.Arg) {
			return nil
		}
		sub := u.subplan(e.Plan)
		out := &plan.Ref{Sym: sub.Outputs()[0]}
		if kind == plan.Anti && correlated(sub) {
			// Within the rows that a row outside correlates with, NULLs on either side count as a match.
			return u.matching(src, sub, kind, orUnknown(&plan.Compare{Op: plan.Eq, Left: e.Arg, Right: out}))
		}
		if kind == plan.Anti {
			return &plan.Join{Type: plan.Anti, Left: src, Right: sub, NullAware: true, Equi: []plan.EquiClause{{Left: e.Arg, Right: out}}}
		}
		return u.matching(src, sub, kind, &plan.Compare{Op: plan.Eq, Left: e.Arg, Right: out})
	case *plan.Quantified:
		if hasSubplan(e.Arg) {
			return nil
		}
		return u.quantified(e, kind == plan.Anti, src)
	}
	return nil
}

// quantified makes a join of a comparison with ALL or ANY row as a whole conjunct: ANY asks for a row for which the comparison is
// true, ALL that there is none for which it is not.
func (u *unnester) quantified(e *plan.Quantified, negated bool, src plan.Node) plan.Node {
	sub := u.subplan(e.Plan)
	var cond plan.Expr = &plan.Compare{Op: e.Op, Left: e.Arg, Right: &plan.Ref{Sym: sub.Outputs()[0]}}
	if e.All {
		cond = &plan.Not{Arg: cond}
	}
	if e.All != negated {
		return u.matching(src, sub, plan.Anti, orUnknown(cond))
	}
	return u.matching(src, sub, plan.Semi, cond)
}

// matching joins a subquery by a condition and the predicates that correlate it; nil when correlation remains.
func (u *unnester) matching(src, sub plan.Node, kind plan.JoinType, cond plan.Expr) plan.Node {
	if pulled, preds, ok := pullUp(sub); ok {
		return &plan.Join{Type: kind, Left: src, Right: pulled, Filter: plan.And(append(preds, cond)...)}
	}
	if d := u.dependent(src, sub); d != nil {
		return d.join(kind, d.sub, cond)
	}
	return nil
}

// orUnknown is true where a condition is not false.
func orUnknown(cond plan.Expr) plan.Expr {
	return &plan.Coalesce{Args: []plan.Expr{cond, plan.True()}, Typ: cond.Type()}
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
	at := guards(e)
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		sub := plan.Subplan(e)
		if sub == nil {
			return e
		}
		if v, ok := u.values[sub]; ok {
			return v
		}
		if u.leave(e, sub, at[sub]) {
			return e
		}
		v := u.value(e, u.subplan(sub), src, at[sub])
		if v == nil {
			return e
		}
		v = u.settled(v, at[sub], src)
		u.values[sub] = v
		return v
	})
}

// leave reports whether a subquery is better left to DuckDB: within one task it computes correlated values only for what
// the outer rows ask for, where a join would compute all. One that stands in several expressions is worth a join, and one whose value is not always
// needed is when it computes what may fail of what it reads.
func (u *unnester) leave(e plan.Expr, sub plan.Node, at guard) bool {
	_, scalar := e.(*plan.ScalarSubquery)
	return scalar && !u.all && u.uses[sub] == 1 && correlated(sub) && !(at == maybe && mayFail(sub))
}

// mayFail reports whether what a subquery computes of an aggregation may fail.
func mayFail(n plan.Node) bool {
	for {
		p, ok := n.(*plan.Project)
		if !ok || !yieldsOneRow(p) {
			return false
		}
		for _, a := range p.Cols {
			if !cannotFail(a.Expr) {
				return true
			}
		}
		n = p.Source
	}
}

// countUses counts the expressions in which each subquery of a plan stands.
func countUses(n plan.Node, uses map[plan.Node]int) {
	plan.Walk(n, func(n plan.Node) bool {
		for _, sub := range plan.Subplans(n) {
			if uses[sub]++; uses[sub] == 1 {
				countUses(sub, uses)
			}
		}
		return true
	})
}

// value joins what gives the value of a subquery expression, whose plan is sub by now, to src; nil when it cannot.
func (u *unnester) value(e plan.Expr, sub plan.Node, src *plan.Node, at guard) plan.Expr {
	switch e := e.(type) {
	case *plan.ScalarSubquery:
		return u.scalar(sub, src, at)
	case *plan.Exists:
		return u.exists(sub, src)
	case *plan.InSubquery:
		if hasSubplan(e.Arg) {
			return nil
		}
		if correlated(sub) {
			return u.compared(comparison(u.c, e.Arg, plan.Eq, false, sub), src)
		}
		mark := u.c.Symbols.New("in", e.Type())
		*src = &plan.Join{Type: plan.Mark, Left: *src, Right: sub, MarkSym: mark, NullAware: true,
			Equi: []plan.EquiClause{{Left: e.Arg, Right: &plan.Ref{Sym: sub.Outputs()[0]}}}}
		return &plan.Ref{Sym: mark}
	case *plan.Quantified:
		if hasSubplan(e.Arg) {
			return nil
		}
		return u.compared(comparison(u.c, e.Arg, e.Op, e.All, sub), src)
	}
	return nil
}

// compared joins what a comparison with the rows of a subquery gives.
func (u *unnester) compared(sub plan.Node, src *plan.Node) plan.Expr {
	if u.apart(sub, *src) {
		return u.scalar(sub, src, always)
	}
	if d := u.dependent(*src, sub); d != nil {
		return d.scalar(sub, src)
	}
	return nil
}

// exists joins whether a subquery has rows: once for all where it is not correlated, as a mark where it is.
func (u *unnester) exists(sub plan.Node, src *plan.Node) plan.Expr {
	nested := sub
	sub, preds, ok := pullUp(sub)
	if !ok && u.apart(nested, *src) {
		sub, ok = nested, true
	}
	if !ok {
		if d := u.dependent(*src, nested); d != nil {
			return d.exists(src)
		}
		return nil
	}
	if len(preds) > 0 {
		mark := u.c.Symbols.New("exists", types.Of(types.Boolean))
		*src = &plan.Join{Type: plan.Mark, Left: *src, Right: sub, Filter: filterOf(preds), MarkSym: mark}
		return &plan.Ref{Sym: mark}
	}
	rows := aggregation(u.c.Symbols.New("rows", types.Of(types.BigInt)), "count")
	one := &plan.Limit{Source: sub, Count: 1}
	*src = &plan.Join{Type: plan.Cross, Left: *src, Right: &plan.Aggregate{Source: one, Aggs: []plan.Aggregation{rows}}}
	return &plan.Compare{Op: plan.Gt, Left: &plan.Ref{Sym: rows.Sym}, Right: &plan.Const{Typ: types.Of(types.BigInt), Value: int64(0)}}
}

// scalar joins the value of a scalar subquery to src and returns it; nil when the correlation is not of a kind that
// can be removed.
func (u *unnester) scalar(sub plan.Node, src *plan.Node, at guard) plan.Expr {
	out := sub.Outputs()[0]
	if correlated(sub) && !u.apart(sub, *src) {
		if v := u.correlatedAggregate(sub, []*plan.Symbol{out}, src); v != nil {
			return v[0]
		}
		if v := u.correlatedRow(sub, out, src); v != nil {
			return v
		}
		if at == maybe && mayFail(sub) {
			return u.computedAbove(sub, src)
		}
		if d := u.dependent(*src, sub); d != nil {
			return d.scalar(sub, src)
		}
		return nil
	}
	if !yieldsOneRow(sub) {
		sub = &plan.SingleRow{Source: sub}
	}
	*src = &plan.Join{Type: plan.Cross, Left: *src, Right: sub}
	return &plan.Ref{Sym: out}
}

// computedAbove joins what the value of a correlated subquery of one row is computed of, and computes it above the join.
func (u *unnester) computedAbove(sub plan.Node, src *plan.Node) plan.Expr {
	values, inner := computed([]plan.Expr{&plan.Ref{Sym: sub.Outputs()[0]}}, sub)
	if hasSubplan(values[0]) || !deterministic(values[0]) {
		values, inner = []plan.Expr{&plan.Ref{Sym: sub.Outputs()[0]}}, sub
	}
	if !correlated(inner) {
		*src = &plan.Join{Type: plan.Cross, Left: *src, Right: inner}
		return values[0]
	}
	d := u.overDomain(*src, inner)
	if d == nil {
		return nil
	}
	d.scalar(inner, src)
	return values[0]
}

// apart reports whether a subquery reads nothing of the rows that it is to be joined with. What it reads is of a query further outside, from which
// it gets that by being part of the subquery that it stands in.
func (u *unnester) apart(sub, src plan.Node) bool {
	own, reads := outputsOf(src), false
	plan.FreeSymbolsOfPlan(sub, func(s *plan.Symbol) { reads = reads || own[s] })
	return u.all && !reads
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
	case *plan.Join:
		return n.Type == plan.Cross && yieldsOneRow(n.Left) && yieldsOneRow(n.Right)
	}
	return false
}
