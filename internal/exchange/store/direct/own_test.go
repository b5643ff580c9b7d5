package direct

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

// TestOwn: what a node writes to its own disk can be read by another node with nothing but the handle, over HTTP.
func TestOwn(t *testing.T) {
	dir := t.TempDir()
	requests := 0
	server := httptest.NewServer(http.StripPrefix("/v1/bundle/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.FileServer(http.Dir(dir)).ServeHTTP(w, r)
	})))
	defer server.Close()
	disk, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	w, err := exchange.NewWriter(t.Context(), exchange.WriterConfig{Store: Own(disk, server.URL+"/v1/bundle"), Prefix: "q/0/0.0/", Producer: "q.0.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Repeat([]byte("x"), 100_000)
	if err := w.AppendPage(1, page); err != nil {
		t.Fatal(err)
	}
	h, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	open := Opener(http.DefaultClient, func(http.Header) {})
	r := exchange.Reader{Open: func(ctx context.Context, base string) (store.Store, error) {
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "http" {
			t.Fatalf("base %q, %v", base, err)
		}
		return open(ctx, u)
	}}
	pages, err := r.Pages(t.Context(), &h, 0, 1)
	if err != nil || len(pages) != 1 || !bytes.Equal(pages[0].Data, page) || requests == 0 {
		t.Errorf("%d pages, %d requests, %v", len(pages), requests, err)
	}
}
