package rules

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func noStatistics(*plan.Scan) (connector.Statistics, bool) { return connector.Statistics{}, false }

// randomJoins makes a tree of joins of all kinds over n relations: equalities, conditions that do not reject NULLs, such over three relations,
// filters and renaming projections between joins. taken counts the relations that have been made.
type randomJoins struct {
	r     *rand.Rand
	taken int
}

func (g *randomJoins) tree(n int) plan.Node {
	if n == 1 {
		g.taken++
		return randomRelation(g.r, fmt.Sprint("r", g.taken, "_"), g.r.IntN(4))
	}
	k := 1 + g.r.IntN(n-1)
	left, right := g.tree(k), g.tree(n-k)
	t := []plan.JoinType{plan.Inner, plan.Inner, plan.Inner, plan.Left, plan.Left, plan.Left, plan.Right, plan.Full, plan.Semi, plan.Anti}[g.r.IntN(10)]
	j := &plan.Join{Type: t, Left: left, Right: right}
	for range 1 + g.r.IntN(2) {
		l, r := g.column(left), g.column(right)
		switch g.r.IntN(8) {
		case 0:
			j.Filter = plan.And(j.Filter, lax(l, r, []plan.Expr{l, r}[g.r.IntN(2)]))
		case 1:
			j.Filter = plan.And(j.Filter, &plan.Compare{Op: plan.Lt, Left: l, Right: r})
		case 2:
			j.Filter = plan.And(j.Filter, equal(sum(g.column(left), l), r))
		case 3:
			j.Filter = plan.And(j.Filter, equal(sum(l, r), g.column(left)))
		default:
			j.Equi = append(j.Equi, plan.EquiClause{Left: l, Right: r})
		}
	}
	if len(plan.Conjuncts(j.Filter)) == 0 {
		j.Filter = nil
	}
	if j.Type == plan.Inner && g.r.IntN(8) == 0 {
		j = &plan.Join{Type: plan.Cross, Left: left, Right: right}
	}
	switch g.r.IntN(8) {
	case 0:
		if g.r.IntN(3) == 0 {
			return &plan.Filter{Source: j, Pred: equal(g.column(j), g.column(j))}
		}
		return &plan.Filter{Source: j, Pred: lax(g.column(j), g.column(j), g.column(j))}
	case 1:
		p := &plan.Project{Source: j}
		for _, s := range j.Outputs() {
			p.Cols = append(p.Cols, plan.Assignment{Sym: &plan.Symbol{Name: s.Name + "'", Type: s.Type}, Expr: &plan.Ref{Sym: s}})
		}
		return p
	}
	return j
}

func (g *randomJoins) column(n plan.Node) plan.Expr { return column(n, g.r.IntN(len(n.Outputs()))) }

func sum(l, r plan.Expr) plan.Expr {
	return &plan.Call{Name: "$add", Variant: "$add(bigint, bigint)", Args: []plan.Expr{l, r}, Typ: types.Of(types.BigInt)}
}

// orders makes random trees of a graph: any pair of parts that may be joined.
type orders struct {
	g     *joinGraph
	edges []hyperedge
	found map[relations][]*joinTree
}

// of lists trees over a set: all of them, or some where they are many.
func (o *orders) of(set relations) []*joinTree {
	if trees, ok := o.found[set]; ok {
		return trees
	}
	var out []*joinTree
	if set.count() == 1 {
		out = append(out, leafTree(set.index()))
	}
	for a := (set - 1) & set; a != 0; a = (a - 1) & set {
		b := set &^ a
		if a < b {
			continue
		}
		op, swapped, ok := o.g.cut(a, b)
		if !ok || !o.linked(a, b) {
			continue
		}
		if swapped {
			a, b = b, a
		}
		for i, l := range o.of(a) {
			for k, r := range o.of(b) {
				if len(out) < 40 || (i+k)%3 == 0 && len(out) < 120 {
					out = append(out, &joinTree{left: l, right: r, op: op, set: set})
				}
			}
		}
		if swapped {
			a = b
		}
	}
	o.found[set] = out
	return out
}

