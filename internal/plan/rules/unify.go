package rules

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// unifier finds out whether two plans compute the same rows, of which each may have other columns, and makes one that has the columns of
// both.
type unifier struct {
	// to are the symbols of the first plan that are those of the second; those that only the second has are their own.
	to map[*plan.Symbol]*plan.Symbol
}

// node returns a, with what b has besides.
func (u *unifier) node(a, b plan.Node) (plan.Node, bool) {
	a, b = stripped(a), stripped(b)
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return nil, false
	}
	switch a := a.(type) {
	case *plan.Scan:
		return u.scan(a, b.(*plan.Scan))
	case *plan.Filter:
		b := b.(*plan.Filter)
		src, ok := u.node(a.Source, b.Source)
		if !ok || !u.sameTerms(plan.Conjuncts(a.Pred), plan.Conjuncts(b.Pred)) {
			return nil, false
		}
		return &plan.Filter{Source: src, Pred: a.Pred}, true
	case *plan.Project:
		return u.project(a, b.(*plan.Project))
	case *plan.Join:
		return u.join(a, b.(*plan.Join))
	case *plan.Aggregate:
		return u.aggregate(a, b.(*plan.Aggregate))
	case *plan.Distinct:
		src, ok := u.exactly(a.Source, b.(*plan.Distinct).Source, false)
		return &plan.Distinct{Source: src}, ok
	case *plan.SetOp:
		return u.setOp(a, b.(*plan.SetOp))
	}
	return nil, false
}

func (u *unifier) expr(e plan.Expr) plan.Expr { return plan.Renamed(e, u.to) }

