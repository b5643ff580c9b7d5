package worker

import (
	"sync"

	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// eventLog keeps what the coordinator has to learn about attempts: that there are rows for the client, and their ends, in order, until
// they are acknowledged, and the newest progress of each running attempt.
type eventLog struct {
	mu       sync.Mutex
	first    int64 // sequence number of kept[0]
	kept     []*rpcv1.Event
	progress map[string]*rpcv1.Progress // not yet sent
	metrics  *metrics.Registry
	changed  chan struct{} // closed and replaced at every change
}

func newEventLog() *eventLog {
	return &eventLog{first: 1, progress: map[string]*rpcv1.Progress{}, changed: make(chan struct{})}
}

func (l *eventLog) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// grown appends that an attempt has rows for the client.
func (l *eventLog) grown(g *rpcv1.Grown) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(&rpcv1.Event{Kind: &rpcv1.Event_Grown{Grown: g}})
}

// finished and failed append an end.
func (l *eventLog) finished(f *rpcv1.Finished) {
	l.metrics.Add(metrics.WorkerEnded, 1, "finished")
	l.end(f.Task, &rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: f}})
}

func (l *eventLog) failed(f *rpcv1.Failed) {
	outcome := "failed"
	if f.Failure.GetSlotDied() {
		outcome = "slot_died"
	}
	l.metrics.Add(metrics.WorkerEnded, 1, outcome)
	l.end(f.Task, &rpcv1.Event{Kind: &rpcv1.Event_Failed{Failed: f}})
}

func (l *eventLog) end(task string, e *rpcv1.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.progress, task)
	l.keep(e)
}

// keep appends an event. The caller holds the lock.
func (l *eventLog) keep(e *rpcv1.Event) {
	e.Sequence = l.first + int64(len(l.kept))
	l.kept = append(l.kept, e)
	l.wake()
}

// ended reports whether the end of an attempt is among those that are kept, of one that was decided on in that epoch or a later one.
func (l *eventLog) ended(task string, decided uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.kept {
		if f := e.GetFinished(); f.GetTask() == task && f.GetDecided() >= decided {
			return true
		}
		if f := e.GetFailed(); f.GetTask() == task && f.GetDecided() >= decided {
			return true
		}
	}
	return false
}

// progressed records progress. It wakes nobody: streams send it with their next heartbeat.
func (l *eventLog) progressed(p *rpcv1.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.progress[p.Task] = p
}

// after returns the events with numbers above seq and a channel that is closed when there are more.
func (l *eventLog) after(seq int64) ([]*rpcv1.Event, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	skip := min(max(seq+1-l.first, 0), int64(len(l.kept)))
	return append([]*rpcv1.Event(nil), l.kept[skip:]...), l.changed
}

// takeProgress returns the progress that no stream has sent yet.
func (l *eventLog) takeProgress() []*rpcv1.Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*rpcv1.Progress
	for _, p := range l.progress {
		out = append(out, p)
	}
	clear(l.progress)
	return out
}

// acknowledge forgets the events up to a number.
func (l *eventLog) acknowledge(upTo int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(max(upTo+1-l.first, 0), int64(len(l.kept)))
	l.kept = append([]*rpcv1.Event(nil), l.kept[n:]...)
	l.first += n
}
