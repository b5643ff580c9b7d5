package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pushPredicates moves the conjuncts of filters and join conditions as far down as they can go, makes equality clauses of
// those that compare the sides of a join, carries conditions over such equalities, and turns outer joins whose filled
// rows a filter drops into inner ones. Plans nested in expressions are left as they are: DuckDB does this work in them.
func pushPredicates(_ *Context, n plan.Node) plan.Node {
	return push(n, nil)
}

// push rebuilds a plan with further conjuncts applied to its output.
func push(n plan.Node, preds []plan.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return push(n.Source, append(plan.Conjuncts(n.Pred), preds...))
	case *plan.Project:
		return pushProject(n, preds)
	case *plan.Join:
		return pushJoin(n, preds)
	case *plan.Aggregate:
		if n.Sets != nil || len(n.Keys) == 0 {
			break
		}
		down, rest := split(preds, symbolsOf(n.Keys))
		c := *n
		c.Source = push(n.Source, down)
		return filtered(&c, rest)
	case *plan.Window:
		down, rest := split(preds, columnsOf(n.PartitionBy))
		c := *n
		c.Source = push(n.Source, down)
		return filtered(&c, rest)
	case *plan.MatchRecognize:
		down, rest := split(preds, columnsOf(n.PartitionBy))
		c := *n
		c.Source = push(n.Source, down)
		return filtered(&c, rest)
	case *plan.Distinct:
		down, rest := split(preds, outputsOf(n))
		return filtered(&plan.Distinct{Source: push(n.Source, down)}, rest)
	case *plan.LateralJoin:
		down, rest := split(preds, outputsOf(n.Left))
		c := *n
		c.Left = push(n.Left, down)
		return filtered(&c, rest)
	case *plan.Sort:
		return &plan.Sort{Source: push(n.Source, preds), Keys: n.Keys}
	case *plan.SetOp:
		down, rest := split(preds, symbolsOf(n.Symbols))
		c := *n
		c.Inputs = make([]plan.Node, len(n.Inputs))
		for i, in := range n.Inputs {
			by := map[*plan.Symbol]plan.Expr{}
			for j, s := range in.Outputs() {
				by[n.Symbols[j]] = &plan.Ref{Sym: s}
			}
			var own []plan.Expr
			for _, p := range down {
				own = append(own, substitute(p, by))
			}
			c.Inputs[i] = push(in, own)
		}
		return filtered(&c, rest)
	case *plan.CTE:
		c := *n
		c.Def, c.Body = push(n.Def, nil), push(n.Body, preds)
		return &c
	case *plan.Unnest:
		if n.Source == nil {
			break
		}
		down, rest := split(preds, outputsOf(n.Source))
		c := *n
		c.Source = push(n.Source, down)
		return filtered(&c, rest)
	}
	return filtered(rewriteSources(n, func(s plan.Node) plan.Node { return push(s, nil) }), preds)
}

func symbolsOf(list []*plan.Symbol) symbolSet {
	s := symbolSet{}
	for _, x := range list {
		s[x] = true
	}
	return s
}

// columnsOf are those expressions that are columns.
func columnsOf(es []plan.Expr) symbolSet {
	s := symbolSet{}
	for _, e := range es {
		if r, ok := e.(*plan.Ref); ok {
			s[r.Sym] = true
		}
	}
	return s
}

// filtered applies conjuncts to a node.
func filtered(n plan.Node, preds []plan.Expr) plan.Node {
	if len(preds) == 0 {
		return n
	}
	return &plan.Filter{Source: n, Pred: plan.And(preds...)}
}

// split separates the conjuncts that read only the given symbols and are safe to evaluate earlier.
func split(preds []plan.Expr, symbols symbolSet) (down, rest []plan.Expr) {
	for _, p := range preds {
		if symbols.covers(p) && !hasSubplan(p) && deterministic(p) {
			down = append(down, p)
		} else {
			rest = append(rest, p)
		}
	}
	return down, rest
}

