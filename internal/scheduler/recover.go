package scheduler

// Outstanding returns the actions whose outcome is still awaited: what a shell that has replayed a journal must do
// again, because it cannot know how far its predecessor came.
//
// An attempt whose inputs have been lost since it was started cannot be described any more and is left out. So a
// shell first asks the nodes what they run, and reports every attempt in Running that its node does not know, and
// that is not started again here, as failed with REMOTE_TASK_MISMATCH.
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

// outstanding collects the actions of a live query.
func (s *State) outstanding(q *query) {
	for _, st := range q.stages {
		if q.asked != q.answered && st.announced {
			s.do(StageFinished{Query: q.id, Stage: st.ID, Tasks: st.finished, Rows: st.rows, Bytes: st.bytes, Version: q.asked})
		}
		for _, p := range st.parts {
			if p.state != partRunning {
				continue
			}
			inputs, ok := p.selection()
			for i := range p.attempts {
				if a := &p.attempts[i]; ok && a.running() {
					s.do(StartTask{
						Task: p.id(a), Node: a.node, MemBytes: a.mem, Class: a.class, OutputPartitions: st.OutputPartitions,
						Splits: p.work.splits, Inputs: inputs,
					})
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
