package scheduler

import "slices"

// Stages are barriers, with one exception: an Arbitrary stage may start while the stages that it divides among its tasks
// are still running, because each finished output is a unit that goes to one task whatever comes later. Its tasks are
// SPECULATIVE until its input is complete: they use what the tasks before them leave idle, and make room for those.
//
// That needs inputs that can be made again as they were: a task that has been given an output reads the next version of
// it if that one is lost. So nothing upstream may be indeterminate. And, as in Trino, it needs an idea of how large the
// input will be. A plan that changes leaves what has started as it is, and what that reads.

// startsEarly reports whether the stage may start although its inputs are not complete.
func (s *State) startsEarly(st *stage) bool {
	q := st.q
	if st.Distribution != Arbitrary || q.policy != RetryTask {
		return false
	}
	progress := st.eager()
	for i, in := range st.Inputs {
		p := st.producer(i)
		if p.state != StageFinishedState {
			if in.Replicated || p.state != StageRunning || p.CoordinatorOnly || p.eager() || p.unstable() {
				return false
			}
			if _, ok := p.estimate(); !ok && !st.eager() {
				return false
			}
		}
		progress = progress || !in.Replicated && p.finished > 0
	}
	return progress && (st.eager() || !s.standardWaits())
}

// startEarly starts stages now that no STANDARD task waits for a node any more. It reports whether there were any.
func (s *State) startEarly() bool {
	started := false
	for _, q := range s.queries {
		if q.touched && q.live() {
			started = s.startStages(q) || started
		}
	}
	return started
}

// unstable reports whether the stage or one before it may give another output when it is run again.
func (st *stage) unstable() bool {
	if st.Indeterminate {
		return true
	}
	for i := range st.Inputs {
		if st.producer(i).unstable() {
			return true
		}
	}
	return false
}

// standardWaits reports whether any STANDARD task waits for a node.
func (s *State) standardWaits() bool {
	return slices.ContainsFunc(s.queries, func(q *query) bool { return q.live() && q.queued > 0 && q.standard() > 0 })
}

// standard counts the STANDARD tasks that wait for a node.
func (q *query) standard() int {
	n := 0
	for _, st := range q.stages {
		if st.class() == Standard {
			n += st.ready.len()
		}
	}
	return n
}

// inputsEnded reports whether no more outputs will come that are divided among the stage's tasks.
func (st *stage) inputsEnded() bool {
	for i, in := range st.Inputs {
		if !in.Replicated && st.producer(i).state != StageFinishedState {
			return false
		}
	}
	return true
}

// feed gives an output that there is for the first time to the stages that have started before it.
func (s *State) feed(p *partition) {
	for _, c := range p.stage.consumers() {
		if !c.early || c.assign == nil {
			continue
		}
		for i, in := range c.Inputs {
			if in.Stage == p.stage.ID && !in.Replicated {
				c.assign.add(unit{input: i, bundle: p.n, bytes: p.out.Bytes})
			}
		}
		s.advanceScans(c)
	}
}

// feedEnd tells the stages that have started before st was complete that it is.
func (s *State) feedEnd(st *stage) {
	for _, c := range st.consumers() {
		if c.early && c.assign != nil {
			s.advanceScans(c)
		}
	}
}
