package scheduler

import "cmp"

// Queries share the cluster evenly: what is free goes to the query that has the fewest tasks on nodes, and of several of which
// that is true to the one that has waited longest (max-min fairness). So a query that has just come gets the next place, ahead of
// those that fill the cluster, however many tasks of theirs wait; and as what it has had before does not count, a stream of such queries
// does not keep the others from theirs: with a place each at least, they go on.

// serving is the queries of a round that have tasks to place: a heap, the next one on top.
type serving []*turn

// before reports whether a is served before b.
func (a *turn) before(b *turn) bool {
	return cmp.Or(cmp.Compare(a.places, b.places), cmp.Compare(a.q.waits, b.q.waits)) < 0
}

// newServing puts the turns in their order.
func newServing(turns []*turn) serving {
	h := serving(append([]*turn(nil), turns...))
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
	return h
}

// sink moves the turn at i down to where it belongs.
func (h serving) sink(i int) {
	for {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(h) && h[c].before(h[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// drop takes the top away.
func (h *serving) drop() {
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	*h = (*h)[:last]
	h.sink(0)
}

// line puts a query behind all others that wait: it has got a place, or begins to wait.
func (s *State) line(q *query) {
	s.lines++
	q.waits = s.lines
}

// places counts the query's tasks on nodes, without those for which nothing is set aside.
func (q *query) places() (n int) {
	for _, st := range q.stages {
		if st.takesSlot() {
			n += st.running
		}
	}
	return n
}
