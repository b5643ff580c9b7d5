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
	// evicted says that a task waits again that had to make room, when others have perhaps been served before it.
	evicted bool
}

// allocate places waiting tasks on nodes: bin packing by memory, class by class, the queries in their shares (see serving).
// SPECULATIVE tasks get what nobody else waits for.
func (s *State) allocate() {
	for again := true; again; { // each time some SPECULATIVE attempt has gone, and none has come
		r := &round{nodeIndex: s.cluster()}
		again = s.allocateOnce(r)
		for _, n := range r.kept {
			n.kept, n.full = 0, false
			n.changed()
		}
	}
}

// allocateOnce returns true when it has to be done again, because tasks that made room for others wait now.
func (s *State) allocateOnce(r *round) (again bool) {
	turns := s.turns()
	for _, class := range [...]Class{EagerSpeculative, Standard, Speculative} {
		if class == Speculative && r.evicted {
			return true
		}
		if class == Speculative && slices.ContainsFunc(turns, func(t *turn) bool { return t.denied }) {
			break
		}
		for _, t := range turns {
			t.class, t.stage, t.next, t.denials, t.reserved = class, 0, 0, 0, false
		}
		for order := newServing(turns); len(order) > 0; {
			if t := order[0]; t.serve(s, r) {
				t.places = t.q.places()
				s.line(t.q)
				order.sink(0)
			} else {
				order.drop()
			}
		}
	}
	for _, t := range turns {
		t.end(s)
	}
	return false
}

// turns lists the queries that have tasks to place.
func (s *State) turns() (out []*turn) {
	for _, q := range s.queries {
		if !q.live() {
			continue
		}
		if q.restartAt != 0 || q.queued == 0 && !q.racing() {
			s.setStranded(q, 0)
			q.hostDue, q.waits = 0, 0
			continue
		}
		if q.waits == 0 {
			s.line(q)
		}
		out = append(out, &turn{q: q, nowhere: -1, places: q.places()})
	}
	return out
}

// turn is a query's part in a round.
type turn struct {
	q      *query
	places int   // that the query has
	class  Class // that is being served
	stage  int   // where in the query's stages it is
	next   int   // the first of the stage's partitions to look at
	// reserved says that room has been kept for a task of the query that could not be placed.
	reserved bool
	denials  int
	nowhere  int // 1: a task waits for which there is no node at all; 0: none does; -1: not looked yet
	denied   bool
	// hostDue is when the first task will not wait for a node at the host of its data any more.
	hostDue Instant
}

// serve places the query's next task of the class that can be placed. It reports whether there was one.
func (t *turn) serve(s *State, r *round) bool {
	for ; t.stage < len(t.q.stages); t.stage, t.next = t.stage+1, 0 {
		st := t.q.stages[t.stage]
		if st.state != StageRunning {
			continue
		}
		if t.class == Speculative && s.serveSlow(st, r) {
			return true
		}
		if st.ready.len() == 0 || st.class() != t.class || !st.early && !st.inputsReady() {
			continue
		}
		for st.running < st.window() && t.q.mayRunMore(st) {
			if t.next = st.ready.next(t.next); t.next < 0 {
				break
			}
			if t.denials >= max(t.q.settings.MaxTasksWaitingForNode, 1) {
				return false
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
				s.start(r, req, n, inputs)
				t.nowhere = max(t.nowhere, 0)
				return true
			}
			if t.deny(s, r, &req, possible) {
				break // the stage's others ask for about the same
			}
			t.next++
		}
	}
	return false
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
func (s *State) start(r *round, req request, n *node, inputs []InputSelection) {
	mem := min(req.mem, max(n.mem, 1))
	if req.class != Speculative {
		for n.spareSlots > 0 || n.spare > 0 {
			slots := n.busy + n.spareSlots
			if req.p.stage.takesSlot() {
				slots++
			}
			if slots <= max(n.slots, 1) && mem <= n.mem-n.used+min(n.eager, n.over) {
				break
			}
			s.evict(r, n)
		}
	}
	s.startAttempt(req.p, n, mem, inputs)
}

// evict takes the newest SPECULATIVE attempt off the node. Unless it was a second one, its partition waits for another.
func (s *State) evict(r *round, n *node) {
	for _, p := range slices.Backward(n.leases) {
		a := p.on(n.id)
		if a.class != Speculative || p.stage.light() { // which takes no room
			continue
		}
		s.stopAttempt(p, a, "makes room for others")
		if p.state != partRunning {
			p.stage.enqueue(p)
			r.evicted = true
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
