package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// aggregateUnion does the first step of an aggregation over a UNION ALL in the stage of each input, where these are stages of their own whose
// rows would be sent to the union: states travel once in their place. ok is false where the rows of the union are put together without that,
// or the aggregation has no two steps.
func (d *distributor) aggregateUnion(n *plan.Aggregate) (out plan.Node, p property, ok bool) {
	path, union := pathToUnion(n.Source)
	if union == nil {
		return nil, p, false
	}
	inputs, props := make([]plan.Node, len(union.Inputs)), make([]property, len(union.Inputs))
	for i, in := range union.Inputs {
		inputs[i], props[i] = d.node(in)
	}
	together := *union
	together.Inputs = inputs
	groups, rows := d.groups(n)
	var partial, final *plan.Aggregate
	if apart(props) && !allHashed(props) && !allSingle(props) {
		if n.Step == plan.Partial {
			partial, ok = n, n.GroupID == nil
		} else if n.Sets != nil || groups <= reduces*rows || len(n.Keys) == 0 {
			partial, final, ok = d.split(n)
		}
	}
	if !ok {
		c := together
		c.Inputs = slices.Clone(inputs)
		d.settle(union, &c, props)
		return nil, p, false
	}
	gather := final != nil && (len(final.Keys) == 0 || groups >= 0 && groups <= fewGroups)
	states := &plan.SetOp{Kind: plan.Union, All: true, Symbols: partial.Outputs()}
	for i := range inputs {
		in := d.ofInput(partial, path, &together, i)
		switch {
		case final == nil:
			props[i] = props[i].among(in.Keys)
			states.Inputs = append(states.Inputs, in)
		case gather:
			states.Inputs = append(states.Inputs, d.gather(in, props[i]))
		default:
			keys := slices.Clone(in.Keys)
			if in.GroupID != nil {
				keys = append(keys, in.GroupID)
			}
			states.Inputs = append(states.Inputs, d.repartition(in, props[i], refs(keys)))
		}
	}
	if final == nil {
		out, p = d.union(states, props)
		return out, p, true
	}
	final.Source = states
	if gather {
		return finish(n, final), single, true
	}
	return finish(n, final), hashedBy(refs(final.Keys)), true
}

// settle remembers where the rows of a union are whose inputs are distributed already.
func (d *distributor) settle(union, distributed *plan.SetOp, props []property) {
	out, p := plan.Node(distributed), single
	if !allSingle(props) {
		out, p = d.union(distributed, props)
	}
	d.settled[union] = settled{out, p}
}

// settled is a node that is distributed already.
type settled struct {
	node plan.Node
	p    property
}

func allSingle(props []property) bool {
	return !slices.ContainsFunc(props, func(p property) bool { return !p.single })
}

// pathToUnion finds a UNION ALL below filters and projections that give the same for the same row; nil when there is none.
func pathToUnion(n plan.Node) (path []plan.Node, union *plan.SetOp) {
	for {
		switch x := n.(type) {
		case *plan.SetOp:
			if x.Kind != plan.Union || !x.All || len(x.Inputs) < 2 {
				return nil, nil
			}
			return path, x
		case *plan.Filter, *plan.Project:
			if len(plan.Subplans(n)) > 0 || nondeterministic(n) {
				return nil, nil
			}
			path, n = append(path, n), n.Sources()[0]
		default:
			return nil, nil
		}
	}
}

// ofInput is a partial aggregation of one input of a union: with symbols of its own, as is what lies between.
func (d *distributor) ofInput(partial *plan.Aggregate, path []plan.Node, union *plan.SetOp, i int) *plan.Aggregate {
	in := union.Inputs[i]
	by := map[*plan.Symbol]*plan.Symbol{}
	for j, s := range in.Outputs() {
		by[union.Symbols[j]] = s
	}
	fresh := func(s *plan.Symbol) *plan.Symbol {
		by[s] = d.o.Symbols.New(s.Name, s.Type)
		return by[s]
	}
	rename := func(e plan.Expr) plan.Expr { return plan.Renamed(e, by) }
	for _, n := range slices.Backward(path) {
		switch n := plan.MapNodeExprs(n, rename).(type) {
		case *plan.Filter:
			n.Source = in
			in = n
		case *plan.Project:
			n.Source = in
			for c := range n.Cols {
				n.Cols[c].Sym = fresh(n.Cols[c].Sym)
			}
			in = n
		}
	}
	c := plan.MapNodeExprs(partial, rename).(*plan.Aggregate)
	c.Source, c.Keys, c.Aggs = in, slices.Clone(partial.Keys), slices.Clone(c.Aggs)
	for k, s := range c.Keys {
		c.Keys[k] = by[s]
	}
	if c.GroupID != nil {
		c.GroupID = fresh(c.GroupID)
	}
	for a := range c.Aggs {
		c.Aggs[a].Sym = d.o.Symbols.New(c.Aggs[a].Sym.Name, c.Aggs[a].Sym.Type)
	}
	return c
}
