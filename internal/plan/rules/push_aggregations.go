package rules

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

const (
	// minEagerRows is how many rows there must be for an aggregation more to pay.
	minEagerRows = 100_000
	// maxEagerShare is the share of these rows that may be left.
	maxEagerShare = 0.5
	// fewTasks is how many tasks there are at least.
	fewTasks = 4
	// maxEagerGroups bounds what each task keeps in memory for it.
	maxEagerGroups = 4_000_000
	// maxEagerWork is the largest share of the work that may be left, that of the aggregation below included.
	maxEagerWork = 0.7
)

// pushAggregations lets tasks aggregate rows before they are joined, where that leaves few: rows of one side that agree in all that is read of them
// above, by joins, filters and group keys, become one row with the states of the aggregates, and the aggregation above merges states in the
// place of values. Rows that agree are joined with the same rows, so that a state counts as often as each of its rows did. It is the
// eager aggregation of Yan and Larson (1995), and what Trino does in PushPartialAggregationThroughJoin and PushAggregationThroughOuterJoin.
//
// The aggregation below is a partial one: each task does it on the rows that it has, and nothing moves for it.
func pushAggregations(c *Context, n plan.Node) plan.Node {
	if c.Estimator == nil || c.KeepAggregations {
		return n
	}
	c.Estimator.Rows(n) // which meets the CTEs before what reads them
	return rewrite(n, func(n plan.Node) plan.Node {
		if a, ok := n.(*plan.Aggregate); ok && a.Step == plan.Single {
			return eagerly(c, a)
		}
		return n
	})
}

// eagerly pushes an aggregation to where that saves most.
func eagerly(c *Context, n *plan.Aggregate) plan.Node {
	var best descent
	least := maxEagerWork
	descents(n.Source, nil, func(d descent) {
		e := newEager(c, c.Symbols.Clone, n, d)
		if e == nil {
			return
		}
		if share := e.work(); share < least || c.EagerRows < 0 {
			best, least = d, share
		}
	})
	if best == nil {
		return n
	}
	return newEager(c, func() *plan.Symbols { return c.Symbols }, n, best).plan()
}

// step is a node on the way down, and which of its sources comes next.
type step struct {
	node  plan.Node
	input int
	// filled says that the rows of this source may be missing in the output, which has NULLs in their place.
	filled bool
}

// descent is a way from an aggregation down to a side of a join.
type descent []step

// target is the node at the end.
func (d descent) target() plan.Node {
	last := d[len(d)-1]
	return last.node.Sources()[last.input]
}

// descents visits all sides of joins that can be reached through nodes that treat rows alike which agree in what they read of them.
func descents(n plan.Node, above descent, visit func(descent)) {
	down := func(input int, filled bool) {
		d := append(slices.Clip(above), step{n, input, filled})
		if _, ok := n.(*plan.Join); ok {
			visit(d)
		}
		descents(d.target(), d, visit)
	}
	for _, e := range plan.NodeExprs(n) {
		if !deterministic(e) || hasSubplan(e) {
			return
		}
	}
	switch n := n.(type) {
	case *plan.Filter, *plan.Project:
		down(0, false)
	case *plan.Join:
		if n.Type != plan.Full {
			down(0, n.Type == plan.Right)
			if n.Type == plan.Inner || n.Type == plan.Cross || n.Type == plan.Left || n.Type == plan.Right {
				down(1, n.Type == plan.Left)
			}
		}
	}
}

// eager is an aggregation that begins at the end of a descent.
type eager struct {
	c       *Context
	whole   *plan.Aggregate
	descent descent
	below   *plan.Aggregate
	aggs    []plan.Aggregation // that merge states
}

// newEager divides an aggregation, with new symbols of the given; nil when that cannot be done, or would leave too many rows.
func newEager(c *Context, symbols func() *plan.Symbols, n *plan.Aggregate, d descent) *eager {
	target := d.target()
	least := float64(c.EagerRows)
	if c.EagerRows == 0 {
		least = minEagerRows
	}
	if rows := c.Estimator.Rows(target); rows < least || c.KeepAboveOuter && d.filled() {
		return nil
	}
	e := &eager{c: c, whole: n, descent: d, below: &plan.Aggregate{Source: target, Step: plan.Partial}}
	if !e.takeKeys() || !e.shrinks() {
		return nil
	}
	s := &eagerSplit{symbols: symbols(), by: e.below, down: func(x plan.Expr) plan.Expr { return d.below(0, x) }, target: outputsOf(target), filled: d.filled(),
		rows: c.Estimator.Rows(target)}
	for _, a := range n.Aggs {
		merge, ok := s.split(a)
		if !ok {
			return nil
		}
		e.aggs = append(e.aggs, merge)
	}
	// Conditions that stay above read columns of the target too.
	for _, a := range e.aggs {
		for _, x := range append([]plan.Expr{a.Filter}, a.Args...) {
			if x != nil && !e.key(0, x) {
				return nil
			}
		}
	}
	if len(e.below.Keys) == 0 || !e.shrinks() { // without keys there would be a row of no rows
		return nil
	}
	return e
}

// filled reports whether a row above may have NULLs in the place of one of the target.
func (d descent) filled() bool {
	return slices.ContainsFunc(d, func(s step) bool { return s.filled })
}

