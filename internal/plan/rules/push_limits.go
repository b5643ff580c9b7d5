package rules

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pushLimits tells scans how many rows are enough where a limit has nothing below it that drops, adds or orders rows, and limits
// the inputs of a UNION ALL. The limit itself stays.
func pushLimits(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.Count < 0 || l.WithTies != nil || l.Count > math.MaxInt64-l.Offset {
			return n
		}
		c := *l
		c.Source = enough(l.Source, l.Count+l.Offset)
		return &c
	})
}

// enough is a plan of which any rows of the given number are wanted.
func enough(n plan.Node, rows int64) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		if rows == 0 || n.Table.Limit > 0 && n.Table.Limit <= rows {
			return n
		}
		c := *n
		c.Table.Limit = rows
		return &c
	case *plan.Project:
		return &plan.Project{Source: enough(n.Source, rows), Cols: n.Cols}
	case *plan.SetOp:
		if n.Kind != plan.Union || !n.All {
			return n
		}
		c := *n
		c.Inputs = make([]plan.Node, len(n.Inputs))
		for i, in := range n.Inputs {
			c.Inputs[i] = &plan.Limit{Source: enough(in, rows), Count: rows}
		}
		return &c
	}
	return n
}
