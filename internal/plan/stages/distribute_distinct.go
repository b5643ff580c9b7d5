package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// distinctArguments computes an aggregation with DISTINCT in several steps, so that duplicates do not travel: the partial
// step groups by the distinct arguments too.
//
//	count(DISTINCT x), sum(y) … GROUP BY k
//	    partial: sum's state … GROUP BY k, x       where the rows are
//	    final:   count(DISTINCT x), merge … GROUP BY k
//
// When all aggregates have the same distinct argument and the groups are few, a step between spreads the values of each group
// over many tasks:
//
//	distinct k, x, where equal ones have met; then count(x) … GROUP BY k in two steps, as without DISTINCT
//
// ok is false when the aggregation is not of this kind.
func (d *distributor) distinctArguments(n, whole *plan.Aggregate, p property, groups float64) (plan.Node, property, bool) {
	if n.Sets != nil {
		return nil, p, false
	}
	var args []*plan.Symbol // of all distinct aggregates
	uniform, only := true, true
	for _, a := range n.Aggs {
		if a.OrderBy != nil || a.Distinct && a.Filter != nil {
			return nil, p, false
		}
		if !a.Distinct {
			only = false
			continue
		}
		own := symbolsIn(a.Args)
		if own == nil {
			return nil, p, false
		}
		uniform = uniform && (args == nil || slices.Equal(args, own))
		for _, s := range own {
			if !slices.Contains(args, s) {
				args = append(args, s)
			}
		}
	}
	if args == nil {
		return nil, p, false
	}
	if only && uniform && (groups < 0 || groups <= fewGroups) {
		return d.distinctFirst(n, whole, args, p)
	}
	return d.distinctWithStates(n, whole, args, p)
}

// symbolsIn returns the columns that expressions are; nil when one is no column, or there is none.
func symbolsIn(es []plan.Expr) []*plan.Symbol {
	var out []*plan.Symbol
	for _, e := range es {
		r, ok := e.(*plan.Ref)
		if !ok {
			return nil
		}
		out = append(out, r.Sym)
	}
	return out
}

// distinctFirst removes the duplicates of keys and arguments, then aggregates without DISTINCT.
func (d *distributor) distinctFirst(n, whole *plan.Aggregate, args []*plan.Symbol, p property) (plan.Node, property, bool) {
	columns := withKeys(n.Keys, args)
	rows, rp := d.deduplicated(&plan.Project{Source: whole.Source, Cols: identity(columns)}, p)
	plain := &plan.Aggregate{Source: rows, Keys: n.Keys}
	for _, a := range n.Aggs {
		a.Distinct = false
		plain.Aggs = append(plain.Aggs, a)
	}
	if len(n.Keys) > 0 && rp.colocated(n.Keys) {
		return plain, rp, true
	}
	partial, final, ok := d.split(plain)
	if !ok {
		return nil, p, false
	}
	// The groups are few, or nothing is known of them.
	final.Source = d.gather(partial, rp)
	return finish(n, final), single, true
}

func withKeys(keys, args []*plan.Symbol) []*plan.Symbol {
	out := slices.Clone(keys)
	for _, s := range args {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// distinctWithStates groups by keys and arguments where the rows are, and finishes where the groups meet.
func (d *distributor) distinctWithStates(n, whole *plan.Aggregate, args []*plan.Symbol, p property) (plan.Node, property, bool) {
	partial := &plan.Aggregate{Source: whole.Source, Keys: withKeys(n.Keys, args), Step: plan.Partial}
	final := &plan.Aggregate{Keys: n.Keys, Step: plan.Final}
	for _, a := range n.Aggs {
		if a.Distinct {
			final.Aggs = append(final.Aggs, a)
			continue
		}
		merge, ok := d.splitOne(a, partial)
		if !ok {
			return nil, p, false
		}
		final.Aggs = append(final.Aggs, merge)
	}
	if d.o.Estimator != nil {
		pairs, _ := d.o.Estimator.Estimate(&plan.Aggregate{Source: n.Source, Keys: partial.Keys})
		rows, _ := d.o.Estimator.Estimate(n.Source)
		if pairs > reduces*rows && len(n.Keys) > 0 {
			return nil, p, false
		}
	}
	if len(n.Keys) == 0 {
		final.Source = d.gather(partial, p)
		return final, single, true
	}
	keys := refs(n.Keys)
	final.Source = d.repartition(partial, p, keys)
	return final, hashedBy(keys), true
}
