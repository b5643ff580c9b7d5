package rules

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pruneColumns drops the columns that nobody above reads, down to the scans, with what only they need: window functions, mark
// joins. Of a CTE it keeps the columns that any of its readers wants. On the way projections that follow each other become
// one.
func pruneColumns(_ *Context, n plan.Node) plan.Node {
	p := &pruner{ctes: map[int][]bool{}}
	return p.prune(n, outputsOf(n))
}

// pruner knows, of the CTEs in scope, which columns have been asked for.
type pruner struct{ ctes map[int][]bool }

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
func (p *pruner) prune(n plan.Node, want symbolSet) plan.Node {
	n = rewriteSubplans(n, func(s plan.Node) plan.Node { return p.prune(s, outputsOf(s)) })
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, want)
	case *plan.CTERef:
		p.note(n, want)
		return n
	case *plan.Project:
		return p.project(n, want)
	case *plan.Aggregate:
		return p.aggregate(n, want)
	case *plan.Window:
		return p.window(n, want)
	case *plan.MatchRecognize:
		return p.match(n, want)
	case *plan.Distinct, *plan.Output, *plan.Write, *plan.RecursiveCTE:
		// All columns count.
		return rewriteSources(n, func(s plan.Node) plan.Node { return p.prune(s, outputsOf(s)) })
	case *plan.SetOp:
		return p.setOp(n, want)
	case *plan.CTE:
		return p.cte(n, want)
	case *plan.LateralJoin:
		below := copySet(want)
		need(below, plan.NodeExprs(n)...)
		plan.FreeSymbolsOfPlan(n.Right, func(s *plan.Symbol) { below[s] = true })
		c := *n
		c.Left, c.Right = p.prune(n.Left, below), p.prune(n.Right, below)
		return &c
	case *plan.Values:
		return n
	case *plan.Join:
		if n.Type == plan.Mark && !want[n.MarkSym] {
			return p.prune(n.Left, want)
		}
	}
	below := copySet(want)
	need(below, plan.NodeExprs(n)...)
	return rewriteSources(n, func(s plan.Node) plan.Node { return narrow(p.prune(s, below), below) })
}

func (p *pruner) project(n *plan.Project, want symbolSet) plan.Node {
	c := &plan.Project{}
	below := symbolSet{}
	for _, a := range n.Cols {
		if want[a.Sym] {
			c.Cols = append(c.Cols, a)
			need(below, a.Expr)
		}
	}
	c.Source = p.prune(n.Source, below)
	return merged(c)
}

func (p *pruner) aggregate(n *plan.Aggregate, want symbolSet) plan.Node {
	c := *n
	c.Aggs = nil
	below := symbolsOf(n.Keys)
	for _, a := range n.Aggs {
		if want[a.Sym] {
			c.Aggs = append(c.Aggs, a)
			need(below, plan.NodeExprs(&plan.Aggregate{Aggs: []plan.Aggregation{a}})...)
		}
	}
	c.Source = narrow(p.prune(n.Source, below), below)
	return &c
}

func (p *pruner) window(n *plan.Window, want symbolSet) plan.Node {
	c := *n
	c.Functions = nil
	for _, f := range n.Functions {
		if want[f.Sym] {
			c.Functions = append(c.Functions, f)
		}
	}
	if c.Functions == nil {
		return p.prune(n.Source, want)
	}
	below := copySet(want)
	need(below, plan.NodeExprs(&c)...)
	c.Source = narrow(p.prune(n.Source, below), below)
	return &c
}

// note remembers what a reference wants of its CTE.
func (p *pruner) note(n *plan.CTERef, want symbolSet) {
	asked := p.ctes[n.ID]
	for i := range asked {
		asked[i] = asked[i] || want[n.Symbols[i]]
	}
}

// cte prunes the body, then the definition and the references to what the body turned out to want.
func (p *pruner) cte(n *plan.CTE, want symbolSet) plan.Node {
	columns := n.Def.Outputs()
	asked := make([]bool, len(columns))
	p.ctes[n.ID] = asked
	c := *n
	c.Body = p.prune(n.Body, want)
	delete(p.ctes, n.ID)
	var keep []*plan.Symbol
	for i, s := range columns {
		if asked[i] {
			keep = append(keep, s)
		}
	}
	if len(keep) == 0 && len(columns) > 0 {
		keep, asked[0] = columns[:1], true
	}
	c.Def = p.prune(n.Def, symbolsOf(keep))
	if !sameSymbols(c.Def.Outputs(), keep) {
		c.Def = merged(&plan.Project{Source: c.Def, Cols: identity(keep)})
	}
	if len(keep) < len(columns) {
		c.Body = plan.MapPlan(c.Body, func(m plan.Node) plan.Node {
			ref, ok := m.(*plan.CTERef)
			if !ok || ref.ID != n.ID {
				return m
			}
			r := &plan.CTERef{ID: ref.ID, Name: ref.Name}
			for i, s := range ref.Symbols {
				if asked[i] {
					r.Symbols = append(r.Symbols, s)
				}
			}
			return r
		})
	}
	return &c
}

// narrow adds a projection where a node would carry columns that only it itself read, or that come with what it reads.
func narrow(n plan.Node, want symbolSet) plan.Node {
	switch n.(type) {
	case *plan.Join, *plan.Filter, *plan.CTERef, *plan.Window, *plan.Unnest:
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

// merged joins a projection with one below it when either only picks and renames columns, and drops one that changes nothing.
func merged(n *plan.Project) plan.Node {
	if lower, ok := n.Source.(*plan.Project); ok && (onlyReads(n) && readsOnce(n) || onlyReads(lower)) {
		by := map[*plan.Symbol]plan.Expr{}
		for _, a := range lower.Cols {
			by[a.Sym] = a.Expr
		}
		c := &plan.Project{Source: lower.Source}
		for _, a := range n.Cols {
			c.Cols = append(c.Cols, plan.Assignment{Sym: a.Sym, Expr: substitute(a.Expr, by)})
		}
		n = c
	}
	if sameSymbols(n.Outputs(), n.Source.Outputs()) && onlyPasses(n) {
		return n.Source
	}
	return n
}

// onlyReads holds for projections that pick and rename columns.
func onlyReads(n *plan.Project) bool {
	for _, a := range n.Cols {
		if _, ok := a.Expr.(*plan.Ref); !ok {
			return false
		}
	}
	return true
}

// onlyPasses holds for projections that pick columns.
func onlyPasses(n *plan.Project) bool {
	for _, a := range n.Cols {
		if r, ok := a.Expr.(*plan.Ref); !ok || r.Sym != a.Sym {
			return false
		}
	}
	return true
}

// readsOnce holds for projections that read no column twice, so that merging computes nothing twice.
func readsOnce(n *plan.Project) bool {
	seen := symbolSet{}
	for _, a := range n.Cols {
		s := a.Expr.(*plan.Ref).Sym
		if seen[s] {
			return false
		}
		seen[s] = true
	}
	return true
}

// setOp prunes the inputs of UNION ALL by position; the other operations compare whole rows.
func (p *pruner) setOp(n *plan.SetOp, want symbolSet) plan.Node {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	if n.Kind != plan.Union || !n.All {
		for i, in := range n.Inputs {
			c.Inputs[i] = p.prune(in, outputsOf(in))
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
		pruned := p.prune(in, symbolsOf(keep))
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
