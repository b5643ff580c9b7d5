package worker

import (
	"context"
	"time"
)

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
