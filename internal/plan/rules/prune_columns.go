package rules

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pruneColumns drops the columns that nobody above reads, down to the scans. The definition of a CTE, which has several readers,
// keeps what it puts out.
func pruneColumns(_ *Context, n plan.Node) plan.Node {
	return prune(n, outputsOf(n))
}

// need adds the symbols that an expression reads, those of nested plans included.
func need(set symbolSet, es ...plan.Expr) {
	for _, e := range es {
		if e != nil {
			plan.FreeSymbols(e, func(s *plan.Symbol) { set[s] = true })
		}
	}
}

func copySet(s symbolSet) symbolSet {
	c := make(symbolSet, len(s))
	for k := range s {
		c[k] = true
	}
	return c
}

// prune prunes a subtree to the symbols in want; it may keep more.
func prune(n plan.Node, want symbolSet) plan.Node {
	n = rewriteSubplans(n, func(s plan.Node) plan.Node { return prune(s, outputsOf(s)) })
	below := copySet(want)
	need(below, plan.NodeExprs(n)...)
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, want)
	case *plan.Project:
		c := &plan.Project{}
		below = symbolSet{}
		for _, a := range n.Cols {
			if want[a.Sym] {
				c.Cols = append(c.Cols, a)
				need(below, a.Expr)
			}
		}
		c.Source = prune(n.Source, below)
		return c
	case *plan.Aggregate:
		c := *n
		c.Aggs = nil
		below = symbolSet{}
		for _, k := range n.Keys {
			below[k] = true
		}
		for _, a := range n.Aggs {
			if !want[a.Sym] {
				continue
			}
			c.Aggs = append(c.Aggs, a)
			need(below, a.Args...)
			need(below, a.Filter)
			for _, k := range a.OrderBy {
				need(below, k.Expr)
			}
		}
		c.Source = prune(n.Source, below)
		return &c
	case *plan.Distinct, *plan.Output, *plan.Write, *plan.RecursiveCTE:
		// All columns count.
		return rewriteSources(n, func(s plan.Node) plan.Node { return prune(s, outputsOf(s)) })
	case *plan.SetOp:
		return pruneSetOp(n, want)
	case *plan.CTE:
		c := *n
		c.Def, c.Body = prune(n.Def, outputsOf(n.Def)), prune(n.Body, want)
		return &c
	case *plan.LateralJoin:
		plan.FreeSymbolsOfPlan(n.Right, func(s *plan.Symbol) { below[s] = true })
		c := *n
		c.Left, c.Right = prune(n.Left, below), prune(n.Right, below)
		return &c
	case *plan.Values:
		return n
	}
	return rewriteSources(n, func(s plan.Node) plan.Node { return narrow(prune(s, below), below) })
}

// narrow adds a projection where a join or a filter would carry columns that only it itself read.
func narrow(n plan.Node, want symbolSet) plan.Node {
	switch n.(type) {
	case *plan.Join, *plan.Filter:
	default:
		return n
	}
	out := n.Outputs()
	var keep []*plan.Symbol
	for _, s := range out {
		if want[s] {
			keep = append(keep, s)
		}
	}
	if len(keep) == len(out) {
		return n
	}
	return &plan.Project{Source: n, Cols: identity(keep)}
}

// pruneSetOp prunes the inputs of UNION ALL by position; the other operations compare whole rows.
func pruneSetOp(n *plan.SetOp, want symbolSet) plan.Node {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	if n.Kind != plan.Union || !n.All {
		for i, in := range n.Inputs {
			c.Inputs[i] = prune(in, outputsOf(in))
		}
		return &c
	}
	var positions []int
	c.Symbols = nil
	for i, s := range n.Symbols {
		if want[s] {
			positions = append(positions, i)
			c.Symbols = append(c.Symbols, s)
		}
	}
	if len(positions) == 0 {
		positions, c.Symbols = []int{0}, n.Symbols[:1]
	}
	for i, in := range n.Inputs {
		out := in.Outputs()
		var keep []*plan.Symbol
		for _, x := range positions {
			keep = append(keep, out[x])
		}
		pruned := prune(in, symbolsOf(keep))
		if !sameSymbols(pruned.Outputs(), keep) {
			pruned = &plan.Project{Source: pruned, Cols: identity(keep)}
		}
		c.Inputs[i] = pruned
	}
	return &c
}

func sameSymbols(a, b []*plan.Symbol) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func pruneScan(n *plan.Scan, want symbolSet) plan.Node {
	var symbols []*plan.Symbol
	var columns []connector.Column
	for i, s := range n.Symbols {
		if want[s] {
			symbols, columns = append(symbols, s), append(columns, n.Table.Columns[i])
		}
	}
	if len(symbols) == len(n.Symbols) {
		return n
	}
	c := *n
	c.Symbols = symbols
	c.Table.Columns = columns
	return &c
}
