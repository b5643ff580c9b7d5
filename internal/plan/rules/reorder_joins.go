package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// maxExhaustive is the number of relations up to which all orders are tried (3^n steps); larger clusters are ordered
// greedily.
const maxExhaustive = 9

// reorderJoins orders the relations of each cluster of inner joins so that the intermediate results are small: by dynamic
// programming over connected subsets (Moerkotte and Neumann, 2006, in its simple form over all subsets), greedily for large
// clusters. The smaller side of each join becomes the right, the one that is built or sent around.
func reorderJoins(c *Context, n plan.Node) plan.Node {
	if c.JoinOrder == KeepJoinOrder {
		return n
	}
	r := &reorderer{c: c}
	return r.node(n)
}

type reorderer struct{ c *Context }

func (r *reorderer) node(n plan.Node) plan.Node {
	if j, ok := n.(*plan.Join); ok && isInner(j) {
		return r.cluster(j)
	}
	n = rewriteSources(n, r.node)
	n = rewriteSubplans(n, r.node)
	if j, ok := n.(*plan.Join); ok {
		return r.outer(j)
	}
	return n
}

func isInner(j *plan.Join) bool { return j.Type == plan.Inner || j.Type == plan.Cross }

// outer swaps the sides of a left join when its left side is much the smaller: the right side is the one to be built.
func (r *reorderer) outer(j *plan.Join) plan.Node {
	if j.Type != plan.Left || len(j.Equi) == 0 || r.c.JoinOrder != OrderByCost {
		return j
	}
	if r.c.Estimator.Rows(j.Left)*2 >= r.c.Estimator.Rows(j.Right) {
		return j
	}
	c := *j
	c.Type, c.Left, c.Right = plan.Right, j.Right, j.Left
	c.Equi = nil
	for _, q := range j.Equi {
		c.Equi = append(c.Equi, plan.EquiClause{Left: q.Right, Right: q.Left})
	}
	return &plan.Project{Source: &c, Cols: identity(j.Outputs())}
}

// cluster orders a tree of inner joins.
func (r *reorderer) cluster(j *plan.Join) plan.Node {
	g := &joinGraph{est: r.c.Estimator}
	g.collect(j, r.node)
	if r.c.JoinOrder != OrderByCost || len(g.leaves) > 64 {
		return g.tree(g.inOrder(), j.Outputs())
	}
	var best plan.Node
	if len(g.leaves) <= maxExhaustive {
		best = g.exhaustive()
	} else {
		best = g.greedy()
	}
	return g.tree(best, j.Outputs())
}

// joinGraph is a cluster of inner joins: relations and the conjuncts between them.
type joinGraph struct {
	est    *stats.Estimator
	leaves []plan.Node
	conds  []condition
}

// condition is a conjunct and the relations that it reads, as bits.
type condition struct {
	expr plan.Expr
	on   uint64
}

