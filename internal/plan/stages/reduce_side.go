package stages

import (
	"cmp"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// A semi or anti join keeps its right side in memory. DuckDB would rather keep the left one where that is smaller, but knows sizes of
// tables only: within a task joins stand in our order, and it estimates none of them. So the right side is reduced to the keys that
// the left one has, which is evaluated once.

// reducedRatio is how many times more rows the right side has.
const reducedRatio = 4

// ReducedRows is how many it has at least, unless Options say otherwise: fewer are quickly kept.
const ReducedRows = 1_000_000

// reducedSide is a join within tasks whose right side is reduced where that is much the larger. was is the join before distribution.
func (d *distributor) reducedSide(was, n *plan.Join) plan.Node {
	if n.Type != plan.Semi && n.Type != plan.Anti || n.NullAware || len(n.Equi) == 0 || d.o.Estimator == nil || d.o.Symbols == nil {
		return n
	}
	left, _ := d.o.Estimator.Estimate(was.Left)
	right, _ := d.o.Estimator.Estimate(was.Right)
	if left < 0 || right < cmp.Or(d.o.ReducedRows, ReducedRows) || right < reducedRatio*left {
		return n
	}
	cte := d.newCTE("left", n.Left)
	keys, renamed := cte.Read(d.o.Symbols)
	reduced := &plan.Join{Type: plan.Semi, Left: n.Right, Right: keys, Distribution: n.Distribution}
	for _, q := range n.Equi {
		reduced.Equi = append(reduced.Equi, plan.EquiClause{Left: q.Right, Right: plan.Renamed(q.Left, renamed)})
	}
	c := *n
	c.Left, c.Right = cte.ReadAs(), reduced
	cte.Body = &c
	return cte
}
