package gcs

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
)

// request is what a server was sent.
type request struct {
	Host, Method, Path string
	Query              url.Values
	Header             http.Header
	Body               string
}

// fake is a server whose answers a test makes up. It gives tokens too.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []request
	tokens int
}

// answer writes an answer to the n-th request, counted from 0.
type answer func(w http.ResponseWriter, r request, n int)

func newFake(t *testing.T, a answer) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := request{Host: r.Host, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: string(body)}
		f.mu.Lock()
		n := len(f.seen)
		if r.URL.Path == "/token" {
			f.tokens++
		} else {
			f.seen = append(f.seen, req)
		}
		f.mu.Unlock()
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"the-token","token_type":"Bearer","expires_in":3600}`)
			return
		}
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

// accept answers uploads of objects as the server does, whether they are one request or several.
func accept(w http.ResponseWriter, r request, _ int) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Query.Get("uploadType") == "resumable" && r.Method == http.MethodPost:
		w.Header().Set("Location", "http://"+r.Host+"/session?upload_id=1")
	case r.Method == http.MethodDelete:
		w.WriteHeader(statusCancelled)
	case strings.HasSuffix(r.Header.Get("Content-Range"), "/*"):
		var first, last int
		_, _ = fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/*", &first, &last)
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", last))
		w.Header().Set("X-Http-Status-Code-Override", "308") // as the SDK asks for it
	default:
		fmt.Fprint(w, `{"name":"base/k"}`)
	}
}

// fail answers with an error of the interface.
func fail(w http.ResponseWriter, status int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":%q,"errors":[{"reason":%q,"message":%q}]}}`, status, message, reason, message)
}

// testKey is made once: that takes a while.
var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// serviceAccount is the key of a service account whose tokens come from a server.
func serviceAccount(tokens string) string {
	text, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "a@b", "private_key": testKey(), "token_uri": tokens})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// sound is a configuration for the server at a URL; requests are not repeated.
func sound(at string) Config {
	return Config{Key: serviceAccount(at + "/token"), Endpoint: at, Adaptive: true, PartSize: 5 << 20, Connections: 10, Waiting: 10, WaitTimeout: time.Minute}
}

// opened opens gs://bucket/base/.
func opened(t *testing.T, cfg Config) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "gs", Host: "bucket", Path: "/base"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*Store)
}

// written is what a writer makes.
func written(w store.Writer) *object { return w.(*multipart.Writer).Object.(*object) }
