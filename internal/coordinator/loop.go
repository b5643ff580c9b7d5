package coordinator

import (
	"context"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// loop owns the scheduler's state: one goroutine receives events, lets the state machine decide, and hands its actions
// out. Nothing that it calls waits for the network.
type loop struct {
	state *scheduler.State

	mu     sync.Mutex
	events []scheduler.Event        // in order; as many as attempts and nodes can report between two rounds
	reads  []func(*scheduler.State) // questions about the state
	wake   chan struct{}            // has a token when there is something to do
}

func newLoop(cfg scheduler.Config) *loop {
	return &loop{state: scheduler.New(cfg), wake: make(chan struct{}, 1)}
}

// post queues an event. It never blocks.
func (l *loop) post(e scheduler.Event) {
	l.mu.Lock()
	l.events = append(l.events, e)
	l.mu.Unlock()
	l.signal()
}

func (l *loop) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// read runs f with the state, between two events, and waits for it. f must not keep what it is given. It reports whether
// f was run: not after the end of the loop.
func (l *loop) read(ctx context.Context, f func(*scheduler.State)) bool {
	done := make(chan struct{})
	l.mu.Lock()
	l.reads = append(l.reads, func(s *scheduler.State) {
		f(s)
		close(done)
	})
	l.mu.Unlock()
	l.signal()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *loop) take() ([]scheduler.Event, []func(*scheduler.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, r := l.events, l.reads
	l.events, l.reads = nil, nil
	return e, r
}

// run steps the state machine until ctx ends. record is called with each batch of events before its actions are
// carried out by do.
func (l *loop) run(ctx context.Context, now func() scheduler.Instant, record func([]scheduler.Event), do func(scheduler.Action)) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			l.post(scheduler.Tick{At: now()})
		case <-l.wake:
		}
		events, reads := l.take()
		if len(events) > 0 {
			record(events)
		}
		for _, e := range events {
			for _, a := range l.state.Step(e) {
				if t, ok := a.(scheduler.SetTimer); ok {
					timer.Reset(max(0, t.At.Sub(now())))
					continue
				}
				do(a)
			}
		}
		for _, f := range reads {
			f(l.state)
		}
	}
}
