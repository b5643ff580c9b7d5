package worker

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// How long a cancelled attempt may take to end by itself, and how often the memory of running attempts is looked at.
const (
	cancelGrace        = 2 * time.Second
	memoryPollInterval = 100 * time.Millisecond
	slotSilence        = 10 * time.Second // at least: a busy machine may keep a slot waiting
)

// What a slot may occupy beyond its attempt's limit: a fixed amount, and one part for so many of the limit. It is for the
// process itself, DuckDB's allocations that its limit does not count, and buffers of the exchange.
const (
	slotOverheadBytes = 512 << 20
	slotShare         = 4
)

// attempt is an accepted task.
type attempt struct {
	task    *rpcv1.Task
	decided uint64        // the epoch of the coordinator that did; see rpcv1.StartRequest
	cancel  chan struct{} // closed when the attempt has to end
	cause   *trinoerr.Error
	over    bool         // it has ended
	next    *attempt     // of the same name, to run when this one is over
	process *slotProcess // that runs it; nil while it waits

	begun time.Time // when a slot took it; zero while it waits
	// What its slot occupied, and what DuckDB held, when they were last looked at, in bytes.
	resident, held atomic.Int64
	heard          atomic.Int64 // when its slot last said anything, in nanoseconds
}

// memory is what counts against the attempt's limit: what DuckDB holds, or what the slot occupies beyond what it may.
func (a *attempt) memory() int64 {
	return max(a.held.Load(), (a.resident.Load()-slotOverheadBytes)*slotShare/(slotShare+1))
}

// mayOccupy is what a slot may occupy for an attempt whose limit is a number of bytes.
func mayOccupy(limit int64) int64 { return limit + limit/slotShare + slotOverheadBytes }

// runAttempt runs one attempt to its end, which is reported exactly once, and tells whether the slot can take another.
func (s *slots) runAttempt(ctx context.Context, p *slotProcess, a *attempt) (healthy bool) {
	done := make(chan struct{})
	guarded := make(chan struct{})
	var killed *trinoerr.Error // set by guard before it kills, read after guarded is closed
	go func() {
		defer close(guarded)
		killed = s.guard(ctx, p, a, done)
	}()
	if a.task.DeadlineMillis > 0 {
		t := time.AfterFunc(time.Duration(a.task.DeadlineMillis)*time.Millisecond, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.end(a, trinoerr.New(trinoerr.ExceededTimeLimit, "Task exceeded its time limit of %dms", a.task.DeadlineMillis))
		})
		defer t.Stop()
	}
	s.mu.Lock()
	a.process = p
	s.mu.Unlock()
	end, err := s.converse(p, a)
	close(done)
	<-guarded
	if err != nil { // the process is gone, or speaks nonsense
		p.kill()
		cause, slotDied := killed, false
		if cause == nil {
			cause = trinoerr.New(trinoerr.RemoteTaskError, "Slot process of task %s died: %s", a.task.Id, p.death())
			slotDied = true
			s.log.Warn("slot died", "task", a.task.Id, "how", p.death())
		}
		f := rpc.FailureOf(cause)
		f.SlotDied = slotDied
		s.events.failed(&rpcv1.Failed{Task: a.task.Id, Failure: f, Decided: a.decided})
		return false
	}
	switch k := end.Kind.(type) {
	case *rpcv1.SlotMessage_Finished:
		k.Finished.Decided = a.decided
		s.events.finished(k.Finished)
	case *rpcv1.SlotMessage_Failed:
		k.Failed.Decided = a.decided
		s.events.failed(k.Failed)
	}
	return true
}

// converse sends the task and reads until its end.
func (s *slots) converse(p *slotProcess, a *attempt) (*rpcv1.SlotMessage, error) {
	if err := p.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: a.task}}); err != nil {
		return nil, err
	}
	clear(a.task.Key) // the slot has it
	for {
		m, err := p.receive()
		if err != nil {
			return nil, err
		}
		a.heard.Store(time.Now().UnixNano())
		switch k := m.Kind.(type) {
		case *rpcv1.SlotMessage_Finished, *rpcv1.SlotMessage_Failed:
			return m, nil
		case *rpcv1.SlotMessage_Progress:
			a.held.Store(k.Progress.MemoryBytes)
			s.events.progressed(k.Progress)
		case *rpcv1.SlotMessage_Grown:
			k.Grown.Decided = a.decided
			s.events.grown(k.Grown)
		default:
			return nil, fmt.Errorf("unexpected message %T from slot", k)
		}
	}
}

// guard passes a cancellation on to the slot, and kills it when it does not obey in time, when it outgrows its memory,
// or when the worker ends. It returns the cause of a kill, nil when there was none, and ends when done is closed.
func (s *slots) guard(ctx context.Context, p *slotProcess, a *attempt, done <-chan struct{}) *trinoerr.Error {
	limit := mayOccupy(a.task.MemoryBytes)
	poll := time.NewTicker(memoryPollInterval)
	defer poll.Stop()
	a.heard.Store(time.Now().UnixNano())
	cancel := a.cancel
	var obey <-chan time.Time
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			p.cmd.Process.Kill()
			return trinoerr.New(trinoerr.ServerShuttingDown, "Server is shutting down")
		case <-cancel:
			cancel = nil
			obey = time.After(cancelGrace)
			if err := p.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: rpc.FailureOf(a.cause)}}); err != nil {
				p.cmd.Process.Kill()
				return a.cause
			}
		case <-obey:
			p.cmd.Process.Kill()
			return a.cause
		case <-poll.C:
			if silent := time.Since(time.Unix(0, a.heard.Load())); silent > s.silence {
				p.cmd.Process.Kill()
				return trinoerr.New(trinoerr.RemoteTaskError, "The slot of task %s was silent for %s and was killed", a.task.Id, silent.Round(time.Second))
			}
			used := p.residentBytes()
			a.resident.Store(used)
			if a.task.MemoryBytes > 0 && used > limit {
				p.cmd.Process.Kill()
				return trinoerr.New(trinoerr.ExceededLocalMemoryLimit,
					"Query exceeded per-node memory limit of %dB [Allocated: %dB, the slot of task %s was killed]", a.task.MemoryBytes, used, a.task.Id)
			}
		}
	}
}
