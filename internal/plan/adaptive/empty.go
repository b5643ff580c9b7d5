package adaptive

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// pruneEmpty drops what cannot have rows because a stage that it reads turned out to have none: the other side of an inner
// join is not read, and a stage that nobody reads any more is not run, or stopped.
func (p *planner) pruneEmpty() {
	empty := map[int]int{} // by stage: the one without rows that is the cause
	for _, t := range p.parts {
		if t.size != nil && t.size.Rows == 0 {
			empty[t.ID] = t.ID
		}
	}
	if len(empty) == 0 {
		return
	}
	before := p.reads(empty)
	saved := make(map[*part]part, len(p.parts))
	for _, t := range p.open() {
		i := slices.IndexFunc(t.Inputs, func(in *plan.RemoteSource) bool { return without(empty, in) })
		if i < 0 {
			continue
		}
		cause := empty[t.Inputs[i].Stage]
		saved[t] = *t
		t.change(plan.MapPlan(t.Root, func(n plan.Node) plan.Node {
			if r, ok := n.(*plan.RemoteSource); ok && without(empty, r) {
				return nothing(r)
			}
			return pruned(n)
		}), fmt.Sprintf("pruned: stage %d has no rows", cause))
		t.settle()
		if isEmpty(t.Root) && !t.Output.Root {
			empty[t.ID] = cause
		}
	}
	if p.reads(empty) == before { // nothing is gained
		for t, old := range saved {
			*t = old
		}
	}
}

func without(empty map[int]int, r *plan.RemoteSource) bool {
	_, ok := empty[r.Stage]
	return ok
}

// reads counts what the rest of the plan reads: tables and stages, but for those without rows.
func (p *planner) reads(empty map[int]int) int {
	n := 0
	for _, t := range p.open() {
		n += len(t.Scans) + 1
		for _, in := range t.Inputs {
			if !without(empty, in) {
				n++
			}
		}
	}
	return n
}

// settle makes a part a single task when nothing is left to divide it by.
func (t *part) settle() {
	for _, in := range t.Inputs {
		if in.Kind == plan.Repartition || in.Kind != plan.Replicate && t.Distribution != stages.Hash {
			return
		}
	}
	if t.Distribution == stages.Hash || len(t.Scans) == 0 {
		t.Distribution = stages.Single
	}
}

// nothing is the relation without rows that has the columns of a node.
func nothing(n plan.Node) plan.Node { return &plan.Values{Symbols: n.Outputs()} }

func isEmpty(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 0
}

// pruned is a node whose sources have been pruned.
func pruned(n plan.Node) plan.Node {
	switch x := n.(type) {
	case *plan.Filter, *plan.Project, *plan.Distinct, *plan.Sort, *plan.TopN, *plan.Limit, *plan.Sample, *plan.Window, *plan.RowNumber:
		if isEmpty(n.Sources()[0]) {
			return nothing(n)
		}
	case *plan.Unnest:
		if x.Source != nil && isEmpty(x.Source) {
			return nothing(n)
		}
	case *plan.Aggregate:
		if x.Sets == nil && len(x.Keys) > 0 && isEmpty(x.Source) {
			return nothing(n)
		}
	case *plan.Join:
		return prunedJoin(x)
	case *plan.SetOp:
		return prunedSetOp(x)
	case *plan.LateralJoin:
		if isEmpty(x.Left) {
			return nothing(n)
		}
	}
	return n
}

func prunedJoin(n *plan.Join) plan.Node {
	left, right := isEmpty(n.Left), isEmpty(n.Right)
	switch n.Type {
	case plan.Inner, plan.Cross, plan.Semi:
		if left || right {
			return nothing(n)
		}
	case plan.Anti:
		if left {
			return nothing(n)
		}
		if right {
			return n.Left
		}
	case plan.Left, plan.Mark:
		if left {
			return nothing(n)
		}
	case plan.Right:
		if right {
			return nothing(n)
		}
	case plan.Full:
		if left && right {
			return nothing(n)
		}
	default:
		panic(fmt.Sprintf("join type %s", n.Type))
	}
	return n
}

func prunedSetOp(n *plan.SetOp) plan.Node {
	first, all, any := isEmpty(n.Inputs[0]), true, false
	for _, in := range n.Inputs {
		all = all && isEmpty(in)
		any = any || isEmpty(in)
	}
	if all || n.Kind == plan.Intersect && any || n.Kind == plan.Except && first {
		return nothing(n)
	}
	return n
}