// cheapest tries all divisions of all sets.
func (o *orders) cheapest(s *joinSearch) *candidate {
	n := len(o.g.leaves)
	best := make([]*candidate, 1<<n)
	for set := relations(1); set < 1<<n; set++ {
		if set.count() == 1 {
			best[set] = s.start(set.index())
		}
		for a := (set - 1) & set; a != 0; a = (a - 1) & set {
			b := set &^ a
			op, swapped, ok := o.g.cut(a, b)
			if !ok || swapped || best[a] == nil || best[b] == nil || !o.linked(a, b) {
				continue
			}
			if c := s.join(best[a], best[b], op, s.size(best[a], best[b], op)); best[set] == nil || c.spent < best[set].spent {
				best[set] = c
			}
		}
	}
	return best[1<<n-1]
}

func (o *orders) linked(a, b relations) bool {
	for _, x := range o.edges {
		if x.a.in(a) && x.b.in(b) || x.a.in(b) && x.b.in(a) {
			return true
		}
	}
	return false
}

// allows reports whether the conflict rules leave an order.
func (g *joinGraph) allows(t *joinTree) bool {
	if t.left == nil {
		return true
	}
	op, swapped, ok := g.cut(t.left.set, t.right.set)
	return ok && !swapped && op == t.op && g.allows(t.left) && g.allows(t.right)
}

// TestEveryOrder executes random trees of joins in all orders that the conflict rules leave, cross joins among them. The answer must be that of
// the tree as it was written.
func TestEveryOrder(t *testing.T) {
	clusters, several, outers, hypers, executed := 0, 0, 0, 0, 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		g := &randomJoins{r: r}
		root, ok := g.tree(3 + r.IntN(3)).(*plan.Join)
		if !ok || !opens(root, true, nil) {
			continue
		}
		graph := newJoinGraph(root, true, asItIs)
		search := newJoinSearch(graph, stats.New(noStatistics))
		edges := append(search.small(), graph.edges()...)
		all := relations(1)<<len(graph.leaves) - 1
		trees := (&orders{graph, edges, map[relations][]*joinTree{}}).of(all)
		best, cheapest := search.enumerate(edges), (&orders{g: graph, edges: edges}).cheapest(search)
		if (best == nil) != (cheapest == nil) || best != nil && search.cost(best).cost() != cheapest.cost() {
			t.Fatalf("seed %d: the best order was not found\n%s", seed, plan.Print(root, plan.PrintOptions{}))
		}
		if !graph.allows(graph.written) {
			t.Fatalf("seed %d: the order as written is not allowed\n%s", seed, plan.Print(root, plan.PrintOptions{}))
		}
		want := answer(t, root)
		clusters++
		outer := false
		for i := range graph.ops {
			outer = outer || !graph.ops[i].drops()
		}
		if len(trees) > 1 {
			several++
			if outer {
				outers++
			}
			for _, c := range graph.conds {
				if c.on.count() > 2 {
					hypers++
					break
				}
			}
		}
		trees = append(trees, graph.written, search.find(9))
		if greedy := search.greedy(); greedy != nil {
			trees = append(trees, greedy)
		}
		for i, tree := range trees {
			if i > 30 && i%4 != 0 && i < len(trees)-3 {
				continue
			}
			executed++
			n := graph.plan(tree, root.Outputs())
			if err := plan.Check(n); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, plan.Print(n, plan.PrintOptions{}))
			}
			if got := answer(t, n); got != want {
				t.Fatalf("seed %d: %q, want %q\n%s\n%s", seed, got, want, plan.Print(n, plan.PrintOptions{}), plan.Print(root, plan.PrintOptions{}))
			}
		}
	}
	t.Logf("%d clusters, %d of them with several orders, %d with outer joins, %d with conditions over more than two relations; %d orders executed",
		clusters, several, outers, hypers, executed)
	if several < 500 || outers < 300 || hypers < 100 {
		t.Error("too few clusters can be reordered")
	}
}

