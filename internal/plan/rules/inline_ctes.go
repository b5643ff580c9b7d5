package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

const (
	// maxInlined bounds the nodes that copies of a CTE may add to a plan.
	maxInlined = 300
	// inlinedShare is the share of the work that may be left for a CTE to be inlined that is more than a scan: estimates err, and what is
	// evaluated once errs once.
	inlinedShare = 0.8
	// stageWork is what a join, an aggregation and the like costs at least: it may be a stage more, of some 50 ms.
	stageWork = 64 << 20
)

// inlineCTEs puts the definition of a CTE in the place of each of its readers where that is less work than to write it down once and read it
// as often: where it is hardly more than a scan, or where the readers have conditions that leave little of it, which then go down
// into each copy. Both plans are made, and compared by estimates.
func inlineCTEs(c *Context, n plan.Node) plan.Node {
	if c.Estimator == nil {
		return n
	}
	var ids []int
	plan.WalkAll(n, func(n plan.Node) bool {
		if cte, ok := n.(*plan.CTE); ok {
			ids = append(ids, cte.ID)
		}
		return true
	})
	for _, id := range ids {
		def, readers := definition(n, id)
		if def == nil || !copyable(def) || countNodes(def)*readers > maxInlined {
			continue
		}
		before := c.Symbols.Clone()
		other := pruneColumns(c, pruneEmpty(c, foldConstants(c, pushPredicates(c, inlined(c, n, id, def)))))
		share := inlinedShare
		if onlyScan(def) {
			share = 1
		}
		if work(c, other)+stageWork*meetings(other) < share*(work(c, n)+stageWork*meetings(n)) {
			n = other
		} else {
			*c.Symbols = *before
		}
		c.Estimator.Rows(n) // which meets the CTEs as they are now
	}
	return n
}

// definition finds what a CTE is, and counts its readers.
func definition(n plan.Node, id int) (def plan.Node, readers int) {
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.CTERef:
			if n.ID == id {
				readers++
			}
		case *plan.CTE:
			if n.ID == id {
				def = n.Def
			}
		}
		return true
	})
	return def, readers
}

// meetings counts the nodes for which rows have to meet.
func meetings(n plan.Node) float64 {
	count := 0.0
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n.(type) {
		case *plan.Join, *plan.Aggregate, *plan.Distinct, *plan.Window, *plan.CTE:
			count++
		}
		return true
	})
	return count
}

func countNodes(n plan.Node) int {
	count := 0
	plan.WalkAll(n, func(plan.Node) bool { count++; return true })
	return count
}

// copyable reports whether all of a plan is repeatable.
func copyable(n plan.Node) bool {
	ok := true
	plan.WalkAll(n, func(n plan.Node) bool {
		ok = ok && repeatable(n)
		return ok
	})
	return ok
}

// onlyScan holds for plans that a task computes while it reads a table.
func onlyScan(n plan.Node) bool {
	switch n.(type) {
	case *plan.Scan:
		return true
	case *plan.Filter, *plan.Project:
		return onlyScan(n.Sources()[0])
	}
	return false
}

// inlined copies the definition of a CTE to its readers.
func inlined(c *Context, n plan.Node, id int, def plan.Node) plan.Node {
	return plan.MapPlan(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.CTE:
			if n.ID == id {
				return n.Body
			}
		case *plan.CTERef:
			if n.ID == id {
				copied, renamed, _ := plan.Copy(def, c.Symbols)
				cols := make([]plan.Assignment, len(n.Symbols))
				for i, s := range n.Symbols {
					was := def.Outputs()[i]
					if renamed[was] != nil {
						was = renamed[was]
					}
					cols[i] = plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: was}}
				}
				return &plan.Project{Source: copied, Cols: cols}
			}
		}
		return n
	})
}

// repeatable holds for nodes that give the same rows when they are computed again, and that can be copied.
func repeatable(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan, *plan.Values, *plan.Filter, *plan.Project, *plan.Distinct, *plan.SetOp, *plan.Join, *plan.CTERef:
	case *plan.Unnest:
	case *plan.Aggregate:
		for _, a := range n.Aggs {
			if f := functions.Lookup(a.Variant); f == nil || f.OrderSensitive {
				return false
			}
		}
	default: // of windows and limits it is open which rows they number or keep
		return false
	}
	for _, e := range plan.NodeExprs(n) {
		if !deterministic(e) {
			return false
		}
	}
	return true
}
