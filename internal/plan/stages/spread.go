package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// Spread computes an aggregation in several steps whose rows are divided by keys but lie in one partition for the most part: the first step
// works on rows wherever they are, so that the partition can be divided among tasks. keys are by what the rows of groups meet in the end.
// What is DISTINCT meets by its values before. It returns nil when the aggregation cannot be split.
func Spread(n *plan.Aggregate, keys []plan.Expr, symbols *plan.Symbols) plan.Node {
	d := &distributor{o: Options{Symbols: symbols}}
	rows := n
	if args := onlyDistinct(n); args != nil {
		columns := withKeys(n.Keys, args)
		first := &plan.Aggregate{Source: n.Source, Keys: columns, Step: plan.Partial}
		rows = &plan.Aggregate{Source: &plan.Distinct{Source: d.repartition(first, arbitrary, refs(columns))}, Keys: n.Keys}
		for _, a := range n.Aggs {
			a.Distinct = false
			rows.Aggs = append(rows.Aggs, a)
		}
	} else if n.Step != plan.Single {
		return nil
	}
	if n.Sets != nil || len(n.Keys) == 0 {
		return nil
	}
	partial, final, ok := d.split(rows)
	if !ok {
		return nil
	}
	final.Source = d.repartition(partial, arbitrary, keys)
	return finish(n, final)
}

// onlyDistinct returns the arguments of an aggregation all of whose functions have the same ones and are DISTINCT; nil when they do not.
func onlyDistinct(n *plan.Aggregate) (args []*plan.Symbol) {
	for _, a := range n.Aggs {
		own := symbolsIn(a.Args)
		if !a.Distinct || a.Filter != nil || a.OrderBy != nil || own == nil || args != nil && !slices.Equal(args, own) {
			return nil
		}
		args = own
	}
	return args
}