// pushProject pushes conjuncts through a projection of deterministic expressions.
func pushProject(n *plan.Project, preds []plan.Expr) plan.Node {
	by := map[*plan.Symbol]plan.Expr{}
	for _, a := range n.Cols {
		if deterministic(a.Expr) && !hasSubplan(a.Expr) {
			by[a.Sym] = a.Expr
		}
	}
	passable := symbolSet{}
	for s := range by {
		passable[s] = true
	}
	for s := range outerSymbols(n, preds) {
		passable[s] = true
	}
	var caught []plan.Expr
	preds = slices.DeleteFunc(slices.Clone(preds), func(p plan.Expr) bool {
		catches := triesComputed(p, by)
		if catches {
			caught = append(caught, p)
		}
		return catches
	})
	down, rest := split(preds, passable)
	for i, p := range down {
		down[i] = substitute(p, by)
	}
	return filtered(&plan.Project{Source: push(n.Source, down), Cols: n.Cols}, append(rest, caught...))
}

// triesComputed reports whether a TRY within an expression reads what is computed: the errors of that are not its own.
func triesComputed(e plan.Expr, by map[*plan.Symbol]plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if t, ok := e.(*plan.Try); ok {
			plan.FreeSymbols(t.Arg, func(s *plan.Symbol) {
				if v := by[s]; v != nil && !cannotFail(v) {
					found = true
				}
			})
		}
		return !found
	})
	return found
}

// outerSymbols are the symbols of conjuncts that a node does not put out: they come from an outer query.
func outerSymbols(n plan.Node, preds []plan.Expr) symbolSet {
	own, outer := outputsOf(n), symbolSet{}
	for _, p := range preds {
		plan.FreeSymbols(p, func(s *plan.Symbol) {
			if !own[s] {
				outer[s] = true
			}
		})
	}
	return outer
}

