package scheduler

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func (s *State) taskStarted(ev TaskStarted) {
	if _, a := s.running(ev.Task); a != nil {
		a.state = AttemptRunning
	}
}

func (s *State) taskFinished(ev TaskFinished) {
	p := s.partition(ev.Task)
	if p == nil || p.stage.q.state == QueryFailedState {
		s.discard(ev, "")
		return
	}
	if p.stored && p.out.Attempt == ev.Task.Attempt {
		return // said twice
	}
	a := p.find(ev.Task.Attempt)
	if a == nil {
		s.discard(ev, "")
		return
	}
	n := p.stage.OutputPartitions
	measured := len(ev.Rows) == n && len(ev.Bytes) == n
	switch {
	case a.running() && measured:
		s.stopOthers(p, a)
		s.leaveNode(p, a, AttemptFinished)
		s.selectOutput(p, a, ev)
	case a.running():
		s.attemptFailed(p, a, failure(trinoerr.GenericInternalError, fmt.Sprintf("Task %s finished without output statistics", ev.Task)), ev.PeakMemory, false)
		s.discard(ev, a.node)
	case a.nodeLost && measured && p.pending() && (ev.Inline || !p.stage.q.direct):
		// The node was given up too early: its output is as good as any, and no other has been selected.
		s.stopAttempts(p, "another attempt finished")
		p.stage.dequeue(p)
		s.selectOutput(p, a, ev)
	default:
		s.discard(ev, a.node)
	}
}

// discard deletes the output of an attempt that was not selected.
func (s *State) discard(ev TaskFinished, n NodeID) {
	if ev.Output != "" {
		b := Bundle{Partition: ev.Task.Partition, Attempt: ev.Task.Attempt, Node: n, Output: ev.Output}
		s.do(DeleteOutputs{Query: ev.Task.Query, Stage: ev.Task.Stage, Outputs: []Bundle{b}})
	}
}

// selectOutput makes the attempt's output the partition's.
func (s *State) selectOutput(p *partition, a *attempt, ev TaskFinished) {
	st := p.stage
	a.state, a.end, a.nodeLost, a.code = AttemptFinished, s.now, false, ""
	a.peak, a.cpu, a.wall = ev.PeakMemory, ev.CPU, ev.Wall
	a.rows, a.bytes = sum(ev.Rows), sum(ev.Bytes)
	st.observe(nil, a.mem, ev.PeakMemory)
	st.runtimes.add(int64(a.end.Sub(a.start)))
	b := Bundle{Partition: p.n, Attempt: a.number, Node: a.node, Output: ev.Output, Rows: a.rows, Bytes: a.bytes}
	if ev.Inline {
		b.Node = ""
	}
	p.setOutput(b)
	p.state = partFinished
	p.rest()
	st.finished++
	if !p.counted {
		p.counted = true
		for i := range ev.Rows {
			st.rows[i] += ev.Rows[i]
			st.bytes[i] += ev.Bytes[i]
		}
		s.feed(p)
	}
	st.cpu += ev.CPU
	s.stopEarly(st)
	s.complete(st)
	s.publish(st)
}

func sum(ns []int64) int64 {
	var t int64
	for _, n := range ns {
		t += n
	}
	return t
}
