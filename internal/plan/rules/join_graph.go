package rules

import (
	"math/bits"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// relations is a set of the leaves of a join graph, as bits.
type relations uint64

// maxRelations is how many leaves a join graph can have.
const maxRelations = 64

func (s relations) count() int { return bits.OnesCount64(uint64(s)) }

// joinGraph is a cluster of joins: relations and the conditions between them.
type joinGraph struct {
	leaves  []leaf
	classes []class
	conds   []condition
	// renamed maps symbols of projections inside the cluster to what they stand for.
	renamed map[*plan.Symbol]plan.Expr
}

// leaf is a relation of a cluster.
type leaf struct {
	node plan.Node
	// drop, when not nil, is the semi or anti join whose right side this is. It can take place once all of needs have
	// been joined.
	drop  *plan.Join
	needs relations
}

// class is a set of columns, of one relation each, that the joins make equal.
type class struct {
	on      relations
	members []*plan.Symbol
	at      []int // the leaf of each member
}

// condition is another conjunct and the relations that it reads.
type condition struct {
	expr plan.Expr
	on   relations
}

// joinTree is an order: two subtrees, or a leaf.
type joinTree struct {
	leaf        int
	left, right *joinTree
	set         relations
}

// newJoinGraph flattens a tree of joins; leaf rewrites what is not part of it.
func newJoinGraph(root *plan.Join, rewriteLeaf func(plan.Node) plan.Node) *joinGraph {
	g := &joinGraph{renamed: map[*plan.Symbol]plan.Expr{}}
	var exprs []plan.Expr
	var drops []*plan.Join
	var flatten func(plan.Node)
	flatten = func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Project:
			if g.seesThrough(n) {
				flatten(n.Source)
				return
			}
		case *plan.Join:
			switch {
			case isInner(n):
				flatten(n.Left)
				flatten(n.Right)
				for _, q := range n.Equi {
					exprs = append(exprs, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
				}
				exprs = append(exprs, plan.Conjuncts(n.Filter)...)
				return
			case inCluster(n):
				flatten(n.Left)
				drops = append(drops, n)
				return
			}
		}
		g.leaves = append(g.leaves, leaf{node: rewriteLeaf(n)})
	}
	flatten(root)
	owner := map[*plan.Symbol]int{}
	for i, l := range g.leaves {
		for _, s := range l.node.Outputs() {
			owner[s] = i
		}
	}
	for _, e := range exprs {
		g.add(substituteAll(e, g.renamed), owner)
	}
	for _, d := range drops {
		g.addDrop(d, owner, rewriteLeaf)
	}
	return g
}

// seesThrough looks at a projection between joins. One that only picks and renames columns does not separate them.
func (g *joinGraph) seesThrough(n *plan.Project) bool {
	if j, ok := n.Source.(*plan.Join); !ok || !inCluster(j) {
		if p, ok := n.Source.(*plan.Project); !ok || !onlyReads(p) {
			return false
		}
	}
	if !onlyReads(n) {
		return false
	}
	for _, a := range n.Cols {
		if r := a.Expr.(*plan.Ref); r.Sym != a.Sym {
			g.renamed[a.Sym] = r
		}
	}
	return true
}

// substituteAll replaces symbols until none is left that has a replacement.
func substituteAll(e plan.Expr, by map[*plan.Symbol]plan.Expr) plan.Expr {
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		if r, ok := e.(*plan.Ref); ok {
			if x, ok := by[r.Sym]; ok {
				return substituteAll(x, by)
			}
		}
		if sub := plan.Subplan(e); sub != nil {
			return plan.WithSubplan(e, substitutePlan(sub, by))
		}
		return e
	})
}

// add sorts a conjunct in: an equality of two columns joins a class.
func (g *joinGraph) add(e plan.Expr, owner map[*plan.Symbol]int) {
	if c, ok := e.(*plan.Compare); ok && c.Op == plan.Eq {
		l, lok := c.Left.(*plan.Ref)
		r, rok := c.Right.(*plan.Ref)
		if lok && rok {
			_, lo := owner[l.Sym]
			_, ro := owner[r.Sym]
			if lo && ro && g.unite(l.Sym, r.Sym, owner) {
				return
			}
		}
	}
	g.conds = append(g.conds, condition{expr: e, on: readBy(e, owner)})
}

func readBy(e plan.Expr, owner map[*plan.Symbol]int) (on relations) {
	plan.FreeSymbols(e, func(s *plan.Symbol) {
		if i, ok := owner[s]; ok {
			on |= 1 << i
		}
	})
	return on
}