// collect flattens a tree of inner joins.
func (g *joinGraph) collect(n plan.Node, leaf func(plan.Node) plan.Node) {
	var exprs []plan.Expr
	var flatten func(plan.Node)
	flatten = func(n plan.Node) {
		j, ok := n.(*plan.Join)
		if !ok || !isInner(j) {
			g.leaves = append(g.leaves, leaf(n))
			return
		}
		flatten(j.Left)
		flatten(j.Right)
		for _, q := range j.Equi {
			exprs = append(exprs, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
		}
		exprs = append(exprs, plan.Conjuncts(j.Filter)...)
	}
	flatten(n)
	outputs := make([]symbolSet, len(g.leaves))
	for i, l := range g.leaves {
		outputs[i] = outputsOf(l)
	}
	for _, e := range exprs {
		c := condition{expr: e}
		for i := range g.leaves {
			if !outputs[i].disjoint(e) {
				c.on |= 1 << i
			}
		}
		g.conds = append(g.conds, c)
	}
}

// candidate is a join tree over a subset of the relations.
type candidate struct {
	node plan.Node
	rows float64
	cost float64 // rows of all intermediate results
}

// join combines two disjoint subsets.
func (g *joinGraph) join(a, b candidate, as, bs uint64) candidate {
	if a.rows < b.rows {
		a, b, as, bs = b, a, bs, as
	}
	j := g.link(a.node, b.node, as, bs)
	rows := g.est.Rows(j)
	// A result costs what it holds; building the right side costs as much again.
	return candidate{node: j, rows: rows, cost: a.cost + b.cost + rows + b.rows}
}

// exhaustive finds the cheapest tree over all subsets. Cross products are considered only where nothing is connected.
func (g *joinGraph) exhaustive() plan.Node {
	n := len(g.leaves)
	best := make([]*candidate, 1<<n)
	for i, l := range g.leaves {
		best[1<<i] = &candidate{node: l, rows: g.est.Rows(l)}
	}
	for set := uint64(1); set < 1<<n; set++ {
		if best[set] != nil {
			continue
		}
		best[set] = g.cheapest(best, set, g.linked)
		if best[set] == nil {
			best[set] = g.cheapest(best, set, func(uint64, uint64) bool { return true })
		}
	}
	return best[1<<n-1].node
}

// cheapest tries all divisions of a set in two that eligible admits; nil when there is none.
func (g *joinGraph) cheapest(best []*candidate, set uint64, eligible func(a, b uint64) bool) *candidate {
	var found *candidate
	for sub := (set - 1) & set; sub > set&^sub; sub = (sub - 1) & set {
		other := set &^ sub
		if best[sub] == nil || best[other] == nil || !eligible(sub, other) {
			continue
		}
		if c := g.join(*best[sub], *best[other], sub, other); found == nil || c.cost < found.cost {
			found = &c
		}
	}
	return found
}

// linked reports whether a conjunct links two sets of relations.
func (g *joinGraph) linked(a, b uint64) bool {
	for _, x := range g.conds {
		if x.on&^(a|b) == 0 && x.on&a != 0 && x.on&b != 0 {
			return true
		}
	}
	return false
}

// greedy joins, again and again, the pair whose result is smallest.
func (g *joinGraph) greedy() plan.Node {
	type part struct {
		candidate
		set uint64
	}
	var parts []part
	for i, l := range g.leaves {
		parts = append(parts, part{candidate{node: l, rows: g.est.Rows(l)}, 1 << i})
	}
	for len(parts) > 1 {
		bi, bj := 0, 1
		var best candidate
		bestLinked := false
		for i := range parts {
			for j := i + 1; j < len(parts); j++ {
				c := g.join(parts[i].candidate, parts[j].candidate, parts[i].set, parts[j].set)
				linked := g.linked(parts[i].set, parts[j].set)
				if best.node == nil || linked && !bestLinked || linked == bestLinked && c.rows < best.rows {
					bi, bj, best, bestLinked = i, j, c, linked
				}
			}
		}
		parts[bi] = part{best, parts[bi].set | parts[bj].set}
		parts = append(parts[:bj], parts[bj+1:]...)
	}
	return parts[0].node
}

// inOrder joins the relations in the order in which they were written, except that one which is connected to those before
// goes ahead of one which is not.
func (g *joinGraph) inOrder() plan.Node {
	n, done := g.leaves[0], uint64(1)
	for range g.leaves[1:] {
		i := g.next(done)
		n = g.link(n, g.leaves[i], done, 1<<i)
		done |= 1 << i
	}
	return n
}

// next is the first relation not in the set that is connected to it, or else the first that is not in it.
func (g *joinGraph) next(done uint64) int {
	first := -1
	for i := range g.leaves {
		if done&(1<<i) != 0 {
			continue
		}
		if g.linked(done, 1<<i) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// link joins two plans over disjoint sets of relations by the conjuncts between them.
func (g *joinGraph) link(left, right plan.Node, ls, rs uint64) *plan.Join {
	j := &plan.Join{Type: plan.Cross, Left: left, Right: right}
	var cond []plan.Expr
	for _, x := range g.conds {
		if x.on&^(ls|rs) == 0 && x.on&ls != 0 && x.on&rs != 0 {
			cond = append(cond, x.expr)
		}
	}
	j.Equi, cond = equiClauses(cond, outputsOf(left), outputsOf(right))
	j.Filter = filterOf(cond)
	if len(j.Equi) > 0 || j.Filter != nil {
		j.Type = plan.Inner
	}
	return j
}

// tree adds the conjuncts that no join took (those that read a single relation, or none) and restores the order of
// the columns.
func (g *joinGraph) tree(n plan.Node, outputs []*plan.Symbol) plan.Node {
	var rest []plan.Expr
	for _, c := range g.conds {
		if c.on&(c.on-1) == 0 {
			rest = append(rest, c.expr)
		}
	}
	n = filtered(n, rest)
	have := n.Outputs()
	for i := range have {
		if have[i] != outputs[i] {
			return &plan.Project{Source: n, Cols: identity(outputs)}
		}
	}
	return n
}
