package adaptive

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// pruneEmpty drops what cannot have rows because a stage that it reads turned out to have none: the other side of an inner
// join is not read, and a stage that nobody reads any more is not run, or stopped.
func (p *planner) pruneEmpty() {
	empty := map[int]int{} // by stage: the one without rows that is the cause
	for _, t := range p.parts {
		if t.size != nil && t.size.Rows == 0 && p.lasting(t) {
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
				return rules.Nothing(r)
			}
			return rules.WithoutEmpty(n)
		}), fmt.Sprintf("pruned: stage %d has no rows", cause))
		t.settle()
		if rules.IsEmpty(t.Root) && !t.Output.Root {
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
