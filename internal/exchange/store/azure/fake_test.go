package azure

import (
	"encoding/base64"
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
	return storetest.NewFake(t, httptest.NewServer, a)
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
