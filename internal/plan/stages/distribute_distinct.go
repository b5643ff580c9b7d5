package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// DistinctStrategy is how aggregations with DISTINCT are computed: Trino's distinct_aggregations_strategy.
type DistinctStrategy uint8

// The strategies. ByEstimate takes the one by which the fewest rows travel to enough tasks.
const (
	ByEstimate DistinctStrategy = iota
	// SingleStep brings the rows of a group together as they are.
	SingleStep
	// MarkDistinct marks the first of equal rows, for one list of arguments after the other, and aggregates those.
	MarkDistinct
	// PreAggregate groups by the arguments first, in one pass for all lists of arguments.
	PreAggregate
	// SplitToSubqueries computes each list of arguments by itself, of shared rows.
	SplitToSubqueries
)

const (
	// fewPairs is how many different rows of keys and arguments one task is given at most, where it is known.
	fewPairs = 1_000_000
	// manyTasks is how many groups there must be for tasks to share rows by them.
	manyTasks = 32
)

// distinctAggregation is an aggregation with DISTINCT, all of whose distinct arguments are columns.
type distinctAggregation struct {
	*plan.Aggregate
	source plan.Node // distributed
	at     property
	lists  [][]*plan.Symbol // the different lists of distinct arguments
	of     []int            // the list of each aggregate; -1: not DISTINCT
}

// distinctArguments computes an aggregation with DISTINCT in several steps, so that duplicates do not travel. ok is false when that cannot be
// done, or does not pay.
func (d *distributor) distinctArguments(n, whole *plan.Aggregate, p property, groups float64) (plan.Node, property, bool) {
	a, ok := d.distinctLists(n, whole, p)
	if !ok {
		return nil, p, false
	}
	switch d.o.Distinct {
	case SingleStep:
		return nil, p, false
	case MarkDistinct:
		return d.markDistinct(a)
	case PreAggregate:
		return d.preAggregate(a)
	case SplitToSubqueries:
		if len(a.lists) > 1 || slices.Contains(a.of, -1) {
			return d.splitToSubqueries(a)
		}
	}
	return d.distinctByEstimate(a, groups)
}

// distinctByEstimate is the strategy ByEstimate: the values of few groups are spread over many tasks, by steps that meet by the arguments. Else
// rows meet by keys, grouped by the arguments before if that leaves fewer.
func (d *distributor) distinctByEstimate(a *distinctAggregation, groups float64) (plan.Node, property, bool) {
	few := len(a.Keys) == 0 || groups >= 0 && groups < manyTasks
	if len(a.lists) == 1 && !slices.Contains(a.of, -1) && (few || groups <= fewGroups) {
		return d.distinctFirst(a)
	}
	if d.o.Estimator == nil || groups < 0 {
		if len(a.Keys) == 0 {
			if out, p, ok := d.preAggregate(a); ok {
				return out, p, true
			}
		}
		return d.distinctWithStates(a)
	}
	rows, pairs, apart := d.distinctRows(a)
	switch {
	case few && pairs > fewPairs || !few && apart < pairs/2 && apart <= reduces*rows && len(a.lists) > 1:
		if out, p, ok := d.preAggregate(a); ok {
			return out, p, true
		}
	case len(a.Keys) > 0 && pairs > reduces*rows:
		return nil, a.at, false
	}
	return d.distinctWithStates(a)
}

// distinctRows estimates how many rows there are, how many that differ in keys and arguments, and how many when each list of arguments is grouped
// by itself.
func (d *distributor) distinctRows(a *distinctAggregation) (rows, pairs, apart float64) {
	rows, _ = d.o.Estimator.Estimate(a.Source)
	count := func(columns []*plan.Symbol) float64 {
		n, _ := d.o.Estimator.Estimate(&plan.Aggregate{Source: a.Source, Keys: columns})
		return n
	}
	for _, l := range a.lists {
		apart += count(withKeys(a.Keys, l))
	}
	return rows, count(withKeys(a.Keys, slices.Concat(a.lists...))), apart
}

