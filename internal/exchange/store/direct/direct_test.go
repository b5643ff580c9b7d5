package direct

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A node that is in trouble is asked again for as long as exchange.max-error-duration says, and no longer; what it knows
// for sure, and that nobody is there any more, is believed at once. That is what its errors are made for.
func TestPatience(t *testing.T) {
	for _, test := range []struct {
		name     string
		failures int32 // before the first good answer
		status   int
		patience time.Duration
		requests int32 // zero: any number
		good     bool
	}{
		{"no trouble", 0, http.StatusServiceUnavailable, time.Minute, 1, true},
		{"passing trouble", 3, http.StatusServiceUnavailable, time.Minute, 4, true},
		{"broken connections", 3, 0, time.Minute, 4, true},
		{"no patience", 3, http.StatusServiceUnavailable, time.Millisecond, 3, false},
		{"lasting trouble", 1 << 30, http.StatusServiceUnavailable, 100 * time.Millisecond, 0, false},
		{"not there", 1 << 30, http.StatusNotFound, time.Minute, 1, false},
	} {
		var requests atomic.Int32
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			switch n := requests.Add(1); {
			case n > test.failures:
				_, _ = io.WriteString(w, "rows")
			case test.status == 0:
				panic(http.ErrAbortHandler) // closes the connection
			default:
				w.WriteHeader(test.status)
			}
		}))
		body, err := open(t, node.URL, test.patience)
		if good := err == nil && body == "rows"; good != test.good || test.requests != 0 && requests.Load() != test.requests {
			t.Errorf("%s: %q, %v after %d requests", test.name, body, err, requests.Load())
		}
		if test.status == http.StatusNotFound && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", test.name, err)
		}
		node.Close()
		begun := time.Now()
		if _, err := open(t, node.URL, time.Minute); err == nil || time.Since(begun) > 30*time.Second {
			t.Errorf("%s: a node that is gone gave %v after %s", test.name, err, time.Since(begun))
		}
	}
}

// A node that accepts a request and does not answer, or stops in the middle, is given up in time.
func TestStall(t *testing.T) {
	for _, begin := range []string{"", "half of it"} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if begin != "" {
				_, _ = io.WriteString(w, begin)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}))
		_, err := open(t, node.URL, 10*time.Millisecond)
		if err == nil || trinoerr.CodeOf(err) != trinoerr.PageTransportTimeout {
			t.Errorf("after %q: %v", begin, err)
		}
		node.Close()
	}
}

func open(t *testing.T, base string, patience time.Duration) (string, error) {
	t.Helper()
	uri, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Opener(http.DefaultClient, func(http.Header) {})(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	s := retry.New(d, retry.Config{MaxError: patience, ReadTimeout: 10 * time.Second, Peer: retry.Worker})
	r, err := s.Open(t.Context(), "query/object", 0, -1)
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	return string(data), err
}
