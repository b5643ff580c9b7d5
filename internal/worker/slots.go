package worker

import (
	"log/slog"
	"maps"
	"os/exec"
	"slices"
	"sync"
	"time"

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
// cancellation was faster than its start.
func (s *slots) start(t *rpcv1.Task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked.add(t.Id) || s.events.ended(t.Id) {
		return
	}
	a := &attempt{task: t, cancel: make(chan struct{})}
	s.known[t.Id] = a
	l := s.lineOf(a)
	l.waiting = append(l.waiting, a)
	l.signal()
}

// knows reports whether an attempt was accepted before.
func (s *slots) knows(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked.ids[id] || s.events.ended(id)
}

// cancel ends an attempt with a cause; the first cause counts.
func (s *slots) cancel(id string, cause *trinoerr.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked.add(id)
	a := s.known[id]
	if a == nil || a.cause != nil {
		return
	}
	a.cause = cause
	close(a.cancel)
	l := s.lineOf(a)
	for i, w := range l.waiting {
		if w == a { // never started: it ends here
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			delete(s.known, id)
			s.events.failed(&rpcv1.Failed{Task: id, Failure: rpc.FailureOf(cause)})
			return
		}
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
