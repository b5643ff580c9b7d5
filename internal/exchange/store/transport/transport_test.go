package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "x": 0, "-1": 0, "3": 3 * time.Second, " 3 ": 3 * time.Second, "99999": time.Hour,
		"Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0, "Fri, 02 Jan 2027 03:04:00 GMT": time.Hour,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestQueue14496 bounds requests that are under way and that wait, as users asked for in Trino's issue 14496.
func TestQueue14496(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-leave }))
	defer server.Close()
	q := NewQueue(New(), Limits{Requests: 1, Waiting: 1, WaitTimeout: 50 * time.Millisecond, WaitingProperty: "waiting", TimeoutProperty: "timeout"})
	get := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			return err
		}
		resp, err := q.RoundTrip(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	done := make(chan error, 1)
	go func() { done <- get(t.Context()) }()
	<-entered
	if err := get(t.Context()); err == nil || !strings.Contains(err.Error(), "none of 1 requests ended within 50ms (timeout)") {
		t.Errorf("waited: %v", err)
	}
	q.limits.WaitTimeout = time.Minute
	waiting, cancel := context.WithCancel(t.Context())
	waited := make(chan error, 1)
	go func() { waited <- get(waiting) }()
	for q.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := get(t.Context()); err == nil || !strings.Contains(err.Error(), "1 wait for their turn: more may not (waiting)") {
		t.Errorf("one too many: %v", err)
	}
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := get(t.Context()); err != nil { // there is room again
		t.Error(err)
	}
}

// TestQueueAfterFailure lets a request that got no answer make room.
func TestQueueAfterFailure(t *testing.T) {
	q := NewQueue(New(), Limits{Requests: 1, Waiting: 1, WaitTimeout: time.Minute})
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := q.RoundTrip(req); err == nil {
			resp.Body.Close()
			t.Error("somebody answered")
		}
	}
	if len(q.slots) != 0 {
		t.Error("there is no room")
	}
}
