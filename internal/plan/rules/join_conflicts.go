package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// Which joins may change places, after Moerkotte, Fender and Eich, "On the correct and complete enumeration of the core search space", 2013:
// for each pair of kinds whether the three exchanges below keep the result, and of outer joins which of the conditions must reject NULLs
// for it. The detector is the one that they call CD-C; its rules become the hyperedges of the join graph.

// verdict says whether an exchange is right.
type verdict uint8

const (
	refused verdict = iota
	allowed
	ifFirst  // if the condition of the first join rejects NULLs of the relation that both read
	ifSecond // that of the second one
	ifBoth
)

// joins is a pair of kinds; cross joins are inner ones.
type joins struct{ first, second plan.JoinType }

// associative holds (e1 first e2) second e3 = e1 first (e2 second e3), where second reads e2 and e3.
var associative = map[joins]verdict{
	{plan.Inner, plan.Inner}: allowed,
	{plan.Inner, plan.Semi}:  allowed,
	{plan.Inner, plan.Anti}:  allowed,
	{plan.Inner, plan.Left}:  allowed,
	{plan.Left, plan.Left}:   ifSecond,
	{plan.Full, plan.Left}:   ifSecond,
	{plan.Full, plan.Full}:   ifBoth,
}

// leftExchange holds (e1 first e2) second e3 = (e1 second e3) first e2, where second reads e1 and e3.
var leftExchange = map[joins]verdict{
	{plan.Inner, plan.Inner}: allowed,
	{plan.Inner, plan.Semi}:  allowed,
	{plan.Inner, plan.Anti}:  allowed,
	{plan.Inner, plan.Left}:  allowed,
	{plan.Semi, plan.Inner}:  allowed,
	{plan.Semi, plan.Semi}:   allowed,
	{plan.Semi, plan.Anti}:   allowed,
	{plan.Semi, plan.Left}:   allowed,
	{plan.Anti, plan.Inner}:  allowed,
	{plan.Anti, plan.Semi}:   allowed,
	{plan.Anti, plan.Anti}:   allowed,
	{plan.Anti, plan.Left}:   allowed,
	{plan.Left, plan.Inner}:  allowed,
	{plan.Left, plan.Semi}:   allowed,
	{plan.Left, plan.Anti}:   allowed,
	{plan.Left, plan.Left}:   allowed,
	{plan.Left, plan.Full}:   ifFirst,
	{plan.Full, plan.Left}:   ifSecond,
	{plan.Full, plan.Full}:   ifBoth,
}

// rightExchange holds e1 first (e2 second e3) = e2 second (e1 first e3), where first reads e1 and e3.
var rightExchange = map[joins]verdict{
	{plan.Inner, plan.Inner}: allowed,
	{plan.Full, plan.Full}:   ifBoth,
}

// exchangeable reports whether a join can change places at all with one that it is below of. If not it belongs to another cluster.
func exchangeable(t plan.JoinType, at place) bool {
	if at.right {
		return associative[joins{at.of, t}] != refused || rightExchange[joins{at.of, t}] != refused
	}
	return associative[joins{t, at.of}] != refused || leftExchange[joins{t, at.of}] != refused
}

// conflictRule says that if any relation of when has been joined, all of need must have been.
type conflictRule struct{ when, need relations }

func (r conflictRule) keptBy(s relations) bool { return !r.when.meets(s) || r.need.in(s) }

// findConflicts works out what each operator needs.
func (g *joinGraph) findConflicts() {
	for i := range g.ops {
		o := &g.ops[i]
		for k := range g.ops {
			if other := &g.ops[k]; k != i {
				g.conflict(o, other)
			}
		}
		o.close()
	}
}

// conflict adds the rules that keep an operator and one below it from changing places.
func (g *joinGraph) conflict(o, under *operator) {
	add := func(when, need relations) { o.rules = append(o.rules, conflictRule{when, need}) }
	all := under.below[0] | under.below[1]
	switch {
	case all.in(o.below[0]):
		if !g.holds(associative[joins{under.join.Type, o.join.Type}], under, o, under.below[1]) {
			add(under.below[1], under.reader(0))
		}
		if !g.holds(leftExchange[joins{under.join.Type, o.join.Type}], under, o, under.below[0]) {
			add(under.below[0], under.reader(1))
		}
	case all.in(o.below[1]):
		if !g.holds(associative[joins{o.join.Type, under.join.Type}], o, under, under.below[0]) {
			add(under.below[0], under.reader(1))
		}
		if !g.holds(rightExchange[joins{o.join.Type, under.join.Type}], o, under, under.below[1]) {
			add(under.below[1], under.reader(0))
		}
	}
}

