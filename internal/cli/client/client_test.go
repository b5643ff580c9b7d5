package client

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

// flaky answers with the given statuses, one after the other, and then properly.
func flaky(t *testing.T, statuses ...int) (*Client, *atomic.Int32) {
	t.Helper()
	requests := new(atomic.Int32)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := int(requests.Add(1)); n <= len(statuses) {
			status := statuses[n-1]
			if status == 0 { // the connection breaks
				panic(http.ErrAbortHandler)
			}
			if status != 200 {
				http.Error(w, "not now", status)
				return
			}
		}
		next := ""
		if r.Method == http.MethodPost {
			next = "http://" + r.Host + "/next"
		}
		fmt.Fprintf(w, `{"id":"q","nextUri":%q,"stats":{"state":"FINISHED"},"data":[[1]]}`, next)
	}))
	t.Cleanup(h.Close)
	return &Client{Server: h.URL, HTTP: h.Client(), Session: Session{User: "x"}}, requests
}

func TestServerIsAwayForAMoment(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []int
		requests int32
		err      string
	}{
		{"well", nil, 2, ""},
		{"statement refused twice", []int{503, 502}, 4, ""},
		{"page away", []int{200, 503, 504}, 4, ""},
		{"connection of a page breaks", []int{200, 0}, 3, ""},
		{"connection of a statement breaks: it may have been taken", []int{0}, 1, "EOF"},
		{"page is gone", []int{200, 410}, 2, "server answered 410: not now"},
		{"bad request", []int{400}, 1, "server answered 400: not now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, requests := flaky(t, c.statuses...)
			q, err := client.Start(t.Context(), "SELECT 1")
			if err == nil {
				_, err = q.Next(t.Context())
			}
			switch {
			case c.err == "" && err != nil, c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error = %v, want %q", err, c.err)
			}
			if got := requests.Load(); got != c.requests {
				t.Errorf("%d requests, want %d", got, c.requests)
			}
		})
	}
}

func TestSessionFollowsTheServer(t *testing.T) {
	s := Session{User: "x", Properties: map[string]string{"old": "1"}, Prepared: map[string]string{"a b": "SELECT 1"}, TransactionID: "id"}
	h := http.Header{}
	for name, value := range map[string]string{
		"Set-Catalog": "c", "Set-Schema": "s", "Set-Path": "p", "Set-Session": "hive.x=1%2C2", "Clear-Session": "old",
		"Set-Role": "hive=ROLE%7Badmin%7D", "Added-Prepare": "q=SELECT+*%0A", "Deallocated-Prepare": "a+b",
		"Clear-Transaction-Id": "true", "Set-Authorization-User": "bob",
	} {
		h.Set("X-Trino-"+name, value)
	}
	if err := s.apply(h); err != nil {
		t.Fatal(err)
	}
	want := Session{
		User: "bob", originalUser: "x", Catalog: "c", Schema: "s", Path: "p", Properties: map[string]string{"hive.x": "1,2"},
		Roles: map[string]string{"hive": "ROLE{admin}"}, Prepared: map[string]string{"q": "SELECT *\n"},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("session:\n got %+v\nwant %+v", s, want)
	}
	sent := s.headers()
	for name, value := range map[string]string{
		"User": "bob", "Original-User": "x", "Session": "hive.x=1%2C2", "Role": "hive=ROLE%7Badmin%7D",
		"Prepared-Statement": "q=SELECT+%2A%0A", "Transaction-Id": "NONE", "Client-Capabilities": capabilities,
	} {
		if got := sent.Get("X-Trino-" + name); got != value {
			t.Errorf("header %s = %q, want %q", name, got, value)
		}
	}
	if err := s.apply(http.Header{"X-Trino-Reset-Authorization-User": {"true"}, "X-Trino-Started-Transaction-Id": {"t"}}); err != nil {
		t.Fatal(err)
	}
	if s.User != "x" || s.originalUser != "" || s.TransactionID != "t" {
		t.Errorf("after reset: %+v", s)
	}
	if err := s.apply(http.Header{"X-Trino-Set-Session": {"a=%zz"}}); err == nil {
		t.Error("a broken header was taken")
	}
}

func TestNoJSON(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>")
	}))
	defer h.Close()
	client := &Client{Server: h.URL, HTTP: h.Client()}
	if _, err := client.Start(t.Context(), "SELECT 1"); err == nil || !strings.Contains(err.Error(), "no results of a query") {
		t.Errorf("error = %v", err)
	}
}
