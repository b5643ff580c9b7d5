package adaptive

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// raisePartitions gives all exchanges by hash that have not begun more partitions when a stage that reads partitions would
// have too much to read per task. What is written already is read and written again by a stage that is put on top of it:
// that is the price. Stages that lead to a broadcast are left alone.
func (p *planner) raisePartitions() {
	target := p.o.PartitionCount
	if !p.o.Partitioning {
		return
	}
	for _, t := range p.parts {
		if t.Output.Kind == plan.Repartition && t.Output.Partitions >= target {
			return
		}
	}
	var open []*part
	below := p.belowBroadcast()
	reason := ""
	for _, t := range p.open() {
		if below[t.ID] {
			continue
		}
		open = append(open, t)
		if r := p.overfull(t); r != "" && reason == "" {
			reason = fmt.Sprintf("partitions raised to %d: %s", target, r)
		}
	}
	if reason == "" {
		return
	}
	added := map[int]*part{}
	for _, t := range open {
		if t.Output.Kind == plan.Repartition {
			t.Output.Partitions = target
			t.because(reason)
		}
		if t.Distribution == stages.Hash {
			p.readAgain(t, target, reason, added)
		}
	}
}

// overfull says in words that the tasks of a stage would have too much to read, by the final sizes of what it reads.
func (p *planner) overfull(t *part) string {
	if t.Distribution != stages.Hash {
		return ""
	}
	var total, smallest int64
	inputs, count := 0, 0
	for _, in := range t.Inputs {
		if in.Kind == plan.Replicate {
			continue
		}
		size, ok := p.measured(in)
		if !ok {
			return ""
		}
		if inputs == 0 || size.Bytes < smallest {
			smallest = size.Bytes
		}
		total += size.Bytes
		count = p.at[in.Stage].Output.Partitions
		inputs++
	}
	if inputs > 1 {
		total -= smallest // taken as streamed
	}
	if total <= p.o.MaxTaskBytes*int64(count) {
		return ""
	}
	return fmt.Sprintf("%s in %d partitions are more than %s each", bytesText(total), count, bytesText(p.o.MaxTaskBytes))
}

// readAgain puts stages on top of those inputs of a part that have begun, which divide their rows anew.
func (p *planner) readAgain(t *part, target int, reason string, added map[int]*part) {
	root := plan.MapPlan(t.Root, func(n plan.Node) plan.Node {
		r, ok := n.(*plan.RemoteSource)
		if !ok || r.Kind != plan.Repartition {
			return n
		}
		producer := p.at[r.Stage]
		if !producer.started {
			return n
		}
		again := added[r.Stage]
		if again == nil {
			source := *r
			source.Kind = plan.RoundRobin
			f := stages.Fragment{Distribution: stages.Arbitrary, Output: producer.Output}
			f.Output.Partitions = target
			again = p.insert(t, f.WithRoot(&source), reason)
			added[r.Stage] = again
		}
		c := *r
		c.Stage = again.ID
		return &c
	})
	t.change(root, reason)
}

// belowBroadcast are the parts all of whose rows end in a broadcast.
func (p *planner) belowBroadcast() map[int]bool {
	out, above := map[int]bool{}, map[int]bool{}
	for i := len(p.parts) - 1; i >= 0; i-- {
		t := p.parts[i]
		out[t.ID] = !t.Output.Root && !above[t.ID]
		for _, in := range t.Inputs {
			if in.Kind != plan.Replicate && !out[t.ID] {
				above[in.Stage] = true
			}
		}
	}
	return out
}
