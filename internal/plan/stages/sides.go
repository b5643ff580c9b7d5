package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// sidesOfRanges reports whether the part of a plan above its exchanges reads ranges of tables and has, by the estimates, the smaller side of each of
// its joins on the right. DuckDB takes the side that it believes to have fewer rows, and of a range it knows nothing: in query 18 of TPC-H
// it keeps lineitem in memory instead of the few orders that are left, with three times the processor time and memory.
func sidesOfRanges(root plan.Node, est *stats.Estimator) bool {
	ranges, joins, right := false, false, true
	plan.Walk(root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Exchange:
			return n == root
		case *plan.Scan:
			ranges = ranges || n.Ranges != nil
		case *plan.Join:
			_, probe := est.Estimate(n.Left)
			_, build := est.Estimate(n.Right)
			joins, right = true, right && build >= 0 && build <= probe
		}
		return right
	})
	return ranges && joins && right
}