// reader are the relations of a side that the condition reads: all of them when it reads none.
func (o *operator) reader(side int) relations {
	if r := o.reads & o.below[side]; r != 0 {
		return r
	}
	return o.below[side]
}

// holds decides a verdict over the relation that both joins read.
func (g *joinGraph) holds(v verdict, first, second *operator, shared relations) bool {
	switch v {
	case allowed:
		return true
	case ifFirst:
		return g.rejects(first, shared)
	case ifSecond:
		return g.rejects(second, shared)
	case ifBoth:
		return g.rejects(first, shared) && g.rejects(second, shared)
	}
	return false
}

// rejects reports whether the condition of a join is not true where the columns of some relations are NULL.
func (g *joinGraph) rejects(o *operator, of relations) bool {
	symbols := symbolSet{}
	for i, l := range g.leaves {
		if of.meets(1 << i) {
			for _, s := range l.Outputs() {
				symbols[s] = true
			}
		}
	}
	for _, q := range o.join.Equi {
		if nullIn(q.Left, symbols) || nullIn(q.Right, symbols) {
			return true
		}
	}
	return anyRejects(plan.Conjuncts(o.join.Filter), symbols)
}

// close draws into what an operator needs what its rules demand of that, and keeps the rules that say more.
func (o *operator) close() {
	need := o.reader(0) | o.reader(1)
	if o.drops() {
		need = o.reads&o.below[0] | o.below[1]
		if !need.meets(o.below[0]) { // it drops all rows or none, wherever it stands
			need |= o.below[0].lowest()
		}
	}
	for before := relations(0); before != need; {
		before = need
		for _, r := range o.rules {
			if r.when.meets(need) {
				need |= r.need
			}
		}
	}
	o.needs = [2]relations{need & o.below[0], need & o.below[1]}
	kept := o.rules[:0]
	for _, r := range o.rules {
		if !r.need.in(need) {
			kept = append(kept, r)
		}
	}
	o.rules = kept
}

// filled are the relations whose columns some outer join fills with NULL.
func (g *joinGraph) filled() (s relations) {
	for i := range g.ops {
		s |= g.ops[i].fills()
	}
	return s
}

// above are relations with those that must have been joined with them before their columns are what they are above all outer joins.
func (g *joinGraph) above(s relations) relations {
	for before := relations(0); before != s; {
		before = s
		for i := range g.ops {
			if o := &g.ops[i]; o.fills().meets(s) {
				s |= o.all()
			}
		}
	}
	return s
}

// cut says how two disjoint sets can be joined: by an operator (swapped: with the second set on its left), or by an inner join, when
// op is nil; ok is false when they cannot. Whatever can be carried out for the first time over both must be, and is.
func (g *joinGraph) cut(a, b relations) (op *operator, swapped, ok bool) {
	both := a | b
	for i := range g.ops {
		o := &g.ops[i]
		if !o.all().crosses(a, b) {
			continue
		}
		swapped = !o.needs[0].in(a)
		l, r := a, b
		if swapped {
			l, r = b, a
		}
		if op != nil || !o.needs[0].in(l) || !o.needs[1].in(r) {
			return nil, false, false
		}
		for _, rule := range o.rules {
			if !rule.keptBy(both) {
				return nil, false, false
			}
		}
		op = o
	}
	if op != nil {
		return op, swapped, !g.equal(a, b)
	}
	// An inner join finds its place above an outer join or beside it, not between its sides.
	for i := range g.ops {
		o := &g.ops[i]
		if o.fills().meets(both) && !o.all().in(a) && !o.all().in(b) {
			return nil, false, false
		}
	}
	return nil, false, true
}

// equal reports whether columns of two sets are equal.
func (g *joinGraph) equal(a, b relations) bool {
	for i := range g.classes {
		if on := g.classes[i].on; on.meets(a) && on.meets(b) {
			return true
		}
	}
	return false
}

// linked reports whether a condition of an inner join links two sets of relations.
func (g *joinGraph) linked(a, b relations) bool {
	if g.equal(a, b) {
		return true
	}
	for i := range g.conds {
		if g.conds[i].on.crosses(a, b) {
			return true
		}
	}
	return false
}
