package rules

import (
	"maps"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// fieldPart is what became of a value: a symbol of its own, or fields apart. A whole symbol stays what it was and has no part.
type fieldPart struct {
	sym    *plan.Symbol
	fields map[int]*fieldPart
}

// fieldSplitter replaces symbols of which only fields are read by those of the fields.
type fieldSplitter struct {
	c     *Context
	wants map[*plan.Symbol]*fieldWant
	parts map[*plan.Symbol]*fieldPart
	defs  map[int][]*plan.Symbol // of CTEs in scope: the columns as they were
}

// part makes the symbols for what is wanted of a symbol, nil if that stays whole. Every reader gets the same ones.
func (s *fieldSplitter) part(sym *plan.Symbol) *fieldPart {
	if p, ok := s.parts[sym]; ok {
		return p
	}
	var p *fieldPart
	if s.wants[sym].split() {
		p = s.symbols(&plan.Ref{Sym: sym}, sym.Name, s.wants[sym])
	}
	s.parts[sym] = p
	return p
}

// symbols makes the symbols for what is wanted of a value.
func (s *fieldSplitter) symbols(e plan.Expr, name string, want *fieldWant) *fieldPart {
	p := &fieldPart{}
	if !want.split() {
		p.sym = s.c.Symbols.New(name, e.Type())
		return p
	}
	p.fields = map[int]*fieldPart{}
	for _, i := range slices.Sorted(maps.Keys(want.fields)) {
		p.fields[i] = s.symbols(fieldAt(e, i), name+"_"+connector.FieldName(e.Type(), i), want.fields[i])
	}
	return p
}

// fieldAt takes a field of a row; of one that is put together here, what it is put together of.
func fieldAt(e plan.Expr, i int) plan.Expr {
	e = uncast(e)
	if r, ok := e.(*plan.MakeRow); ok && harmless(r) {
		return r.Fields[i]
	}
	return &plan.Field{Row: e, Index: i, Typ: e.Type().Elem(i)}
}

// each calls f for the symbols of a part, in order, with the paths to them.
func (p *fieldPart) each(path []int, f func(sym *plan.Symbol, path []int)) {
	if p.sym != nil {
		f(p.sym, path)
		return
	}
	for _, i := range slices.Sorted(maps.Keys(p.fields)) {
		p.fields[i].each(append(path[:len(path):len(path)], i), f)
	}
}

// leaves are symbols with those of their parts in the place of those that were split.
func (s *fieldSplitter) leaves(symbols []*plan.Symbol) []*plan.Symbol {
	out := make([]*plan.Symbol, 0, len(symbols))
	for _, sym := range symbols {
		if p := s.part(sym); p != nil {
			p.each(nil, func(leaf *plan.Symbol, _ []int) { out = append(out, leaf) })
		} else {
			out = append(out, sym)
		}
	}
	return out
}

// expr rewrites an expression to read parts.
func (s *fieldSplitter) expr(e plan.Expr) plan.Expr {
	if sym, path := fieldOf(e); sym != nil {
		p := s.part(sym)
		if p == nil {
			return e
		}
		for len(path) > 0 && p.sym == nil {
			p, path = p.fields[path[0]], path[1:]
		}
		var out plan.Expr = &plan.Ref{Sym: p.sym}
		for _, i := range path {
			out = fieldAt(out, i)
		}
		return out
	}
	if f, ok := madeHere(e); ok {
		return s.expr(f)
	}
	if c := e.Children(); len(c) > 0 {
		out := make([]plan.Expr, len(c))
		for i, x := range c {
			out[i] = s.expr(x)
		}
		e = e.WithChildren(out)
	}
	if sub := plan.Subplan(e); sub != nil {
		return plan.WithSubplan(e, s.node(sub))
	}
	return e
}

// assign adds to a projection what became of a symbol whose value is an expression.
func (s *fieldSplitter) assign(cols []plan.Assignment, sym *plan.Symbol, e plan.Expr) []plan.Assignment {
	p := s.part(sym)
	if p == nil {
		return append(cols, plan.Assignment{Sym: sym, Expr: s.expr(e)})
	}
	p.each(nil, func(leaf *plan.Symbol, path []int) {
		x := e
		for _, i := range path {
			x = fieldAt(x, i)
		}
		cols = append(cols, plan.Assignment{Sym: leaf, Expr: s.expr(x)})
	})
	return cols
}

// taken projects the fields of symbols that a node puts out whole although they are read apart.
func (s *fieldSplitter) taken(n plan.Node, made []*plan.Symbol) plan.Node {
	apart := symbolSet{}
	for _, sym := range made {
		if s.part(sym) != nil {
			apart[sym] = true
		}
	}
	if len(apart) == 0 {
		return n
	}
	out := &plan.Project{Source: n}
	for _, sym := range n.Outputs() {
		if !apart[sym] {
			out.Cols = append(out.Cols, identity([]*plan.Symbol{sym})...)
			continue
		}
		s.part(sym).each(nil, func(leaf *plan.Symbol, path []int) {
			var e plan.Expr = &plan.Ref{Sym: sym}
			for _, i := range path {
				e = fieldAt(e, i)
			}
			out.Cols = append(out.Cols, plan.Assignment{Sym: leaf, Expr: e})
		})
	}
	return out
}

// node rewrites a plan.
func (s *fieldSplitter) node(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return s.scan(n)
	case *plan.Project:
		return s.project(n)
	case *plan.SetOp:
		return s.setOp(n)
	case *plan.CTE:
		return s.cte(n)
	case *plan.CTERef:
		return s.cteRef(n)
	}
	var below symbolSet = map[*plan.Symbol]bool{}
	for _, src := range n.Sources() {
		maps.Copy(below, outputsOf(src))
	}
	var made []*plan.Symbol
	for _, sym := range n.Outputs() {
		if !below[sym] {
			made = append(made, sym)
		}
	}
	n = rewriteSources(n, s.node)
	return s.taken(plan.MapNodeExprs(n, s.expr), made)
}

