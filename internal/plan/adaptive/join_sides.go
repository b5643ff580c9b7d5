package adaptive

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// swapJoins exchanges the sides of partitioned joins whose right side turned out to be much the larger one. It goes by final
// sizes only: an exchange on a guess may cost more than it gains.
func (p *planner) swapJoins() {
	if !p.o.JoinReordering {
		return
	}
	for _, t := range p.open() {
		var reasons []string
		root := plan.MapPlan(t.Root, func(n plan.Node) plan.Node {
			j, ok := n.(*plan.Join)
			if !ok || !swappable(j) {
				return n
			}
			probe, known := p.final(j.Left)
			build, knownToo := p.final(j.Right)
			if !known || !knownToo || build.Bytes <= p.o.JoinMinBytes || float64(build.Bytes) <= p.o.JoinRatio*float64(probe.Bytes) {
				return n
			}
			reasons = append(reasons, fmt.Sprintf("join sides swapped: the build side has %s, the probe side %s", bytesText(build.Bytes), bytesText(probe.Bytes)))
			return swapped(j)
		})
		for _, r := range reasons {
			t.change(root, r)
			t.KeepSides = keepsSides(root)
		}
	}
}

// keepsSides reports whether the sides of all joins of a plan are in an order worth keeping. Which side of a semi join is to be
// kept in memory cannot be written down: it is left to the engine.
func keepsSides(n plan.Node) bool {
	keeps := true
	plan.Walk(n, func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok {
			_, swaps := mirrored[j.Type]
			keeps = keeps && swaps
		}
		return keeps
	})
	return keeps
}

// swappable holds for joins whose sides can change places.
func swappable(j *plan.Join) bool {
	if _, ok := mirrored[j.Type]; !ok || j.Distribution != plan.Partitioned || len(j.Equi) == 0 {
		return false
	}
	found := false
	if j.Filter != nil {
		plan.WalkExpr(j.Filter, func(e plan.Expr) bool {
			found = found || plan.Subplan(e) != nil
			return !found
		})
	}
	return !found
}

// mirrored are the types of joins with their sides exchanged.
var mirrored = map[plan.JoinType]plan.JoinType{plan.Inner: plan.Inner, plan.Left: plan.Right, plan.Right: plan.Left, plan.Full: plan.Full}

// swapped is a join with its sides exchanged, with the columns in their old order.
func swapped(j *plan.Join) plan.Node {
	c := *j
	c.Type, c.Left, c.Right, c.Equi = mirrored[j.Type], j.Right, j.Left, nil
	for _, q := range j.Equi {
		c.Equi = append(c.Equi, plan.EquiClause{Left: q.Right, Right: q.Left})
	}
	cols := make([]plan.Assignment, 0, len(j.Outputs()))
	for _, s := range j.Outputs() {
		cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	return &plan.Project{Source: &c, Cols: cols}
}

// final is the measured size of the stage that a side of a join reads, when nothing between makes more rows of it.
func (p *planner) final(n plan.Node) (Size, bool) {
	switch n := n.(type) {
	case *plan.RemoteSource:
		return p.measured(n)
	case *plan.Filter, *plan.Project, *plan.Aggregate, *plan.Distinct, *plan.Window, *plan.Limit, *plan.TopN, *plan.Sample:
		return p.final(n.Sources()[0])
	}
	return Size{}, false
}

// bytesText prints a size for a person.
func bytesText(n int64) string {
	for _, u := range []struct {
		of   float64
		name string
	}{{1 << 40, "TB"}, {1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "kB"}} {
		if float64(n) >= u.of {
			return fmt.Sprintf("%.1f%s", float64(n)/u.of, u.name)
		}
	}
	return fmt.Sprintf("%dB", n)
}
