package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// markDistinct brings rows together that agree in keys and arguments, for one list of arguments after the other, and numbers them: the aggregation
// takes those with the number 1. All rows travel as often as there are lists; they need no state that grows with the values of a group.
func (d *distributor) markDistinct(a *distinctAggregation) (plan.Node, property, bool) {
	rows := plan.Node(&plan.Project{Source: a.source, Cols: identity(a.source.Outputs())}) // a node of its own, which is settled
	d.settled[rows] = settled{a.source, a.at}
	marks := make([]*plan.Symbol, len(a.lists))
	for i, l := range a.lists {
		marks[i] = d.o.Symbols.New("mark", types.Of(types.BigInt))
		rows = &plan.Window{Source: rows, PartitionBy: refs(withKeys(a.Keys, l)),
			Functions: []plan.WindowFunction{{Sym: marks[i], Name: "row_number", Variant: "row_number()"}}}
	}
	marked := &plan.Aggregate{Source: rows, Keys: a.Keys}
	for i, f := range a.Aggs {
		if list := a.of[i]; list >= 0 {
			f.Distinct = false
			f.Filter = &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: marks[list]}, Right: &plan.Const{Typ: marks[list].Type, Value: int64(1)}}
		}
		marked.Aggs = append(marked.Aggs, f)
	}
	out, p := d.node(marked)
	return out, p, true
}
