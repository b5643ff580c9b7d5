package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// reorderJoins orders the relations of each cluster of joins so that little data moves: of inner joins, of the semi and anti joins among them,
// which drop rows, and of the outer joins that may change places with them. The smaller side of each inner join becomes the right, the one
// that is sent around.
//
// join_graph.go describes a cluster, join_conflicts.go says what may change places, join_order.go looks for the best order, and
// join_build.go makes the plan of it. Right joins become left joins, whose right side may be sent to every task.
func reorderJoins(c *Context, n plan.Node) plan.Node {
	if c.JoinOrder == KeepJoinOrder {
		return n
	}
	r := &reorderer{c: c}
	return r.node(n)
}

type reorderer struct{ c *Context }

// outer reports whether outer joins are reordered: not where the order follows the text.
func (r *reorderer) outer() bool { return r.c.JoinOrder == OrderByCost }

func (r *reorderer) node(n plan.Node) plan.Node {
	if j, ok := n.(*plan.Join); ok && opens(j, r.outer(), nil) {
		return r.cluster(j)
	}
	n = rewriteSources(n, r.node)
	if j, ok := n.(*plan.Join); ok && j.Type == plan.Right {
		return &plan.Project{Source: mirrored(j), Cols: identity(j.Outputs())}
	}
	return n
}

// mirrored is a right join as a left join, with its columns in another order.
func mirrored(j *plan.Join) *plan.Join {
	c := *j
	c.Type, c.Left, c.Right, c.Equi = plan.Left, j.Right, j.Left, nil
	for _, q := range j.Equi {
		c.Equi = append(c.Equi, plan.EquiClause{Left: q.Right, Right: q.Left})
	}
	return &c
}

// most is the number of relations up to which all orders are compared.
func (c *Context) most() int {
	if c.MaxReorderedJoins > 0 {
		return min(c.MaxReorderedJoins, maxRelations) + 1
	}
	return maxRelations
}

// cluster orders a tree of joins.
func (r *reorderer) cluster(j *plan.Join) plan.Node {
	g := newJoinGraph(j, r.outer(), r.node)
	switch {
	case g == nil:
		return rewriteSources(j, r.node)
	case r.c.JoinOrder != OrderByCost:
		return g.plan(g.inOrder(), j.Outputs())
	}
	return g.plan(newJoinSearch(g, r.c.Estimator).find(r.c.most()), j.Outputs())
}
