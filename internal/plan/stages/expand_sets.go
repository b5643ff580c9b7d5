package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// expandSets computes grouping sets whose aggregates cannot be split: each set is an aggregation of its own by its keys, and their
// results are united. The source is evaluated once, as a shared stage.
func (d *distributor) expandSets(n *plan.Aggregate, p property) (plan.Node, property) {
	cte := d.sharedInput("grouping_sets", n.Source, p)
	union := &plan.SetOp{Kind: plan.Union, All: true, Symbols: n.Outputs()}
	var props []property
	for i, set := range n.Sets {
		in, ip := d.oneSet(n, cte, i, set)
		union.Inputs, props = append(union.Inputs, in), append(props, ip)
	}
	body, bp := d.union(union, props)
	cte.Body = body
	return cte, bp
}

// oneSet aggregates the shared source by the keys of one set. Keys outside of it are NULL.
func (d *distributor) oneSet(n *plan.Aggregate, cte *plan.CTE, number int, set []int) (plan.Node, property) {
	ref, by := cte.Read(d.o.Symbols)
	agg := &plan.Aggregate{Source: ref}
	in := map[*plan.Symbol]*plan.Symbol{}
	for _, i := range set {
		key := by[n.Keys[i]]
		if in[n.Keys[i]] == nil {
			agg.Keys = append(agg.Keys, key)
		}
		in[n.Keys[i]] = key
	}
	read := func(e plan.Expr) plan.Expr { return plan.Renamed(e, by) }
	for _, a := range plan.MapNodeExprs(&plan.Aggregate{Aggs: n.Aggs}, read).(*plan.Aggregate).Aggs {
		a.Sym = d.o.Symbols.New(a.Sym.Name, a.Sym.Type)
		agg.Aggs = append(agg.Aggs, a)
	}
	out := &plan.Project{}
	column := func(s *plan.Symbol, e plan.Expr) {
		out.Cols = append(out.Cols, plan.Assignment{Sym: d.o.Symbols.New(s.Name, s.Type), Expr: e})
	}
	for _, k := range n.Keys {
		if key := in[k]; key != nil {
			column(k, &plan.Ref{Sym: key})
		} else {
			column(k, &plan.Const{Typ: k.Type})
		}
	}
	if n.GroupID != nil {
		column(n.GroupID, &plan.Const{Typ: types.Of(types.BigInt), Value: int64(number)})
	}
	for i, a := range n.Aggs {
		column(a.Sym, &plan.Ref{Sym: agg.Aggs[i].Sym})
	}
	agg.Source = needed(agg)
	out.Source = agg
	return d.node(out)
}
