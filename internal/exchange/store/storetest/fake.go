package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Request is what a server was sent.
type Request struct {
	Host, Method, Path string
	Query              url.Values
	Header             http.Header
	Body               string
}

// Fake is a server that speaks HTTP, whose answers a test makes up.
type Fake struct {
	*httptest.Server
	mu   sync.Mutex
	seen []Request
}

// Answer writes an answer to the n-th request, counted from 0.
type Answer func(w http.ResponseWriter, r Request, n int)

// NewFake starts a server, with httptest.NewServer or another of its kind. It ends with the test.
func NewFake(t *testing.T, start func(http.Handler) *httptest.Server, a Answer) *Fake {
	t.Helper()
	f := &Fake{}
	f.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := Request{Host: r.Host, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: string(body)}
		f.mu.Lock()
		n := len(f.seen)
		f.seen = append(f.seen, req)
		f.mu.Unlock()
		a(w, req, n)
	}))
	t.Cleanup(f.Close)
	return f
}

// Requests are those that came, in their order.
func (f *Fake) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// First is an error about the first condition that does not hold.
func First(conditions ...bool) error {
	for n, ok := range conditions {
		if !ok {
			return fmt.Errorf("condition %d does not hold", n)
		}
	}
	return nil
}

// After tells whether an error says that the storage wants to be left alone for so long.
func After(after time.Duration) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*store.ThrottledError](err)
		return ok && e.After == after
	}
}

// ReadAnswers reads a key of three bytes from servers that answer otherwise than asked; open opens a store on one. behind is what the server
// says to a read from the end on, and missing to any question about an object that does not exist.
func ReadAnswers(t *testing.T, open func(a Answer) store.Store, behind, missing Answer) {
	abc := func(w http.ResponseWriter, _ Request, _ int) { io.WriteString(w, "abc") }
	for _, tt := range []struct {
		name           string
		offset, length int64
		answer         Answer
		want           string
		err            error
	}{
		{"whole", 0, -1, abc, "abc", nil},
		{"cut off", 0, -1, func(w http.ResponseWriter, _ Request, _ int) {
			w.Header().Set("Content-Length", "10")
			io.WriteString(w, "abc")
		}, "abc", io.ErrUnexpectedEOF},
		{"the range is ignored", 0, 2, abc, "ab", nil},
		{"less than the range", 0, 5, func(w http.ResponseWriter, _ Request, _ int) {
			w.Header().Set("Content-Range", "bytes 0-2/3")
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, "abc")
		}, "abc", io.ErrUnexpectedEOF},
		{"behind the end", 3, 1, behind, "", io.ErrUnexpectedEOF},
		{"from the end on", 3, -1, behind, "", nil},
		{"nothing of what is missing", 3, 0, missing, "", store.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []byte
			r, err := open(tt.answer).Open(t.Context(), "k", tt.offset, tt.length)
			if err == nil {
				got, err = io.ReadAll(r)
				r.Close()
			}
			if string(got) != tt.want || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// Cancelled ends the context in the middle of an object in parts, of which some were sent, and then closes or aborts its writer. check looks at
// what the server was sent.
func Cancelled(t *testing.T, open func() (store.Store, *Fake), check func(t *testing.T, requests []Request)) {
	for _, ending := range []string{"close", "abort"} {
		t.Run(ending, func(t *testing.T) {
			s, f := open()
			why := errors.New("why")
			ctx, cancel := context.WithCancelCause(t.Context())
			w, err := s.Create(ctx, "k", store.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(make([]byte, 21<<20)); err != nil {
				t.Fatal(err)
			}
			cancel(why)
			if _, err := w.Write(make([]byte, 11<<20)); !errors.Is(err, why) {
				t.Errorf("write: %v", err)
			}
			if ending == "close" {
				if err := w.Close(); !errors.Is(err, why) {
					t.Errorf("close: %v", err)
				}
			} else if err := w.Abort(); err != nil {
				t.Errorf("abort: %v", err)
			}
			check(t, f.Requests())
		})
	}
}
