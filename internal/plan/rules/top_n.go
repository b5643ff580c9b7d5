package rules

import "github.com/waterbear-sql/waterbear/internal/plan"

// maxTopN is the largest count for which keeping the first rows beats sorting all.
const maxTopN = 1_000_000

// makeTopN merges a limit with the sort below it, through projections. With an offset the first rows are sorted again, for the
// limit to skip some: an operator's output is not in order unless a sort says so.
func makeTopN(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.Count < 0 || l.WithTies != nil || l.Count > maxTopN || l.Offset > maxTopN {
			return n
		}
		switch src := l.Source.(type) {
		case *plan.Sort:
			return firstOf(src, l)
		case *plan.Project:
			if s, ok := src.Source.(*plan.Sort); ok {
				return &plan.Project{Source: firstOf(s, l), Cols: src.Cols}
			}
		}
		return n
	})
}

func firstOf(s *plan.Sort, l *plan.Limit) plan.Node {
	top := &plan.TopN{Source: s.Source, Keys: s.Keys, Count: l.Count + l.Offset}
	if l.Offset == 0 {
		return top
	}
	return &plan.Limit{Source: &plan.Sort{Source: top, Keys: s.Keys}, Count: l.Count, Offset: l.Offset}
}
