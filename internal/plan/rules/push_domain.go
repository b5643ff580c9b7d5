package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// push joins a plan with the domain. The result has the columns of the plan and those of the binding; ok is false for what a domain cannot
// go through.
func (d *domain) push(n plan.Node) (out plan.Node, b binding, ok bool) {
	if !d.asked(n) {
		rows, b := d.read()
		return &plan.Join{Type: plan.Cross, Left: rows, Right: n}, b, true
	}
	for _, sub := range plan.Subplans(n) {
		if d.readsBound(sub) {
			return nil, nil, false
		}
	}
	switch n := n.(type) {
	case *plan.Filter, *plan.RowNumber, *plan.Sample:
		return d.pushBelow(n, func(n plan.Node, _ binding) plan.Node { return n })
	case *plan.Sort: // no order is promised outside of a subquery; Limit looks for it itself
		return d.push(n.Source)
	case *plan.Project:
		return d.pushBelow(n, func(n plan.Node, b binding) plan.Node {
			n.(*plan.Project).Cols = append(n.(*plan.Project).Cols, identity(d.columns(b))...)
			return n
		})
	case *plan.Window:
		return d.pushBelow(n, func(n plan.Node, b binding) plan.Node {
			w := n.(*plan.Window)
			w.PartitionBy = append(w.PartitionBy, refs(d.columns(b))...)
			return w
		})
	case *plan.MatchRecognize:
		return d.pushBelow(n, func(n plan.Node, b binding) plan.Node {
			m := n.(*plan.MatchRecognize)
			m.PartitionBy = append(m.PartitionBy, refs(d.columns(b))...)
			m.Passed = append(append([]*plan.Symbol(nil), m.Passed...), d.columns(b)...)
			return m
		})
	case *plan.Distinct:
		src, b, ok := d.push(n.Source)
		if !ok {
			return nil, nil, false
		}
		return &plan.Distinct{Source: only(src, append(n.Outputs(), d.columns(b)...))}, b, true
	case *plan.Unnest:
		return d.pushUnnest(n)
	case *plan.Values:
		return d.pushValues(n)
	case *plan.Limit:
		return d.pushLimit(n)
	case *plan.TopN:
		if n.Partial {
			return nil, nil, false
		}
		return d.pushLimit(&plan.Limit{Source: &plan.Sort{Source: n.Source, Keys: n.Keys}, Count: n.Count})
	case *plan.Aggregate:
		return d.pushAggregate(n)
	case *plan.SingleRow:
		return d.pushSingleRow(n)
	case *plan.Join:
		return d.pushJoin(n)
	case *plan.SetOp:
		return d.pushSetOp(n)
	case *plan.CTE:
		return d.pushCTE(n)
	case *plan.CTERef:
		return d.pushCTERef(n)
	case *plan.RecursiveCTE:
		return d.pushRecursion(n)
	}
	return nil, nil, false
}

func refs(symbols []*plan.Symbol) []plan.Expr {
	out := make([]plan.Expr, len(symbols))
	for i, s := range symbols {
		out[i] = &plan.Ref{Sym: s}
	}
	return out
}

// pushBelow pushes the domain below a node that treats each row, or each group of them, by itself. keep gets the node over its new source,
// a copy, with its expressions bound, and lets the domain's columns through.
func (d *domain) pushBelow(n plan.Node, keep func(plan.Node, binding) plan.Node) (plan.Node, binding, bool) {
	src, b, ok := d.push(n.Sources()[0])
	if !ok {
		return nil, nil, false
	}
	return keep(b.expressions(n.WithSources([]plan.Node{src})), b), b, true
}

func (d *domain) pushUnnest(n *plan.Unnest) (plan.Node, binding, bool) {
	if n.Source != nil {
		return d.pushBelow(n, func(n plan.Node, _ binding) plan.Node { return n })
	}
	rows, b := d.read()
	c := *n
	c.Source = rows
	return b.expressions(&c), b, true
}

