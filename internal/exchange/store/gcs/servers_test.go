//go:build e2e

package gcs

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// reach says how a server is reached.
func reach(s *servers.GCS) Config {
	return Config{Key: s.Key, Endpoint: s.URL, MaxErrorRetries: 10, Adaptive: true, PartSize: 5 << 20, Connections: 100, Waiting: 10000, WaitTimeout: time.Minute}
}

// open opens a store.
func open(t *testing.T, cfg Config, bucket, prefix string) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "gs", Host: bucket, Path: "/" + prefix})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Store)
}

// TestServer25707 uses a real server. What is addressed with gs:// is gone when it was deleted, unlike in Trino's issue 25707.
func TestServer25707(t *testing.T) {
	server := servers.FakeGCS(t)
	t.Run("server", func(t *testing.T) {
		storetest.RunOn(t, server, storetest.Driver{
			Open:     func(t *testing.T, bucket, prefix string) store.Store { return open(t, reach(server), bucket, prefix) },
			Pages:    func(s store.Store, entries int) { s.(*Store).client.pageSize = entries },
			PartSize: 5 << 20,
			NoBucket: "cannot create an object: write an object in gs://no-such-bucket/: Not Found (HTTP status 404)",
		})
		t.Run("forgets uploads", func(t *testing.T) { forgetsUploads(t, server) })
		t.Run("keeps metadata", func(t *testing.T) { keepsMetadata(t, server) })
	})
}

// forgetsUploads cancels writers in the middle of an upload: the server knows it no more.
func forgetsUploads(t *testing.T, server *servers.GCS) {
	t.Parallel()
	bucket := server.Bucket(t)
	s := open(t, reach(server), bucket, "base")
	w, err := s.Create(t.Context(), "k", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 21<<20)); err != nil { // the SDK has sent a chunk when it takes the third
		t.Fatal(err)
	}
	at := written(w).session.location()
	if !strings.Contains(at, "upload_id=") {
		t.Fatalf("the upload goes on at %q", at)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if left := server.Keys(t, bucket); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// keepsMetadata looks at what an object says of itself.
func keepsMetadata(t *testing.T, server *servers.GCS) {
	t.Parallel()
	s := open(t, reach(server), server.Bucket(t), "")
	for _, size := range []int{10, 5<<20 + 1} {
		w, err := s.Create(t.Context(), "k", store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var attrs *storage.ObjectAttrs
		if attrs, err = s.object("k").Attrs(t.Context()); err != nil {
			t.Fatal(err)
		}
		if attrs.Metadata[writerKey] != written(w).id || attrs.Size != int64(size) {
			t.Errorf("%d bytes: %+v", size, attrs)
		}
	}
}
