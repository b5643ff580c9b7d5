package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// plan makes the joins of a tree. It adds the conjuncts that no join took (those that read a single relation, or none)
// and restores the columns.
func (g *joinGraph) plan(t *joinTree, outputs []*plan.Symbol) plan.Node {
	n := g.join(t)
	var rest []plan.Expr
	for _, c := range g.conds {
		if c.on.count() < 2 {
			rest = append(rest, c.expr)
		}
	}
	n = filtered(n, rest)
	if sameSymbols(n.Outputs(), outputs) {
		return n
	}
	p := &plan.Project{Source: n}
	for _, s := range outputs {
		p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: substituteAll(&plan.Ref{Sym: s}, g.renamed)})
	}
	return p
}

// join makes the joins of a subtree, each with the conjuncts that can be evaluated there first: those of an inner join are its
// condition, those above an outer one a filter.
func (g *joinGraph) join(t *joinTree) plan.Node {
	if t.left == nil {
		return g.leaves[t.leaf]
	}
	left, right := g.join(t.left), g.join(t.right)
	var conds []plan.Expr
	for _, c := range g.conds {
		if c.on.crosses(t.left.set, t.right.set) {
			conds = append(conds, c.expr)
		}
	}
	if t.op == nil {
		return g.link(left, right, t.left.set, t.right.set, conds)
	}
	c := *t.op.join
	c.Left, c.Right = left, right
	return filtered(&c, conds)
}

// link joins two plans over disjoint sets of relations by the equalities and conditions between them.
func (g *joinGraph) link(left, right plan.Node, ls, rs relations, conds []plan.Expr) *plan.Join {
	j := &plan.Join{Type: plan.Cross, Left: left, Right: right}
	for i := range g.classes {
		c := &g.classes[i]
		if !c.on.meets(ls) || !c.on.meets(rs) {
			continue
		}
		var q plan.EquiClause
		for k, m := range c.members {
			switch {
			case q.Left == nil && ls.meets(1<<c.at[k]):
				q.Left = &plan.Ref{Sym: m}
			case q.Right == nil && rs.meets(1<<c.at[k]):
				q.Right = &plan.Ref{Sym: m}
			}
		}
		j.Equi = append(j.Equi, q)
	}
	equi, rest := equiClauses(conds, outputsOf(left), outputsOf(right))
	j.Equi, j.Filter = append(j.Equi, equi...), filterOf(rest)
	if len(j.Equi) > 0 || j.Filter != nil {
		j.Type = plan.Inner
	}
	return j
}
