package scheduler

// Outstanding returns the actions whose outcome is still awaited: what a shell that has replayed a journal must do
// again, because it cannot know how far its predecessor came.
//
// An attempt whose inputs have been lost since it was started cannot be described any more and is left out; see
// OutstandingOn.
func (s *State) Outstanding() []Action {
	s.out = nil
	for _, q := range s.queries {
		switch q.state {
		case QueryFinishedState:
			root := q.root()
			done := QueryFinished{Query: q.id, Attempt: q.attempt, Stage: root.ID, Outputs: root.outputs()}
			for _, b := range done.Outputs {
				done.Rows += b.Rows
			}
			s.do(done)
		case QueryFailedState:
			s.do(QueryFailed{Query: q.id, Failure: *q.failure, Suppressed: q.recent})
			s.do(DeleteQuery{Query: q.id})
		default:
			s.outstanding(q)
		}
	}
	for _, n := range s.nodes {
		if n.drained {
			s.do(NodeDrained{Node: n.id})
		}
	}
	if s.timer != 0 {
		s.do(SetTimer{At: s.timer})
	}
	return s.out
}

// OutstandingOn returns what a node that is back is to run: the attempts to start there again, in the order in which they
// were placed, for it may never have got them; and those that cannot be described any more, because inputs have been lost
// since. Of those, the shell reports what the node does not know as failed with REMOTE_TASK_MISMATCH.
func (s *State) OutstandingOn(id NodeID) (starts []StartTask, gone []TaskID) {
	n := s.node(id)
	if n == nil {
		return nil, nil
	}
	for _, p := range n.leases {
		a := p.on(id)
		if inputs, ok := p.selection(); ok {
			starts = append(starts, p.start(a, inputs))
		} else {
			gone = append(gone, p.id(a))
		}
	}
	return starts, gone
}

// start describes a running attempt of p.
func (p *partition) start(a *attempt, inputs []InputSelection) StartTask {
	return StartTask{
		Task: p.id(a), Node: a.node, MemBytes: a.mem, Class: a.class, OutputPartitions: p.stage.OutputPartitions,
		Splits: p.work.splits, Inputs: inputs,
	}
}

// outstanding collects the actions of a live query.
func (s *State) outstanding(q *query) {
	for _, st := range q.stages {
		if q.asked != q.answered && st.announced {
			s.do(StageFinished{Query: q.id, Stage: st.ID, Tasks: st.finished, Rows: st.rows, Bytes: st.bytes, Version: q.asked})
		}
		if st.shown > 0 {
			s.do(ResultGrown{Query: q.id, Stage: st.ID, Outputs: st.publication()})
		}
		for _, p := range st.parts {
			if p.state != partRunning {
				continue
			}
			inputs, ok := p.selection()
			for i := range p.attempts {
				if a := &p.attempts[i]; ok && a.running() {
					s.do(p.start(a, inputs))
				}
			}
		}
		for i := range st.scans {
			if st.scans[i].asked {
				s.do(FindSplits{Query: q.id, Stage: st.ID, Source: i, Seen: st.scans[i].seen})
			}
		}
	}
}
