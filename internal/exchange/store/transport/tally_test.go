package transport

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The requests of a context are counted, and no others.
func TestTally(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "answer")
	}))
	defer server.Close()
	connections := New()
	defer connections.CloseIdleConnections()
	client := &http.Client{Transport: NewQueue(connections, Limits{Requests: 1, Waiting: 1, WaitTimeout: time.Minute})}
	var ours Tally
	for _, c := range []struct {
		ctx                context.Context
		method, path, body string
	}{
		{t.Context(), "PUT", "/", "not counted"},
		{WithTally(t.Context(), &ours), "PUT", "/", "four"},
		{WithTally(t.Context(), &ours), "GET", "/", ""},
		{WithTally(t.Context(), &ours), "GET", "/busy", ""},
	} {
		req, err := http.NewRequestWithContext(c.ctx, c.method, server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if got := ours.Requests(); !maps.Equal(got, map[string]int64{"PUT": 1, "GET": 2}) || ours.Failed() != 1 {
		t.Errorf("%v, of which %d failed", got, ours.Failed())
	}
	if sent, received := ours.Bytes(); sent != 4 || received != 3*int64(len("answer")) {
		t.Errorf("%d bytes sent, %d received", sent, received)
	}
	server.Close()
	req, err := http.NewRequestWithContext(WithTally(t.Context(), &ours), "DELETE", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := client.Do(req); err == nil {
		resp.Body.Close()
		t.Error("a server that is gone answers")
	}
	if ours.Requests()["DELETE"] != 1 || ours.Failed() != 2 {
		t.Errorf("%v, of which %d failed", ours.Requests(), ours.Failed())
	}
}
