package adaptive

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// surprise is by what factor the rows of a finished stage must differ from what was expected before joins are ordered anew: below it
// the old order was chosen on what is known now.
const surprise = 2

// reorderJoins orders joins anew that have not begun when a stage that has finished is much larger or smaller than was expected. The
// joins of several stages are looked at together, as if they had not been cut apart; where rows are already counts, because they need
// not move once more. The new order must promise to move and put out JoinRatio times fewer bytes, and as many fewer as a task reads
// (or JoinMinBytes, if that is less): estimates of joins are seldom better than that, and less is not worth a change.
func (p *planner) reorderJoins() {
	if !p.o.JoinReordering || p.o.JoinOrder != rules.OrderByCost || p.o.Estimator == nil || p.o.HashPartitions < 2 {
		return
	}
	absorbed := map[int]bool{}
	for _, t := range slices.Backward(p.open()) {
		if !absorbed[t.ID] {
			p.reorder(t, absorbed)
		}
	}
}

// reorder orders the joins of a part and of those that only it reads, which it notes as absorbed.
func (p *planner) reorder(t *part, absorbed map[int]bool) {
	if t.Distribution == stages.Single {
		return
	}
	j := topJoin(t.Root, rules.InCluster)
	if j == nil {
		return
	}
	below := map[int]bool{}
	root, _ := p.composed(j, below).(*plan.Join)
	c := &cluster{p: p, partitions: p.o.HashPartitions}
	if !c.place(rules.Leaves(root)) {
		return
	}
	maps.Copy(absorbed, below)
	cause := p.surprising(c.relations)
	if cause == "" {
		return
	}
	p.estimate(root)
	broadcast, least := float64(p.o.BroadcastBytes), float64(min(p.o.TaskBytes, p.o.JoinMinBytes))
	switch p.o.Join {
	case plan.Partitioned:
		broadcast = -1
	case plan.Replicated:
		broadcast = math.Inf(1)
	}
	found := rules.ReorderAgain(&rules.Context{Estimator: p.est, MaxReorderedJoins: p.o.MaxReorderedJoins}, root, rules.Begun{Hashed: c.hashedBy, Broadcast: broadcast, Least: least})
	if found == nil || found.Before-found.After < least || found.Before < p.o.JoinRatio*found.After {
		return
	}
	reason := fmt.Sprintf("join order changed: it moves %s instead of %s, as %s", bytesText(int64(found.After)), bytesText(int64(found.Before)), cause)
	c.build(t, j, found.Root, reason)
}

// composed puts the joins of parts that have not begun, and that only this one reads, in the place of what reads them: where they may change
// places with those above them, which is not so on the right side of an outer, semi or anti join and below a full one.
func (p *planner) composed(n plan.Node, absorbed map[int]bool) plan.Node {
	switch n := n.(type) {
	case *plan.Join:
		if mayMove(n) {
			c := *n
			c.Left = p.composed(n.Left, absorbed)
			if n.Type == plan.Inner || n.Type == plan.Cross {
				c.Right = p.composed(n.Right, absorbed)
			}
			return &c
		}
	case *plan.Project:
		if source := p.composed(n.Source, absorbed); source != n.Source && n.OnlyPicks() {
			return &plan.Project{Source: source, Cols: n.Cols}
		}
	case *plan.RemoteSource:
		u := p.at[n.Stage]
		if u == nil || u.started || u.Distribution == stages.Single || p.readers(u) != 1 || !isJoins(u.Root) {
			return n
		}
		absorbed[u.ID] = true
		root := p.composed(u.Root, absorbed)
		return rules.Renamed(root, n.Symbols)
	}
	return n
}

// mayMove holds for joins that may change places with inner joins.
func mayMove(j *plan.Join) bool { return rules.InCluster(j) && j.Type != plan.Full }

// isJoins holds for joins that may change places, under projections that pick columns.
func isJoins(n plan.Node) bool {
	for {
		switch x := n.(type) {
		case *plan.Join:
			return mayMove(x)
		case *plan.Project:
			if !x.OnlyPicks() {
				return false
			}
			n = x.Source
		default:
			return false
		}
	}
}

// surprising says in words which of the stages that are read has turned out to be other than expected; empty if there is none.
func (p *planner) surprising(leaves []plan.Node) (cause string) {
	for _, l := range leaves {
		plan.WalkAll(l, func(n plan.Node) bool {
			r, ok := n.(*plan.RemoteSource)
			if !ok || cause != "" {
				return cause == ""
			}
			size, ok := p.measured(r)
			if !ok {
				return true
			}
			rows, _ := p.estimate(p.at[r.Stage].Root)
			if most, least := max(rows, float64(size.Rows)), min(rows, float64(size.Rows)); rows < 0 || most >= surprise*max(least, 1) {
				cause = fmt.Sprintf("stage %d has %d rows", r.Stage, size.Rows)
				if rows >= 0 {
					cause += fmt.Sprintf(" where %.0f were expected", rows)
				}
			}
			return true
		})
	}
	return cause
}

// cluster is a set of joins with what they join, the relations.
type cluster struct {
	p          *planner
	relations  []plan.Node
	placements []stages.Placement
	partitions int
	fixed      bool // partitions is what relations have
}

// place finds out where the rows of the relations are. It reports whether they can be joined in any order.
func (c *cluster) place(relations []plan.Node) bool {
	for _, n := range relations {
		at, ok := c.placement(n)
		if !ok {
			return false
		}
		c.relations, c.placements = append(c.relations, n), append(c.placements, at)
	}
	return true
}

