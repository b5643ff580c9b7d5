package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// reorderJoins orders the relations of each cluster of inner joins so that little data moves, and finds the place for the semi
// and anti joins above it, which drop rows. The smaller side of each join becomes the right, the one that is sent around.
// join_graph.go describes a cluster, join_order.go searches.
//
// A right join becomes a left join, whose right side may be sent to every task.
func reorderJoins(c *Context, n plan.Node) plan.Node {
	if c.JoinOrder == KeepJoinOrder {
		return n
	}
	r := &reorderer{c: c}
	return r.node(n)
}

type reorderer struct{ c *Context }

func (r *reorderer) node(n plan.Node) plan.Node {
	if j, ok := n.(*plan.Join); ok && inCluster(j) {
		return r.cluster(j)
	}
	n = rewriteSources(n, r.node)
	if j, ok := n.(*plan.Join); ok && j.Type == plan.Right {
		return mirrored(j)
	}
	return n
}

func isInner(j *plan.Join) bool { return j.Type == plan.Inner || j.Type == plan.Cross }

// inCluster holds for joins that can change places: inner joins, and those that only drop rows of the left side.
func inCluster(j *plan.Join) bool {
	return isInner(j) || j.Type == plan.Semi || j.Type == plan.Anti
}

// mirrored swaps the sides of a right join.
func mirrored(j *plan.Join) plan.Node {
	c := *j
	c.Type, c.Left, c.Right, c.Equi = plan.Left, j.Right, j.Left, nil
	for _, q := range j.Equi {
		c.Equi = append(c.Equi, plan.EquiClause{Left: q.Right, Right: q.Left})
	}
	return &plan.Project{Source: &c, Cols: identity(j.Outputs())}
}

// exhaustive is the number of relations up to which all orders are tried.
func (r *reorderer) exhaustive() int {
	if n := r.c.MaxReorderedJoins; n > 0 {
		return min(n+1, maxExhaustive)
	}
	return maxExhaustive
}

// cluster orders a tree of joins.
func (r *reorderer) cluster(j *plan.Join) plan.Node {
	g := newJoinGraph(j, r.node)
	if len(g.leaves) > maxRelations {
		return rewriteSources(j, r.node)
	}
	var t *joinTree
	switch {
	case r.c.JoinOrder != OrderByCost:
		t = g.inOrder()
	case len(g.leaves) <= r.exhaustive():
		t = newJoinSearch(g, r.c.Estimator).exhaustive()
	default:
		t = newJoinSearch(g, r.c.Estimator).greedy()
	}
	return g.plan(t, j.Outputs())
}
