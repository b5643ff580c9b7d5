package scheduler

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// When the attempts on a node use more memory than it has, somebody has to go before the kernel chooses for us: an
// attempt of a query that can run it again, else a whole query. Nothing else is ended until those that were have really
// left their nodes.

// victim is an attempt that was ended for its memory.
type victim struct {
	task TaskID
	node NodeID
}

// dropVictims forgets the victims that are not on the node any more.
func (s *State) dropVictims(id NodeID, tasks []TaskMemory) {
	s.victims = slices.DeleteFunc(s.victims, func(v victim) bool {
		return v.node == id && !slices.ContainsFunc(tasks, func(m TaskMemory) bool { return m.Task == v.task })
	})
}

// blocked reports whether the node said that more memory is used than it has.
func (n *node) blocked() bool { return n.pool > 0 && n.reported > n.pool }

// killForMemory ends a task on each node that is out of memory, or else a query.
func (s *State) killForMemory() {
	if len(s.victims) > 0 || !slices.ContainsFunc(s.nodes, (*node).blocked) {
		return
	}
	for _, n := range s.nodes {
		if n.blocked() {
			s.killTask(n)
		}
	}
	if len(s.victims) == 0 {
		s.killQuery()
	}
}

// killTask ends an attempt on the node that can be run again by itself.
func (s *State) killTask(n *node) {
	var best *partition
	for _, p := range n.leases {
		if p.stage.q.policy != RetryTask || p.stage.CoordinatorOnly || p.on(n.id).live <= 0 {
			continue
		}
		if best == nil || s.preferVictim(p.on(n.id), best.on(n.id)) {
			best = p
		}
	}
	if s.cfg.TaskLowMemoryKiller == KillNone || best == nil {
		return
	}
	a := best.on(n.id)
	id := best.id(a)
	f := failure(trinoerr.ClusterOutOfMemory, "Task killed because the cluster is out of memory.")
	s.victims = append(s.victims, victim{id, n.id})
	s.do(CancelTask{Task: id, Node: n.id, Reason: f.Message})
	s.attemptFailed(best, a, f, a.live, false)
}

// preferVictim reports whether it is rather a that goes than b: one that may not be needed, else the one that uses most,
// or uses most for the time that would be lost.
func (s *State) preferVictim(a, b *attempt) bool {
	if (a.class == Standard) != (b.class == Standard) {
		return a.class != Standard
	}
	if s.cfg.TaskLowMemoryKiller == KillLeastWaste {
		const least = 30_000 // nothing younger looks better
		return float64(a.live)/float64(max(a.millis, least)) > float64(b.live)/float64(max(b.millis, least))
	}
	return a.live > b.live
}

// killQuery ends the query that uses most: of those whose tasks cannot be run again by themselves, on nodes without
// memory; or of all, anywhere.
func (s *State) killQuery() {
	var best *query
	var most int64
	for _, q := range s.queries {
		if !q.live() || s.cfg.QueryLowMemoryKiller == KillTotalReservationOnBlockedNodes && q.policy == RetryTask {
			continue
		}
		if used := s.memoryOf(q); used > most {
			best, most = q, used
		}
	}
	if s.cfg.QueryLowMemoryKiller == KillNone || best == nil {
		return
	}
	for _, n := range s.nodes {
		for _, p := range n.leases {
			if p.stage.q == best {
				s.victims = append(s.victims, victim{p.id(p.on(n.id)), n.id})
			}
		}
	}
	s.failQuery(best, failure(trinoerr.ClusterOutOfMemory, "Query killed because the cluster is out of memory. Please try again in a few minutes."))
}

// memoryOf adds up what the query uses on the nodes that count.
func (s *State) memoryOf(q *query) int64 {
	var used int64
	for _, n := range s.nodes {
		if s.cfg.QueryLowMemoryKiller == KillTotalReservationOnBlockedNodes && !n.blocked() {
			continue
		}
		for _, p := range n.leases {
			if p.stage.q == q {
				used += p.on(n.id).live
			}
		}
	}
	return used
}
