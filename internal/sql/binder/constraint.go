package binder

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// exactConstraint writes the condition of a DELETE as a constraint that says neither more nor less; ok is false when there is
// none. Without a condition it is empty.
func exactConstraint(source plan.Node, fields []*field) (constraint []connector.Domain, ok bool) {
	f, filtered := source.(*plan.Filter)
	if !filtered {
		return nil, true
	}
	x := &domainReader{names: map[*plan.Symbol]string{}}
	for _, f := range fields {
		x.names[f.sym] = f.name
	}
	for _, e := range plan.Conjuncts(f.Pred) {
		if c, ok := fold(e); ok && c.Value == true {
			continue
		}
		d, ok := x.domain(e)
		if !ok {
			return nil, false
		}
		constraint = append(constraint, d...)
	}
	return constraint, true
}

// domainReader reads conditions on single columns.
type domainReader struct{ names map[*plan.Symbol]string }

func (x *domainReader) column(e plan.Expr) (string, bool) {
	r, ok := e.(*plan.Ref)
	if !ok {
		return "", false
	}
	name, ok := x.names[r.Sym]
	return name, ok
}

func value(e plan.Expr) (any, bool) {
	c, ok := fold(e)
	if !ok || c.Value == nil {
		return nil, false
	}
	return c.Value, true
}

// domain reads a condition: what it says of a column, in one domain or several.
func (x *domainReader) domain(e plan.Expr) ([]connector.Domain, bool) {
	switch e := e.(type) {
	case *plan.Compare:
		return x.comparison(e)
	case *plan.Between:
		name, ok := x.column(e.Arg)
		low, lok := value(e.Low)
		high, hok := value(e.High)
		return []connector.Domain{{Column: name, Low: &connector.Bound{Value: low, Inclusive: true}, High: &connector.Bound{Value: high, Inclusive: true}}},
			ok && lok && hok
	case *plan.In:
		name, ok := x.column(e.Arg)
		d := connector.Domain{Column: name, Values: []any{}}
		for _, item := range e.List {
			v, known := value(item)
			ok = ok && known
			d.Values = append(d.Values, v)
		}
		return []connector.Domain{d}, ok
	case *plan.IsNull:
		name, ok := x.column(e.Arg)
		return []connector.Domain{{Column: name, Values: []any{}, NullAllowed: true}}, ok
	case *plan.Not:
		if n, ok := e.Arg.(*plan.IsNull); ok {
			name, ok := x.column(n.Arg)
			return []connector.Domain{{Column: name}}, ok
		}
	case *plan.Logical:
		if e.Or {
			return x.either(e.Terms)
		}
	}
	return nil, false
}

func (x *domainReader) comparison(e *plan.Compare) ([]connector.Domain, bool) {
	left, right, op := e.Left, e.Right, e.Op
	if _, ok := x.column(left); !ok {
		left, right, op = right, left, op.Flip()
	}
	name, ok := x.column(left)
	v, known := value(right)
	if !ok || !known {
		return nil, false
	}
	d := connector.Domain{Column: name}
	switch op {
	case plan.Eq:
		d.Values = []any{v}
	case plan.Lt, plan.Le:
		d.High = &connector.Bound{Value: v, Inclusive: op == plan.Le}
	case plan.Gt, plan.Ge:
		d.Low = &connector.Bound{Value: v, Inclusive: op == plan.Ge}
	default:
		return nil, false
	}
	return []connector.Domain{d}, true
}

// either reads alternatives that together are one domain: lists of values of the same column, or a range, with NULL or
// without.
func (x *domainReader) either(terms []plan.Expr) ([]connector.Domain, bool) {
	var all connector.Domain
	for i, t := range terms {
		list, ok := x.domain(t)
		if !ok || len(list) != 1 || i > 0 && list[0].Column != all.Column {
			return nil, false
		}
		d := list[0]
		switch isList, wasList := d.Values != nil, all.Values != nil; {
		case i == 0:
			all = d
			continue
		case isList && wasList:
			all.Values = slices.Concat(all.Values, d.Values)
		case isList && len(d.Values) == 0: // only NULL
		case wasList && len(all.Values) == 0:
			d.NullAllowed, all = true, d
		default:
			return nil, false
		}
		all.NullAllowed = all.NullAllowed || d.NullAllowed
	}
	return []connector.Domain{all}, true
}
