package scheduler

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

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
		s.failedByInput(p, a, ev, lost)
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

// failedByInput runs p again once the outputs that its attempt a could not read have been made again. That costs nothing.
func (s *State) failedByInput(p *partition, a *attempt, ev TaskFailed, lost []*partition) {
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