// below says what an expression over the output of the i-th node is over those further down.
func (d descent) below(i int, e plan.Expr) plan.Expr {
	for _, s := range d[i:] {
		if p, ok := s.node.(*plan.Project); ok {
			by := map[*plan.Symbol]plan.Expr{}
			for _, a := range p.Cols {
				by[a.Sym] = a.Expr
			}
			e = substitute(e, by)
		}
	}
	return e
}

// takeKeys makes keys of the columns that the aggregation groups by and the nodes between read.
func (e *eager) takeKeys() bool {
	for _, k := range e.whole.Keys {
		if !e.key(0, &plan.Ref{Sym: k}) {
			return false
		}
	}
	for i, s := range e.descent {
		if _, ok := s.node.(*plan.Project); ok {
			continue // of which only those columns stay that read no more than keys
		}
		for _, x := range plan.NodeExprs(s.node) {
			if !e.key(i, x) {
				return false
			}
		}
	}
	return true
}

// key makes keys of the target's columns in an expression over what the i-th node reads or puts out.
func (e *eager) key(i int, x plan.Expr) bool {
	own, ok := outputsOf(e.below.Source), true
	plan.FreeSymbols(e.descent.below(i, x), func(s *plan.Symbol) {
		if !own[s] || slices.Contains(e.below.Keys, s) {
			return
		}
		ok = ok && sameWhenEqual(s.Type)
		e.below.Keys = append(e.below.Keys, s)
	})
	return ok
}

// left estimates how many rows are left of those of the target: each task finds groups of its own. It is infinite when that is not known.
func (e *eager) left() float64 {
	rows, _ := e.c.Estimator.Estimate(e.below.Source)
	groups := e.groups()
	if rows < 0 || groups > maxEagerGroups {
		return math.Inf(1)
	}
	read := 0.0
	plan.Walk(e.below.Source, func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok {
			read += e.c.Estimator.ScanBytes(s)
		}
		return true
	})
	return min(rows, groups*max(fewTasks, stats.Tasks(read)))
}

// groups estimates those of all tasks together.
func (e *eager) groups() float64 {
	for _, k := range e.below.Keys {
		if e.c.Estimator.Column(e.below.Source, k).Distinct < 0 {
			return math.Inf(1)
		}
	}
	return e.c.Estimator.Rows(&plan.Aggregate{Source: e.below.Source, Keys: e.below.Keys})
}

// shrinks reports whether few rows are left.
func (e *eager) shrinks() bool {
	return e.c.EagerRows < 0 || e.left() <= e.c.Estimator.Rows(e.below.Source)*maxEagerShare
}

// work estimates what is to be done with the aggregation below relative to what is without it: each join and the aggregation above take rows in, and
// where both sides of a join are hashed, and on the right side, rows are written and read too. What is left of the target's rows is as large a share of theirs.
func (e *eager) work() float64 {
	est := e.c.Estimator
	above := est.Rows(e.whole.Source) * e.aggregating(est.Rows(e.whole))
	for _, s := range e.descent {
		j, ok := s.node.(*plan.Join)
		if !ok {
			continue
		}
		in, other := j.Sources()[s.input], j.Sources()[1-s.input]
		rows, kept := est.Rows(in), est.Rows(j.Right)
		above += rows * (lookup(kept) + joining)
		if _, bytes := est.Estimate(other); s.input == 1 || e.c.Join == plan.Partitioned || bytes < 0 || bytes > stats.DefaultBroadcast {
			above += rows * moving
		}
	}
	rows := est.Rows(e.below.Source)
	return rows*e.aggregating(e.groups())/above + e.left()/rows
}

// What it takes, in the unit of lookup, to put a row out that has been joined, and to send one.
const (
	joining = 1
	moving  = 3
)

// aggregating is what it takes to aggregate a row into so many groups.
func (e *eager) aggregating(groups float64) float64 {
	return lookup(groups) + float64(len(e.whole.Aggs))/2
}

// lookup is what it takes to look a row up in a hash table: the more the larger it is, as it is in slower memory.
func lookup(entries float64) float64 { return max(1, math.Log10(max(entries, 1))-2) }

// plan puts the aggregation in its two places.
func (e *eager) plan() plan.Node {
	n := plan.Node(e.below)
	gone := outputsOf(e.below.Source)
	for _, k := range e.below.Keys {
		delete(gone, k)
	}
	for i := len(e.descent) - 1; i >= 0; i-- {
		s := e.descent[i]
		if p, ok := s.node.(*plan.Project); ok {
			n = e.project(p, i, gone, n)
			continue
		}
		sources := slices.Clone(s.node.Sources())
		sources[s.input] = n
		n = s.node.WithSources(sources)
	}
	whole := *e.whole
	whole.Source, whole.Aggs = n, e.aggs
	return &whole
}

// project keeps the columns of a projection that can still be computed, and passes states on.
func (e *eager) project(p *plan.Project, i int, gone symbolSet, source plan.Node) plan.Node {
	c := &plan.Project{Source: source}
	for _, a := range p.Cols {
		if gone.disjoint(e.descent.below(i+1, a.Expr)) {
			c.Cols = append(c.Cols, a)
		}
	}
	for _, a := range e.below.Aggs {
		c.Cols = append(c.Cols, plan.Assignment{Sym: a.Sym, Expr: &plan.Ref{Sym: a.Sym}})
	}
	return c
}
