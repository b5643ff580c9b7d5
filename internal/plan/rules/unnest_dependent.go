package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// dependent is a correlated subquery over its domain.
type dependent struct {
	*domain
	src     *plan.CTE // the rows outside
	sub     plan.Node
	columns binding
}

// dependent joins a subquery with the domain of the rows outside; nil when the domain cannot go down into it. It is for correlation that pullUp
// does not get out: of one predicate it would be more work.
func (u *unnester) dependent(src, sub plan.Node) *dependent {
	if !u.all {
		return nil // DuckDB unnests it, in the same way
	}
	return u.overDomain(src, sub)
}

func (u *unnester) overDomain(src, sub plan.Node) *dependent {
	free := symbolSet{}
	plan.FreeSymbolsOfPlan(sub, func(s *plan.Symbol) { free[s] = true })
	d := &domain{c: u.c, bound: map[int]bool{}}
	for _, s := range src.Outputs() {
		if free[s] {
			free[s] = false
			d.outer = append(d.outer, s)
		}
	}
	if len(d.outer) == 0 {
		return nil
	}
	outside := &plan.CTE{ID: u.nextCTE(), Name: "outside", Def: src}
	ref, renamed := outside.Read(u.c.Symbols)
	asked := &plan.Project{Source: ref}
	for _, s := range d.outer {
		asked.Cols = append(asked.Cols, plan.Assignment{Sym: renamed[s], Expr: &plan.Ref{Sym: renamed[s]}})
	}
	d.rows = &plan.CTE{ID: u.nextCTE(), Name: "domain", Def: &plan.Distinct{Source: asked}}
	out, b, ok := d.push(sub)
	if !ok {
		return nil
	}
	return &dependent{domain: d, src: outside, sub: out, columns: b}
}

// nextCTE numbers a further CTE.
func (u *unnester) nextCTE() int {
	u.lastCTE++
	return u.lastCTE
}

// join joins the rows outside with a plan that has the columns of the domain, by them and a further condition.
func (d *dependent) join(kind plan.JoinType, right plan.Node, cond ...plan.Expr) plan.Node {
	j := &plan.Join{Type: kind, Left: d.src.ReadAs(), Right: right, Filter: plan.And(append(d.same(d.outside(), d.columns), cond...)...)}
	rows, src := *d.rows, *d.src
	rows.Body = j
	src.Body = &rows
	return &src
}

// scalar joins the value of a subquery.
func (d *dependent) scalar(sub plan.Node, src *plan.Node) plan.Expr {
	out := sub.Outputs()[0]
	if yieldsOneRow(sub) {
		*src = d.join(plan.Left, d.sub)
		return &plan.Ref{Sym: out}
	}
	grouped, values := d.single(d.sub, []*plan.Symbol{out}, d.columns)
	*src = d.join(plan.Left, grouped)
	return values[0].Expr
}

// exists joins whether a subquery has rows: a row for each value of the domain that has some. It is no mark join, because DuckDB, for which that is a
// correlated predicate, does not unnest all that reads a domain.
func (d *dependent) exists(src *plan.Node) plan.Expr {
	present := d.c.Symbols.New("present", types.Of(types.Boolean))
	values := &plan.Distinct{Source: only(d.sub, d.domain.columns(d.columns))}
	marked := &plan.Project{Source: values, Cols: append(identity(values.Outputs()), plan.Assignment{Sym: present, Expr: plan.True()})}
	*src = d.join(plan.Left, marked)
	return &plan.Not{Arg: &plan.IsNull{Arg: &plan.Ref{Sym: present}}}
}

