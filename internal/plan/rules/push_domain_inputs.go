package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pushJoin pushes the domain into the side whose rows the join keeps, and into the other one where it reads the domain as well: then
// rows meet only those of the same value.
func (d *domain) pushJoin(n *plan.Join) (plan.Node, binding, bool) {
	left, right := true, d.asked(n.Right)
	switch n.Type {
	case plan.Inner, plan.Cross:
		left = !right || d.asked(n.Left)
	case plan.Right:
		left, right = d.asked(n.Left), true
	case plan.Full:
		right = true
	}
	c := *n
	var b, other binding
	ok := true
	if left {
		if c.Left, b, ok = d.push(n.Left); !ok {
			return nil, nil, false
		}
	}
	if right {
		if c.Right, other, ok = d.push(n.Right); !ok {
			return nil, nil, false
		}
		if b == nil || n.Type == plan.Right {
			b, other = other, b
		}
	}
	if n.NullAware && other != nil && !d.pushedNotIn(&c) {
		return nil, nil, false
	}
	if !c.NullAware { // an equality may read the domain on the side that does not have it
		terms := plan.Conjuncts(c.Filter)
		for _, q := range c.Equi {
			terms = append(terms, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
		}
		c.Equi, c.Filter = nil, filterOf(terms)
	}
	bound := b.expressions(&c).(*plan.Join)
	if other != nil {
		bound.Filter = plan.And(append(plan.Conjuncts(bound.Filter), d.same(b, other)...)...)
	}
	if bound.Type == plan.Cross && bound.Filter != nil {
		bound.Type = plan.Inner
	}
	if n.Type != plan.Full {
		return bound, b, true
	}
	either := d.fresh()
	p := &plan.Project{Source: bound, Cols: identity(n.Outputs())}
	for _, s := range d.outer {
		p.Cols = append(p.Cols, plan.Assignment{Sym: either[s], Expr: &plan.Coalesce{Args: []plan.Expr{&plan.Ref{Sym: b[s]}, &plan.Ref{Sym: other[s]}}, Typ: s.Type}})
	}
	return p, either, true
}

// pushedNotIn makes a condition of the equality of a NOT IN: within the rows of a value of the domain, NULLs on either side count as a
// match.
func (d *domain) pushedNotIn(n *plan.Join) bool {
	if n.Type != plan.Anti {
		return false
	}
	q := n.Equi[0]
	n.NullAware, n.Equi = false, nil
	n.Filter = plan.And(append(plan.Conjuncts(n.Filter), orUnknown(&plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right}))...)
	return true
}

// pushSetOp does the operation on the rows of each value of the domain.
func (d *domain) pushSetOp(n *plan.SetOp) (plan.Node, binding, bool) {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	for i, in := range n.Inputs {
		var ok bool
		if c.Inputs[i], ok = d.pushInput(in); !ok {
			return nil, nil, false
		}
	}
	b := d.fresh()
	c.Symbols = append(append([]*plan.Symbol(nil), n.Symbols...), d.columns(b)...)
	return &c, b, true
}

// pushInput pushes the domain into a plan whose columns are known by position: the domain's come last.
func (d *domain) pushInput(n plan.Node) (plan.Node, bool) {
	out, b, ok := d.push(n)
	if !ok {
		return nil, false
	}
	return only(out, append(append([]*plan.Symbol(nil), n.Outputs()...), d.columns(b)...)), true
}

// pushCTE pushes the domain into a CTE and its readers.
func (d *domain) pushCTE(n *plan.CTE) (plan.Node, binding, bool) {
	c := *n
	if d.asked(n.Def) {
		def, ok := d.pushInput(n.Def)
		if !ok {
			return nil, nil, false
		}
		c.Def, d.bound[n.ID] = def, true
	}
	body, b, ok := d.push(n.Body)
	c.Body = body
	return &c, b, ok
}

func (d *domain) pushCTERef(n *plan.CTERef) (plan.Node, binding, bool) {
	c, b := *n, d.fresh()
	c.Symbols = append(append([]*plan.Symbol(nil), n.Symbols...), d.columns(b)...)
	return &c, b, true
}

// pushRecursion recurs for all values of the domain at once.
func (d *domain) pushRecursion(n *plan.RecursiveCTE) (plan.Node, binding, bool) {
	c, b := *n, d.fresh()
	var first, next bool
	c.Base, first = d.pushInput(n.Base)
	d.bound[n.ID] = true
	c.Step, next = d.pushInput(n.Step)
	c.Symbols = append(append([]*plan.Symbol(nil), n.Symbols...), d.columns(b)...)
	return &c, b, first && next
}
