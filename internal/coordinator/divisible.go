package coordinator

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// A partition that is far too large, because a key is frequent, need not be the work of a single task: several may share it, where
// each reads a part of one of the inputs and the whole of the others, and their rows together are those of the one task. So it is
// when every row comes of one row of that input, whatever the others are: both sides of an inner join may be divided, of an outer or
// a semi join the one all of whose rows are kept or tried.

// divide lets tasks of a stage share partitions, where that is possible; for stages that write, where the session wants it.
func (f *fragment) divide(st *scheduler.Stage, s *Settings) {
	if st.Distribution != scheduler.Hash || st.Writer && !s.ScaleWriters {
		return
	}
	whole := make([]bool, len(f.Inputs))
	for i, in := range f.Inputs {
		if in.Kind == plan.Repartition {
			whole[i] = dependence(f.Root, in) != onRows
			st.ScaleWriters = st.ScaleWriters || !whole[i]
		}
	}
	for i := range whole {
		st.Inputs[i].Whole = st.ScaleWriters && whole[i]
	}
}

// depends says how the rows of a plan depend on an input.
type depends uint8

const (
	onNothing depends = iota // it is not read: the plan's rows are the same in all tasks
	onRows                   // each row comes of one row of it
	onAll                    // rows come of several ones, or without any
)

// dependence says how a plan depends on one of its inputs, given the whole of the others.
func dependence(n plan.Node, on *plan.RemoteSource) depends {
	if len(plan.Subplans(n)) > 0 {
		return onAll
	}
	if !readsInput(n, on) {
		if f := (stages.Fragment{Root: n}); f.Indeterminate() {
			return onAll // each task would have other rows
		}
		return onNothing
	}
	switch n := n.(type) {
	case *plan.RemoteSource:
		return onRows
	case *plan.Filter, *plan.Project, *plan.Output, *plan.Unnest:
		return dependence(n.Sources()[0], on)
	case *plan.Write:
		if n.Change == nil || !n.Target.Unique { // else it looks for rows that come twice
			return dependence(n.Source, on)
		}
	case *plan.Aggregate:
		if n.Step == plan.Partial {
			return dependence(n.Source, on)
		}
	case *plan.TopN:
		if n.Partial {
			return dependence(n.Source, on)
		}
	case *plan.Limit:
		if n.Partial {
			return dependence(n.Source, on)
		}
	case *plan.Join:
		left, right := dependence(n.Left, on), dependence(n.Right, on)
		switch {
		case n.Type == plan.Inner || n.Type == plan.Cross, right == onNothing && slices.Contains(rowsOfLeft, n.Type):
			return max(left, right)
		case left == onNothing && n.Type == plan.Right:
			return right
		}
	}
	return onAll
}

// rowsOfLeft are the joins of which each row comes of one row of the left side, given the whole right side.
var rowsOfLeft = []plan.JoinType{plan.Left, plan.Semi, plan.Anti, plan.Mark}

// readsInput reports whether an input is one of a plan's.
func readsInput(n plan.Node, on *plan.RemoteSource) bool {
	found := false
	plan.WalkAll(n, func(n plan.Node) bool {
		found = found || n == plan.Node(on)
		return !found
	})
	return found
}
