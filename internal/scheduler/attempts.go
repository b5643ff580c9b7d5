package scheduler

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

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
}

func (s *State) taskFailed(ev TaskFailed) {
	p, a := s.running(ev.Task)
	if p == nil {
		// Nobody waits for the attempt any more, but what it has found out is true all the same.
		for _, o := range ev.Lost {
			s.outputLost(OutputLost{Query: ev.Task.Query, Output: o, Reason: ev.Failure.Message})
		}
		return
	}
	if ev.Failure.Code == "" {
		ev.Failure = failure(trinoerr.GenericInternalError, "Task failed without a reason")
	}
	if lost, explained := s.lostInputs(p, ev.Lost); explained && p.stage.q.policy == RetryTask {
		s.leaveNode(p, a, AttemptFailed)
		a.code, a.peak = ev.Failure.Code, ev.PeakMemory
		p.stage.failed++
		p.stage.q.failedAttempts++
		for _, o := range lost {
			out, stored := o.output()
			if !stored {
				continue // given up together with one before
			}
			s.lose(o, failure(trinoerr.PageTransportError, fmt.Sprintf("Output of task %s is lost", out.Task(ev.Task.Query, o.stage.ID))))
		}
		if p.stage.q.live() && p.state != partRunning {
			s.again(p, 0, ev.Failure)
		}
		return
	}
	n := s.node(a.node)
	free := false
	if n != nil {
		if ev.Failure.Code == trinoerr.ServerShuttingDown.Name {
			s.nodeDraining(n.id)
		}
		free = n.draining && (ev.Failure.workerCrash() || ev.Failure.Code == trinoerr.ServerShuttingDown.Name)
	}
	s.attemptFailed(p, a, ev.Failure, ev.PeakMemory, free)
}

// attemptFailed decides what follows from a failure of a running attempt of p. A free one (its node was told to go)
// costs no attempt and is repeated at once.
func (s *State) attemptFailed(p *partition, a *attempt, f Failure, peak int64, free bool) {
	st, q := p.stage, p.stage.q
	s.leaveNode(p, a, AttemptFailed)
	a.code, a.peak = f.Code, peak
	id := p.id(a)
	f.Task, f.Node = &id, a.node
	st.failed++
	q.noteFailure(f)
	switch q.policy {
	case RetryNone:
		s.failQuery(q, f)
	case RetryQuery:
		if st.CoordinatorOnly {
			s.failQuery(q, f)
			return
		}
		s.restartQuery(q, f, !free)
	case RetryTask:
		s.retryTask(p, a, f, free)
	}
}

// retryTask runs p again after a failure of attempt a by itself, if it may. As long as another attempt of p goes on, a
// failure costs nothing and calls for nothing.
func (s *State) retryTask(p *partition, a *attempt, f Failure, free bool) {
	st, q := p.stage, p.stage.q
	if !f.retryable() || st.CoordinatorOnly && len(st.Inputs) == 0 {
		s.failQuery(q, f)
		return
	}
	p.avoid = a.node
	if p.state == partRunning {
		return
	}
	if free {
		s.again(p, 0, f)
		return
	}
	sized := !st.NoMemory && !st.CoordinatorOnly && a.mem > 0
	if sized {
		if largest := s.largest(); f.outOfMemory() && largest != nil && a.mem >= largest.mem && s.divide(p, a.mem) {
			return
		}
	}
	if p.failures++; p.failures > q.settings.TaskRetryAttempts {
		s.failQuery(q, f)
		return
	}
	if sized {
		st.observe(&f, a.mem, a.peak)
		p.mem = max(p.mem, retryRequest(&q.settings, f, a.mem, a.peak, q.settings.TaskRetryAttempts+1-p.failures))
		if largest := s.largest(); largest != nil && hopeless(f, min(st.request(p, largest), largest.mem), a.peak) {
			if s.divide(p, largest.mem) {
				return
			}
			f.Message = fmt.Sprintf("Cannot allocate enough memory for task %s. Reported peak memory reservation: %s. Maximum possible reservation: %s.",
				f.Task, bytesText(a.peak), bytesText(largest.mem))
			s.failQuery(q, f)
			return
		}
	}
	var delay Instant
	if f.delayed() {
		delay = Instant(taskDelay(&q.settings, p.delays))
		p.delays++
	}
	s.again(p, delay, f)
}

// nodeGone handles the loss of the node under a running attempt of p. It costs an attempt unless the node was told to
// go or another attempt of p goes on, and there is no delay: the attempt did nothing wrong.
func (s *State) nodeGone(p *partition, a *attempt, f Failure, free bool) {
	st, q := p.stage, p.stage.q
	s.leaveNode(p, a, AttemptFailed)
	a.code, a.nodeLost = f.Code, true
	id := p.id(a)
	f.Task, f.Node = &id, a.node
	st.failed++
	q.noteFailure(f)
	switch {
	case q.policy == RetryNone, q.policy == RetryQuery && st.CoordinatorOnly:
		s.failQuery(q, f)
	case q.policy == RetryQuery:
		s.restartQuery(q, f, false)
	case st.CoordinatorOnly && len(st.Inputs) == 0:
		s.failQuery(q, f)
	case p.state == partRunning:
	default:
		if !free {
			p.failures++
		}
		if p.failures > q.settings.TaskRetryAttempts {
			s.failQuery(q, f)
			return
		}
		s.again(p, 0, f)
	}
}

// again queues p for its next attempt. Attempt numbers are bounded, whatever the reason for the attempts was; f is the
// reason for this one.
func (s *State) again(p *partition, delay Instant, f Failure) {
	if p.next > maxAttempt {
		s.failQuery(p.stage.q, f)
		return
	}
	if delay > 0 {
		p.notBefore = s.now + delay
		p.stage.delay(p)
		return
	}
	p.stage.enqueue(p)
}

func sum(ns []int64) int64 {
	var t int64
	for _, n := range ns {
		t += n
	}
	return t
}
