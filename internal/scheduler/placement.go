package scheduler

import "slices"

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
	case req.p.stage.light():
		slots = LightSlots - n.light
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