// pushValues computes each row for each value of the domain.
func (d *domain) pushValues(n *plan.Values) (plan.Node, binding, bool) {
	var inputs []plan.Node
	for _, row := range n.Rows {
		rows, b := d.read()
		p := &plan.Project{Source: rows}
		for i, e := range row {
			p.Cols = append(p.Cols, plan.Assignment{Sym: d.like(n.Symbols[i]), Expr: b.bind(e)})
		}
		p.Cols = append(p.Cols, identity(d.columns(b))...)
		inputs = append(inputs, p)
	}
	b := d.fresh()
	return &plan.SetOp{Kind: plan.Union, All: true, Inputs: inputs, Symbols: append(append([]*plan.Symbol(nil), n.Symbols...), d.columns(b)...)}, b, true
}

// like makes a symbol of the same name and type.
func (d *domain) like(s *plan.Symbol) *plan.Symbol { return d.c.Symbols.New(s.Name, s.Type) }

// fresh is a binding to new columns.
func (d *domain) fresh() binding {
	b := binding{}
	for _, s := range d.outer {
		b[s] = d.like(s)
	}
	return b
}

// pushLimit numbers the rows of each value of the domain in the order that the limit goes by, and keeps those that it lets through.
func (d *domain) pushLimit(n *plan.Limit) (plan.Node, binding, bool) {
	if yieldsOneRow(n.Source) && n.Count != 0 && n.Offset == 0 {
		return d.push(n.Source)
	}
	src, keys, projects := n.Source, n.WithTies, []*plan.Project(nil)
	for {
		if p, ok := src.(*plan.Project); ok {
			projects, src = append(projects, p), p.Source
			continue
		}
		if s, ok := src.(*plan.Sort); ok {
			src, keys = s.Source, s.Keys
		} else {
			src, projects = n.Source, nil
		}
		break
	}
	out, b, ok := d.push(src)
	if !ok || n.Partial {
		return nil, nil, false
	}
	bigint := types.Of(types.BigInt)
	w := &plan.Window{Source: out, PartitionBy: refs(d.columns(b))}
	for _, k := range keys {
		k.Expr = b.bind(k.Expr)
		w.OrderBy = append(w.OrderBy, k)
	}
	number := func(function string) plan.Expr {
		s := d.c.Symbols.New(function, bigint)
		w.Functions = append(w.Functions, plan.WindowFunction{Sym: s, Name: function, Variant: function + "()"})
		return &plan.Ref{Sym: s}
	}
	last, position := "row_number", plan.Expr(nil)
	if n.WithTies != nil {
		last = "rank"
	}
	var conds []plan.Expr
	if n.Count >= 0 {
		position = number(last)
		conds = append(conds, &plan.Compare{Op: plan.Le, Left: position, Right: &plan.Const{Typ: bigint, Value: saturated(n.Offset, n.Count)}})
	}
	if n.Offset > 0 {
		if position == nil || last != "row_number" {
			position = number("row_number")
		}
		conds = append(conds, &plan.Compare{Op: plan.Gt, Left: position, Right: &plan.Const{Typ: bigint, Value: n.Offset}})
	}
	out = filtered(w, conds)
	for i := len(projects) - 1; i >= 0; i-- {
		p := b.expressions(projects[i]).(*plan.Project)
		p.Source, p.Cols = out, append(p.Cols, identity(d.columns(b))...)
		out = p
	}
	return out, b, true
}

// saturated adds two numbers that are not negative.
func saturated(a, b int64) int64 {
	if s := a + b; s >= a {
		return s
	}
	return int64(^uint64(0) >> 1)
}

