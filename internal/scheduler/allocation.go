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
	p     *partition
	class Class
	mem   int64
	// most is the memory of the largest node that may run p.
	most int64
	// not is where it must not run: where its other attempt is.
	not NodeID
	// bound says that it waits for a node at the host of its data.
	bound bool
}

// allocate places waiting tasks on nodes: bin packing by memory, class by class, round-robin over queries, beginning with
// the first one that could not be served last time. SPECULATIVE tasks get what nobody else waits for.
func (s *State) allocate() {
	r := &round{nodeIndex: s.cluster()}
	turns := s.servingOrder()
	s.turn = ""
	for _, class := range [...]Class{EagerSpeculative, Standard, Speculative} {
		if class == Speculative && slices.ContainsFunc(turns, func(t *turn) bool { return t.denied }) {
			break
		}
		order := slices.Clone(turns)
		for _, t := range order {
			t.class, t.stage, t.next, t.denials, t.reserved = class, 0, 0, 0, false
		}
		for len(order) > 0 {
			order = slices.DeleteFunc(order, func(t *turn) bool {
				switch t.serve(s, r) {
				case served:
					return false
				case denied:
					if s.turn == "" && class != Speculative {
						s.turn = t.q.id
					}
				}
				return true
			})
		}
	}
	for _, t := range turns {
		t.end(s)
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
		if q.restartAt != 0 || q.queued == 0 && !q.racing() {
			s.setStranded(q, 0)
			q.hostDue = 0
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
	class Class // that is being served
	stage int   // where in the query's stages it is
	next  int   // the first of the stage's partitions to look at
	// reserved says that room has been kept for a task of the query that could not be placed.
	reserved bool
	denials  int
	nowhere  int // 1: a task waits for which there is no node at all; 0: none does; -1: not looked yet
	denied   bool
	// hostDue is when the first task will not wait for a node at the host of its data any more.
	hostDue Instant
}

type outcome int

const (
	idle   outcome = iota // nothing waits
	served                // one task placed; ask again
	denied                // the rest must wait
)

// serve places the query's next task of the class that can be placed.
func (t *turn) serve(s *State, r *round) outcome {
	for ; t.stage < len(t.q.stages); t.stage, t.next = t.stage+1, 0 {
		st := t.q.stages[t.stage]
		if st.state != StageRunning {
			continue
		}
		if t.class == Speculative && s.serveSlow(st, r) {
			return served
		}
		if st.ready.len() == 0 || st.class() != t.class || !st.early && !st.inputsReady() {
			continue
		}
		for st.running < st.window() && t.q.mayRunMore(st) {
			if t.next = st.ready.next(t.next); t.next < 0 {
				break
			}
			if t.denials >= max(t.q.settings.MaxTasksWaitingForNode, 1) {
				return denied
			}
			p := st.parts[t.next]
			var inputs []InputSelection
			if st.early { // one by one, as outputs come and are lost
				ok := false
				if inputs, ok = p.selection(); !ok || t.class == Speculative && p.next > maxAttempt/2 {
					t.next++
					continue
				}
			}
			req := request{p: p, class: t.class, mem: st.request(p, r.largest)}
			possible := r.measure(s, &req)
			if n := r.find(req); n != nil {
				if !st.early {
					var ok bool
					if inputs, ok = p.selection(); !ok {
						panic(fmt.Sprintf("scheduler: inputs of %s.%d.%d are missing", t.q.id, st.ID, p.n))
					}
				}
				st.dequeue(p)
				s.touch(t.q)
				s.start(req, n, inputs)
				t.nowhere = max(t.nowhere, 0)
				return served
			}
			if t.deny(s, r, &req, possible) {
				break // the stage's others ask for about the same
			}
			t.next++
		}
	}
	if t.denials > 0 {
		return denied
	}
	return idle
}

// deny notes that a task could not be placed. It reports whether that goes for all others of its stage.
func (t *turn) deny(s *State, r *round, req *request, possible bool) bool {
	t.denials++
	t.denied = true
	if req.bound {
		if req.p.since == 0 {
			req.p.since = s.now
			s.touch(t.q)
		}
		if due := req.p.since.Add(s.cfg.ExhaustedNodeWait); t.hostDue == 0 || due < t.hostDue {
			t.hostDue = due
		}
	}
	if !possible {
		t.nowhere = 1
	} else {
		t.nowhere = max(t.nowhere, 0)
		if !t.reserved && t.class == Standard {
			t.reserved = true
			r.reserve(*req)
		}
	}
	return req.p.work.hosts == nil && !req.bound
}

// start places the request's partition on the node. SPECULATIVE attempts there make room for any other, the newest first.
func (s *State) start(req request, n *node, inputs []InputSelection) {
	mem := min(req.mem, max(n.mem, 1))
	if req.class != Speculative {
		for n.spareSlots > 0 || n.spare > 0 {
			slots := n.busy + n.spareSlots
			if !req.p.stage.CoordinatorOnly {
				slots++
			}
			if slots <= max(n.slots, 1) && mem <= n.mem-n.used+min(n.eager, n.over) {
				break
			}
			s.evict(n)
		}
	}
	s.startAttempt(req.p, n, mem, inputs)
}

// evict takes the newest SPECULATIVE attempt off the node. Unless it was a second one, its partition waits for another.
func (s *State) evict(n *node) {
	for _, p := range slices.Backward(n.leases) {
		a := p.on(n.id)
		if a.class != Speculative {
			continue
		}
		s.stopAttempt(p, a, "makes room for others")
		if p.state != partRunning {
			p.stage.enqueue(p)
		}
		s.touch(p.stage.q)
		return
	}
}

// mayRunMore reports whether the query may have another task on a node.
func (q *query) mayRunMore(st *stage) bool {
	if q.settings.MaxRunningTasks <= 0 || st.CoordinatorOnly {
		return true
	}
	running := 0
	for _, o := range q.stages {
		if !o.CoordinatorOnly {
			running += o.running
		}
	}
	return running < q.settings.MaxRunningTasks
}

// end notes since when the query is stranded, and when it has to be looked at again.
func (t *turn) end(s *State) {
	switch {
	case t.nowhere == 1 && t.q.stranded == 0:
		s.setStranded(t.q, s.now)
	case t.nowhere < 1:
		s.setStranded(t.q, 0)
	}
	if t.q.hostDue != t.hostDue {
		t.q.hostDue = t.hostDue
		s.touch(t.q)
	}
}

func (s *State) setStranded(q *query, since Instant) {
	if q.stranded != since {
		q.stranded = since
		s.touch(q)
	}
}

// measure looks at the nodes that may run the request at all. It reports whether there are any.
func (r *round) measure(s *State, req *request) bool {
	switch w := &req.p.work; {
	case req.p.stage.CoordinatorOnly:
		var most int64
		for _, n := range r.coordinators {
			most = max(most, n.mem)
		}
		req.mem = min(req.mem, most/4) // a small coordinator is not stopped for it
		return len(r.coordinators) > 0
	case w.hosts == nil:
		if r.largest == nil {
			return false
		}
		req.most = r.largest.mem
		req.bound = s.cfg.LocalScheduling && w.host != "" && (req.p.since == 0 || s.now.Sub(req.p.since) < s.cfg.ExhaustedNodeWait) &&
			slices.ContainsFunc(r.at(w.host), func(n *node) bool { return n.slots > 0 && n.enough(*req) })
		return true
	default:
		possible := false
		r.pinned(w.hosts, func(n *node) {
			possible = true
			req.most = max(req.most, n.mem)
		})
		return possible
	}
}

// pinned calls f with the nodes that take ordinary tasks at the hosts.
func (r *round) pinned(hosts []string, f func(*node)) {
	for i, h := range hosts {
		if slices.Contains(hosts[:i], h) {
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
		r.pinned(p.work.hosts, c.offer)
	case req.bound:
		r.pinned([]string{p.work.host}, c.offer)
	case req.mem == 0 || req.class != Standard: // of little consequence, and rare
		for _, n := range r.nodes {
			if n.slots > 0 && !n.draining {
				c.offer(n)
			}
		}
	default:
		r.roomiest(&c)
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
		if c.best != nil && n.left() != c.best.left() || offered == lookahead {
			return false
		}
		c.offer(n)
		offered++
		if c.best == nil {
			return t == &r.empty // which is not in the order of what makes a node fit
		}
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
	if n.id == c.req.not || !n.fits(c.req) {
		return
	}
	rank := [4]int64{0, n.leftFor(c.req.class), -n.tasksOf(p.stage), -int64(n.busy)}
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
	slots, empty := n.slots-n.busy, n.empty()
	switch {
	case req.p.stage.CoordinatorOnly:
		slots = 1
	case req.class == Speculative:
		slots, empty = slots-n.spareSlots, empty && n.spare == 0
	}
	return slots > 0 && (req.mem == 0 || req.mem <= n.leftFor(req.class) || empty && n.enough(req))
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
	hosts := req.p.work.hosts
	if req.bound {
		hosts = []string{req.p.work.host}
	}
	if req.p.stage.CoordinatorOnly {
		for _, n := range r.coordinators {
			if best == nil || n.left() > best.left() {
				best = n
			}
		}
	} else if hosts != nil {
		r.pinned(hosts, func(n *node) {
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
