package s3

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of connections.
const (
	dialTimeout = 10 * time.Second
	idleTimeout = 60 * time.Second
)

// newTransport makes connections. A server that falls silent is left to whoever cancels the request.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: dialTimeout,
		IdleConnTimeout:     idleTimeout,
		MaxIdleConnsPerHost: 1 << 10, // the queue in front of it sets the bound
		DisableCompression:  true,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
	}
}

// queue bounds how many requests are under way; a request is, until its answer's body is closed.
type queue struct {
	next    http.RoundTripper
	slots   chan struct{}
	waiting atomic.Int64
	most    int64 // may wait
	timeout time.Duration
}

func newQueue(next http.RoundTripper, slots, most int, timeout time.Duration) *queue {
	return &queue{next: next, slots: make(chan struct{}, slots), most: int64(most), timeout: timeout}
}

// RoundTrip implements http.RoundTripper.
func (q *queue) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := q.enter(req.Context()); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := q.next.RoundTrip(req)
	if err != nil {
		q.leave()
		return nil, err
	}
	resp.Body = &leaving{ReadCloser: resp.Body, leave: sync.OnceFunc(q.leave)}
	return resp, nil
}

func (q *queue) enter(ctx context.Context) error {
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > q.most {
		return fmt.Errorf("%d requests are under way and %d wait for their turn: more may not (exchange.s3.async-client-max-pending-connection-acquires)",
			cap(q.slots), q.most)
	}
	timer := time.NewTimer(q.timeout)
	defer timer.Stop()
	select {
	case q.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("none of %d requests ended within %s (exchange.s3.async-client-connection-acquisition-timeout)", cap(q.slots), q.timeout)
	}
}

func (q *queue) leave() { <-q.slots }

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
