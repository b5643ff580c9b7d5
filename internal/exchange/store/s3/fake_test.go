package s3

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
)

type (
	request = storetest.Request
	answer  = storetest.Answer
)

func newFake(t *testing.T, a answer) *storetest.Fake {
	t.Helper()
	return storetest.NewFake(t, httptest.NewServer, func(w http.ResponseWriter, r request, n int) {
		w.Header().Set("ETag", `"tag"`)
		a(w, r, n)
	})
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
