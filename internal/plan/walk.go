package plan

// Walk visits a plan top-down as long as f returns true. Plans nested in expressions are not entered.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	for _, s := range n.Sources() {
		Walk(s, f)
	}
}

// WalkAll visits a plan and the plans nested in its expressions top-down as long as f returns true: a node, its sources, and
// then what is nested in it. A plan that stands in several expressions is visited for each.
func WalkAll(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	for _, s := range n.Sources() {
		WalkAll(s, f)
	}
	for _, s := range Subplans(n) {
		WalkAll(s, f)
	}
}

// Subplans returns the plans nested in the expressions that a node itself holds, in a fixed order, as often as they stand
// there.
func Subplans(n Node) []Node {
	var out []Node
	for _, e := range NodeExprs(n) {
		WalkExpr(e, func(e Expr) bool {
			if sub := Subplan(e); sub != nil {
				out = append(out, sub)
			}
			return true
		})
	}
	return out
}

// NodeExprs returns the expressions that a node itself holds, in a fixed order; those of its sources are not among them.
func NodeExprs(n Node) []Expr {
	var out []Expr
	MapNodeExprs(n, func(e Expr) Expr {
		out = append(out, e)
		return e
	})
	return out
}

// MapNodeExprs returns a copy of a node with f applied to each expression that the node itself holds.
func MapNodeExprs(n Node, f func(Expr) Expr) Node {
	switch n := n.(type) {
	case *Values:
		c := *n
		c.Rows = make([][]Expr, len(n.Rows))
		for i, r := range n.Rows {
			c.Rows[i] = mapExprs(r, f)
		}
		return &c
	case *Filter:
		c := *n
		c.Pred = f(n.Pred)
		return &c
	case *Project:
		c := *n
		c.Cols = make([]Assignment, len(n.Cols))
		for i, a := range n.Cols {
			c.Cols[i] = Assignment{Sym: a.Sym, Expr: f(a.Expr)}
		}
		return &c
	case *Aggregate:
		c := *n
		c.Aggs = make([]Aggregation, len(n.Aggs))
		for i, a := range n.Aggs {
			a.Args = mapExprs(a.Args, f)
			a.Filter = mapOptional(a.Filter, f)
			a.OrderBy = mapKeys(a.OrderBy, f)
			c.Aggs[i] = a
		}
		return &c
	case *Window:
		c := *n
		c.PartitionBy = mapExprs(n.PartitionBy, f)
		c.OrderBy = mapKeys(n.OrderBy, f)
		c.Functions = make([]WindowFunction, len(n.Functions))
		for i, w := range n.Functions {
			w.Args = mapExprs(w.Args, f)
			w.Filter = mapOptional(w.Filter, f)
			w.OrderBy = mapKeys(w.OrderBy, f)
			w.Frame.Start.Offset = mapOptional(w.Frame.Start.Offset, f)
			w.Frame.End.Offset = mapOptional(w.Frame.End.Offset, f)
			c.Functions[i] = w
		}
		return &c
	case *MatchRecognize:
		return mapMatch(n, f)
	case *Join:
		c := *n
		c.Equi = make([]EquiClause, len(n.Equi))
		for i, q := range n.Equi {
			c.Equi[i] = EquiClause{Left: f(q.Left), Right: f(q.Right)}
		}
		c.Filter = mapOptional(n.Filter, f)
		return &c
	case *LateralJoin:
		c := *n
		c.Filter = mapOptional(n.Filter, f)
		return &c
	case *Sort:
		c := *n
		c.Keys = mapKeys(n.Keys, f)
		return &c
	case *TopN:
		c := *n
		c.Keys = mapKeys(n.Keys, f)
		return &c
	case *Limit:
		c := *n
		c.WithTies = mapKeys(n.WithTies, f)
		return &c
	case *Unnest:
		c := *n
		c.Cols = make([]UnnestColumn, len(n.Cols))
		for i, u := range n.Cols {
			c.Cols[i] = UnnestColumn{Expr: f(u.Expr), Symbols: u.Symbols}
		}
		return &c
	case *Sample:
		c := *n
		c.Percent = f(n.Percent)
		return &c
	case *Exchange:
		c := *n
		c.Keys = mapExprs(n.Keys, f)
		return &c
	case *RemoteSource:
		c := *n
		c.OrderBy = mapKeys(n.OrderBy, f)
		return &c
	}
	return n
}

func mapExprs(es []Expr, f func(Expr) Expr) []Expr {
	if es == nil {
		return nil
	}
	out := make([]Expr, len(es))
	for i, e := range es {
		out[i] = f(e)
	}
	return out
}

func mapOptional(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	return f(e)
}

func mapKeys(keys []SortKey, f func(Expr) Expr) []SortKey {
	if keys == nil {
		return nil
	}
	out := make([]SortKey, len(keys))
	for i, k := range keys {
		k.Expr = f(k.Expr)
		out[i] = k
	}
	return out
}

// FreeSymbols calls f for every symbol that an expression reads and does not bind itself: those of nested plans that
// come from outside of them included. A symbol may be reported more than once.
func FreeSymbols(e Expr, f func(*Symbol)) {
	freeInExpr(e, map[*Symbol]bool{}, f)
}

// FreeSymbolsOfPlan calls f for every symbol that a plan reads but does not produce: its correlation.
func FreeSymbolsOfPlan(n Node, f func(*Symbol)) {
	freeInPlan(n, map[*Symbol]bool{}, f)
}

func freeInExpr(e Expr, bound map[*Symbol]bool, f func(*Symbol)) {
	WalkExpr(e, func(e Expr) bool {
		switch x := e.(type) {
		case *Ref:
			if !bound[x.Sym] {
				f(x.Sym)
			}
		case *Lambda:
			for _, p := range x.Params {
				bound[p] = true
			}
		}
		if sub := Subplan(e); sub != nil {
			freeInPlan(sub, bound, f)
		}
		return true
	})
}

func freeInPlan(n Node, outer map[*Symbol]bool, f func(*Symbol)) {
	bound := make(map[*Symbol]bool, len(outer))
	for s := range outer {
		bound[s] = true
	}
	produced(n, bound)
	Walk(n, func(n Node) bool {
		for _, e := range NodeExprs(n) {
			freeInExpr(e, bound, f)
		}
		return true
	})
}

// produced adds all symbols that the nodes of a plan put out.
func produced(n Node, into map[*Symbol]bool) {
	Walk(n, func(n Node) bool {
		for _, s := range n.Outputs() {
			into[s] = true
		}
		return true
	})
}

// MapPlan rebuilds a plan bottom-up, plans nested in expressions included: f is applied to every node after its sources.
func MapPlan(n Node, f func(Node) Node) Node {
	src := n.Sources()
	if len(src) > 0 {
		changed := false
		c := make([]Node, len(src))
		for i, s := range src {
			c[i] = MapPlan(s, f)
			changed = changed || c[i] != s
		}
		if changed {
			n = n.WithSources(c)
		}
	}
	changed := false
	mapped := MapNodeExprs(n, func(e Expr) Expr {
		m := MapSubplans(e, func(sub Node) Node { return MapPlan(sub, f) })
		changed = changed || m != e
		return m
	})
	if changed {
		n = mapped
	}
	return f(n)
}

// MapSubplans returns an expression with f applied to the plans of its subqueries.
func MapSubplans(e Expr, f func(Node) Node) Expr {
	return MapExpr(e, func(e Expr) Expr {
		sub := Subplan(e)
		if sub == nil {
			return e
		}
		if m := f(sub); m != sub {
			return WithSubplan(e, m)
		}
		return e
	})
}
