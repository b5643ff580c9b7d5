package rules

import (
	"cmp"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// size estimates how many rows the join of two sets has. That does not depend on the order in which all of them are joined, so that
// orders can be compared: they are taken to be added one by one, the first ones that can be at the end.
func (s *joinSearch) size(a, b *candidate, o *operator) float64 {
	if rows := s.sizeOf(a.tree.set | b.tree.set); rows >= 0 {
		return rows
	}
	return s.rows(a, b, o)
}

// sizeOf estimates the rows of a set; -1 where its relations cannot be added one by one.
func (s *joinSearch) sizeOf(set relations) float64 {
	if set.count() == 1 {
		return s.leaf[set.index()].rows
	}
	if rows, ok := s.sizes[set]; ok {
		return rows
	}
	s.sizes[set] = -1
	if part := s.g.partOf(set); part != set {
		if a, b := s.sizeOf(part), s.sizeOf(set&^part); a >= 0 && b >= 0 {
			s.sizes[set] = a * b
		}
		return s.sizes[set]
	}
	for rest := set; rest != 0; rest &= rest - 1 {
		last, others := rest.lowest(), set&^rest.lowest()
		op, swapped, ok := s.g.cut(others, last)
		if !ok || op == nil && !s.g.linked(others, last) {
			continue
		}
		if rows := s.sizeOf(others); rows >= 0 {
			a, b := &candidate{tree: &joinTree{set: others}, rows: rows}, s.start(last.index())
			if swapped {
				a, b = b, a
			}
			s.sizes[set] = s.rows(a, b, op)
			break
		}
	}
	return s.sizes[set]
}

// partOf is the part of a set that its first relation is linked with, directly or through others.
func (g *joinGraph) partOf(set relations) relations {
	part := set.lowest()
	for before := relations(0); before != part; {
		before = part
		for i := range g.classes {
			if on := g.classes[i].on & set; on.meets(part) {
				part |= on
			}
		}
		for i := range g.conds {
			if on := g.conds[i].on; on.in(set) && on.meets(part) {
				part |= on
			}
		}
		for i := range g.ops {
			if all := g.ops[i].all(); all.in(set) && all.meets(part) {
				part |= all
			}
		}
	}
	return part
}

// rows estimates the result of joining two sets by an operator, or by an inner join.
func (s *joinSearch) rows(a, b *candidate, o *operator) float64 {
	sel := 1.0
	for i := range s.g.conds {
		if s.g.conds[i].on.crosses(a.tree.set, b.tree.set) {
			sel *= s.selectivity[i]
		}
	}
	if o == nil {
		return a.rows * b.rows * s.equalities(a, b) * sel
	}
	switch o.join.Type {
	case plan.Semi, plan.Anti:
		return a.rows * s.share[o] * sel
	case plan.Full:
		return max(a.rows+b.rows, a.rows*b.rows*s.matches(a, b, o)) * sel
	}
	return max(a.rows, a.rows*b.rows*s.matches(a, b, o)) * sel
}

// matches is the share of pairs of rows that an outer join finds to match.
func (s *joinSearch) matches(a, b *candidate, o *operator) float64 {
	var factors []float64
	for i := range o.join.Equi {
		if l, r := o.keys[0][i], o.keys[1][i]; l >= 0 && r >= 0 {
			factors = append(factors, 1/max(s.values(l, a), s.values(r, b)))
		}
	}
	return stats.Independent(factors) * s.share[o]
}

// equalities estimates the selectivity of the classes that link two sets. Columns of the same two relations are parts of one
// key and not independent; those of others are.
func (s *joinSearch) equalities(a, b *candidate) float64 {
	type link struct {
		factor float64
		on     relations
	}
	var links []link
	for i := range s.g.classes {
		if on := s.g.classes[i].on; on.meets(a.tree.set) && on.meets(b.tree.set) {
			links = append(links, link{1 / max(s.values(i, a), s.values(i, b)), on})
		}
	}
	slices.SortFunc(links, func(x, y link) int { return cmp.Compare(x.factor, y.factor) })
	sel := 1.0
	for i, l := range links {
		exponent := 1.0
		for _, other := range links[:i] {
			if shared := l.on & other.on; shared.meets(a.tree.set) && shared.meets(b.tree.set) {
				exponent *= stats.Dependence
			}
		}
		sel *= math.Pow(l.factor, exponent)
	}
	return sel
}

// values is how many values the columns of a class have in a set: the fewest of any, and no more than there are rows.
func (s *joinSearch) values(class int, c *candidate) float64 {
	n := math.Inf(1)
	for k, at := range s.g.classes[class].at {
		if c.tree.set.meets(1 << at) {
			n = min(n, s.distinct[class][k])
		}
	}
	return max(1, min(n, c.rows))
}
