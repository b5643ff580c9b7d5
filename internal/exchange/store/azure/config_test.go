package azure

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
)

func TestLocate(t *testing.T) {
	for text, want := range map[string]string{
		"abfs://c@a.dfs.core.windows.net": "c ", "abfss://c@a.dfs.core.windows.net/": "c ", "abfs://c@a/x/y": "c x/y/", "abfs://c@a/x//": "c x/", "abfs://c@a/x%20y/": "c x y/",
		"abfs://a/x": "", "abfs://c:p@a": "", "abfs://c@": "", "abfs://c@a?x=1": "", "abfs://c@a#f": "", "s3://c@a": "", "abfs://@a/x": "",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := locate(u)
		if got := p.container + " " + p.prefix; err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
		if err != nil {
			continue
		}
		again, err := url.Parse(p.uri())
		if err != nil {
			t.Fatal(err)
		}
		if q, err := locate(again); q != p || err != nil {
			t.Errorf("%s becomes %s, which is %v (%v)", text, p.uri(), q, err)
		}
	}
}

// TestRequests counts the requests that make an object, by the sizes of objects and blocks.
func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		size, block int64
		want        int
	}{{0, 4 << 20, 1}, {4 << 20, 4 << 20, 1}, {4<<20 + 1, 4 << 20, 3}, {13 << 20, 4 << 20, 5}, {13 << 20, 8 << 20, 3}} {
		f := newFake(t, accept)
		cfg := sound(f.URL)
		cfg.BlockSize = tt.block
		if err := store.Put(t.Context(), opened(t, cfg), "k", make([]byte, tt.size), store.CreateOptions{IfAbsent: true}); err != nil {
			t.Fatal(err)
		}
		all := f.Requests()
		last := all[len(all)-1]
		if len(all) != tt.want || last.Path != "/account/box/base/k" || last.Header.Get("If-None-Match") != "*" ||
			!strings.HasPrefix(last.Header.Get("Authorization"), "SharedKey account:") {
			t.Errorf("%d bytes in blocks of %d: %d requests, want %d; the last is %+v", tt.size, tt.block, len(all), tt.want, last)
		}
	}
}

// TestRetries counts requests until a store gives up.
func TestRetries(t *testing.T) {
	for _, retries := range []int{0, 2} {
		f := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
			fail(w, 500, "InternalError", "Server encountered an internal error.")
		})
		cfg := sound(f.URL)
		cfg.MaxErrorRetries = retries
		err := store.Put(t.Context(), opened(t, cfg), "k", nil, store.CreateOptions{})
		if err == nil || !strings.Contains(err.Error(), "InternalError: Server encountered an internal error. (HTTP status 500, request R1)") {
			t.Error(err)
		}
		if got := len(f.Requests()); got != retries+1 {
			t.Errorf("%d requests with %d retries", got, retries)
		}
	}
}

// TestConnections bounds requests that are under way and that wait.
func TestConnections(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	f := newFake(t, func(w http.ResponseWriter, r request, n int) { entered <- struct{}{}; <-leave; accept(w, r, n) })
	cfg := sound(f.URL)
	cfg.Connections, cfg.Waiting, cfg.WaitTimeout = 1, 1, 50*time.Millisecond
	s := opened(t, cfg)
	done := make(chan error, 1)
	put := func() error { return store.Put(t.Context(), s, "k", nil, store.CreateOptions{}) }
	go func() { done <- put() }()
	<-entered
	if err := put(); err == nil || !strings.Contains(err.Error(), "none of 1 requests ended within 50ms (exchange.azure.connection-acquisition-timeout)") {
		t.Errorf("waited: %v", err)
	}
	cfg.Waiting = 0
	none := opened(t, cfg)
	go func() { _ = store.Put(t.Context(), none, "k", nil, store.CreateOptions{}) }()
	<-entered
	err := store.Put(t.Context(), none, "k", nil, store.CreateOptions{})
	if err == nil || !strings.Contains(err.Error(), "exchange.azure.pending-acquire-max-count") {
		t.Errorf("one too many: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestEndpoint takes the credential of a machine's identity when there is an endpoint, and says where it looked for one.
func TestEndpoint(t *testing.T) {
	for _, name := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "MSI_ENDPOINT"} {
		t.Setenv(name, "") // so that it is as it was at the end
		os.Unsetenv(name)
	}
	identity := newFake(t, func(w http.ResponseWriter, _ request, _ int) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"token","expires_on":"%d","resource":"r","token_type":"Bearer"}`, time.Now().Add(time.Hour).Unix())
	})
	t.Setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
	t.Setenv("IDENTITY_ENDPOINT", identity.URL)
	t.Setenv("IDENTITY_HEADER", "header")
	f := storetest.NewFake(t, httptest.NewTLSServer, accept)
	connections := transport.New()
	trusted := x509.NewCertPool()
	trusted.AddCert(f.Certificate())
	connections.TLSClientConfig = &tls.Config{RootCAs: trusted}
	cfg := sound("")
	cfg.ConnectionString, cfg.Endpoint = "", f.URL
	a, err := newAccount(cfg, connections)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.store(place{scheme: "abfss", container: "box", host: "h", prefix: "base/"})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if r := f.Requests()[0]; r.Path != "/box/base/k" || r.Header.Get("Authorization") != "Bearer token" {
		t.Errorf("sent %+v", r)
	}
}

// TestConnectionStrings says what is wrong with one, and not what it is.
func TestConnectionStrings(t *testing.T) {
	for _, text := range []string{"hunter2", "AccountName=a", "AccountKey=hunter2", "AccountName=a;AccountKey=%hunter2"} {
		cfg := sound("")
		cfg.ConnectionString = text
		_, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "abfs", User: url.User("box"), Host: "h"})
		if err == nil || !strings.Contains(err.Error(), "exchange.azure.connection-string") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
