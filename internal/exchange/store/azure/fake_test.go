package azure

import (
	"encoding/base64"
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
	f.Server = httptest.NewServer(f.handler(a))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) handler(a answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: string(body)}
		f.mu.Lock()
		n := len(f.seen)
		f.seen = append(f.seen, req)
		f.mu.Unlock()
		a(w, req, n)
	})
}

func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]request(nil), f.seen...)
}

// fail answers with an error of Azure's.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Ms-Error-Code", code)
	w.Header().Set("X-Ms-Request-Id", "R1")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>%s\nRequestId:R1\nTime:now</Message></Error>", code, message)
}

// accept answers as a server that writes blobs.
func accept(w http.ResponseWriter, _ request, _ int) {
	w.Header().Set("Etag", `"e"`)
	w.WriteHeader(http.StatusCreated)
}

// sound is a configuration for the server at a URL; requests are not repeated.
func sound(url string) Config {
	key := base64.StdEncoding.EncodeToString([]byte("secret"))
	return Config{ConnectionString: "DefaultEndpointsProtocol=http;AccountName=account;AccountKey=" + key + ";BlobEndpoint=" + url + "/account",
		BlockSize: 4 << 20, Connections: 10, Waiting: 10, WaitTimeout: time.Minute}
}

// opened opens abfs://box@account.dfs.core.windows.net/base/.
func opened(t *testing.T, cfg Config) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "abfs", User: url.User("box"), Host: "account.dfs.core.windows.net", Path: "/base"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*Store)
}