// comparison makes an aggregation of what a comparison with all rows of a subquery gives, in three-valued logic: op ANY is true if it is for some row,
// else unknown if it is for some row, else false; op ALL is the negation of the negated operator's ANY.
func comparison(c *Context, arg plan.Expr, op plan.CompareOp, all bool, sub plan.Node) plan.Node {
	boolean := types.Of(types.Boolean)
	var cond plan.Expr = &plan.Compare{Op: op, Left: arg, Right: &plan.Ref{Sym: sub.Outputs()[0]}}
	if all {
		cond = &plan.Not{Arg: cond}
	}
	met := c.Symbols.New("met", boolean)
	compared := &plan.Project{Source: sub, Cols: []plan.Assignment{{Sym: met, Expr: cond}}}
	some := aggregation(c.Symbols.New("some", boolean), "bool_or", &plan.Ref{Sym: met})
	unknown := aggregation(c.Symbols.New("unknown", boolean), "bool_or", &plan.IsNull{Arg: &plan.Ref{Sym: met}})
	agg := &plan.Aggregate{Source: compared, Aggs: []plan.Aggregation{some, unknown}}
	decided := func(v bool) plan.Expr { return &plan.Const{Typ: boolean, Value: v != all} }
	value := &plan.Case{Whens: []plan.When{
		{Cond: &plan.Ref{Sym: some.Sym}, Result: decided(true)},
		{Cond: &plan.Ref{Sym: unknown.Sym}, Result: &plan.Const{Typ: boolean}},
	}, Else: decided(false), Typ: boolean}
	return &plan.Project{Source: agg, Cols: []plan.Assignment{{Sym: c.Symbols.New("compared", boolean), Expr: value}}}
}

// beyondDuckDB reports whether a plan has a correlated subquery that DuckDB does not unnest, or not rightly: one with conditions of outer joins, and
// arguments of windows and aggregates, that read outer columns (an aggregate of nothing else is one of the query outside, for it), with full joins, row
// patterns, recursion or WITH, with grouping sets without keys, which it forgets where there are no rows, or with subqueries of its own.
func beyondDuckDB(n plan.Node) bool {
	found := false
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Join:
			found = found || n.Type == plan.Full && correlated(n) || n.Type != plan.Inner && n.Type != plan.Cross && readsOutside(n)
		case *plan.Window:
			found = found || readsOutside(n)
		case *plan.CTE:
			found = found || correlated(n.Def)
		case *plan.MatchRecognize, *plan.RecursiveCTE:
			found = found || correlated(n)
		case *plan.Aggregate:
			found = found || readsOutside(n) || aggregatesOutside(n) || wholeSets(n) != nil && correlated(n)
		case *plan.LateralJoin:
			found = found || n.Type == plan.Left && n.Filter != nil || nests(n.Right)
		}
		for _, sub := range plan.Subplans(n) {
			found = found || nests(sub)
		}
		return !found
	})
	return found
}

// aggregatesOutside reports whether what an aggregation reads has a column that is one of a query outside and nothing else.
func aggregatesOutside(n *plan.Aggregate) bool {
	found := false
	plan.Walk(n.Source, func(n plan.Node) bool {
		if p, ok := n.(*plan.Project); ok {
			own := outputsOf(p.Source)
			for _, a := range p.Cols {
				found = found || !own.covers(a.Expr) && own.disjoint(a.Expr)
			}
		}
		return !found
	})
	return found
}

// nests reports whether a correlated subquery has subqueries of its own.
func nests(sub plan.Node) bool {
	found := false
	plan.Walk(sub, func(n plan.Node) bool {
		_, lateral := n.(*plan.LateralJoin)
		found = found || lateral || len(plan.Subplans(n)) > 0
		return !found
	})
	return found && correlated(sub)
}

// readsOutside reports whether the expressions of a node read what its sources do not have.
func readsOutside(n plan.Node) bool {
	own := symbolSet{}
	for _, s := range n.Sources() {
		for _, o := range s.Outputs() {
			own[o] = true
		}
	}
	for _, e := range plan.NodeExprs(n) {
		if !own.covers(e) {
			return true
		}
	}
	return false
}

// lateralDependent unnests a lateral join whose right side has other correlation.
func (u *unnester) lateralDependent(n *plan.LateralJoin) plan.Node {
	d := u.dependent(n.Left, n.Right)
	if d == nil {
		return n
	}
	kind := n.Type
	if kind == plan.Cross {
		kind = plan.Inner
	}
	return only(d.join(kind, d.sub, plan.Conjuncts(n.Filter)...), n.Outputs())
}
