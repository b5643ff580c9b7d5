package coordinator

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// divisible reports whether several tasks may share what one reads of an exchange partition: each reads a part of one of the
// inputs, whichever that is, and the whole of the others, and their rows together are those of the one task. So it is when every
// row comes of one row of each input: a partition that is far too large, because a key is frequent, then need not be the work
// of a single task.
func divisible(root plan.Node) bool { return dependence(root) == onRows }

// divide lets tasks of a stage share partitions, where that is possible; for stages that write, where the session wants it.
func (f *fragment) divide(st *scheduler.Stage, s *Settings) {
	st.ScaleWriters = st.Distribution == scheduler.Hash && divisible(f.Root) && (!st.Writer || s.ScaleWriters)
}

// depends says how the rows of a plan depend on the partitioned inputs that it reads.
type depends uint8

const (
	onNothing depends = iota // it reads none
	onRows                   // each row comes of one row of each of them
	onAll                    // rows come of several ones, or of one input and not of another
)

func dependence(n plan.Node) depends {
	if len(plan.Subplans(n)) > 0 {
		return onAll
	}
	switch n := n.(type) {
	case *plan.RemoteSource:
		switch n.Kind {
		case plan.Repartition:
			return onRows
		case plan.Replicate:
			return onNothing
		}
	case *plan.Values:
		return onNothing
	case *plan.Filter, *plan.Project, *plan.Output:
		return dependence(n.Sources()[0])
	case *plan.Unnest:
		if n.Source != nil {
			return dependence(n.Source)
		}
	case *plan.Write:
		if n.Change == nil || !n.Target.Unique { // else it looks for rows that come twice
			return dependence(n.Source)
		}
	case *plan.Aggregate:
		if n.Step == plan.Partial {
			return dependence(n.Source)
		}
	case *plan.TopN:
		if n.Partial {
			return dependence(n.Source)
		}
	case *plan.Limit:
		if n.Partial {
			return dependence(n.Source)
		}
	case *plan.Join:
		left, right := dependence(n.Left), dependence(n.Right)
		switch {
		case n.Type == plan.Inner || n.Type == plan.Cross:
			return max(left, right)
		case right == onNothing && slices.Contains(rowsOfLeft, n.Type):
			return left
		}
	}
	return onAll
}

// rowsOfLeft are the joins of which each row comes of one row of the left side, given the whole right side.
var rowsOfLeft = []plan.JoinType{plan.Left, plan.Semi, plan.Anti, plan.Mark}
