package rules

import "slices"

// merge is a way to join two parts.
type merge struct {
	of   *candidate
	rank int // what drops rows comes first, then what is linked, then the rest
}

func (m merge) before(other merge) bool {
	if m.of == nil || other.of == nil || m.rank != other.rank {
		return m.of != nil && (other.of == nil || m.rank > other.rank)
	}
	return m.of.bytes() < other.of.bytes()
}

// greedy joins, again and again, the pair whose result is smallest (greedy operator ordering; Fegaras, 1998). Semi and anti joins come as
// early as they can. It returns nil where that has led to parts that cannot be joined.
func (s *joinSearch) greedy() *joinTree {
	var parts []*candidate
	var merges [][]merge // by part, with those before it
	add := func(c *candidate) {
		row := make([]merge, len(parts))
		for i, p := range parts {
			row[i] = s.merge(p, c)
		}
		parts, merges = append(parts, c), append(merges, row)
	}
	for i := range s.leaf {
		add(s.start(i))
	}
	for len(parts) > 1 {
		var best merge
		bi, bk := 0, 0
		for i, row := range merges {
			for k, m := range row {
				if m.before(best) {
					best, bi, bk = m, i, k
				}
			}
		}
		if best.of == nil {
			return nil
		}
		for _, gone := range []int{bi, bk} { // the later one first
			parts, merges = slices.Delete(parts, gone, gone+1), slices.Delete(merges, gone, gone+1)
			for i := gone; i < len(merges); i++ {
				merges[i] = slices.Delete(merges[i], gone, gone+1)
			}
		}
		add(best.of)
	}
	return parts[0].tree
}

// merge joins two parts, if that is right.
func (s *joinSearch) merge(a, b *candidate) (m merge) {
	op, swapped, ok := s.g.cut(a.tree.set, b.tree.set)
	if !ok {
		return m
	}
	if swapped {
		a, b = b, a
	}
	switch {
	case op != nil && op.drops():
		m.rank = 2
	case op != nil || s.g.linked(a.tree.set, b.tree.set):
		m.rank = 1
	}
	m.of = s.join(a, b, op, s.rows(a, b, op))
	return m
}

// inOrder joins the relations in the order in which they were written, except that one which is connected to those before
// goes ahead of one which is not. What drops rows does so as early as it can. The graph has no outer joins.
func (g *joinGraph) inOrder() *joinTree {
	t := leafTree(0)
	for range g.leaves[1:] {
		i, op := g.next(t.set)
		t = &joinTree{left: t, right: leafTree(i), op: op, set: t.set | 1<<i}
	}
	return t
}

// next is the relation to join to a set next, and how.
func (g *joinGraph) next(done relations) (next int, op *operator) {
	dropped := g.filled()
	first, linked := -1, -1
	for i := range g.leaves {
		leaf := relations(1) << i
		switch {
		case done.meets(leaf):
		case dropped.meets(leaf):
			if op, _, _ := g.cut(done, leaf); op != nil {
				return i, op
			}
		case linked < 0 && g.linked(done, leaf):
			linked = i
		case first < 0:
			first = i
		}
	}
	if linked >= 0 {
		return linked, nil
	}
	return first, nil
}
