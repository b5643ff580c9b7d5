package adaptive

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// joinRest makes one task of all that has not begun when that has little to read: each stage costs the start of its tasks, and an
// exchange, which is more than they save. Little is SingleTaskBytes, of what finished stages have put out and of what tables are
// estimated to have together, and of what is expected to pass from stage to stage.
func (p *planner) joinRest() {
	open := p.open()
	if p.o.SingleTaskBytes <= 0 || p.o.Estimator == nil || len(open) < 2 {
		return
	}
	root := open[len(open)-1]
	read := 0.0
	for _, t := range open {
		bytes, ok := p.readsLittle(t)
		read += bytes
		if !ok || t != root && (p.readers(t) != 1 || !p.expectsLittle(t)) || read > float64(p.o.SingleTaskBytes) {
			return
		}
	}
	whole := p.whole(root.Root)
	if slices.Equal(whole.Outputs(), root.Root.Outputs()) {
		root.Distribution, root.KeepSides, root.After, root.AfterAtMost = stages.Single, false, nil, 0
		root.change(whole, fmt.Sprintf("single task: the remaining %d stages have only %s to read", len(open), bytesText(int64(read))))
	}
}

// readsLittle returns what a part reads of finished stages and of tables; false when that is not known, or when the part does what has to be
// done by stages: sort by ranges.
func (p *planner) readsLittle(t *part) (bytes float64, ok bool) {
	if t.Output.Ranges {
		return 0, false
	}
	for _, s := range t.Scans {
		bytes += p.o.Estimator.ScanBytes(s)
	}
	for _, in := range t.Inputs {
		if in.Ranges || in.OrderBy != nil {
			return 0, false
		}
		producer := p.at[in.Stage]
		if producer == nil || producer.started && producer.size == nil {
			return 0, false
		}
		if producer.size != nil {
			bytes += float64(producer.size.Bytes)
		}
	}
	return bytes, true
}

// expectsLittle reports whether a part is expected to put out little.
func (p *planner) expectsLittle(t *part) bool {
	_, bytes := p.estimate(t.Root)
	return bytes >= 0 && bytes <= float64(p.o.SingleTaskBytes)
}

// whole is a plan for one task that makes all rows itself but those of stages that have begun.
func (p *planner) whole(n plan.Node) plan.Node {
	return plan.MapPlan(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Scan:
			if n.Ranges != nil {
				c := *n
				c.Ranges = nil
				return &c
			}
		case *plan.Join:
			if n.Distribution != plan.Undecided {
				c := *n
				c.Distribution = plan.Undecided
				return &c
			}
		case *plan.RemoteSource:
			if t := p.at[n.Stage]; !t.started {
				return rules.Renamed(p.whole(t.Root), n.Symbols)
			}
			c := *n
			c.Kind = plan.Gather
			return &c
		}
		return n
	})
}
