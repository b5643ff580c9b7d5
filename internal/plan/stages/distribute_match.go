package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// match brings the rows of a partition together, as for a window. What they are hashed by is known above only as far as the
// keys are passed on.
func (d *distributor) match(n *plan.MatchRecognize) (plan.Node, property) {
	w, p := d.window(&plan.Window{Source: n.Source, PartitionBy: n.PartitionBy})
	c := *n
	c.Source = w.Sources()[0]
	return &c, p.among(n.Passed)
}
