package s3

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// request is what a server was sent.
type request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         string
}

// fake is a server whose answers a test makes up.
type fake struct {
	*httptest.Server
	mu   sync.Mutex
	seen []request
}

// answer writes an answer to the n-th request, counted from 0.
type answer func(w http.ResponseWriter, r request, n int)

func newFake(t *testing.T, a answer) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: string(body)}
		f.mu.Lock()
		n := len(f.seen)
		f.seen = append(f.seen, req)
		f.mu.Unlock()
		w.Header().Set("ETag", `"tag"`)
		a(w, req, n)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]request(nil), f.seen...)
}

// fail answers with an error of S3's.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

// sound is a configuration for the server at a URL; requests are not repeated.
func sound(url string) Config {
	return Config{AccessKey: "key", SecretKey: "secret", Endpoint: url, PathStyle: true, PartSize: 5 << 20, Connections: 10, Waiting: 10, WaitTimeout: time.Minute}
}

// opened opens s3://bucket/base/.
func opened(t *testing.T, cfg Config) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "s3", Host: "bucket", Path: "/base"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*Store)
}