// sameTerms compares lists of expressions, the second of the second plan, in any order.
func (u *unifier) sameTerms(a, b []plan.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	rest := slices.Clone(a)
	for _, e := range b {
		e = u.expr(e)
		i := slices.IndexFunc(rest, func(x plan.Expr) bool { return plan.EqualExpr(x, e) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

func (u *unifier) scan(a, b *plan.Scan) (plan.Node, bool) {
	if a.Catalog != b.Catalog || a.Table.Table != b.Table.Table || !bytes.Equal(a.Table.Handle, b.Table.Handle) || a.Table.Limit != b.Table.Limit ||
		!reflect.DeepEqual(a.Table.Constraint, b.Table.Constraint) || a.Ranges != nil || b.Ranges != nil {
		return nil, false
	}
	c := *a
	c.Symbols, c.Table.Columns = slices.Clone(a.Symbols), slices.Clone(a.Table.Columns)
	for i, s := range b.Symbols {
		at := -1
		for j, col := range a.Table.Columns {
			if reflect.DeepEqual(col, b.Table.Columns[i]) {
				at = j
			}
		}
		if at >= 0 {
			u.to[s] = a.Symbols[at]
			continue
		}
		u.to[s] = s
		c.Symbols, c.Table.Columns = append(c.Symbols, s), append(c.Table.Columns, b.Table.Columns[i])
	}
	return &c, true
}

func (u *unifier) project(a, b *plan.Project) (plan.Node, bool) {
	src, ok := u.node(a.Source, b.Source)
	if !ok {
		return nil, false
	}
	c := &plan.Project{Source: src, Cols: slices.Clone(a.Cols)}
	to := map[*plan.Symbol]*plan.Symbol{}
	for _, col := range b.Cols {
		e := u.expr(col.Expr)
		if i := slices.IndexFunc(c.Cols, func(x plan.Assignment) bool { return plan.EqualExpr(x.Expr, e) }); i >= 0 {
			to[col.Sym] = c.Cols[i].Sym
			continue
		}
		if r, ok := e.(*plan.Ref); ok { // a column that the first drops
			c.Cols, to[col.Sym] = append(c.Cols, plan.Assignment{Sym: r.Sym, Expr: e}), r.Sym
			continue
		}
		c.Cols, to[col.Sym] = append(c.Cols, plan.Assignment{Sym: col.Sym, Expr: e}), col.Sym
	}
	for s, x := range to {
		u.to[s] = x
	}
	return c, true
}

func (u *unifier) join(a, b *plan.Join) (plan.Node, bool) {
	if a.Type != b.Type || a.NullAware != b.NullAware || a.Distribution != b.Distribution || len(a.Equi) != len(b.Equi) {
		return nil, false
	}
	left, lok := u.node(a.Left, b.Left)
	right, rok := u.node(a.Right, b.Right)
	if !lok || !rok || !u.sameTerms(plan.Conjuncts(a.Filter), plan.Conjuncts(b.Filter)) || !u.sameTerms(equalities(a), equalities(b)) {
		return nil, false
	}
	if a.MarkSym != nil {
		u.to[b.MarkSym] = a.MarkSym
	}
	return a.WithSources([]plan.Node{left, right}), true
}

// equalities are the equality clauses of a join.
func equalities(j *plan.Join) []plan.Expr {
	var out []plan.Expr
	for _, q := range j.Equi {
		out = append(out, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
	}
	return out
}

func (u *unifier) aggregate(a, b *plan.Aggregate) (plan.Node, bool) {
	if a.Step != plan.Single || b.Step != plan.Single || a.Sets != nil || b.Sets != nil || len(a.Keys) != len(b.Keys) {
		return nil, false
	}
	src, ok := u.node(a.Source, b.Source)
	if !ok {
		return nil, false
	}
	seen := symbolSet{}
	for _, k := range b.Keys {
		if !slices.Contains(a.Keys, u.to[k]) || seen[u.to[k]] {
			return nil, false
		}
		seen[u.to[k]] = true
	}
	c := *a
	c.Source, c.Aggs = src, slices.Clone(a.Aggs)
	for _, g := range b.Aggs {
		g.Args, g.Filter = u.exprs(g.Args), u.optional(g.Filter)
		if g.OrderBy != nil {
			return nil, false
		}
		if i := slices.IndexFunc(c.Aggs, func(x plan.Aggregation) bool { return sameAggregation(x, g) }); i >= 0 {
			u.to[g.Sym] = c.Aggs[i].Sym
			continue
		}
		u.to[g.Sym] = g.Sym
		c.Aggs = append(c.Aggs, g)
	}
	return &c, true
}

func (u *unifier) exprs(es []plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(es))
	for i, e := range es {
		out[i] = u.expr(e)
	}
	return out
}

func (u *unifier) optional(e plan.Expr) plan.Expr {
	if e == nil {
		return nil
	}
	return u.expr(e)
}

func sameAggregation(a, b plan.Aggregation) bool {
	return a.Variant == b.Variant && a.Distinct == b.Distinct && a.OrderBy == nil && b.OrderBy == nil && plan.EqualExpr(a.Filter, b.Filter) &&
		slices.EqualFunc(a.Args, b.Args, plan.EqualExpr) && a.Sym.Type.Equal(b.Sym.Type)
}

// exactly unifies plans all of whose columns count: both must have the same, in the same order if that matters.
func (u *unifier) exactly(a, b plan.Node, ordered bool) (plan.Node, bool) {
	src, ok := u.node(a, b)
	columns := a.Outputs()
	if !ok || len(columns) != len(b.Outputs()) {
		return nil, false
	}
	seen := symbolSet{}
	for i, s := range b.Outputs() {
		if ordered && u.to[s] != columns[i] || !slices.Contains(columns, u.to[s]) || seen[u.to[s]] {
			return nil, false
		}
		seen[u.to[s]] = !ordered
	}
	return &plan.Project{Source: src, Cols: identity(columns)}, true
}

func (u *unifier) setOp(a, b *plan.SetOp) (plan.Node, bool) {
	if a.Kind != b.Kind || a.All != b.All || len(a.Inputs) != len(b.Inputs) || len(a.Symbols) != len(b.Symbols) {
		return nil, false
	}
	c := *a
	c.Inputs = make([]plan.Node, len(a.Inputs))
	for i := range a.Inputs {
		in, ok := u.exactly(a.Inputs[i], b.Inputs[i], true)
		if !ok {
			return nil, false
		}
		c.Inputs[i] = in
	}
	for i, s := range b.Symbols {
		u.to[s] = a.Symbols[i]
	}
	return &c, true
}
