package rules

import "github.com/waterbear-sql/waterbear/internal/plan"

// work estimates, in bytes, what a plan reads of tables, what its nodes that are more than a pass over rows take in, and what CTEs write and
// their readers read. It is a measure for comparing ways to say the same, and has no meaning of its own.
func work(c *Context, n plan.Node) float64 {
	total := 0.0
	bytes := func(n plan.Node) float64 {
		_, b := c.Estimator.Estimate(n)
		return max(b, 0)
	}
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			total += c.Estimator.ScanBytes(n)
		case *plan.CTE:
			c.Estimator.Rows(n) // what its readers read is known from here on
			total += bytes(n.Def)
		case *plan.CTERef:
			total += bytes(n)
		case *plan.Filter, *plan.Project, *plan.Output, *plan.Limit, *plan.Unnest, *plan.Sample, *plan.Write:
		default:
			for _, s := range n.Sources() {
				total += bytes(s)
			}
		}
		return true
	})
	return total
}
