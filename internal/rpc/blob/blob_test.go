package blob

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// The store behaves the same at hand and from another process.
func TestStore(t *testing.T) {
	for _, remote := range []bool{false, true} {
		store := NewStore(10)
		var blobs connector.Blobs = store
		if remote {
			mux := http.NewServeMux()
			store.Handle(mux, "secret", nil)
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			blobs = Client{Coordinator: server.URL, Secret: "secret", HTTP: server.Client()}
		}
		ctx := t.Context()
		put := func(key, data string, ok bool) {
			t.Helper()
			if err := blobs.Put(ctx, key, []byte(data)); (err == nil) != ok {
				t.Errorf("Put(%s) = %v", key, err)
			}
		}
		put("q1/a", "12345", true)
		put("q1/b", "123", true)
		put("q1/b", "12", true)
		put("q2/a", "12345", false) // exceeds the limit
		if data, err := blobs.Fetch(ctx, "q1/b"); err != nil || string(data) != "12" {
			t.Errorf("Fetch = %q, %v", data, err)
		}
		if err := blobs.Seal(ctx, "q1/", []string{"q1/a"}); err != nil {
			t.Error(err)
		}
		put("q1/c", "1", false) // comes too late
		put("q2/a", "12345", true)
		if want := []string{"q1/a", "q2/a"}; !slices.Equal(store.Keys(), want) {
			t.Errorf("keys are %v, want %v", store.Keys(), want)
		}
		if _, err := blobs.Fetch(ctx, "q1/b"); err == nil {
			t.Error("a deleted key can be fetched")
		}
		if err := blobs.Delete(ctx, "q1/a"); err != nil {
			t.Error(err)
		}
		if err := blobs.Delete(ctx, "q1/a"); err != nil {
			t.Errorf("deleting twice: %v", err)
		}
		put("q2/b", "12345", true)
	}
}