// unite makes two columns members of one class; false when the class would have two columns of one relation, or columns of
// different types.
func (g *joinGraph) unite(a, b *plan.Symbol, owner map[*plan.Symbol]int) bool {
	if !a.Type.Equal(b.Type) || owner[a] == owner[b] {
		return false
	}
	ca, cb := g.classOf(a, owner), g.classOf(b, owner)
	if ca == cb {
		return true
	}
	if g.classes[ca].on&g.classes[cb].on != 0 {
		return false
	}
	x, y := &g.classes[ca], &g.classes[cb]
	x.on |= y.on
	x.members, x.at = append(x.members, y.members...), append(x.at, y.at...)
	g.classes = append(g.classes[:cb], g.classes[cb+1:]...)
	return true
}

// classOf returns the class of a column, making one if there is none.
func (g *joinGraph) classOf(s *plan.Symbol, owner map[*plan.Symbol]int) int {
	for i, c := range g.classes {
		if slices.Contains(c.members, s) {
			return i
		}
	}
	i := owner[s]
	g.classes = append(g.classes, class{on: 1 << i, members: []*plan.Symbol{s}, at: []int{i}})
	return len(g.classes) - 1
}

// addDrop adds a semi or anti join as a leaf of its own.
func (g *joinGraph) addDrop(d *plan.Join, owner map[*plan.Symbol]int, rewriteLeaf func(plan.Node) plan.Node) {
	c := *d
	c.Right = rewriteLeaf(d.Right)
	c.Equi = nil
	l := leaf{node: c.Right, drop: &c}
	for _, q := range d.Equi {
		q.Left = substituteAll(q.Left, g.renamed)
		c.Equi = append(c.Equi, q)
		l.needs |= readBy(q.Left, owner)
	}
	if d.Filter != nil {
		c.Filter = substituteAll(d.Filter, g.renamed)
		l.needs |= readBy(c.Filter, owner)
	}
	if l.needs == 0 {
		l.needs = 1
	}
	g.leaves = append(g.leaves, l)
}

// drops are the leaves that are right sides of semi and anti joins.
func (g *joinGraph) drops() (s relations) {
	for i, l := range g.leaves {
		if l.drop != nil {
			s |= 1 << i
		}
	}
	return s
}

// linked reports whether a condition links two sets of relations.
func (g *joinGraph) linked(a, b relations) bool {
	for i := range g.classes {
		if on := g.classes[i].on; on&a != 0 && on&b != 0 {
			return true
		}
	}
	for i := range g.conds {
		if on := g.conds[i].on; on&^(a|b) == 0 && on&a != 0 && on&b != 0 {
			return true
		}
	}
	return false
}

// inOrder joins the relations in the order in which they were written, except that one which is connected to those before
// goes ahead of one which is not. What drops rows does so as early as it can.
func (g *joinGraph) inOrder() *joinTree {
	t := &joinTree{set: 1}
	for range g.leaves[1:] {
		i := g.next(t.set)
		t = &joinTree{left: t, right: &joinTree{leaf: i, set: 1 << i}, set: t.set | 1<<i}
	}
	return t
}

// next is the relation to join to a set next.
func (g *joinGraph) next(done relations) int {
	first, linked := -1, -1
	for i, l := range g.leaves {
		switch {
		case done&(1<<i) != 0:
		case l.drop != nil:
			if l.needs&^done == 0 {
				return i
			}
		case linked < 0 && g.linked(done, 1<<i):
			linked = i
		case first < 0:
			first = i
		}
	}
	if linked >= 0 {
		return linked
	}
	return first
}

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

func (g *joinGraph) join(t *joinTree) plan.Node {
	if t.left == nil {
		return g.leaves[t.leaf].node
	}
	left := g.join(t.left)
	if t.right.left == nil {
		if d := g.leaves[t.right.leaf].drop; d != nil {
			c := *d
			c.Left = left
			return &c
		}
	}
	return g.link(left, g.join(t.right), t.left.set, t.right.set)
}

// link joins two plans over disjoint sets of relations by the conditions between them.
func (g *joinGraph) link(left, right plan.Node, ls, rs relations) *plan.Join {
	j := &plan.Join{Type: plan.Cross, Left: left, Right: right}
	for i := range g.classes {
		c := &g.classes[i]
		if c.on&ls == 0 || c.on&rs == 0 {
			continue
		}
		var q plan.EquiClause
		for k, m := range c.members {
			switch {
			case q.Left == nil && ls&(1<<c.at[k]) != 0:
				q.Left = &plan.Ref{Sym: m}
			case q.Right == nil && rs&(1<<c.at[k]) != 0:
				q.Right = &plan.Ref{Sym: m}
			}
		}
		j.Equi = append(j.Equi, q)
	}
	var cond []plan.Expr
	for _, x := range g.conds {
		if x.on&^(ls|rs) == 0 && x.on&ls != 0 && x.on&rs != 0 {
			cond = append(cond, x.expr)
		}
	}
	if len(cond) > 0 {
		equi, rest := equiClauses(cond, outputsOf(left), outputsOf(right))
		j.Equi, j.Filter = append(j.Equi, equi...), filterOf(rest)
	}
	if len(j.Equi) > 0 || j.Filter != nil {
		j.Type = plan.Inner
	}
	return j
}
