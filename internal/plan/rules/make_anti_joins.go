package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// makeAntiJoins makes anti joins of left joins of which only the rows without a match are wanted (LEFT JOIN … WHERE right.key IS NULL): a
// key that has been equal to something is not NULL, so where it is, there was no match. No column of the right side then has to
// travel.
func makeAntiJoins(c *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		j, ok := f.Source.(*plan.Join)
		if !ok || j.Type != plan.Left || len(plan.Subplans(j)) > 0 {
			return n
		}
		var rest []plan.Expr
		unmatched := false
		for _, p := range plan.Conjuncts(f.Pred) {
			if missing(j, p) {
				unmatched = true
			} else {
				rest = append(rest, p)
			}
		}
		if !unmatched {
			return n
		}
		// The columns of the right side are made above it, as NULL: what is below has others.
		right, renamed, ok := plan.Copy(j.Right, c.Symbols)
		if !ok {
			return n
		}
		by := map[*plan.Symbol]plan.Expr{}
		for s, x := range renamed {
			by[s] = &plan.Ref{Sym: x}
		}
		anti := &plan.Join{Type: plan.Anti, Left: j.Left, Right: right, Distribution: j.Distribution}
		for _, q := range j.Equi {
			anti.Equi = append(anti.Equi, plan.EquiClause{Left: q.Left, Right: substitute(q.Right, by)})
		}
		if j.Filter != nil {
			anti.Filter = substitute(j.Filter, by)
		}
		cols := identity(j.Left.Outputs())
		for _, s := range j.Right.Outputs() {
			cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Const{Typ: s.Type}})
		}
		return filtered(&plan.Project{Source: anti, Cols: cols}, rest)
	})
}

// missing reports whether a condition says that a column of a left join's right side is NULL that its rows are joined by.
func missing(j *plan.Join, p plan.Expr) bool {
	is, ok := p.(*plan.IsNull)
	if !ok {
		return false
	}
	r, ok := is.Arg.(*plan.Ref)
	return ok && slices.ContainsFunc(j.Equi, func(q plan.EquiClause) bool {
		key, ok := q.Right.(*plan.Ref)
		return ok && key.Sym == r.Sym
	})
}