// distinctLists finds the lists of distinct arguments. Arguments that are computed become columns, and so do those that a FILTER chooses: NULL
// where it does not.
func (d *distributor) distinctLists(n, whole *plan.Aggregate, p property) (*distinctAggregation, bool) {
	if n.Sets != nil {
		return nil, false
	}
	computed := &plan.Project{Source: n.Source, Cols: identity(n.Source.Outputs())}
	c := *n
	c.Aggs = slices.Clone(n.Aggs)
	out := &distinctAggregation{Aggregate: &c, source: whole.Source, at: p}
	for i, a := range n.Aggs {
		if a.OrderBy != nil {
			return nil, false
		}
		if !a.Distinct {
			out.of = append(out.of, -1)
			continue
		}
		if a.Filter != nil {
			f := functions.Lookup(a.Variant)
			if len(a.Args) != 1 || f == nil || f.CalledOnNull {
				return nil, false
			}
			a.Args = []plan.Expr{&plan.Case{Whens: []plan.When{{Cond: a.Filter, Result: a.Args[0]}}, Typ: a.Args[0].Type()}}
			a.Filter = nil
		}
		a.Args = slices.Clone(a.Args)
		var list []*plan.Symbol
		for j, e := range a.Args {
			s := d.columnOf(computed, e)
			list = append(list, s)
			a.Args[j] = &plan.Ref{Sym: s}
		}
		c.Aggs[i] = a
		if len(list) == 0 {
			return nil, false
		}
		same := func(l []*plan.Symbol) bool { return containsAll(l, list) && containsAll(list, l) }
		at := slices.IndexFunc(out.lists, same)
		if at < 0 {
			at = len(out.lists)
			out.lists = append(out.lists, list)
		}
		out.of = append(out.of, at)
	}
	if len(computed.Cols) > len(n.Source.Outputs()) {
		c.Source, out.source = computed, &plan.Project{Source: whole.Source, Cols: computed.Cols}
	}
	return out, len(out.lists) > 0
}

// columnOf is the column that an expression is; a projection gets one more where there is none.
func (d *distributor) columnOf(p *plan.Project, e plan.Expr) *plan.Symbol {
	if r, ok := e.(*plan.Ref); ok {
		return r.Sym
	}
	for _, c := range p.Cols {
		if plan.EqualExpr(c.Expr, e) && !nondeterministic(&plan.Filter{Pred: e}) {
			return c.Sym
		}
	}
	s := d.o.Symbols.New("argument", e.Type())
	p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: e})
	return s
}

func containsAll(list, of []*plan.Symbol) bool {
	return !slices.ContainsFunc(of, func(s *plan.Symbol) bool { return !slices.Contains(list, s) })
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

// distinctFirst removes the duplicates of keys and the only list of arguments, then aggregates without DISTINCT.
func (d *distributor) distinctFirst(a *distinctAggregation) (plan.Node, property, bool) {
	columns := withKeys(a.Keys, a.lists[0])
	rows, p := d.deduplicated(&plan.Project{Source: a.source, Cols: identity(columns)}, a.at)
	plain := &plan.Aggregate{Source: rows, Keys: a.Keys}
	for _, f := range a.Aggs {
		f.Distinct = false
		plain.Aggs = append(plain.Aggs, f)
	}
	if len(a.Keys) > 0 && p.colocated(a.Keys) {
		return plain, p, true
	}
	partial, final, ok := d.split(plain)
	if !ok {
		return nil, p, false
	}
	// The groups are few, or nothing is known of them.
	final.Source = d.gather(partial, p)
	return finish(a.Aggregate, final), single, true
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

// distinctWithStates groups by keys and all arguments where the rows are, and finishes where the groups meet.
//
//	count(DISTINCT x), sum(y) … GROUP BY k
//	    partial: sum's state … GROUP BY k, x       where the rows are
//	    final:   count(DISTINCT x), merge … GROUP BY k
func (d *distributor) distinctWithStates(a *distinctAggregation) (plan.Node, property, bool) {
	partial := &plan.Aggregate{Source: a.source, Keys: withKeys(a.Keys, slices.Concat(a.lists...)), Step: plan.Partial}
	final := &plan.Aggregate{Keys: a.Keys, Step: plan.Final}
	for _, f := range a.Aggs {
		if f.Distinct {
			final.Aggs = append(final.Aggs, f)
			continue
		}
		merge, ok := d.splitOne(f, partial)
		if !ok {
			return nil, a.at, false
		}
		final.Aggs = append(final.Aggs, merge)
	}
	if len(a.Keys) == 0 {
		final.Source = d.gather(partial, a.at)
		return final, single, true
	}
	keys := refs(a.Keys)
	final.Source = d.repartition(partial, a.at, keys)
	return final, hashedBy(keys), true
}
