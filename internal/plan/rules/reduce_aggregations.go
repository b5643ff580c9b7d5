package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

const (
	// minReducedRows is how many rows an aggregation must have for a stage more to pay.
	minReducedRows = 100_000
	// maxReducedShare is the share of these rows that may be left.
	maxReducedShare = 0.2
	// maxReducerShare bounds the rows of the other side relative to them: they are kept, and sent to every task.
	maxReducerShare = 0.1
)

// reduceAggregations drops rows before they are aggregated whose groups the join above has no use for: where an aggregation is joined
// by its keys with few rows, these are evaluated once, as a CTE, and a semi join with them goes below the aggregation. That is what
// unnested subqueries with an aggregate look like (avg of a part's quantities, TPC-H 17): the magic sets of Seshadri et al. (Cost-Based
// Optimization for Magic, 1996), decided by estimates.
func reduceAggregations(c *Context, n plan.Node) plan.Node {
	if c.Estimator == nil || c.JoinOrder == KeepJoinOrder || c.Join == plan.Partitioned {
		return n
	}
	r := &reducer{c: c, lastCTE: lastCTE(n)}
	c.Estimator.Rows(n) // which meets the CTEs before what reads them
	return rewrite(n, func(n plan.Node) plan.Node {
		if j, ok := n.(*plan.Join); ok {
			return r.join(j)
		}
		return n
	})
}

type reducer struct {
	c       *Context
	lastCTE int
}

// join reduces an aggregation on one of the sides from which a join may lose rows that have no match.
func (r *reducer) join(j *plan.Join) plan.Node {
	if j.NullAware {
		return j
	}
	if j.Type != plan.Right && j.Type != plan.Full && j.Type != plan.Mark {
		keys := make([]plan.EquiClause, len(j.Equi))
		for i, q := range j.Equi {
			keys[i] = plan.EquiClause{Left: q.Right, Right: q.Left}
		}
		if n := r.side(j, j.Right, j.Left, keys, func(agg, by plan.Node) plan.Node { return j.WithSources([]plan.Node{by, agg}) }); n != nil {
			return n
		}
	}
	if j.Type == plan.Inner || j.Type == plan.Right || j.Type == plan.Semi {
		if n := r.side(j, j.Left, j.Right, j.Equi, func(agg, by plan.Node) plan.Node { return j.WithSources([]plan.Node{agg, by}) }); n != nil {
			return n
		}
	}
	return j
}

// side reduces the aggregation of one side by the rows of the other. The left expressions of the keys are those of the aggregation's
// side. nil: it cannot be done, or does not pay.
func (r *reducer) side(j *plan.Join, side, by plan.Node, keys []plan.EquiClause, join func(agg, by plan.Node) plan.Node) plan.Node {
	agg, path := aggregationOf(side)
	if agg == nil || !closed(by) {
		return nil
	}
	var on []plan.EquiClause // group keys and what they equal
	for _, q := range keys {
		left, lok := q.Left.(*plan.Ref)
		if _, rok := q.Right.(*plan.Ref); !lok || !rok {
			continue
		}
		if s := path.below(left.Sym); s != nil && slices.Contains(agg.Keys, s) {
			on = append(on, plan.EquiClause{Left: &plan.Ref{Sym: s}, Right: q.Right})
		}
	}
	if len(on) == 0 || !r.pays(agg, by, on) {
		return nil
	}
	r.lastCTE++
	cte := &plan.CTE{ID: r.lastCTE, Name: "reducer", Def: by}
	ref, fresh := cte.Read(r.c.Symbols)
	semi := &plan.Join{Type: plan.Semi, Left: agg.Source, Right: ref}
	for _, q := range on {
		semi.Equi = append(semi.Equi, plan.EquiClause{Left: q.Left, Right: &plan.Ref{Sym: fresh[q.Right.(*plan.Ref).Sym]}})
	}
	r.c.Estimator.Rows(&plan.CTE{ID: cte.ID, Def: by, Body: by}) // which makes it known
	reduced := *agg
	reduced.Source = reorderJoins(r.c, semi)
	cte.Body = join(path.rebuild(&reduced), cte.ReadAs())
	return cte
}

// pays decides by estimates.
func (r *reducer) pays(agg *plan.Aggregate, by plan.Node, on []plan.EquiClause) bool {
	e := r.c.Estimator
	if rows, bytes := e.Estimate(by); bytes < 0 || rows < 0 {
		return false
	}
	rows := e.Rows(agg.Source)
	if rows < minReducedRows || e.Rows(by) > rows*maxReducerShare {
		return false
	}
	share := 1.0
	for _, q := range on {
		of := e.Distinct(agg.Source, q.Left.(*plan.Ref).Sym)
		left := min(e.Distinct(by, q.Right.(*plan.Ref).Sym), e.Rows(by))
		if of > 0 && left > 0 {
			share = min(share, left/of)
		}
	}
	return share <= maxReducedShare
}

// pathDown are the projections and filters above an aggregation, the topmost first.
type pathDown []plan.Node

// aggregationOf finds the aggregation by keys that a side consists of.
func aggregationOf(n plan.Node) (*plan.Aggregate, pathDown) {
	var path pathDown
	for {
		switch x := n.(type) {
		case *plan.Aggregate:
			if len(x.Keys) == 0 || x.Sets != nil || x.Step != plan.Single {
				return nil, nil
			}
			return x, path
		case *plan.Project:
			path, n = append(path, x), x.Source
		case *plan.Filter:
			path, n = append(path, x), x.Source
		default:
			return nil, nil
		}
	}
}

// below is the symbol of the aggregation that one above the path stands for; nil when it is computed.
func (p pathDown) below(s *plan.Symbol) *plan.Symbol {
	for _, n := range p {
		project, ok := n.(*plan.Project)
		if !ok {
			continue
		}
		i := slices.IndexFunc(project.Cols, func(a plan.Assignment) bool { return a.Sym == s })
		if i < 0 {
			return nil
		}
		r, ok := project.Cols[i].Expr.(*plan.Ref)
		if !ok {
			return nil
		}
		s = r.Sym
	}
	return s
}

// rebuild puts the path above another node.
func (p pathDown) rebuild(n plan.Node) plan.Node {
	for _, above := range slices.Backward(p) {
		n = above.WithSources([]plan.Node{n})
	}
	return n
}

// closed reports whether a plan refers to no row around it.
func closed(n plan.Node) bool {
	free := false
	plan.FreeSymbolsOfPlan(n, func(*plan.Symbol) { free = true })
	return !free
}
