package adaptive

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// descent goes from a node down to the scans of a key, of which only some values are needed in the rows of the node.
type descent struct {
	p *planner
	// found returns what stands in the place of a scan of the key: the scan itself when nothing changes. remote says that the rows of the
	// scan move before they are joined.
	found  func(s *plan.Scan, key *plan.Symbol, remote bool) plan.Node
	reason string // why parts change
	remote bool
	part   *part // where it is
}

// side goes down from a node of a part. It changes the parts below, and returns what takes the node's place.
func (d *descent) side(t *part, n plan.Node, key *plan.Symbol) (plan.Node, bool) {
	if t.started {
		return n, false
	}
	defer func(was *part) { d.part = was }(d.part)
	d.part = t
	return d.node(n, key)
}

// node returns what takes the place of n.
func (d *descent) node(n plan.Node, key *plan.Symbol) (plan.Node, bool) {
	switch x := n.(type) {
	case *plan.Scan:
		if positionOf(x.Symbols, key) < 0 {
			return n, false
		}
		out := d.found(x, key, d.remote)
		return out, out != n
	case *plan.RemoteSource:
		d.stage(x, key)
		return n, false
	case *plan.SetOp:
		return d.union(x, key)
	}
	i, below := inputOf(n, key)
	if i < 0 {
		return n, false
	}
	sources := n.Sources()
	source, changed := d.node(sources[i], below)
	if !changed {
		return n, false
	}
	if f, ok := n.(*plan.Filter); ok { // one filter above the scan, not two
		if inner, ok := source.(*plan.Filter); ok {
			if _, ok := inner.Source.(*plan.Scan); ok {
				return &plan.Filter{Source: inner.Source, Pred: plan.And(f.Pred, inner.Pred)}, true
			}
		}
	}
	sources = slices.Clone(sources)
	sources[i] = source
	return n.WithSources(sources), true
}

// inputOf is the source of a node in which rows with a key that is not needed can be dropped as well, and what the key is there;
// negative when there is none. The join far above never finds NULL: what an outer join fills in is dropped there.
func inputOf(n plan.Node, key *plan.Symbol) (int, *plan.Symbol) {
	first := func(keep bool) (int, *plan.Symbol) {
		if s := n.Sources(); keep && len(s) == 1 && positionOf(s[0].Outputs(), key) >= 0 {
			return 0, key
		}
		return -1, nil
	}
	switch x := n.(type) {
	case *plan.Filter, *plan.Distinct:
		return first(true)
	case *plan.Project:
		if s := assigned(x, key); s != nil {
			return 0, s
		}
	case *plan.Aggregate: // whole groups go
		return first(x.Sets == nil && positionOf(x.Keys, key) >= 0)
	case *plan.Window: // whole partitions go
		return first(slices.ContainsFunc(x.PartitionBy, func(e plan.Expr) bool {
			r, ok := e.(*plan.Ref)
			return ok && r.Sym == key
		}))
	case *plan.Unnest:
		return first(x.Source != nil)
	case *plan.Join:
		if positionOf(x.Left.Outputs(), key) >= 0 {
			return 0, key
		}
		if x.Type != plan.Semi && x.Type != plan.Anti && x.Type != plan.Mark && positionOf(x.Right.Outputs(), key) >= 0 {
			return 1, key
		}
	}
	return -1, nil
}

// union goes on in all inputs of UNION.
func (d *descent) union(n *plan.SetOp, key *plan.Symbol) (plan.Node, bool) {
	at := positionOf(n.Symbols, key)
	if n.Kind != plan.Union || at < 0 {
		return n, false
	}
	inputs, changed := slices.Clone(n.Inputs), false
	for i, in := range inputs {
		var c bool
		inputs[i], c = d.node(in, in.Outputs()[at])
		changed = changed || c
	}
	if !changed {
		return n, false
	}
	c := *n
	c.Inputs = inputs
	return &c, true
}

// stage goes on in the stage that a remote source reads, if nobody else reads it.
func (d *descent) stage(r *plan.RemoteSource, key *plan.Symbol) {
	t, at := d.p.at[r.Stage], positionOf(r.Symbols, key)
	if t == nil || t.started || at < 0 || d.p.readers(t) != 1 {
		return
	}
	defer func(was bool) { d.remote = was }(d.remote)
	d.remote = true
	if root, changed := d.side(t, t.Root, t.Root.Outputs()[at]); changed {
		t.change(root, d.reason)
	}
}