// project lets the fields of rows that it passes on or puts together pass alone; those of other rows are taken above it, so that the row
// is computed once.
func (s *fieldSplitter) project(n *plan.Project) plan.Node {
	out := &plan.Project{Source: s.node(n.Source)}
	var made []*plan.Symbol
	for _, a := range n.Cols {
		r, ok := uncast(a.Expr).(*plan.MakeRow)
		if sym, _ := fieldOf(uncast(a.Expr)); sym != nil || ok && harmless(r) {
			out.Cols = s.assign(out.Cols, a.Sym, a.Expr)
		} else {
			out.Cols = append(out.Cols, plan.Assignment{Sym: a.Sym, Expr: s.expr(a.Expr)})
			made = append(made, a.Sym)
		}
	}
	return s.taken(out, made)
}

// setOp lets the inputs of UNION ALL put out fields, by position.
func (s *fieldSplitter) setOp(n *plan.SetOp) plan.Node {
	c := *n
	c.Symbols, c.Inputs = s.leaves(n.Symbols), make([]plan.Node, len(n.Inputs))
	for i, in := range n.Inputs {
		p := &plan.Project{Source: s.node(in)}
		for j, sym := range in.Outputs() {
			if part := s.part(n.Symbols[j]); part != nil {
				part.each(nil, func(leaf *plan.Symbol, path []int) {
					var e plan.Expr = &plan.Ref{Sym: sym}
					for _, f := range path {
						e = fieldAt(e, f)
					}
					p.Cols = append(p.Cols, plan.Assignment{Sym: s.c.Symbols.New(leaf.Name, leaf.Type), Expr: s.expr(e)})
				})
			} else {
				p.Cols = append(p.Cols, identity([]*plan.Symbol{sym})...)
			}
		}
		c.Inputs[i] = p
		if onlyPasses(p) && sameSymbols(p.Outputs(), p.Source.Outputs()) {
			c.Inputs[i] = p.Source
		}
	}
	return &c
}

// cte lets a definition put out fields. Its columns are what any of its readers wants of them, or what it needs them for itself.
func (s *fieldSplitter) cte(n *plan.CTE) plan.Node {
	c := *n
	columns := n.Def.Outputs()
	s.defs[n.ID] = columns
	c.Def, c.Body = s.node(n.Def), s.node(n.Body)
	if leaves := s.leaves(columns); !sameSymbols(leaves, c.Def.Outputs()) {
		c.Def = &plan.Project{Source: c.Def, Cols: identity(leaves)}
	}
	return &c
}

// cteRef reads the columns that the definition has now.
func (s *fieldSplitter) cteRef(n *plan.CTERef) plan.Node {
	columns, known := s.defs[n.ID]
	if !known { // of a recursion, whose columns stay whole
		return s.taken(n, n.Symbols)
	}
	c := *n
	c.Symbols = nil
	var whole []*plan.Symbol
	for i, sym := range n.Symbols {
		p := s.part(columns[i])
		if p == nil {
			c.Symbols, whole = append(c.Symbols, sym), append(whole, sym)
			continue
		}
		s.part(sym).each(nil, func(leaf *plan.Symbol, _ []int) { c.Symbols = append(c.Symbols, leaf) })
	}
	return s.taken(&c, whole)
}

// scan reads fields as columns, where the connector can.
func (s *fieldSplitter) scan(n *plan.Scan) plan.Node {
	if s.c.ReadsFields == nil || !s.c.ReadsFields(n.Catalog) {
		return s.taken(n, n.Symbols)
	}
	taken := map[string]bool{}
	for _, col := range n.Table.Columns {
		taken[col.Name] = true
	}
	c := *n
	c.Symbols, c.Table.Columns = nil, nil
	for i, sym := range n.Symbols {
		col := n.Table.Columns[i]
		p := s.part(sym)
		if p == nil {
			c.Symbols, c.Table.Columns = append(c.Symbols, sym), append(c.Table.Columns, col)
			continue
		}
		p.each(nil, func(leaf *plan.Symbol, path []int) {
			f := connector.FieldColumn(col, path)
			for taken[f.Name] {
				f.Name += "_"
			}
			taken[f.Name] = true
			c.Symbols, c.Table.Columns = append(c.Symbols, leaf), append(c.Table.Columns, f)
		})
	}
	return &c
}
