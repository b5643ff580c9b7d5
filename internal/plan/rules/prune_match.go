package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// match drops columns of a row pattern recognition that nobody above reads. Outputs of the specification that no column reads
// any more stay: they are numbers.
func (p *pruner) match(n *plan.MatchRecognize, want symbolSet) plan.Node {
	c := *n
	c.Passed, c.Values = nil, nil
	for _, s := range n.Passed {
		if want[s] {
			c.Passed = append(c.Passed, s)
		}
	}
	for _, v := range n.Values {
		if want[v.Sym] {
			c.Values = append(c.Values, v)
		}
	}
	below := symbolsOf(c.Passed)
	need(below, plan.NodeExprs(&c)...)
	c.Source = narrow(p.prune(n.Source, below), below)
	return &c
}
