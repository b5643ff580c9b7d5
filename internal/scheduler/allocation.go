package scheduler

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// round is one round of allocation over the whole cluster.
type round struct {
	*nodeIndex
	kept []*node // where room is kept for tasks that did not fit
}

// request is a partition that waits for a node.
type request struct {
	p   *partition
	mem int64
	// most is the memory of the largest node that may run p.
	most int64
}

// allocate places waiting tasks on nodes: bin packing by memory, round-robin over queries, beginning with the first
// one that could not be served last time.
func (s *State) allocate() {
	r := &round{nodeIndex: s.cluster()}
	order := s.servingOrder()
	s.turn = ""
	for len(order) > 0 {
		order = slices.DeleteFunc(order, func(t *turn) bool {
			switch t.serve(s, r) {
			case served:
				return false
			case denied:
				if s.turn == "" {
					s.turn = t.q.id
				}
			}
			return true
		})
	}
	for _, n := range r.kept {
		n.kept, n.full = 0, false
		n.changed()
	}
}

// servingOrder lists the queries that have tasks to place.
func (s *State) servingOrder() []*turn {
	var order []*turn
	start := 0
	for _, q := range s.queries {
		if !q.live() {
			continue
		}
		if q.restartAt != 0 || q.queued == 0 {
			s.setStranded(q, 0)
			continue
		}
		if q.id == s.turn {
			start = len(order)
		}
		order = append(order, &turn{q: q, nowhere: -1})
	}
	return slices.Concat(order[start:], order[:start])
}

// turn is a query's part in a round.
type turn struct {
	q     *query
	stage int // where in the query's stages it is
	next  int // the first of the stage's partitions to look at
	// reserved says that room has been kept for a task of the query that could not be placed.
	reserved bool
	denials  int
	nowhere  int // 1: a task waits for which there is no node at all; 0: none does; -1: not looked yet
}

type outcome int

const (
	idle   outcome = iota // nothing waits
	served                // one task placed; ask again
	denied                // the rest must wait
)

// serve places the query's next task that can be placed.
func (t *turn) serve(s *State, r *round) outcome {
	for ; t.stage < len(t.q.stages); t.stage, t.next = t.stage+1, 0 {
		st := t.q.stages[t.stage]
		if st.state != StageRunning || st.ready.len() == 0 || !st.inputsReady() {
			continue
		}
		for st.running < st.window() {
			if t.next = st.ready.next(t.next); t.next < 0 {
				break
			}
			if t.denials >= max(t.q.settings.MaxTasksWaitingForNode, 1) {
				return t.end(s)
			}
			p := st.parts[t.next]
			req := request{p: p, mem: st.request(p, r.largest)}
			possible := r.measure(&req)
			if n := r.find(req); n != nil {
				inputs, ok := p.selection()
				if !ok {
					panic(fmt.Sprintf("scheduler: inputs of %s.%d.%d are missing", t.q.id, st.ID, p.n))
				}
				st.dequeue(p)
				s.touch(t.q)
				s.startAttempt(p, n, min(req.mem, max(n.mem, 1)), inputs)
				t.nowhere = max(t.nowhere, 0)
				return served
			}
			t.denials++
			if !possible {
				t.nowhere = 1
			} else {
				t.nowhere = max(t.nowhere, 0)
				if !t.reserved && !st.CoordinatorOnly {
					t.reserved = true
					r.reserve(req)
				}
			}
			if p.work.hosts == nil {
				break // the stage's others ask for about the same
			}
			t.next++
		}
	}
	return t.end(s)
}

// end notes since when the query is stranded.
func (t *turn) end(s *State) outcome {
	switch {
	case t.nowhere == 1 && t.q.stranded == 0:
		s.setStranded(t.q, s.now)
	case t.nowhere < 1:
		s.setStranded(t.q, 0)
	}
	if t.denials > 0 {
		return denied
	}
	return idle
}

func (s *State) setStranded(q *query, since Instant) {
	if q.stranded != since {
		q.stranded = since
		s.touch(q)
	}
}

// measure looks at the nodes that may run the request at all. It reports whether there are any.
func (r *round) measure(req *request) bool {
	switch w := &req.p.work; {
	case req.p.stage.CoordinatorOnly:
		return len(r.coordinators) > 0
	case w.hosts == nil:
		if r.largest == nil {
			return false
		}
		req.most = r.largest.mem
		return true
	default:
		possible := false
		r.pinned(w, func(n *node) {
			possible = true
			req.most = max(req.most, n.mem)
		})
		return possible
	}
}

// pinned calls f with the nodes that take ordinary tasks at the hosts of the work.
func (r *round) pinned(w *work, f func(*node)) {
	for i, h := range w.hosts {
		if slices.Contains(w.hosts[:i], h) {
			continue
		}
		for _, n := range r.at(h) {
			if n.slots > 0 {
				f(n)
			}
		}
	}
}