// pushJoin distributes the conjuncts from above and those of the join's condition.
func pushJoin(n *plan.Join, preds []plan.Expr) plan.Node {
	c := *n
	left, right := outputsOf(n.Left), outputsOf(n.Right)
	c.Type = simplify(n.Type, preds, left, right)
	cond := plan.Conjuncts(n.Filter)
	for _, q := range n.Equi {
		if c.NullAware {
			break
		}
		cond = append(cond, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
	}
	var toLeft, toRight, above []plan.Expr
	switch c.Type {
	case plan.Inner, plan.Cross:
		var joining []plan.Expr
		joining, above = movable(preds)
		cond = append(cond, joining...)
		toLeft, cond = split(cond, left)
		toRight, cond = split(cond, right)
		toLeft, toRight = append(toLeft, implied(cond, left)...), append(toRight, implied(cond, right)...)
	case plan.Left:
		toLeft, above = split(preds, left)
		toRight, cond = split(cond, right)
	case plan.Right:
		toRight, above = split(preds, right)
		toLeft, cond = split(cond, left)
	case plan.Semi:
		toLeft, above = split(preds, left)
		var fromCond []plan.Expr
		fromCond, cond = split(cond, left)
		toLeft = append(toLeft, fromCond...)
		toRight, cond = split(cond, right)
	case plan.Anti, plan.Mark:
		toLeft, above = split(preds, left)
		if !c.NullAware {
			toRight, cond = split(cond, right)
		}
	default: // a full join keeps the rows of both sides
		above = preds
	}
	if !c.NullAware {
		c.Equi, cond = equiClauses(cond, left, right)
	}
	switch c.Type {
	case plan.Inner, plan.Cross, plan.Semi:
		l, r := inferred(c.Equi, toRight, toLeft, true), inferred(c.Equi, toLeft, toRight, false)
		toLeft, toRight = append(toLeft, l...), append(toRight, r...)
	case plan.Left, plan.Anti, plan.Mark:
		if !c.NullAware {
			toRight = append(toRight, inferred(c.Equi, toLeft, toRight, false)...)
		}
	case plan.Right:
		toLeft = append(toLeft, inferred(c.Equi, toRight, toLeft, true)...)
	}
	c.Filter = filterOf(cond)
	if c.Type == plan.Cross && (len(c.Equi) > 0 || c.Filter != nil) {
		c.Type = plan.Inner
	}
	if c.Type == plan.Inner && len(c.Equi) == 0 && c.Filter == nil {
		c.Type = plan.Cross
	}
	c.Left, c.Right = push(n.Left, toLeft), push(n.Right, toRight)
	return filtered(&c, above)
}

// movable separates the conjuncts that may become part of a join's condition from those that must stay above it: with plans
// nested in them they would keep the join to one task.
func movable(preds []plan.Expr) (joining, above []plan.Expr) {
	for _, p := range preds {
		if hasSubplan(p) {
			above = append(above, p)
		} else {
			joining = append(joining, p)
		}
	}
	return joining, above
}

// equiClauses takes the equalities between the two sides out of conjuncts.
func equiClauses(cond []plan.Expr, left, right symbolSet) (equi []plan.EquiClause, rest []plan.Expr) {
	for _, e := range cond {
		c, ok := e.(*plan.Compare)
		if !ok || c.Op != plan.Eq || hasSubplan(e) || !deterministic(e) || left.disjoint(e) || right.disjoint(e) {
			rest = append(rest, e)
			continue
		}
		switch {
		case left.covers(c.Left) && right.covers(c.Right):
			equi = append(equi, plan.EquiClause{Left: c.Left, Right: c.Right})
		case left.covers(c.Right) && right.covers(c.Left):
			equi = append(equi, plan.EquiClause{Left: c.Right, Right: c.Left})
		default:
			rest = append(rest, e)
		}
	}
	return equi, rest
}

// simplify turns an outer join into the kind that remains when a conjunct above drops rows filled with NULLs.
func simplify(t plan.JoinType, preds []plan.Expr, left, right symbolSet) plan.JoinType {
	dropsLeft, dropsRight := false, false // whether rows with NULLs on that side are dropped
	for _, p := range preds {
		dropsLeft = dropsLeft || rejectsNull(p, left)
		dropsRight = dropsRight || rejectsNull(p, right)
	}
	switch {
	case t == plan.Left && dropsRight, t == plan.Right && dropsLeft, t == plan.Full && dropsLeft && dropsRight:
		return plan.Inner
	case t == plan.Full && dropsLeft:
		return plan.Left
	case t == plan.Full && dropsRight:
		return plan.Right
	}
	return t
}

// rejectsNull reports whether a conjunct cannot be true when the given symbols are all NULL.
func rejectsNull(p plan.Expr, symbols symbolSet) bool {
	switch p := p.(type) {
	case *plan.Compare:
		if p.Op == plan.DistinctFrom || p.Op == plan.NotDistinctFrom {
			return false
		}
		return nullIn(p.Left, symbols) || nullIn(p.Right, symbols)
	case *plan.Between:
		return nullIn(p.Arg, symbols)
	case *plan.In:
		return nullIn(p.Arg, symbols)
	case *plan.Like:
		return nullIn(p.Arg, symbols)
	case *plan.Not:
		if is, ok := p.Arg.(*plan.IsNull); ok {
			return nullIn(is.Arg, symbols)
		}
		// These are NULL, not FALSE, when their operand is.
		switch p.Arg.(type) {
		case *plan.Compare, *plan.In, *plan.Like:
			return rejectsNull(p.Arg, symbols)
		}
	case *plan.Logical:
		if !p.Or {
			return false
		}
		for _, t := range p.Terms {
			if !anyRejects(plan.Conjuncts(t), symbols) {
				return false
			}
		}
		return true
	}
	return false
}

func anyRejects(preds []plan.Expr, symbols symbolSet) bool {
	for _, p := range preds {
		if rejectsNull(p, symbols) {
			return true
		}
	}
	return false
}

// nullIn reports whether an expression is surely NULL when the symbols are: a reference, arithmetic or a cast of one.
func nullIn(e plan.Expr, symbols symbolSet) bool {
	switch e := e.(type) {
	case *plan.Ref:
		return symbols[e.Sym]
	case *plan.Cast:
		return nullIn(e.Arg, symbols)
	case *plan.Call:
		switch e.Name {
		case "$add", "$subtract", "$multiply", "$divide", "$modulus", "$negate":
			for _, a := range e.Args {
				if nullIn(a, symbols) {
					return true
				}
			}
		}
	}
	return false
}
