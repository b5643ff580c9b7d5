package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// factorDisjunctions takes what all alternatives of an OR have in common out of it, (a AND b) OR (a AND c) becomes a AND (b OR
// c), in the conditions of filters and joins: the common part may be a join's equality.
func factorDisjunctions(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Filter:
			if p, ok := factorAll(n.Pred); ok {
				return &plan.Filter{Source: n.Source, Pred: p}
			}
		case *plan.Join:
			if n.Filter == nil {
				return n
			}
			if p, ok := factorAll(n.Filter); ok {
				c := *n
				c.Filter = p
				return &c
			}
		}
		return n
	})
}

// factorAll factors the conjuncts of a condition; ok is false when nothing changes.
func factorAll(e plan.Expr) (plan.Expr, bool) {
	var out []plan.Expr
	changed := false
	for _, t := range plan.Conjuncts(e) {
		if or, ok := t.(*plan.Logical); ok && or.Or {
			if common, rest, ok := factor(or); ok {
				changed = true
				out = append(out, common...)
				if rest != nil {
					out = append(out, rest)
				}
				continue
			}
		}
		out = append(out, t)
	}
	return plan.And(out...), changed
}

// factor splits a disjunction into the conjuncts that every term has, and what remains of it, which is nil when one of the
// terms has no more than those.
func factor(or *plan.Logical) (common []plan.Expr, rest plan.Expr, ok bool) {
	terms := make([][]plan.Expr, len(or.Terms))
	for i, t := range or.Terms {
		terms[i] = plan.Conjuncts(t)
	}
	for _, e := range terms[0] {
		if !deterministic(e) || hasSubplan(e) {
			continue
		}
		everywhere := true
		for _, t := range terms[1:] {
			everywhere = everywhere && position(t, e) >= 0
		}
		if everywhere {
			common = append(common, e)
		}
	}
	if len(common) == 0 {
		return nil, nil, false
	}
	alternatives := &plan.Logical{Or: true}
	for _, t := range terms {
		var left []plan.Expr
		for _, e := range t {
			if position(common, e) < 0 {
				left = append(left, e)
			}
		}
		if len(left) == 0 {
			return common, nil, true
		}
		alternatives.Terms = append(alternatives.Terms, plan.And(left...))
	}
	return common, alternatives, true
}

func position(list []plan.Expr, e plan.Expr) int {
	for i, x := range list {
		if plan.EqualExpr(x, e) {
			return i
		}
	}
	return -1
}

// implied derives from disjunctions what they say about some columns alone: (a = 1 AND b = 2) OR (a = 3 AND b = 4) implies
// a = 1 OR a = 3.
func implied(conds []plan.Expr, symbols symbolSet) []plan.Expr {
	var out []plan.Expr
	for _, e := range conds {
		or, ok := e.(*plan.Logical)
		if !ok || !or.Or || symbols.disjoint(e) || symbols.covers(e) {
			continue
		}
		weaker := &plan.Logical{Or: true}
		for _, t := range or.Terms {
			own, _ := split(plan.Conjuncts(t), symbols)
			if len(own) == 0 {
				weaker = nil
				break
			}
			weaker.Terms = append(weaker.Terms, plan.And(own...))
		}
		if weaker != nil {
			out = append(out, weaker)
		}
	}
	return out
}
