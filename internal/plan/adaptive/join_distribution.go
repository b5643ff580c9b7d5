package adaptive

import (
	"fmt"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// distributeJoins takes back decisions on how the sides of joins meet that were made on estimates: a right side that
// turned out small is sent to every task instead of the left one being hashed, one that turned out large is hashed instead of
// being sent. Trino has this on its road map only (trinodb/trino issue 23206).
func (p *planner) distributeJoins() {
	if !p.o.JoinReordering {
		return
	}
	for _, t := range p.open() {
		for range len(p.parts) { // each change is final: sizes do not change any more
			if !p.replicate(t) && !p.unreplicate(t) {
				break
			}
		}
	}
}

// replicate sends the right side of a part's partitioned join to the tasks that make the left one.
func (p *planner) replicate(t *part) bool {
	if p.o.Join == plan.Partitioned || t.Distribution != stages.Hash || t.Output.Root && isWrite(t.Root) {
		return false
	}
	j := topJoin(t.Root, func(j *plan.Join) bool { return j.Distribution == plan.Partitioned })
	if j == nil || j.NullAware || !keepsLeftOnly(j.Type) {
		return false
	}
	left, right := rowwiseSource(j.Left), plainSource(j.Right)
	if left == nil || right == nil || left.Kind != plan.Repartition || right.Kind != plan.Repartition {
		return false
	}
	maker := p.at[left.Stage]
	build, ok := p.measured(right)
	if !ok || maker.started || maker.Distribution == stages.Single || build.Bytes > p.o.BroadcastBytes || !slices.Equal(left.Symbols, maker.Root.Outputs()) {
		return false
	}
	_, probe := p.estimate(maker.Root)
	if probe >= 0 && p.sent(probe, build) > probe {
		return false
	}
	root := plan.MapPlan(t.Root, func(n plan.Node) plan.Node {
		switch x := n.(type) {
		case *plan.RemoteSource:
			switch {
			case sameSource(x, left):
				return maker.Root
			case sameSource(x, right):
				c := *x
				c.Kind = plan.Replicate
				return &c
			}
		case *plan.Join:
			if x.Distribution == plan.Partitioned && slices.Equal(x.Outputs(), j.Outputs()) {
				c := *x
				c.Distribution = plan.Replicated
				return &c
			}
		}
		return n
	})
	t.Distribution = maker.Distribution
	t.change(root, "join broadcast: the build side has only "+bytesText(build.Bytes))
	return true
}

// unreplicate hashes both sides of a part's join by its keys, in stages of their own.
func (p *planner) unreplicate(t *part) bool {
	if p.o.Join == plan.Replicated || t.Distribution == stages.Single || t.Output.Root && isWrite(t.Root) || p.o.HashPartitions < 2 {
		return false
	}
	j := topJoin(t.Root, func(j *plan.Join) bool {
		r := plainSource(j.Right)
		if j.Distribution != plan.Replicated || r == nil || len(j.Equi) == 0 || j.NullAware {
			return false
		}
		size, ok := p.measured(r)
		return ok && r.Kind == plan.Replicate && size.Bytes > p.o.BroadcastBytes
	})
	if j == nil {
		return false
	}
	right := plainSource(j.Right)
	build, _ := p.measured(right)
	_, probe := p.estimate(j.Left)
	// What is sent is read by each task; hashed, both sides are written and read once, the right one for the second time.
	if probe < 0 || p.sent(probe, build) <= probe+2*float64(build.Bytes) {
		return false
	}
	reason := fmt.Sprintf("join partitioned: the build side has %s", bytesText(build.Bytes))
	var leftKeys, rightKeys []plan.Expr
	for _, q := range j.Equi {
		leftKeys, rightKeys = append(leftKeys, q.Left), append(rightKeys, q.Right)
	}
	hashed := func(root plan.Node, d stages.Distribution, keys []plan.Expr) *plan.RemoteSource {
		f := stages.Fragment{Distribution: d, Output: stages.Output{Kind: plan.Repartition, Keys: keys, Partitions: p.o.HashPartitions}}
		made := p.insert(t, f.WithRoot(root), reason)
		return &plan.RemoteSource{Stage: made.ID, Kind: plan.Repartition, Symbols: root.Outputs()}
	}
	again := plan.MapPlan(j.Right, func(n plan.Node) plan.Node {
		if r, ok := n.(*plan.RemoteSource); ok {
			c := *r
			c.Kind = plan.RoundRobin
			return &c
		}
		return n
	})
	c := *j
	c.Distribution = plan.Partitioned
	c.Left, c.Right = hashed(j.Left, t.Distribution, leftKeys), hashed(again, stages.Arbitrary, rightKeys)
	t.Distribution = stages.Hash
	t.change(replaced(t.Root, j, &c), reason)
	return true
}

// sent is how many bytes move when a right side goes to each task of a left one.
func (p *planner) sent(left float64, right Size) float64 {
	return float64(right.Bytes) * max(1, math.Ceil(left/float64(max(1, p.o.TaskBytes))))
}

// topJoin finds a join above which a part does nothing that depends on where its rows are.
func topJoin(n plan.Node, wanted func(*plan.Join) bool) *plan.Join {
	for {
		switch x := n.(type) {
		case *plan.Join:
			if wanted(x) {
				return x
			}
			if x.Distribution != plan.Replicated {
				return nil
			}
			n = x.Left
			continue
		case *plan.Output:
		default:
			if !rowwise(n) {
				return nil
			}
		}
		n = n.Sources()[0]
	}
}

// rowwise holds for nodes with one source that work on rows wherever they are.
func rowwise(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter, *plan.Project:
		return true
	case *plan.Unnest:
		return n.Source != nil
	case *plan.Aggregate:
		return n.Step == plan.Partial
	case *plan.TopN:
		return n.Partial
	case *plan.Limit:
		return n.Partial
	}
	return false
}

// rowwiseSource is the one stage that a plan reads, but for what is sent to all of its tasks; nil when it cannot be run where
// that stage's rows are made.
func rowwiseSource(n plan.Node) *plan.RemoteSource {
	for {
		switch x := n.(type) {
		case *plan.RemoteSource:
			return x
		case *plan.Join:
			if x.Distribution != plan.Replicated {
				return nil
			}
			n = x.Left
		case *plan.Filter, *plan.Project:
			n = n.Sources()[0]
		default:
			return nil
		}
	}
}

// plainSource is the stage whose rows a plan is made of, one by one.
func plainSource(n plan.Node) *plan.RemoteSource {
	for {
		switch x := n.(type) {
		case *plan.RemoteSource:
			return x
		case *plan.Filter, *plan.Project:
			n = x.Sources()[0]
		default:
			return nil
		}
	}
}

func sameSource(a, b *plan.RemoteSource) bool { return a.Stage == b.Stage && a.Kind == b.Kind }

// keepsLeftOnly holds for joins that never put out a right row on its own: their right side may be in every task.
func keepsLeftOnly(t plan.JoinType) bool {
	return t == plan.Inner || t == plan.Left || t == plan.Semi || t == plan.Anti || t == plan.Mark
}

func isWrite(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		_, ok := n.(*plan.Write)
		found = found || ok
		return !found
	})
	return found
}

// replaced puts a node in the place of another.
func replaced(n, old, by plan.Node) plan.Node {
	if n == old {
		return by
	}
	sources := n.Sources()
	if len(sources) == 0 {
		return n
	}
	out, changed := make([]plan.Node, len(sources)), false
	for i, s := range sources {
		out[i] = replaced(s, old, by)
		changed = changed || out[i] != s
	}
	if !changed {
		return n
	}
	return n.WithSources(out)
}
