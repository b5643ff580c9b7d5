package scheduler

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// room is what a node still has in one round of allocation.
type room struct {
	*node
	left  int64 // memory, minus what was reserved for larger tasks in this round
	tasks int   // slots
	empty bool  // nobody has memory set aside: takes any task
}

// round is one round of allocation over the whole cluster.
type round struct {
	rooms   []room
	largest *node
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
	r := s.newRound()
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
}

func (s *State) newRound() *round {
	r := &round{largest: s.largest()}
	for _, n := range s.nodes {
		if !n.draining {
			r.rooms = append(r.rooms, room{node: n, left: n.mem - n.used, tasks: n.slots - n.busy, empty: n.holders == 0})
		}
	}
	return r
}

// servingOrder lists the queries that have tasks to place.
func (s *State) servingOrder() []*turn {
	var order []*turn
	start := 0
	for _, q := range s.queries {
		if !q.live() {
			continue
		}
		if q.restartAt != 0 || q.queued() == 0 {
			q.stranded = 0
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
	next  int // where in the stage's queue
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
		if st.state != StageRunning || len(st.ready) == 0 || !st.inputsReady() {
			continue
		}
		for t.next < len(st.ready) && st.running < st.window() {
			if t.denials >= max(t.q.settings.MaxTasksWaitingForNode, 1) {
				return t.end(s)
			}
			p := st.parts[st.ready[t.next]]
			req := request{p: p, mem: st.request(p, r.largest)}
			possible := r.measure(&req)
			i := r.find(req)
			if i >= 0 {
				inputs, ok := p.selection()
				if !ok {
					panic(fmt.Sprintf("scheduler: inputs of %s.%d.%d are missing", t.q.id, st.ID, p.n))
				}
				st.ready = slices.Delete(st.ready, t.next, t.next+1)
				r.place(s, i, req, inputs)
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
		t.q.stranded = s.now
	case t.nowhere < 1:
		t.q.stranded = 0
	}
	if t.denials > 0 {
		return denied
	}
	return idle
}

// measure looks at the nodes that may run the request at all. It reports whether there are any.
func (r *round) measure(req *request) bool {
	possible := false
	for i := range r.rooms {
		if n := &r.rooms[i]; n.suits(req.p) {
			possible = true
			req.most = max(req.most, n.mem)
		}
	}
	return possible
}

// find returns the room that suits the request best, or -1.
//
// The best is at the host of the data, then one where the partition has not just failed, then the one with the
// greatest memory left, with the fewest tasks of the stage, with the fewest tasks, the first by id.
func (r *round) find(req request) int {
	best, p := -1, req.p
	var bestRank [4]int64
	for i := range r.rooms {
		n := &r.rooms[i]
		if !n.suits(p) || !n.fits(req) {
			continue
		}
		rank := [4]int64{0, n.left, -n.tasksOf(p.stage), -int64(n.busy)}
		if p.work.host != "" && n.host == p.work.host {
			rank[0] += 2
		}
		if n.id != p.avoid {
			rank[0]++
		}
		if req.mem == 0 {
			rank[1] = 0 // memory is no matter
		}
		if best < 0 || slices.Compare(rank[:], bestRank[:]) > 0 {
			best, bestRank = i, rank
		}
	}
	return best
}

// suits reports whether the node may run the partition at all.
func (n *room) suits(p *partition) bool {
	if p.stage.CoordinatorOnly {
		return n.coordinator
	}
	return n.slots > 0 && (p.work.hosts == nil || slices.Contains(p.work.hosts, n.host))
}

// fits reports whether the node has room for the request now. A node where nothing else has memory takes a task of any
// size, unless the task is known to need more than that and there is a larger node.
func (n *room) fits(req request) bool {
	if req.p.stage.CoordinatorOnly {
		return true
	}
	return n.tasks > 0 && (req.mem == 0 || req.mem <= n.left || n.empty && n.enough(req))
}

// enough reports whether the node as a whole could give the task what its failures have shown it to need.
func (n *room) enough(req request) bool { return n.mem >= min(req.p.mem, req.most) }

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

// place starts the task.
func (r *round) place(s *State, i int, req request, inputs []InputSelection) {
	n := &r.rooms[i]
	mem := min(req.mem, max(n.mem, 1))
	n.left -= mem
	n.empty = n.empty && mem == 0
	if !req.p.stage.CoordinatorOnly {
		n.tasks--
	}
	s.startAttempt(req.p, n.node, mem, inputs)
}

// reserve keeps room for a task that could not be placed, on the node that will have it soonest, so that smaller tasks
// do not starve it.
func (r *round) reserve(req request) {
	best := -1
	for i := range r.rooms {
		if n := &r.rooms[i]; n.suits(req.p) && n.enough(req) && (best < 0 || n.left > r.rooms[best].left) {
			best = i
		}
	}
	if best >= 0 && req.mem > 0 {
		r.rooms[best].left -= min(req.mem, r.rooms[best].mem)
		r.rooms[best].empty = false
	}
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
