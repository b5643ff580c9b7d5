package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// inOrderOf distributes a node that passes rows on in the order in which they come, if there is a sort below it, perhaps below projections.
// A large result is then sorted by many tasks, each a range: what they put out, one after the other, is in order.
func (d *distributor) inOrderOf(n plan.Node) (out plan.Node, p property, ok bool) {
	above := []plan.Node{n}
	for {
		switch s := above[0].Sources()[0].(type) {
		case *plan.Project:
			above = slices.Insert(above, 0, plan.Node(s))
			continue
		case *plan.Sort:
			out, p = d.sorted(s, above...)
			return out, p, true
		case *plan.Limit:
			if sort, between := sortBelow(s.Source); sort != nil && s.WithTies == nil {
				out, p = d.limitedSort(s, sort, between, above)
				return out, p, true
			}
		}
		return nil, p, false
	}
}

// sorted distributes a sort whose order is kept by the nodes above it, which are listed upwards.
func (d *distributor) sorted(n *plan.Sort, above ...plan.Node) (plan.Node, property) {
	s, p := d.node(n.Source)
	var out plan.Node
	switch {
	case p.inOrder(n.Keys):
		out = &plan.Sort{Source: s, Keys: n.Keys}
	case d.byRanges(n.Source, p, n.Keys):
		s, _ = d.inRanges(n.Source, s, p, n.Keys)
		out, p = &plan.Sort{Source: s, Keys: n.Keys}, orderedBy(n.Keys)
	default:
		out, p = &plan.Sort{Source: d.gather(s, p), Keys: n.Keys}, single
	}
	return stacked(out, above), p
}

// orderedBy is the property of rows that are divided by ranges of an ordering.
func orderedBy(keys []plan.SortKey) property {
	return property{hashed: true, keys: [][]*plan.Symbol{nil}, order: keys}
}

// inOrder reports whether rows are divided by ranges of an ordering: of all of its keys, of the first ones, or of further ones too.
func (p property) inOrder(keys []plan.SortKey) bool {
	n := min(len(p.order), len(keys))
	for i := range n {
		a, b := p.order[i], keys[i]
		if a.Desc != b.Desc || a.NullsFirst != b.NullsFirst || !plan.EqualExpr(a.Expr, b.Expr) {
			return false
		}
	}
	return n > 0
}

// renamedOrder is an ordering of rows that have other symbols, as far as its keys are still there.
func renamedOrder(keys []plan.SortKey, by func(*plan.Symbol) []*plan.Symbol) []plan.SortKey {
	var out []plan.SortKey
	for _, k := range keys {
		r, ok := k.Expr.(*plan.Ref)
		if !ok || len(by(r.Sym)) == 0 {
			break
		}
		k.Expr = &plan.Ref{Sym: by(r.Sym)[0]}
		out = append(out, k)
	}
	return out
}
