package transport

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// Tally counts the requests that are made under a context, see WithTally. It may be used concurrently.
type Tally struct {
	mu             sync.Mutex
	requests       map[string]int64
	failed         int64
	sent, received int64
}

type tallyKey struct{}

// WithTally has the requests of queues that belong to the returned context counted.
func WithTally(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// Requests returns the number of requests by their methods.
func (t *Tally) Requests() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]int64, len(t.requests))
	for m, n := range t.requests {
		out[m] = n
	}
	return out
}

// Failed returns how many requests had no answer, or one that is an error.
func (t *Tally) Failed() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// Bytes returns the bytes of the bodies that were sent and received.
func (t *Tally) Bytes() (sent, received int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sent, t.received
}

// count counts a request and, as it is read, the body of its answer, for the tally of the request's context if it has one.
func count(req *http.Request, resp *http.Response, err error) {
	t, ok := req.Context().Value(tallyKey{}).(*Tally)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests == nil {
		t.requests = map[string]int64{}
	}
	t.requests[req.Method]++
	t.sent += max(req.ContentLength, 0)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		t.failed++
	}
	if resp != nil && resp.Body != nil {
		resp.Body = &tallied{resp.Body, t}
	}
}

// tallied is a body that is counted.
type tallied struct {
	io.ReadCloser
	t *Tally
}

// Read implements io.Reader.
func (b *tallied) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.t.mu.Lock()
	defer b.t.mu.Unlock()
	b.t.received += int64(n)
	return n, err
}
