package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// inferred carries conditions over from one side of an equality to the other: with a = b, a > 5 means b > 5. from has the
// conjuncts of the one side, to those that the other side has already; flip says that from is of the right side.
func inferred(equi []plan.EquiClause, from, to []plan.Expr, flip bool) []plan.Expr {
	var out []plan.Expr
	for _, q := range equi {
		l, lok := q.Left.(*plan.Ref)
		r, rok := q.Right.(*plan.Ref)
		if !lok || !rok || !l.Sym.Type.Equal(r.Sym.Type) {
			continue
		}
		if flip {
			l, r = r, l
		}
		only := symbolSet{l.Sym: true}
		for _, p := range from {
			if only.disjoint(p) || !only.covers(p) || !deterministic(p) || hasSubplan(p) {
				continue
			}
			p = substitute(p, map[*plan.Symbol]plan.Expr{l.Sym: r})
			if position(to, p) < 0 && position(out, p) < 0 {
				out = append(out, p)
			}
		}
	}
	return out
}
