package plan

// Outputs of the nodes.

func (n *Filter) Outputs() []*Symbol       { return n.Source.Outputs() }
func (n *Distinct) Outputs() []*Symbol     { return n.Source.Outputs() }
func (n *Sort) Outputs() []*Symbol         { return n.Source.Outputs() }
func (n *TopN) Outputs() []*Symbol         { return n.Source.Outputs() }
func (n *Limit) Outputs() []*Symbol        { return n.Source.Outputs() }
func (n *Sample) Outputs() []*Symbol       { return n.Source.Outputs() }
func (n *SingleRow) Outputs() []*Symbol    { return n.Source.Outputs() }
func (n *Exchange) Outputs() []*Symbol     { return n.Source.Outputs() }
func (n *Scan) Outputs() []*Symbol         { return n.Symbols }
func (n *Values) Outputs() []*Symbol       { return n.Symbols }
func (n *CTERef) Outputs() []*Symbol       { return n.Symbols }
func (n *RecursiveCTE) Outputs() []*Symbol { return n.Symbols }
func (n *SetOp) Outputs() []*Symbol        { return n.Symbols }
func (n *Output) Outputs() []*Symbol       { return n.Symbols }
func (n *RemoteSource) Outputs() []*Symbol { return n.Symbols }
func (n *Project) Outputs() []*Symbol {
	s := make([]*Symbol, len(n.Cols))
	for i, c := range n.Cols {
		s[i] = c.Sym
	}
	return s
}
func (n *Aggregate) Outputs() []*Symbol {
	s := append([]*Symbol(nil), n.Keys...)
	if n.GroupID != nil {
		s = append(s, n.GroupID)
	}
	for _, a := range n.Aggs {
		s = append(s, a.Sym)
	}
	return s
}
func (n *Window) Outputs() []*Symbol {
	s := append([]*Symbol(nil), n.Source.Outputs()...)
	for _, f := range n.Functions {
		s = append(s, f.Sym)
	}
	return s
}
func (n *Join) Outputs() []*Symbol {
	s := append([]*Symbol(nil), n.Left.Outputs()...)
	switch n.Type {
	case Semi, Anti:
		return s
	case Mark:
		return append(s, n.MarkSym)
	}
	return append(s, n.Right.Outputs()...)
}
func (n *LateralJoin) Outputs() []*Symbol {
	return append(append([]*Symbol(nil), n.Left.Outputs()...), n.Right.Outputs()...)
}
func (n *Unnest) Outputs() []*Symbol {
	var s []*Symbol
	if n.Source != nil {
		s = append(s, n.Source.Outputs()...)
	}
	for _, c := range n.Cols {
		s = append(s, c.Symbols...)
	}
	if n.Ordinality != nil {
		s = append(s, n.Ordinality)
	}
	return s
}
func (n *RowNumber) Outputs() []*Symbol {
	return append(append([]*Symbol(nil), n.Source.Outputs()...), n.Sym)
}
func (n *CTE) Outputs() []*Symbol   { return n.Body.Outputs() }
func (n *Write) Outputs() []*Symbol { return []*Symbol{n.Rows} }

// Sources of the nodes, and copies over others.

func (n *Filter) Sources() []Node { return []Node{n.Source} }
func (n *Filter) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Distinct) Sources() []Node { return []Node{n.Source} }
func (n *Distinct) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Sort) Sources() []Node { return []Node{n.Source} }
func (n *Sort) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *TopN) Sources() []Node { return []Node{n.Source} }
func (n *TopN) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Limit) Sources() []Node { return []Node{n.Source} }
func (n *Limit) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Sample) Sources() []Node { return []Node{n.Source} }
func (n *Sample) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *SingleRow) Sources() []Node { return []Node{n.Source} }
func (n *SingleRow) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Exchange) Sources() []Node { return []Node{n.Source} }
func (n *Exchange) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Project) Sources() []Node { return []Node{n.Source} }
func (n *Project) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Aggregate) Sources() []Node { return []Node{n.Source} }
func (n *Aggregate) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Window) Sources() []Node { return []Node{n.Source} }
func (n *Window) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *RowNumber) Sources() []Node { return []Node{n.Source} }
func (n *RowNumber) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Write) Sources() []Node { return []Node{n.Source} }
func (n *Write) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Output) Sources() []Node { return []Node{n.Source} }
func (n *Output) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}
func (n *Scan) Sources() []Node                 { return nil }
func (n *Scan) WithSources([]Node) Node         { return n }
func (n *Values) Sources() []Node               { return nil }
func (n *Values) WithSources([]Node) Node       { return n }
func (n *CTERef) Sources() []Node               { return nil }
func (n *CTERef) WithSources([]Node) Node       { return n }
func (n *RemoteSource) Sources() []Node         { return nil }
func (n *RemoteSource) WithSources([]Node) Node { return n }
func (n *Join) Sources() []Node                 { return []Node{n.Left, n.Right} }
func (n *Join) WithSources(s []Node) Node {
	c := *n
	c.Left, c.Right = s[0], s[1]
	return &c
}
func (n *LateralJoin) Sources() []Node { return []Node{n.Left, n.Right} }
func (n *LateralJoin) WithSources(s []Node) Node {
	c := *n
	c.Left, c.Right = s[0], s[1]
	return &c
}
func (n *CTE) Sources() []Node { return []Node{n.Def, n.Body} }
func (n *CTE) WithSources(s []Node) Node {
	c := *n
	c.Def, c.Body = s[0], s[1]
	return &c
}
func (n *RecursiveCTE) Sources() []Node { return []Node{n.Base, n.Step} }
func (n *RecursiveCTE) WithSources(s []Node) Node {
	c := *n
	c.Base, c.Step = s[0], s[1]
	return &c
}
func (n *SetOp) Sources() []Node { return n.Inputs }
func (n *SetOp) WithSources(s []Node) Node {
	c := *n
	c.Inputs = s
	return &c
}
func (n *Unnest) Sources() []Node {
	if n.Source == nil {
		return nil
	}
	return []Node{n.Source}
}
func (n *Unnest) WithSources(s []Node) Node {
	c := *n
	if n.Source != nil {
		c.Source = s[0]
	}
	return &c
}
