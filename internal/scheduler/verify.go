package scheduler

import "fmt"

// Verify looks at everything and returns the first thing that must not be so between two events: a number that is not the
// sum of what it counts, or work that nobody will ever do, because it is neither running, nor waiting for something that
// will happen. Tests call it; it costs time proportional to the whole state.
func (s *State) Verify() error {
	for _, n := range s.nodes {
		if err := s.verifyNode(n); err != nil {
			return fmt.Errorf("node %s: %w", n.id, err)
		}
	}
	for _, q := range s.queries {
		if err := s.verifyQuery(q); err != nil {
			return fmt.Errorf("query %s: %w", q.id, err)
		}
	}
	return s.verifyIdle()
}

// verifyNode adds up the node's load.
func (s *State) verifyNode(n *node) error {
	load := &node{id: n.id, slots: n.slots}
	for _, p := range n.leases {
		a := p.on(n.id)
		if a == nil {
			return fmt.Errorf("partition %d.%d is not there", p.stage.ID, p.n)
		}
		load.count(p, a, 1)
	}
	got := [...]int64{n.used, n.claimed, n.spare, int64(n.spareSlots), n.eager, int64(n.holders), int64(n.busy), int64(n.light)}
	want := [...]int64{load.used, load.claimed, load.spare, int64(load.spareSlots), load.eager, int64(load.holders), int64(load.busy), int64(load.light)}
	switch {
	case got != want:
		return fmt.Errorf("has load %v instead of %v", got, want)
	case n.kept != 0 || n.full:
		return fmt.Errorf("keeps room beyond the end of a round")
	case n.reported < 0:
		return fmt.Errorf("uses %d bytes", n.reported)
	}
	return nil
}

// verifyQuery looks at the stages of a query.
func (s *State) verifyQuery(q *query) error {
	queued := 0
	for _, st := range q.stages {
		queued += st.ready.len()
		if err := s.verifyStage(st); err != nil {
			return fmt.Errorf("stage %d: %w", st.ID, err)
		}
	}
	switch {
	case queued != q.queued:
		return fmt.Errorf("%d tasks wait, not %d", queued, q.queued)
	case q.touched || len(q.warm) > 0:
		return fmt.Errorf("not all that has changed was looked at")
	case !q.live():
		return nil
	}
	if due := q.nextDue(&s.cfg); due != 0 && (q.due == 0 || q.due > due) {
		return fmt.Errorf("something is due at %s, and is looked at %s", due, q.due)
	}
	if q.due != 0 && (s.timer == 0 || s.timer > q.due) {
		return fmt.Errorf("is to be looked at %s, and the timer is set to %s", q.due, s.timer)
	}
	return nil
}

// verifyStage counts the partitions of a stage, and asks of each that is not finished who will see to it.
func (s *State) verifyStage(st *stage) error {
	var states [partReplaced + 1]int
	for _, p := range st.parts {
		states[p.state]++
		if err := s.verifyPartition(p); err != nil {
			return fmt.Errorf("partition %d: %w", p.n, err)
		}
	}
	got := [...]int{st.running, st.finished, st.skipped}
	want := [...]int{states[partRunning], states[partFinished], states[partSkipped] + states[partReplaced]}
	done := st.finished+st.skipped == len(st.parts)
	switch {
	case got != want:
		return fmt.Errorf("counts %v instead of %v", got, want)
	case !st.q.live():
		return nil
	case st.state == StageRunning && st.sealed && done:
		return fmt.Errorf("has nothing to do and has not finished")
	case st.state == StageFinishedState && !(st.sealed && done):
		return fmt.Errorf("has finished and has something to do: sealed=%t, %d partitions, %d finished, %d dropped", st.sealed, len(st.parts), st.finished, st.skipped)
	case st.mayStart() && st.inputsReady() && st.q.restartAt == 0 && st.q.asked == st.q.answered:
		return fmt.Errorf("could start")
	case st.state == StageRunning && !st.sealed:
		return s.verifyOpen(st)
	}
	return nil
}

// verifyOpen asks why more partitions of the stage may come.
func (s *State) verifyOpen(st *stage) error {
	if st.early && !st.inputsEnded() {
		return nil
	}
	for i := range st.scans {
		if sc := &st.scans[i]; sc.asked || sc.notBefore != 0 || !sc.done && st.q.standard() >= st.q.settings.MaxTasksWaitingForExecution {
			return nil
		}
	}
	return fmt.Errorf("waits for splits that nobody looks for")
}

// verifyPartition asks who will see to a partition.
func (s *State) verifyPartition(p *partition) error {
	st := p.stage
	waits := st.ready.has(p.n)
	switch {
	case waits && p.state != partReady:
		return fmt.Errorf("is %s and waits for a node", p.state)
	case st.state == StageAborted || !st.q.live():
		return nil
	case p.state == partReady && !waits:
		return fmt.Errorf("does not wait for a node")
	case p.state == partDelayed && (p.notBefore == 0 || st.nextDelay() == 0 || st.nextDelay() > p.notBefore):
		return fmt.Errorf("is not looked at when its delay ends")
	case p.state == partReady:
		return p.verifyInputs()
	case p.state == partRunning:
		return s.verifyRunning(p)
	}
	return nil
}

// verifyInputs makes sure that what the partition reads and is not there is being made.
func (p *partition) verifyInputs() error {
	for i, in := range p.stage.Inputs {
		for _, o := range p.reads(i) {
			if !o.stored && o.state == partFinished {
				return fmt.Errorf("waits for output %d.%d, which nobody makes", in.Stage, o.n)
			}
		}
	}
	return nil
}

// verifyRunning looks at the attempts of a partition that runs.
func (s *State) verifyRunning(p *partition) error {
	on := 0
	for i := range p.attempts {
		a := &p.attempts[i]
		if !a.running() {
			continue
		}
		on++
		n := s.node(a.node)
		if n == nil || p.on(n.id) != a {
			return fmt.Errorf("attempt %d runs on node %s, which is not so", a.number, a.node)
		}
		found := false
		for _, o := range n.leases {
			found = found || o == p
		}
		if !found {
			return fmt.Errorf("attempt %d is not known to node %s", a.number, a.node)
		}
	}
	if on < 1 || on > 2 {
		return fmt.Errorf("has %d attempts at a time", on)
	}
	return nil
}

// verifyIdle looks for tasks that could be placed. As long as there are some that cannot, room may be kept for them.
func (s *State) verifyIdle() error {
	could := ""
	for _, q := range s.queries {
		if !q.live() || q.restartAt != 0 {
			continue
		}
		for _, st := range q.stages {
			if st.state != StageRunning || st.class() == Speculative {
				continue
			}
			for n := st.ready.next(0); n >= 0; n = st.ready.next(n + 1) {
				switch s.reasonOf(st.parts[n]) {
				case "waiting for a node: others are served first":
					could = fmt.Sprintf("partition %s.%d.%d could run", q.id, st.ID, n)
				case "waiting for input that is made again", "held back: what runs may give enough rows":
				default:
					return nil
				}
			}
		}
	}
	if could != "" {
		return fmt.Errorf("%s", could)
	}
	return nil
}
