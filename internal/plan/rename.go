package plan

// Renamed is an expression that reads other symbols in the place of some.
func Renamed(e Expr, to map[*Symbol]*Symbol) Expr {
	return MapExpr(e, func(e Expr) Expr {
		if r, ok := e.(*Ref); ok && to[r.Sym] != nil && to[r.Sym] != r.Sym {
			return &Ref{Sym: to[r.Sym]}
		}
		return e
	})
}

// Read reads a CTE with new symbols. renamed maps those of the definition to them.
func (n *CTE) Read(symbols *Symbols) (ref *CTERef, renamed map[*Symbol]*Symbol) {
	ref, renamed = &CTERef{ID: n.ID, Name: n.Name}, map[*Symbol]*Symbol{}
	for _, s := range n.Def.Outputs() {
		renamed[s] = symbols.New(s.Name, s.Type)
		ref.Symbols = append(ref.Symbols, renamed[s])
	}
	return ref, renamed
}

// ReadAs reads a CTE with the symbols of its definition, which its body does not see.
func (n *CTE) ReadAs() *CTERef { return &CTERef{ID: n.ID, Name: n.Name, Symbols: n.Def.Outputs()} }

// OnlyPicks reports whether a projection computes nothing: it drops, repeats and renames columns.
func (n *Project) OnlyPicks() bool {
	for _, a := range n.Cols {
		if _, ok := a.Expr.(*Ref); !ok {
			return false
		}
	}
	return true
}
