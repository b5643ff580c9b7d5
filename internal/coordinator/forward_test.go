package coordinator

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// standing is a coordinator that stands by, and the address at which clients ask it.
func standing(t *testing.T) (*Standby, string) {
	t.Helper()
	s := &Standby{NodeID: "second", Log: slog.New(slog.DiscardHandler)}
	front := httptest.NewServer(s.Forward())
	t.Cleanup(front.Close)
	return s, front.URL
}

// follow makes the one who stands by forward to an address.
func (s *Standby) follow(t *testing.T, leader string) {
	t.Helper()
	u, err := url.Parse(leader)
	if err != nil {
		t.Fatal(err)
	}
	s.way.turn(u, nil)
}

// serving is a server that a test may end, with the connections it has, like a process that is killed.
func serving(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// reply is what a client got.
type reply struct {
	status int
	body   string
	err    error
}

// send asks in the background.
func send(ctx context.Context, method, uri, body string) <-chan reply {
	out := make(chan reply, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, method, uri+"/v1/statement", strings.NewReader(body))
		if err != nil {
			out <- reply{err: err}
			return
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			out <- reply{err: err}
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		out <- reply{res.StatusCode, string(text), err}
	}()
	return out
}

// echo answers with its name and what it was sent.
func echo(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprint(w, name, " ", r.Method, " ", string(body), err)
	}
}

// asked is a handler that closes a channel when it is called first.
func asked(h http.HandlerFunc) (http.HandlerFunc, <-chan struct{}) {
	came := make(chan struct{})
	var calls atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			close(came)
		}
		h(w, r)
	}, came
}

// hangs answers nothing until its client is gone.
func hangs(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // so that the client's end is noticed
	<-r.Context().Done()
}

// breaks sends half an answer.
func breaks(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, "half")
	panic(http.ErrAbortHandler)
}

// refuses is a coordinator that is about to end.
func refuses(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "Server is shutting down", http.StatusServiceUnavailable)
}

// want compares an answer.
func want(t *testing.T, got reply, status int, body string) {
	t.Helper()
	if got.err != nil || got.status != status || !strings.Contains(got.body, body) {
		t.Errorf("got %d %q, %v; want %d %q", got.status, got.body, got.err, status, body)
	}
}

// TestRequestOutlivesLeader18851 lets the coordinator that leads go away in each way it can, while a request is with it. Whoever
// leads next answers: this coordinator, or another one at another address.
func TestRequestOutlivesLeader18851(t *testing.T) {
	for _, c := range []struct {
		name   string
		method string
		leader http.HandlerFunc // nil: nobody listens
	}{
		{"page, nobody listens", "GET", nil},
		{"page, no answer", "GET", hangs},
		{"page, half an answer", "GET", breaks},
		{"page, about to end", "GET", refuses},
		{"cancellation, half an answer", "DELETE", breaks},
		{"statement, nobody listens", "POST", nil},
		{"statement, about to end", "POST", refuses},
		{"statement, no answer", "POST", hangs},
		{"statement, half an answer", "POST", breaks},
	} {
		for next, turn := range map[string]func(*testing.T, *Standby){
			"takes over itself": func(_ *testing.T, s *Standby) {
				s.way.turn(nil, nil) // while the journal is read
				s.Lead(echo("me"))
			},
			"another leads": func(t *testing.T, s *Standby) { s.follow(t, serving(t, echo("other")).URL) },
		} {
			t.Run(c.name+", "+next, func(t *testing.T) {
				s, front := standing(t)
				if c.leader != nil {
					handler, came := asked(c.leader)
					s.follow(t, serving(t, handler).URL)
					got := send(t.Context(), c.method, front, "SELECT 1")
					<-came
					turn(t, s)
					want(t, <-got, http.StatusOK, c.method+" SELECT 1<nil>")
					return
				}
				s.follow(t, nobody(t))
				got := send(t.Context(), c.method, front, "SELECT 1")
				select {
				case r := <-got:
					t.Fatalf("answered %v while nobody leads", r)
				case <-time.After(100 * time.Millisecond):
				}
				turn(t, s)
				want(t, <-got, http.StatusOK, c.method+" SELECT 1<nil>")
			})
		}
	}
}

// TestLeaderReturns18851 starts the coordinator that leads again on its address, while this one still stands by.
func TestLeaderReturns18851(t *testing.T) {
	s, front := standing(t)
	address := nobody(t)
	s.follow(t, address)
	got := send(t.Context(), "POST", front, "SELECT 1")
	time.Sleep(50 * time.Millisecond)
	l, err := net.Listen("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: echo("again")}
	go func() { _ = server.Serve(l) }() // ends with Close
	defer server.Close()
	want(t, <-got, http.StatusOK, "again POST SELECT 1")
}

// TestHoldingEnds shows that nothing is held for ever: neither for a client that waits nor for one that has left.
func TestHoldingEnds(t *testing.T) {
	for name, leader := range map[string]http.HandlerFunc{"no answer": hangs, "away": refuses} {
		t.Run(name, func(t *testing.T) {
			s, front := standing(t)
			s.holdTimeout = 50 * time.Millisecond
			s.follow(t, serving(t, leader).URL)
			want(t, <-send(t.Context(), "GET", front, ""), http.StatusServiceUnavailable, "no coordinator leads")
		})
	}
	t.Run("client leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &Standby{Log: slog.New(slog.DiscardHandler)}
			handler := s.Forward()
			ctx, leave := context.WithCancel(t.Context())
			time.AfterFunc(time.Minute, leave)
			begun := time.Now()
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/v1/statement", nil))
			if held := time.Since(begun); held != time.Minute {
				t.Errorf("held for %s after the client had left", held-time.Minute)
			}
		})
	})
}

// TestLargeAnswersGoOn sends more than is held, and gives back what was taken of the budget.
func TestLargeAnswersGoOn(t *testing.T) {
	const size = maxHeldBytes + 100
	s, front := standing(t)
	s.follow(t, serving(t, func(w http.ResponseWriter, _ *http.Request) {
		piece := strings.Repeat("x", 1<<20)
		for left := size; left > 0; left -= len(piece) {
			_, _ = io.WriteString(w, piece[:min(left, len(piece))]) // the client would notice
		}
	}).URL)
	got := <-send(t.Context(), "GET", front, "")
	if got.err != nil || len(got.body) != size {
		t.Errorf("%d bytes came, %v; want %d", len(got.body), got.err, size)
	}
	want(t, <-send(t.Context(), "POST", front, strings.Repeat("x", size)), http.StatusRequestEntityTooLarge, "too large")
	for deadline := time.Now().Add(10 * time.Second); !s.memory.take(heldMemory); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the budget was not given back")
		}
	}
	want(t, <-send(t.Context(), "GET", front, ""), http.StatusServiceUnavailable, "too many")
}

// TestNothingGoesInCircles lets two coordinators each think that the other one leads.
func TestNothingGoesInCircles(t *testing.T) {
	a, fromA := standing(t)
	b, fromB := standing(t)
	a.follow(t, fromB)
	b.follow(t, fromA)
	got := send(t.Context(), "GET", fromA, "")
	time.Sleep(50 * time.Millisecond)
	b.Lead(echo("b"))
	want(t, <-got, http.StatusOK, "b GET")
	res, err := http.Get(fromA + LeaderPath)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s of one that stands by answered %s", LeaderPath, res.Status)
	}
}
