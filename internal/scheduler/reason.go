package scheduler

import "fmt"

// reason says what the stage waits for, for people; empty if it does not wait: its tasks run, or it has ended.
func (s *State) reason(st *stage) string {
	q := st.q
	switch {
	case !q.live():
		return ""
	case st.state == StagePlanned && q.restartAt != 0:
		return "waiting to run again"
	case st.state == StagePlanned:
		for i, in := range st.Inputs {
			if st.producer(i).state != StageFinishedState {
				return fmt.Sprintf("waiting for stage %d", in.Stage)
			}
		}
		if id, ok := st.awaits(); ok {
			return fmt.Sprintf("waiting for stage %d, which tells what rows are needed", id)
		}
		return "waiting for a new plan"
	case st.state != StageRunning:
		return ""
	case st.ready.len() > 0:
		return s.reasonOf(st.parts[st.ready.next(0)])
	case st.delayed > 0:
		return "waiting to try a task again"
	case !st.sealed && st.running == 0:
		if st.early && !st.inputsEnded() {
			return "waiting for more input"
		}
		return "waiting for splits"
	}
	return ""
}

// reasonOf says what a partition that is ready waits for.
func (s *State) reasonOf(p *partition) string {
	st, q := p.stage, p.stage.q
	if st.early {
		if _, ok := p.selection(); !ok {
			return "waiting for input that is made again"
		}
	} else if !st.inputsReady() {
		return "waiting for input that is made again"
	}
	if st.running >= st.window() {
		return "held back: what runs may give enough rows"
	}
	if !q.mayRunMore(st) {
		return fmt.Sprintf("held back: the query may run %d tasks at a time", q.settings.MaxRunningTasks)
	}
	return s.reasonForNode(p)
}

// reasonForNode says why no node has been given to a partition.
func (s *State) reasonForNode(p *partition) string {
	r := &round{nodeIndex: s.cluster()}
	req := request{p: p, class: p.stage.class(), mem: p.stage.request(p, r.largest)}
	possible := r.measure(s, &req)
	text := "waiting for a node: "
	switch {
	case !possible && p.stage.CoordinatorOnly:
		return text + "there is no coordinator"
	case !possible && p.work.hosts != nil:
		return text + fmt.Sprintf("there is none at %v, where the data is", p.work.hosts)
	case !possible:
		return text + "there is none"
	case p.stage.light() && r.find(req) == nil:
		return text + "all slots for tasks without memory are taken"
	case p.stage.CoordinatorOnly:
		return text + fmt.Sprintf("the coordinator does not have %s free", bytesText(req.mem))
	case p.work.hosts != nil:
		return text + fmt.Sprintf("those at %v, where the data is, are busy", p.work.hosts)
	case req.bound:
		return text + fmt.Sprintf("those at %s, where the data is, are busy", p.work.host)
	case r.free.top() == nil:
		return text + "all slots are taken"
	case r.find(req) != nil:
		return text + "others are served first"
	}
	return text + fmt.Sprintf("no node has %s free", bytesText(req.mem))
}