// graphOf makes a graph of relations with the given numbers of rows and an edge for each pair.
func graphOf(rows []float64, pairs [][2]int) (*joinGraph, *stats.Estimator) {
	var root plan.Node
	sizes := map[plan.Node]float64{}
	var scans []plan.Node
	for i := range rows {
		scan := &plan.Scan{}
		for k := range rows { // a column for each other relation
			scan.Symbols = append(scan.Symbols, &plan.Symbol{Name: fmt.Sprintf("r%d_%d", i, k), Type: types.Of(types.BigInt)})
			scan.Table.Columns = append(scan.Table.Columns, connector.Column{Name: fmt.Sprint("c", k), Type: types.Of(types.BigInt)})
		}
		scans, sizes[scan] = append(scans, scan), rows[i]
		if root == nil {
			root = scan
			continue
		}
		j := &plan.Join{Type: plan.Cross, Left: root, Right: scan}
		for _, p := range pairs {
			if p[1] == i {
				j.Type = plan.Inner
				j.Equi = append(j.Equi, plan.EquiClause{Left: column(scans[p[0]], i), Right: column(scan, p[0])})
			}
		}
		root = j
	}
	est := stats.New(func(n *plan.Scan) (connector.Statistics, bool) { return connector.Statistics{Rows: sizes[n]}, true })
	return newJoinGraph(root.(*plan.Join), true, asItIs), est
}

// shapes are the usual graphs of n relations.
var shapes = []struct {
	name  string
	pairs func(n int) [][2]int
	count func(n int) int // pairs of connected parts with an edge between them (Moerkotte and Neumann 2006)
}{
	{"chain", func(n int) (out [][2]int) {
		for i := 1; i < n; i++ {
			out = append(out, [2]int{i - 1, i})
		}
		return out
	}, func(n int) int { return (n*n*n - n) / 6 }},
	{"star", func(n int) (out [][2]int) {
		for i := 1; i < n; i++ {
			out = append(out, [2]int{0, i})
		}
		return out
	}, func(n int) int { return (n - 1) << (n - 2) }},
	{"clique", func(n int) (out [][2]int) {
		for i := 1; i < n; i++ {
			for k := range i {
				out = append(out, [2]int{k, i})
			}
		}
		return out
	}, func(n int) int {
		three := 1
		for range n {
			three *= 3
		}
		return (three - 2<<n + 1) / 2
	}},
}

func sizedGraph(n int, pairs [][2]int) (*joinGraph, *stats.Estimator) {
	rows := make([]float64, n)
	for i := range rows {
		rows[i] = float64(int(1e8) >> i)
	}
	return graphOf(rows, pairs)
}

// TestPairs counts the pairs that are compared: each of those that there are, and none twice.
func TestPairs(t *testing.T) {
	for _, shape := range shapes {
		for n := 2; n <= 9; n++ {
			g, est := sizedGraph(n, shape.pairs(n))
			e := newJoinSearch(g, est).enumeration(g.edges())
			if e.run(); e.pairs != shape.count(n) {
				t.Errorf("%s of %d: %d pairs, want %d", shape.name, n, e.pairs, shape.count(n))
			}
		}
	}
}

// Graphs with too many orders are ordered all the same, greedily, and the search for the best order ends.
func TestManyRelations(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range []int{20, maxRelations} {
			g, est := sizedGraph(n, shape.pairs(n))
			s := newJoinSearch(g, est)
			e := s.enumeration(g.edges())
			if e.run(); e.pairs > mostPairs+1 || e.steps > 8*mostPairs+n {
				t.Errorf("%s of %d: %d pairs, %d steps", shape.name, n, e.pairs, e.steps)
			}
			if tree := s.find(maxRelations); tree == nil || tree.set.count() != n {
				t.Errorf("%s of %d: no order", shape.name, n)
			}
		}
	}
}

func BenchmarkReorderJoins(b *testing.B) {
	for _, shape := range shapes {
		for _, n := range []int{8, 12, 20} {
			g, est := sizedGraph(n, shape.pairs(n))
			b.Run(fmt.Sprintf("%s/%d", shape.name, n), func(b *testing.B) {
				for b.Loop() {
					newJoinSearch(g, est).find(maxRelations)
				}
			})
		}
	}
}
