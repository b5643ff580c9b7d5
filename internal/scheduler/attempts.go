package scheduler

// maxAttempt is the largest attempt number. A page sink id has 8 bits for it, and Trino keeps it in a signed byte.
const maxAttempt = 126

// startAttempt places p on a node. The selection of its inputs is complete.
func (s *State) startAttempt(p *partition, n *node, mem int64, inputs []InputSelection) {
	st := p.stage
	number := p.next
	if st.q.policy == RetryQuery && !st.CoordinatorOnly {
		number = st.q.attempt
	}
	p.next = number + 1
	p.attempts = append(p.attempts, attempt{number: number, node: n.id, start: s.now, mem: mem, claim: mem, class: p.class(), backup: p.state == partRunning})
	if p.state != partRunning {
		p.state = partRunning
		st.running++
	}
	st.held += mem
	a := &p.attempts[len(p.attempts)-1]
	n.add(p, a)
	st.q.state = QueryRunning
	p.since = 0
	s.do(p.start(a, inputs))
}

// leaveNode takes a running attempt of p off its node, in the given state. Unless another attempt of p goes on, p is in
// no queue afterwards: the caller decides what becomes of it.
func (s *State) leaveNode(p *partition, a *attempt, state AttemptState) {
	st := p.stage
	a.state, a.end = state, s.now
	st.held -= a.mem
	if n := s.node(a.node); n != nil {
		n.remove(p, a)
	}
	if other := p.current(); other != nil {
		s.promote(p, other)
		return
	}
	st.running--
	p.state = partReady
	st.unrace(p)
}

// stopAttempts cancels the running attempts of p, if it has any.
func (s *State) stopAttempts(p *partition, reason string) {
	for a := p.current(); a != nil; a = p.current() {
		s.stopAttempt(p, a, reason)
	}
}

// stopOthers cancels the running attempts of p but one.
func (s *State) stopOthers(p *partition, winner *attempt) {
	for i := range p.attempts {
		if a := &p.attempts[i]; a != winner && a.running() {
			s.stopAttempt(p, a, "another attempt finished")
		}
	}
}

// stopAttempt cancels a running attempt of p. A node that is gone is not told; should it come back, the shell has it stop
// whatever is not in Running.
func (s *State) stopAttempt(p *partition, a *attempt, reason string) {
	s.leaveNode(p, a, AttemptCanceled)
	if s.node(a.node) != nil {
		s.do(CancelTask{Task: p.id(a), Node: a.node, Reason: reason})
	}
}

// partition returns the partition that a task id names in the present run of its query, or nil. It may be changed.
func (s *State) partition(id TaskID) *partition {
	p := s.findPartition(id)
	if p != nil {
		p.unpack()
	}
	return p
}

// findPartition is partition for who only wants to look: the partition may be packed.
func (s *State) findPartition(id TaskID) *partition {
	q := s.query(id.Query)
	if q == nil {
		return nil
	}
	st := q.stage(id.Stage)
	if st == nil || id.Partition < 0 || id.Partition >= len(st.parts) {
		return nil
	}
	return st.parts[id.Partition]
}

// running returns the partition and the attempt on a node that id names, or nil.
func (s *State) running(id TaskID) (*partition, *attempt) {
	p := s.findPartition(id)
	if p == nil || p.state != partRunning {
		return nil, nil
	}
	a := p.find(id.Attempt)
	if a == nil || !a.running() {
		return nil, nil
	}
	return p, a
}
