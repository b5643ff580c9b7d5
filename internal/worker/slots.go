package worker

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os/exec"
	"slices"
	"sync"
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

// line is attempts that wait for the same slots.
type line struct {
	waiting []*attempt
	more    chan struct{} // has a token when waiting may be non-empty
}

// signal wakes a slot. The owner's lock is held.
func (l *line) signal() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// lineOf is where an attempt waits.
func (s *slots) lineOf(a *attempt) *line {
	if a.task.Light {
		return &s.light
	}
	return &s.heavy
}

// attempt is an accepted task.
type attempt struct {
	task   *rpcv1.Task
	cancel chan struct{} // closed when the attempt has to end
	cause  *trinoerr.Error

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

func newSlots(command func(slot int) *exec.Cmd, count int, events *eventLog, log *slog.Logger) *slots {
	return &slots{command: command, count: count, events: events, log: log, silence: slotSilence,
		known: map[string]*attempt{}, asked: newRecent(remembered),
		heavy: line{more: make(chan struct{}, count)}, light: line{more: make(chan struct{}, 1)}}
}

// run keeps the slots alive until ctx ends, and then ends them.
func (s *slots) run(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range s.count {
		wg.Go(func() { s.runSlot(ctx, i, &s.heavy) })
	}
	wg.Go(func() {
		if s.needed(ctx, &s.light) {
			s.runSlot(ctx, s.count, &s.light)
		}
	})
	wg.Wait()
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

// needed waits until an attempt stands in the line; it reports false when ctx ends before.
func (s *slots) needed(ctx context.Context, l *line) bool {
	select {
	case <-ctx.Done():
		return false
	case <-l.more:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.signal() // for the slot itself
	return true
}

// next waits for an attempt to run; nil when ctx ends or the process dies while idle.
func (s *slots) next(ctx context.Context, l *line, died <-chan struct{}) *attempt {
	for {
		select {
		case <-died: // an attempt must not be given to the dead
			return nil
		default:
		}
		s.mu.Lock()
		if len(l.waiting) > 0 {
			a := l.waiting[0]
			a.begun = time.Now()
			l.waiting = l.waiting[1:]
			if len(l.waiting) > 0 {
				l.signal()
			}
			s.mu.Unlock()
			return a
		}
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-died:
			return nil
		case <-l.more:
		}
	}
}

// runSlot keeps the process of one slot alive and hands it attempts of a line. A process that cannot be started is tried again after a
// second.
func (s *slots) runSlot(ctx context.Context, number int, l *line) {
	for ctx.Err() == nil {
		p, err := startSlot(s.command(number))
		if err != nil {
			s.log.Error("slot does not start", "err", err)
			s.pause(ctx)
			continue
		}
		s.serve(ctx, l, p)
		p.stop(cancelGrace)
	}
}

// serve hands attempts of a line to a process until ctx ends or the process has died. None is handed to a process that is not
// ready: one that cannot start must not use up the attempts of tasks.
func (s *slots) serve(ctx context.Context, l *line, p *slotProcess) {
	if !s.ready(ctx, p) {
		return
	}
	for {
		a := s.next(ctx, l, p.waited)
		if a == nil {
			return
		}
		healthy := s.runAttempt(ctx, p, a)
		s.mu.Lock()
		delete(s.known, a.task.Id)
		s.mu.Unlock()
		if !healthy {
			return
		}
	}
}

// ready waits until a new process says that it is warm. It reports false when ctx ends or the process fails; in this case
// after a pause, so that a slot that never starts does not keep the machine busy.
func (s *slots) ready(ctx context.Context, p *slotProcess) bool {
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	defer stop()
	late := time.AfterFunc(startTimeout, func() { p.cmd.Process.Kill() })
	defer late.Stop()
	m, err := p.receive()
	if err == nil && m.GetReady() {
		return true
	}
	p.kill()
	if ctx.Err() == nil {
		s.log.Error("slot does not start", "how", p.death())
		s.pause(ctx)
	}
	return false
}

// startTimeout bounds the start of a slot, which takes a few tens of milliseconds on a machine that is not busy.
const startTimeout = time.Minute

// restartPause is the time between two tries to start a slot.
const restartPause = time.Second

func (s *slots) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(restartPause):
	}
}

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
			s.cancel(a.task.Id, trinoerr.New(trinoerr.ExceededTimeLimit, "Task exceeded its time limit of %dms", a.task.DeadlineMillis))
		})
		defer t.Stop()
	}
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
		s.events.failed(&rpcv1.Failed{Task: a.task.Id, Failure: f})
		return false
	}
	switch k := end.Kind.(type) {
	case *rpcv1.SlotMessage_Finished:
		s.events.finished(k.Finished)
	case *rpcv1.SlotMessage_Failed:
		s.events.failed(k.Failed)
	}
	return true
}

// converse sends the task and reads until its end.
func (s *slots) converse(p *slotProcess, a *attempt) (*rpcv1.SlotMessage, error) {
	if err := p.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: a.task}}); err != nil {
		return nil, err
	}
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
