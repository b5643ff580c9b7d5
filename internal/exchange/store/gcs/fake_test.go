package gcs

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
)

type (
	request = storetest.Request
	answer  = storetest.Answer
)

// fake is a server that gives tokens too, which are counted.
type fake struct {
	*storetest.Fake
	tokens atomic.Int64
}

func newFake(t *testing.T, a answer) *fake {
	t.Helper()
	f := &fake{}
	f.Fake = storetest.NewFake(t, func(answers http.Handler) *httptest.Server {
		mux := http.NewServeMux()
		mux.Handle("/", answers)
		mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
			f.tokens.Add(1)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"the-token","token_type":"Bearer","expires_in":3600}`)
		})
		return httptest.NewServer(mux)
	}, a)
	return f
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
