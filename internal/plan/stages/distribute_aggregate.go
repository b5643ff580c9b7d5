package stages

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Bounds of the ways to aggregate.
const (
	// fewGroups is how many groups, of each task, one task merges rather than many.
	fewGroups = 1000
	// reduces is the largest share of groups among rows for which a partial step is worth its work.
	reduces = 0.7
)

// aggregate computes groups where their rows are together. Otherwise it takes two steps, around an exchange of states; one step,
// after an exchange of the rows, when a function cannot be split or there are about as many groups as rows; and more where
// arguments are distinct.
//
// A step that is partial already stays where its rows are: an aggregation above merges what tasks make of it.
func (d *distributor) aggregate(n *plan.Aggregate) (plan.Node, property) {
	if out, p, ok := d.aggregateUnion(n); ok {
		return out, p
	}
	s, p := d.node(n.Source)
	return d.aggregateOver(n, s, p)
}

// aggregateOver is an aggregation of rows that are distributed already.
func (d *distributor) aggregateOver(n *plan.Aggregate, s plan.Node, p property) (plan.Node, property) {
	whole := *n
	whole.Source = s
	if n.Step == plan.Partial {
		return &whole, p.among(n.Keys)
	}
	if p.single || n.Sets == nil && len(n.Keys) > 0 && p.colocated(n.Keys) {
		return &whole, p
	}
	groups, rows := d.groups(n)
	if n.Sets == nil && (p.ranged || groups < 0 || groups > fewGroups) {
		if s, p, ok := d.aligned(s, p, n.Keys); ok {
			whole.Source = s
			return &whole, p.among(n.Keys)
		}
	}
	if out, op, ok := d.distinctArguments(n, &whole, p, groups); ok {
		return out, op
	}
	partial, final, ok := d.split(&whole)
	if !ok {
		if n.Sets != nil {
			return d.expandSets(&whole, p)
		}
		return d.meet(&whole, p)
	}
	if len(final.Keys) == 0 || groups >= 0 && groups <= fewGroups {
		final.Source = d.gather(partial, p)
		return finish(n, final), single
	}
	if n.Sets == nil && groups > reduces*rows {
		return d.meet(&whole, p)
	}
	keys := refs(final.Keys)
	final.Source = d.repartition(partial, p, keys)
	return finish(n, final), hashedBy(keys)
}

// groups estimates how many groups an aggregation has, and how many rows; -1 when nothing is known.
func (d *distributor) groups(n *plan.Aggregate) (groups, rows float64) {
	if d.o.Estimator == nil {
		return -1, -1
	}
	groups, _ = d.o.Estimator.Estimate(n)
	rows, _ = d.o.Estimator.Estimate(n.Source)
	return groups, rows
}

// meet brings the rows of each group together as they are.
func (d *distributor) meet(n *plan.Aggregate, p property) (plan.Node, property) {
	c := *n
	if len(n.Keys) == 0 {
		c.Source = d.gather(n.Source, p)
		return &c, single
	}
	keys := refs(n.Keys)
	c.Source = d.repartition(n.Source, p, keys)
	return &c, hashedBy(keys)
}

// split divides an aggregation into a partial step over its source and a final step whose source is not set. ok is
// false when one of the functions cannot be split.
func (d *distributor) split(n *plan.Aggregate) (partial, final *plan.Aggregate, ok bool) {
	if repeats(n.Sets) {
		return nil, nil, false // the groups of equal sets could not be told apart
	}
	partial = &plan.Aggregate{Source: n.Source, Keys: n.Keys, Sets: n.Sets, GroupID: n.GroupID, Step: plan.Partial}
	final = &plan.Aggregate{Keys: n.Keys, Step: plan.Final}
	if n.Sets != nil {
		if partial.GroupID == nil {
			partial.GroupID = d.o.Symbols.New("groupid", types.Of(types.BigInt))
		}
		// The number of the set keeps groups of different sets apart where NULL keys make them look alike.
		final.Keys = append(slices.Clone(n.Keys), partial.GroupID)
	}
	for _, a := range n.Aggs {
		if a.Distinct || a.OrderBy != nil {
			return nil, nil, false
		}
		merge, can := d.splitOne(a, partial)
		if !can {
			return nil, nil, false
		}
		final.Aggs = append(final.Aggs, merge)
	}
	return partial, final, true
}

// splitOne divides one aggregate into states, which it adds to the partial step, and the one that merges them.
func (d *distributor) splitOne(a plan.Aggregation, partial *plan.Aggregate) (merge plan.Aggregation, ok bool) {
	parts, finalVariant, ok := functions.Parts(a.Variant, plan.ExprTypes(a.Args))
	if !ok {
		return merge, false
	}
	merge = plan.Aggregation{Sym: a.Sym, Name: a.Name, Variant: finalVariant}
	for _, part := range parts {
		state := plan.Aggregation{Name: a.Name, Variant: part.Variant, Args: a.Args, Filter: a.Filter}
		if state.Sym = sameState(partial.Aggs, state, part.Type); state.Sym == nil {
			state.Sym = d.o.Symbols.New(a.Sym.Name, part.Type)
			partial.Aggs = append(partial.Aggs, state)
		}
		merge.Args = append(merge.Args, &plan.Ref{Sym: state.Sym})
	}
	return merge, true
}

// sameState finds a state that is computed already, as the sum is that an average needs too; nil when there is none.
func sameState(have []plan.Aggregation, s plan.Aggregation, t types.Type) *plan.Symbol {
	f := functions.Lookup(s.Variant)
	for _, h := range have {
		g := functions.Lookup(h.Variant)
		if h.Sym.Type.Equal(t) && f.SQL != "" && f.SQL == g.SQL && plan.EqualExpr(h.Filter, s.Filter) && slices.EqualFunc(h.Args, s.Args, plan.EqualExpr) &&
			deterministicAll(s) {
			return h.Sym
		}
	}
	return nil
}

func deterministicAll(a plan.Aggregation) bool {
	return !nondeterministic(&plan.Aggregate{Aggs: []plan.Aggregation{{Name: a.Name, Variant: a.Variant, Args: a.Args, Filter: a.Filter}}})
}

// repeats reports whether two grouping sets have the same keys.
func repeats(sets [][]int) bool {
	seen := map[string]bool{}
	for _, set := range sets {
		sorted := slices.Clone(set)
		slices.Sort(sorted)
		key := fmt.Sprint(slices.Compact(sorted))
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// finish gives the final step the outputs of the whole aggregation, in its order.
func finish(n, final *plan.Aggregate) plan.Node {
	want := n.Outputs()
	if slices.Equal(want, final.Outputs()) {
		return final
	}
	return &plan.Project{Source: final, Cols: identity(want)}
}