// pushAggregate groups by the values of the domain too. An aggregation of all rows, and a grouping set of no keys, has a result even where
// there are no rows: for it the domain is joined once more, so that each of its values has a row, which is counted only if it stands for one.
func (d *domain) pushAggregate(n *plan.Aggregate) (plan.Node, binding, bool) {
	if n.Step != plan.Single {
		return nil, nil, false
	}
	src, b, ok := d.push(n.Source)
	if !ok {
		return nil, nil, false
	}
	c := b.expressions(n).(*plan.Aggregate)
	c.Source = src
	c.Keys = append([]*plan.Symbol(nil), n.Keys...)
	c.Sets = nil
	for _, set := range n.Sets {
		c.Sets = append(c.Sets, append([]int(nil), set...))
	}
	whole := wholeSets(n)
	var present *plan.Symbol
	if whole != nil || len(n.Keys) == 0 && n.Sets == nil {
		rows, all := d.read()
		present = d.c.Symbols.New("present", types.Of(types.Boolean))
		marked := &plan.Project{Source: src, Cols: append(identity(src.Outputs()), plan.Assignment{Sym: present, Expr: plan.True()})}
		c.Source = &plan.Join{Type: plan.Left, Left: rows, Right: marked, Filter: plan.And(d.same(all, b)...)}
		for i, a := range c.Aggs {
			c.Aggs[i].Filter = &plan.Ref{Sym: present}
			if a.Filter != nil {
				c.Aggs[i].Filter = plan.And(&plan.Ref{Sym: present}, a.Filter)
			}
		}
		b = all
	}
	for _, s := range d.columns(b) {
		for i := range c.Sets {
			c.Sets[i] = append(c.Sets[i], len(c.Keys))
		}
		c.Keys = append(c.Keys, s)
	}
	if whole == nil || len(whole) == len(n.Sets) {
		return c, b, true
	}
	// The row of a value that has none makes a group in the other sets too, of keys that are NULL.
	bigint := types.Of(types.BigInt)
	rows := aggregation(d.c.Symbols.New("rows", bigint), "count")
	rows.Filter = &plan.Ref{Sym: present}
	c.Aggs = append(c.Aggs, rows)
	if c.GroupID == nil {
		c.GroupID = d.c.Symbols.New("groupid", bigint)
	}
	met := plan.Expr(&plan.Compare{Op: plan.Gt, Left: &plan.Ref{Sym: rows.Sym}, Right: &plan.Const{Typ: bigint, Value: int64(0)}})
	of := &plan.In{Arg: &plan.Ref{Sym: c.GroupID}}
	for _, i := range whole {
		of.List = append(of.List, &plan.Const{Typ: bigint, Value: int64(i)})
	}
	kept := &plan.Filter{Source: c, Pred: &plan.Logical{Or: true, Terms: []plan.Expr{met, of}}}
	return only(kept, append(append([]*plan.Symbol(nil), n.Outputs()...), d.columns(b)...)), b, true
}

// wholeSets are the numbers of the grouping sets without keys: their group has all rows.
func wholeSets(n *plan.Aggregate) []int {
	var out []int
	for i, set := range n.Sets {
		if len(set) == 0 {
			out = append(out, i)
		}
	}
	return out
}

// pushSingleRow wants at most one row of each value of the domain, and gives NULLs to those that have none.
func (d *domain) pushSingleRow(n *plan.SingleRow) (plan.Node, binding, bool) {
	src, b, ok := d.push(n.Source)
	if !ok {
		return nil, nil, false
	}
	count := aggregation(d.c.Symbols.New("rows", types.Of(types.BigInt)), "count")
	counted := &plan.Window{Source: src, PartitionBy: refs(d.columns(b)), Functions: []plan.WindowFunction{{Sym: count.Sym, Name: count.Name, Variant: count.Variant}}}
	rows, all := d.read()
	join := &plan.Join{Type: plan.Left, Left: rows, Right: counted, Filter: plan.And(d.same(all, b)...)}
	return only(onlyRow(join, &plan.Ref{Sym: count.Sym}), append(append([]*plan.Symbol(nil), n.Outputs()...), d.columns(all)...)), all, true
}

// single groups a plan by the values of the domain. The assignments give the columns of the only row of a group, or fail.
func (d *domain) single(n plan.Node, columns []*plan.Symbol, b binding) (*plan.Aggregate, []plan.Assignment) {
	rows := aggregation(d.c.Symbols.New("rows", types.Of(types.BigInt)), "count")
	grouped := &plan.Aggregate{Source: n, Keys: d.columns(b), Aggs: []plan.Aggregation{rows}}
	var values []plan.Assignment
	for _, s := range columns {
		value := aggregation(d.like(s), "arbitrary", &plan.Ref{Sym: s})
		grouped.Aggs = append(grouped.Aggs, value)
		values = append(values, plan.Assignment{Sym: s, Expr: call(atMostOneRow, &plan.Ref{Sym: value.Sym}, &plan.Ref{Sym: rows.Sym})})
	}
	return grouped, values
}
