package worker

import (
	"log/slog"
	"maps"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// slots runs attempts in slot processes. Attempts beyond the number of slots wait in order of arrival. Light ones have a slot of
// their own, whose process starts when it is first needed.
//
// Each slot has a goroutine (runSlot) that owns its process; it ends when the context of Run ends.
type slots struct {
	command func(slot int) *exec.Cmd
	count   int
	events  *eventLog
	log     *slog.Logger
	metrics *metrics.Registry
	// silence is how long a slot that runs an attempt may say nothing: it tells of its progress twice a second.
	silence time.Duration

	mu    sync.Mutex
	known map[string]*attempt // accepted and not ended
	asked *recent             // to start or to end
	heavy line
	light line
}

func newSlots(command func(slot int) *exec.Cmd, count int, events *eventLog, log *slog.Logger) *slots {
	return &slots{command: command, count: count, events: events, log: log, silence: slotSilence,
		known: map[string]*attempt{}, asked: newRecent(remembered),
		heavy: line{more: make(chan struct{}, count)}, light: line{more: make(chan struct{}, 1)}}
}

// start accepts an attempt; one that is known already, running or ended, is left alone: its start was sent twice. So is one whose
// cancellation was faster than its start. An attempt of the same name that a coordinator with a lower epoch had decided on makes room:
// its successor knows nothing of it.
func (s *slots) start(t *rpcv1.Task, decided uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked.add(t.Id, decided) || s.events.ended(t.Id, decided) {
		return
	}
	a := &attempt{task: t, decided: decided, cancel: make(chan struct{})}
	before := s.known[t.Id]
	s.known[t.Id] = a
	if before != nil {
		s.end(before, trinoerr.New(trinoerr.UserCanceled, "another attempt has its name"))
		if !before.over {
			before.next = a // they would write to the same place
			return
		}
	}
	s.wait(a)
}

// wait puts an attempt into its line. The lock is held.
func (s *slots) wait(a *attempt) {
	l := s.lineOf(a)
	l.waiting = append(l.waiting, a)
	l.signal()
}

// ended lets go of an attempt that has ended in a slot.
func (s *slots) ended(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(a)
	if a.next != nil {
		s.wait(a.next)
	}
}

// forget notes that an attempt is over. The lock is held.
func (s *slots) forget(a *attempt) {
	a.over = true
	if s.known[a.task.Id] == a {
		delete(s.known, a.task.Id)
	}
}

// knows reports whether an attempt was accepted before.
func (s *slots) knows(id string, decided uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.asked.ids[id]
	return ok && known >= decided || s.events.ended(id, decided)
}

// cancel ends an attempt with a cause, and one that it does not know yet, decided on in that epoch or before, when it comes.
func (s *slots) cancel(id string, decided uint64, cause *trinoerr.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.asked.ids[id]; !known {
		s.asked.add(id, decided)
	}
	if a := s.known[id]; a != nil {
		s.end(a, cause)
	}
}

// end ends an attempt with a cause; the first cause counts. The lock is held.
func (s *slots) end(a *attempt, cause *trinoerr.Error) {
	if a.cause != nil {
		return
	}
	a.cause = cause
	close(a.cancel)
	l := s.lineOf(a)
	for i, w := range l.waiting {
		if w == a { // never started: it ends here
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			s.forget(a)
			s.events.failed(&rpcv1.Failed{Task: a.task.Id, Failure: rpc.FailureOf(cause), Decided: a.decided})
			return
		}
	}
}

// read tells a running attempt how many of its pages the client has. One that has ended does not care.
func (s *slots) read(r *rpcv1.PagesRead) {
	s.mu.Lock()
	var p *slotProcess
	if a := s.known[r.Task]; a != nil {
		p = a.process
	}
	s.mu.Unlock()
	if p == nil {
		return
	}
	if err := p.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Read{Read: r}}); err != nil {
		s.log.Debug("slot does not hear", "task", r.Task, "err", err) // it has died, as its owner will see
	}
}

// running is how many attempts are accepted and not ended.
func (s *slots) running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}

// tasks lists the attempts that are accepted and not ended.
func (s *slots) tasks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.known))
}

// memory lists the attempts that run, by id, with the memory that each uses.
func (s *slots) memory() []*rpcv1.TaskMemory {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*rpcv1.TaskMemory
	for _, id := range slices.Sorted(maps.Keys(s.known)) {
		if a := s.known[id]; !a.begun.IsZero() {
			out = append(out, &rpcv1.TaskMemory{Task: id, Bytes: a.memory(), Millis: time.Since(a.begun).Milliseconds()})
		}
	}
	return out
}
