package plan

// Copy returns a plan that computes the same as another one, with symbols of its own: those that the nodes of the plan make are new, those
// that it reads of outer queries stay. renamed maps the old ones to the new. ok is false for plans with nodes that it does not know to
// copy: row patterns, writes, and CTEs, which are known by their numbers.
func Copy(n Node, symbols *Symbols) (c Node, renamed map[*Symbol]*Symbol, ok bool) {
	k := &copier{renamed: map[*Symbol]*Symbol{}, ok: true}
	WalkAll(n, func(n Node) bool {
		switch n := n.(type) {
		case *MatchRecognize, *Write, *CTE, *RecursiveCTE, *Exchange, *RemoteSource, *Output:
			k.ok = false
			return false
		default:
			for _, s := range makes(n) {
				if k.renamed[s] == nil {
					k.renamed[s] = symbols.New(s.Name, s.Type)
				}
			}
		}
		return true
	})
	if !k.ok {
		return nil, nil, false
	}
	return MapPlan(n, k.node), k.renamed, true
}

type copier struct {
	renamed map[*Symbol]*Symbol
	ok      bool
}

// symbol is the new symbol in the place of one; nil stays nil.
func (k *copier) symbol(s *Symbol) *Symbol {
	if r, ok := k.renamed[s]; ok {
		return r
	}
	return s
}

func (k *copier) symbols(list []*Symbol) []*Symbol {
	if list == nil {
		return nil
	}
	out := make([]*Symbol, len(list))
	for i, s := range list {
		out[i] = k.symbol(s)
	}
	return out
}

// node renames what a node itself holds; its sources and nested plans have been copied.
func (k *copier) node(n Node) Node {
	n = MapNodeExprs(n, func(e Expr) Expr { return Renamed(e, k.renamed) })
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Symbols = k.symbols(n.Symbols)
		return &c
	case *Values:
		c := *n
		c.Symbols = k.symbols(n.Symbols)
		return &c
	case *Project:
		c := *n
		c.Cols = make([]Assignment, len(n.Cols))
		for i, a := range n.Cols {
			c.Cols[i] = Assignment{Sym: k.symbol(a.Sym), Expr: a.Expr}
		}
		return &c
	case *Aggregate:
		c := *n
		c.Keys, c.GroupID = k.symbols(n.Keys), k.symbol(n.GroupID)
		c.Aggs = make([]Aggregation, len(n.Aggs))
		for i, a := range n.Aggs {
			a.Sym = k.symbol(a.Sym)
			c.Aggs[i] = a
		}
		return &c
	case *Window:
		c := *n
		c.Functions = make([]WindowFunction, len(n.Functions))
		for i, f := range n.Functions {
			f.Sym = k.symbol(f.Sym)
			c.Functions[i] = f
		}
		return &c
	case *Join:
		c := *n
		c.MarkSym = k.symbol(n.MarkSym)
		return &c
	case *SetOp:
		c := *n
		c.Symbols = k.symbols(n.Symbols)
		return &c
	case *Unnest:
		c := *n
		c.Ordinality = k.symbol(n.Ordinality)
		c.Cols = make([]UnnestColumn, len(n.Cols))
		for i, u := range n.Cols {
			c.Cols[i] = UnnestColumn{Expr: u.Expr, Symbols: k.symbols(u.Symbols)}
		}
		return &c
	case *RowNumber:
		c := *n
		c.Sym = k.symbol(n.Sym)
		return &c
	case *CTERef:
		c := *n
		c.Symbols = k.symbols(n.Symbols)
		return &c
	}
	return n
}