// placement says where the rows of a relation are; false when they are not divided among tasks, or divided by other things than the
// hash of a single key.
func (c *cluster) placement(n plan.Node) (at stages.Placement, ok bool) {
	if source := plainSource(n); source != nil {
		if source.Kind != plan.Repartition {
			return at, source.Kind != plan.Gather && source.OrderBy == nil
		}
		producer := c.p.at[source.Stage]
		if producer.Output.Ranges || len(producer.Output.Keys) != 1 || !c.agrees(source) {
			return at, false
		}
		at.Hashed, at.Keys = true, make([]*plan.Symbol, 1)
		if r, ok := producer.Output.Keys[0].(*plan.Ref); ok {
			if i := slices.Index(producer.Root.Outputs(), r.Sym); i >= 0 && slices.Contains(n.Outputs(), source.Symbols[i]) {
				at.Keys[0] = source.Symbols[i]
			}
		}
		return at, true
	}
	divided := false
	ok = true
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			divided = true
			ok = ok && n.Ranges == nil
		case *plan.RemoteSource:
			at.Hashed = at.Hashed || n.Kind == plan.Repartition
			divided = divided || n.Kind != plan.Replicate
			ok = ok && n.Kind != plan.Gather && n.OrderBy == nil && !n.Ranges && (n.Kind != plan.Repartition || c.agrees(n))
		}
		return ok
	})
	return at, ok && divided
}

// agrees reports whether an input has as many partitions as the others.
func (c *cluster) agrees(r *plan.RemoteSource) bool {
	n := c.p.at[r.Stage].Output.Partitions
	if !c.fixed {
		c.fixed, c.partitions = true, n
	}
	return n == c.partitions
}

// hashedBy is the column that a relation is hashed by; nil when there is none.
func (c *cluster) hashedBy(n plan.Node) *plan.Symbol {
	if i := slices.Index(c.relations, n); i >= 0 && len(c.placements[i].Keys) > 0 {
		return c.placements[i].Keys[0]
	}
	return nil
}

// stand gives relation i a name for the time in which it is decided where rows move.
func stand(i int, n plan.Node) *plan.RemoteSource {
	return &plan.RemoteSource{Stage: -1 - i, Kind: plan.RoundRobin, Symbols: n.Outputs()}
}

func (c *cluster) relation(r *plan.RemoteSource) (i int, ok bool) {
	i = -1 - r.Stage
	return i, i >= 0 && i < len(c.relations)
}

// build puts joins in a new order in the place of those of a part: it decides where their rows move, and makes parts of what ends in
// an exchange.
func (c *cluster) build(t *part, old plan.Node, root plan.Node, reason string) {
	for i, n := range c.relations {
		root = replaced(root, n, stand(i, n))
	}
	est := c.p.o.Estimator.WithStages(func(r *plan.RemoteSource) stats.StageOutput {
		if i, ok := c.relation(r); ok {
			return stats.StageOutput{Plan: c.relations[i]}
		}
		return c.p.stageOutput(r)
	})
	root, single := stages.Distribute(rules.PruneColumns(root), stages.Options{BroadcastBytes: float64(c.p.o.BroadcastBytes), Join: c.p.o.Join, Estimator: est,
		Placed: func(r *plan.RemoteSource) stages.Placement {
			i, _ := c.relation(r)
			return c.placements[i]
		}})
	if single {
		return
	}
	c.splice(t, old, root, reason)
}

// splice makes parts of what ends in an exchange in a plan over stands for the relations, and puts the rest in the place of a node of
// a part.
func (c *cluster) splice(t *part, old plan.Node, root plan.Node, reason string) {
	fragments := stages.Cut(root, false, func(*plan.Exchange) int { return c.partitions }, nil)
	made := map[int]int{}                  // the numbers of fragments that are added
	direct := map[int]*plan.RemoteSource{} // what is read instead of fragments that would only pass it on
	for i, f := range fragments {
		if r, ok := f.Root.(*plan.RemoteSource); ok && f.Output.Kind != plan.Repartition {
			if n, _ := c.relation(r); n >= 0 {
				if source, ok := c.relations[n].(*plan.RemoteSource); ok {
					direct[f.ID] = source
					continue
				}
			}
		}
		f = f.WithRoot(c.filled(f, made, direct))
		f.Distribution = stages.Arbitrary
		for _, in := range f.Inputs {
			if in.Kind == plan.Repartition {
				f.Distribution = stages.Hash
			}
		}
		if i == len(fragments)-1 {
			t.Distribution = f.Distribution
			t.change(replaced(t.Root, old, f.Root), reason)
			t.KeepSides = false
			return
		}
		made[i] = c.p.insert(t, f, reason).ID
	}
}

// filled is a fragment's plan with relations in their places and the numbers of those before it.
func (c *cluster) filled(f stages.Fragment, made map[int]int, direct map[int]*plan.RemoteSource) plan.Node {
	return plan.MapPlan(f.Root, func(n plan.Node) plan.Node {
		r, ok := n.(*plan.RemoteSource)
		if !ok {
			return n
		}
		if i, ok := c.relation(r); ok {
			return c.read(i, n == f.Root)
		}
		again := *r
		if source := direct[r.Stage]; source != nil {
			again.Stage, again.Symbols = source.Stage, source.Symbols
		} else {
			again.Stage = made[r.Stage]
		}
		return &again
	})
}

// read is a relation where its rows are: not in every task, as those of a side that was sent to all. One that is only passed on is
// read in any way.
func (c *cluster) read(i int, passed bool) plan.Node {
	n := c.relations[i]
	source := plainSource(n)
	if source == nil || source.Kind == plan.Repartition && !passed {
		return n
	}
	again := *source
	again.Kind = plan.RoundRobin
	return replaced(n, source, &again)
}
