//go:build e2e

package azure

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// reach says how a server is reached.
func reach(s *servers.Azure) Config {
	return Config{ConnectionString: s.ConnectionString, MaxErrorRetries: 10, BlockSize: 4 << 20, Connections: 500, Waiting: 1000, WaitTimeout: time.Minute}
}

// open opens a store.
func open(t *testing.T, cfg Config, name, prefix string) *Store {
	t.Helper()
	s, err := Opener(cfg)(t.Context(), &url.URL{Scheme: "abfs", User: url.User(name), Host: "devstoreaccount1.dfs.core.windows.net", Path: "/" + prefix})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Store)
}

func TestServer(t *testing.T) {
	server := servers.Azurite(t)
	driver := storetest.Driver{
		Open: func(t *testing.T, name, prefix string) store.Store { return open(t, reach(server), name, prefix) },
		Pages: func(s store.Store, entries int) {
			a := s.(*Store).account
			a.pageSize, a.batchSize = new(int32(entries)), entries*2/3
		},
		PartSize: 4 << 20,
		NoBucket: "ContainerNotFound",
	}
	t.Run("server", func(t *testing.T) {
		storetest.RunOn(t, server, driver)
		t.Run("drops blocks", func(t *testing.T) { dropsBlocks(t, server) })
		t.Run("without batches", func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store {
				s := open(t, reach(server), server.Bucket(t), "")
				s.account.noBatches.Store(true)
				return s
			}, storetest.Deletes...)
		})
	})
}

// dropsBlocks deletes prefixes with blocks of objects that were given up, or whose writers were killed.
func dropsBlocks(t *testing.T, server *servers.Azure) {
	t.Parallel()
	name := server.Bucket(t)
	s := open(t, reach(server), name, "base")
	unfinished := func() (keys []string) {
		if err := store.Interrupted(t.Context(), s, func(key string) error { keys = append(keys, key); return nil }); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	for _, key := range []string{"q1/a", "q1/b", "q10/a"} {
		w, err := s.Create(t.Context(), key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 13<<20)); err != nil { // more blocks than are on their way at a time
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Put(t.Context(), s, "q1/c", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := server.Keys(t, name); len(got) != 1 {
		t.Errorf("an ordinary listing shows %v", got)
	}
	if got, want := unfinished(), []string{"q1/a", "q1/b", "q1/c", "q10/a"}; !slices.Equal(got, want) { // an object without bytes looks the same
		t.Errorf("interrupted: %v, want %v", got, want)
	}
	if err := s.DeletePrefix(t.Context(), "q1/"); err != nil {
		t.Fatal(err)
	}
	if got := unfinished(); len(got) != 1 || got[0] != "q10/a" {
		t.Errorf("left: %v", got)
	}
}
