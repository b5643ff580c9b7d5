package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// splitToSubqueries computes the aggregates of each list of distinct arguments by themselves, and those without DISTINCT, over the same rows as a shared
// stage. All give the same groups: one row of each group is made of what they have found, the others' columns being NULL.
func (d *distributor) splitToSubqueries(a *distinctAggregation) (plan.Node, property, bool) {
	cte := d.sharedInput("distinct_input", a.source, a.at)
	union := &plan.SetOp{Kind: plan.Union, All: true}
	result := &plan.Aggregate{Source: union}
	column := func(s *plan.Symbol) *plan.Symbol {
		c := d.o.Symbols.New(s.Name, s.Type)
		union.Symbols = append(union.Symbols, c)
		return c
	}
	for _, k := range a.Keys {
		result.Keys = append(result.Keys, column(k))
	}
	for _, f := range a.Aggs {
		args := []plan.Expr{&plan.Ref{Sym: column(f.Sym)}}
		r, err := functions.Resolve("any_value", plan.ExprTypes(args))
		if err != nil {
			return nil, a.at, false
		}
		result.Aggs = append(result.Aggs, plan.Aggregation{Sym: f.Sym, Name: r.Function.Name, Variant: r.Variant, Args: args})
	}
	for list := -1; list < len(a.lists); list++ {
		if list >= 0 || slices.Contains(a.of, list) {
			union.Inputs = append(union.Inputs, d.subquery(a, cte, list))
		}
	}
	body, p := d.node(result)
	cte.Body = &plan.Project{Source: body, Cols: identity(result.Outputs())}
	for i, k := range a.Keys { // under the names that they have above
		cte.Body.(*plan.Project).Cols[i].Sym = k
	}
	p = p.renamed(func(s *plan.Symbol) []*plan.Symbol {
		if i := slices.Index(result.Keys, s); i >= 0 {
			return []*plan.Symbol{a.Keys[i]}
		}
		return nil
	})
	return cte, p, true
}

// subquery is the aggregation of the aggregates with one list of arguments, with NULL for the others.
func (d *distributor) subquery(a *distinctAggregation, cte *plan.CTE, list int) plan.Node {
	ref, by := cte.Read(d.o.Symbols)
	agg := &plan.Aggregate{Source: ref}
	out := &plan.Project{Source: agg}
	column := func(s *plan.Symbol, e plan.Expr) {
		out.Cols = append(out.Cols, plan.Assignment{Sym: d.o.Symbols.New(s.Name, s.Type), Expr: e})
	}
	for _, k := range a.Keys {
		agg.Keys = append(agg.Keys, by[k])
		column(k, &plan.Ref{Sym: by[k]})
	}
	renamed := plan.MapNodeExprs(&plan.Aggregate{Aggs: a.Aggs}, func(e plan.Expr) plan.Expr { return plan.Renamed(e, by) }).(*plan.Aggregate)
	for i, f := range renamed.Aggs {
		if a.of[i] != list {
			column(f.Sym, &plan.Const{Typ: f.Sym.Type})
			continue
		}
		old := f.Sym
		f.Sym = d.o.Symbols.New(old.Name, old.Type)
		agg.Aggs = append(agg.Aggs, f)
		column(old, &plan.Ref{Sym: f.Sym})
	}
	agg.Source = needed(agg)
	return out
}

// needed is what an aggregation reads of its source.
func needed(n *plan.Aggregate) plan.Node {
	read := slices.Clone(n.Keys)
	for _, e := range plan.NodeExprs(n) {
		plan.FreeSymbols(e, func(s *plan.Symbol) { read = withKeys(read, []*plan.Symbol{s}) })
	}
	return &plan.Project{Source: n.Source, Cols: identity(read)}
}
