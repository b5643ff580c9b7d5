package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound the requests of a Queue.
type Limits struct {
	// Requests may be under way at a time.
	Requests int
	// Waiting others may wait for their turn, each up to WaitTimeout.
	Waiting     int
	WaitTimeout time.Duration
	// WaitingProperty and TimeoutProperty are the names under which users know these two.
	WaitingProperty, TimeoutProperty string
}

// Queue bounds how many requests are under way; a request is, until its answer's body is closed. It is a http.RoundTripper.
type Queue struct {
	next    http.RoundTripper
	limits  Limits
	slots   chan struct{}
	waiting atomic.Int64
}

// NewQueue returns a queue in front of next.
func NewQueue(next http.RoundTripper, l Limits) *Queue {
	return &Queue{next: next, limits: l, slots: make(chan struct{}, l.Requests)}
}

// RoundTrip implements http.RoundTripper.
func (q *Queue) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := q.enter(req.Context()); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := q.next.RoundTrip(req)
	count(req, resp, err)
	if err != nil {
		q.leave()
		return nil, err
	}
	resp.Body = &leaving{ReadCloser: resp.Body, leave: sync.OnceFunc(q.leave)}
	return resp, nil
}

func (q *Queue) enter(ctx context.Context) error {
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > int64(q.limits.Waiting) {
		return fmt.Errorf("%d requests are under way and %d wait for their turn: more may not (%s)", q.limits.Requests, q.limits.Waiting, q.limits.WaitingProperty)
	}
	timer := time.NewTimer(q.limits.WaitTimeout)
	defer timer.Stop()
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("none of %d requests ended within %s (%s)", q.limits.Requests, q.limits.WaitTimeout, q.limits.TimeoutProperty)
	}
}

func (q *Queue) leave() { <-q.slots }

// leaving is the body of an answer, whose end makes room for another request.
type leaving struct {
	io.ReadCloser
	leave func()
}

// Close implements io.Closer.
func (l *leaving) Close() error {
	defer l.leave()
	return l.ReadCloser.Close()
}
