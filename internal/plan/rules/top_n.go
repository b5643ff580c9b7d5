package rules

import "github.com/waterbear-sql/waterbear/internal/plan"

// maxTopN is the largest count for which keeping the first rows beats sorting all.
const maxTopN = 1_000_000

// makeTopN merges a limit with the sort below it, through projections.
func makeTopN(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.Count < 0 || l.Offset != 0 || l.WithTies != nil || l.Count > maxTopN {
			return n
		}
		switch src := l.Source.(type) {
		case *plan.Sort:
			return &plan.TopN{Source: src.Source, Keys: src.Keys, Count: l.Count}
		case *plan.Project:
			if s, ok := src.Source.(*plan.Sort); ok {
				return &plan.Project{Source: &plan.TopN{Source: s.Source, Keys: s.Keys, Count: l.Count}, Cols: src.Cols}
			}
		}
		return n
	})
}