// find returns the node that suits the request best, or nil.
//
// The best is at the host of the data, then one where the partition has not just failed, then the one with the
// greatest memory left, with the fewest tasks of the stage, with the fewest tasks, the first by id.
func (r *round) find(req request) *node {
	r.refresh()
	c := choice{req: req}
	switch p := req.p; {
	case p.stage.CoordinatorOnly:
		for _, n := range r.coordinators {
			c.offer(n)
		}
	case p.work.hosts != nil:
		r.pinned(&p.work, c.offer)
	case req.mem == 0: // of little consequence, and rare
		for _, n := range r.nodes {
			if n.slots > 0 && !n.draining {
				c.offer(n)
			}
		}
	default:
		if p.work.host != "" {
			for _, n := range r.at(p.work.host) {
				if n.slots > 0 {
					c.offer(n)
				}
			}
		}
		if c.best == nil {
			r.roomiest(&c)
		}
	}
	return c.best
}

// roomiest offers the nodes with the most memory left; the one where the partition has just failed only if there is no
// other.
func (r *round) roomiest(c *choice) {
	avoid := r.node(c.req.p.avoid)
	if avoid != nil {
		r.withdraw(avoid)
	}
	t := &r.free
	if n := t.top(); n == nil || n.left() < c.req.mem {
		t = &r.empty
	}
	offered := 0
	t.best(func(n *node) bool {
		if c.best == nil && !n.fits(c.req) || c.best != nil && n.left() != c.best.left() || offered == lookahead {
			return false
		}
		c.offer(n)
		offered++
		return c.bestRank[2] != 0 // none can be better than one without a task of the stage
	})
	if avoid != nil {
		r.place(avoid)
		if c.best == nil && avoid.slots > 0 && !avoid.draining {
			c.offer(avoid)
		}
	}
}

// choice is the best of the nodes offered for a request.
type choice struct {
	req      request
	best     *node
	bestRank [4]int64
}

// offer considers a node that may run the partition.
func (c *choice) offer(n *node) {
	p := c.req.p
	if !n.fits(c.req) {
		return
	}
	rank := [4]int64{0, n.left(), -n.tasksOf(p.stage), -int64(n.busy)}
	if p.work.host != "" && n.host == p.work.host {
		rank[0] += 2
	}
	if n.id != p.avoid {
		rank[0]++
	}
	if c.req.mem == 0 {
		rank[1] = 0 // memory is no matter
	}
	if d := slices.Compare(rank[:], c.bestRank[:]); c.best == nil || d > 0 || d == 0 && n.id < c.best.id {
		c.best, c.bestRank = n, rank
	}
}

// fits reports whether the node has room for the request now. A node where nothing else has memory takes a task of any
// size, unless the task is known to need more than that and there is a larger node.
func (n *node) fits(req request) bool {
	if req.p.stage.CoordinatorOnly {
		return true
	}
	return n.busy < n.slots && (req.mem == 0 || req.mem <= n.left() || n.empty() && n.enough(req))
}

// enough reports whether the node as a whole could give the task what its failures have shown it to need.
func (n *node) enough(req request) bool { return n.mem >= min(req.p.mem, req.most) }

// tasksOf counts the attempts of the stage on the node.
func (n *node) tasksOf(st *stage) int64 {
	var c int64
	for _, p := range n.leases {
		if p.stage == st {
			c++
		}
	}
	return c
}

// reserve keeps room for a task that could not be placed, on the node that will have it soonest, so that smaller tasks
// do not starve it.
func (r *round) reserve(req request) {
	var best *node
	if req.p.work.hosts != nil {
		r.pinned(&req.p.work, func(n *node) {
			if n.enough(req) && (best == nil || n.left() > best.left() || n.left() == best.left() && n.id < best.id) {
				best = n
			}
		})
	} else {
		r.refresh()
		r.roomy.best(func(n *node) bool {
			if best == nil && n.enough(req) {
				best = n
			}
			return best == nil
		})
	}
	if best == nil || req.mem == 0 {
		return
	}
	best.kept += min(req.mem, best.mem)
	best.full = true
	best.changed()
	r.kept = append(r.kept, best)
}

// failStranded fails the queries that have waited too long for a node that could take their tasks. It reports whether
// there were any.
func (s *State) failStranded() bool {
	failed := false
	for _, q := range s.queries {
		if q.live() && q.stranded != 0 && s.now.Sub(q.stranded) >= s.cfg.NoMatchingNodePeriod {
			s.failQuery(q, failure(trinoerr.NoNodesAvailable, "No nodes available to run query"))
			failed = true
		}
	}
	return failed
}
