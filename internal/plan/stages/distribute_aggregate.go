package stages

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// aggregate computes groups where their rows are together; otherwise in two steps, around an exchange of states, or, when
// a function cannot be split, after an exchange of the rows.
func (d *distributor) aggregate(n *plan.Aggregate) (plan.Node, property) {
	s, p := d.node(n.Source)
	whole := *n
	whole.Source = s
	if p.single || n.Sets == nil && len(n.Keys) > 0 && p.colocated(n.Keys) {
		return &whole, p
	}
	if partial, final, ok := d.split(&whole); ok {
		if len(final.Keys) == 0 {
			final.Source = d.gather(partial, p)
			return d.finish(n, final), single
		}
		keys := refs(final.Keys)
		final.Source = d.repartition(partial, p, keys)
		return d.finish(n, final), hashedBy(keys)
	}
	if len(n.Keys) == 0 || n.Sets != nil {
		whole.Source = d.gather(s, p)
		return &whole, single
	}
	keys := refs(n.Keys)
	whole.Source = d.repartition(s, p, keys)
	return &whole, hashedBy(keys)
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
		final.Keys = append(append([]*plan.Symbol(nil), n.Keys...), partial.GroupID)
	}
	for _, a := range n.Aggs {
		if a.Distinct || a.OrderBy != nil {
			return nil, nil, false
		}
		argTypes := make([]types.Type, len(a.Args))
		for i, e := range a.Args {
			argTypes[i] = e.Type()
		}
		parts, finalVariant, can := functions.Parts(a.Variant, argTypes)
		if !can {
			return nil, nil, false
		}
		merge := plan.Aggregation{Sym: a.Sym, Name: a.Name, Variant: finalVariant}
		for _, part := range parts {
			state := d.o.Symbols.New(a.Sym.Name, part.Type)
			partial.Aggs = append(partial.Aggs, plan.Aggregation{Sym: state, Name: a.Name, Variant: part.Variant, Args: a.Args, Filter: a.Filter})
			merge.Args = append(merge.Args, &plan.Ref{Sym: state})
		}
		final.Aggs = append(final.Aggs, merge)
	}
	return partial, final, true
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
func (d *distributor) finish(n, final *plan.Aggregate) plan.Node {
	want := n.Outputs()
	have := final.Outputs()
	if len(want) == len(have) {
		same := true
		for i := range want {
			same = same && want[i] == have[i]
		}
		if same {
			return final
		}
	}
	p := &plan.Project{Source: final}
	for _, s := range want {
		p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	return p
}
