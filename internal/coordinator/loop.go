package coordinator

import (
	"context"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// loop owns the scheduler's state: one goroutine receives events, writes them down, lets the state machine decide, and
// hands its actions out. Nothing that it calls waits for the network.
type loop struct {
	state *scheduler.State
	meter *meter

	mu    sync.Mutex
	notes []note                   // in order; as many as attempts and nodes can report between two rounds
	reads []func(*scheduler.State) // questions about the state
	wake  chan struct{}            // has a token when there is something to do
}

// note is something that has happened.
type note struct {
	event scheduler.Event
	// kind is that of an entry of the journal which is no event.
	kind string
	// side is what the coordinator has to remember with the event.
	side side
	// probe says that the event is there to be written.
	probe bool
	// then, in place of an event, is called when everything before it is in the journal.
	then func()
}

func newLoop(state *scheduler.State, to *metrics.Registry) *loop {
	return &loop{state: state, meter: newMeter(to), wake: make(chan struct{}, 1)}
}

// post queues an event. It never blocks.
func (l *loop) post(e scheduler.Event) { l.add(note{event: e}) }

func (l *loop) add(n note) {
	l.mu.Lock()
	l.notes = append(l.notes, n)
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
// f was run: not after the end of the loop, and not when ctx ends before.
func (l *loop) read(ctx context.Context, f func(*scheduler.State)) bool {
	var running sync.Mutex // what f writes must not be read meanwhile
	gone := false
	done := make(chan struct{})
	l.mu.Lock()
	l.reads = append(l.reads, func(s *scheduler.State) {
		running.Lock()
		defer running.Unlock()
		if !gone {
			f(s)
			close(done)
		}
	})
	l.mu.Unlock()
	l.signal()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	running.Lock()
	defer running.Unlock()
	gone = true
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func (l *loop) take() ([]note, []func(*scheduler.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, r := l.notes, l.reads
	l.notes, l.reads = nil, nil
	return n, r
}

// carrier carries out what the loop decides.
type carrier interface {
	// round is called with the state before notes are recorded.
	round(*scheduler.State, []note)
	// record writes a note down before it is acted on.
	record(note)
	// do carries out an action, once all that is recorded is durable where the action's query asks for that.
	do(scheduler.Action)
	// after calls f when all that is recorded is durable.
	after(f func())
	// rest is called between two rounds.
	rest(*scheduler.State)
}

// run steps the state machine until ctx ends.
func (l *loop) run(ctx context.Context, now func() scheduler.Instant, c carrier) {
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
		notes, reads := l.take()
		c.round(l.state, notes)
		for _, n := range notes {
			if n.then != nil {
				c.after(n.then)
				continue
			}
			c.record(n)
		}
		for _, n := range notes {
			if n.event == nil {
				continue
			}
			l.meter.event(l.state, n.event)
			for _, a := range l.state.Step(n.event) {
				l.meter.action(a)
				if t, ok := a.(scheduler.SetTimer); ok {
					timer.Reset(max(0, t.At.Sub(now())))
					continue
				}
				c.do(a)
			}
			l.meter.stepped(n.event)
		}
		for _, f := range reads {
			f(l.state)
		}
		c.rest(l.state)
	}
}
