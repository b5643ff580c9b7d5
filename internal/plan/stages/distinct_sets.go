package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// preAggregate groups by keys and distinct arguments, each list of them in a grouping set of its own, in one pass over the rows. Equal rows meet by
// keys, arguments and the number of the set, which spreads also the values of a single group over many tasks. Then there is nothing distinct left to do:
//
//	count(DISTINCT x), count(DISTINCT y), sum(z) … GROUP BY k
//	    partial: sum's state … GROUP BY GROUPING SETS ((k, x), (k, y))                       where the rows are
//	    merged:  sum's state … GROUP BY k, x, y, set                                         where these meet
//	    result:  count(x) FILTER (set 0), count(y) FILTER (set 1), merge FILTER (set 0) … GROUP BY k   in two steps, as without DISTINCT
func (d *distributor) preAggregate(a *distinctAggregation) (plan.Node, property, bool) {
	partial := &plan.Aggregate{Source: a.source, Keys: withKeys(a.Keys, slices.Concat(a.lists...)), Step: plan.Partial}
	merged := &plan.Aggregate{Keys: partial.Keys, Step: plan.Final}
	inSet := func(int) plan.Expr { return nil }
	if len(a.lists) > 1 {
		set := d.o.Symbols.New("set", types.Of(types.BigInt))
		partial.GroupID, merged.Keys = set, append(slices.Clone(partial.Keys), set)
		for _, l := range a.lists {
			var columns []int
			for _, s := range withKeys(a.Keys, l) {
				columns = append(columns, slices.Index(partial.Keys, s))
			}
			partial.Sets = append(partial.Sets, columns)
		}
		if repeats(partial.Sets) {
			return nil, a.at, false
		}
		inSet = func(i int) plan.Expr {
			return &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: set}, Right: &plan.Const{Typ: set.Type, Value: int64(i)}}
		}
	}
	result := &plan.Aggregate{Keys: a.Keys}
	for i, f := range a.Aggs {
		if list := a.of[i]; list >= 0 {
			f.Distinct, f.Filter = false, inSet(list)
			result.Aggs = append(result.Aggs, f)
			continue
		}
		last, ok := d.splitOne(f, partial)
		if !ok {
			return nil, a.at, false
		}
		if last, ok = d.mergeOne(last, merged); !ok {
			return nil, a.at, false
		}
		last.Filter = inSet(0)
		result.Aggs = append(result.Aggs, last)
	}
	keys := refs(merged.Keys)
	merged.Source = d.repartition(partial, a.at, keys)
	result.Source = merged
	out, p := d.aggregateOver(result, merged, hashedBy(keys))
	return out, p, true
}

// mergeOne puts a step between the states of an aggregate and the one that merges them: it merges them too, and the last one what it gives.
func (d *distributor) mergeOne(last plan.Aggregation, between *plan.Aggregate) (plan.Aggregation, bool) {
	parts, variant, ok := functions.Parts(last.Variant, plan.ExprTypes(last.Args))
	if !ok {
		return last, false
	}
	out := last
	out.Variant, out.Args = variant, nil
	for _, part := range parts {
		s := d.o.Symbols.New(last.Sym.Name, part.Type)
		between.Aggs = append(between.Aggs, plan.Aggregation{Sym: s, Name: last.Name, Variant: part.Variant, Args: last.Args})
		out.Args = append(out.Args, &plan.Ref{Sym: s})
	}
	return out, true
}
