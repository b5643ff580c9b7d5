//go:build e2e

package azure

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

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
	t.Run("in a prefix", func(t *testing.T) {
		name := server.Bucket(t)
		storetest.Run(t, func(t *testing.T) store.Store { return open(t, reach(server), name, t.Name()) })
	})
	t.Run("in a container", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return open(t, reach(server), server.Bucket(t), "") })
	})
	t.Run("without batches", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store {
			s := open(t, reach(server), server.Bucket(t), "")
			s.account.noBatches.Store(true)
			return s
		})
	})
}

// TestServerRaceBlocks lets writers of objects of several blocks race for one name: one of them makes the object.
func TestServerRaceBlocks(t *testing.T) {
	server := servers.Azurite(t)
	s := open(t, reach(server), server.Bucket(t), "race")
	const size = 4<<20 + 1
	for round := range 3 {
		key := fmt.Sprint("journal/", round)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() {
				errs[n] = store.Put(context.Background(), s, key, make([]byte, size+n), store.CreateOptions{IfAbsent: true})
			})
		}
		wg.Wait()
		winner := -1
		for n, err := range errs {
			switch {
			case err == nil && winner >= 0:
				t.Fatalf("writers %d and %d both won", winner, n)
			case err == nil:
				winner = n
			case !errors.Is(err, store.ErrExists):
				t.Errorf("writer %d: %v", n, err)
			}
		}
		if winner < 0 {
			t.Fatalf("nobody won: %v", errs)
		}
		if got, err := store.ReadAll(t.Context(), s, key); err != nil || len(got) != size+winner {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

// TestServerDropsBlocks deletes prefixes with blocks of objects that were given up, or whose writers were killed.
func TestServerDropsBlocks(t *testing.T) {
	server := servers.Azurite(t)
	name := server.Bucket(t)
	s := open(t, reach(server), name, "base")
	unfinished := func() (names []string) {
		p := server.Client(t, name).NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{UncommittedBlobs: true}})
		for p.More() {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Segment.BlobItems {
				names = append(names, *b.Name)
			}
		}
		return names
	}
	for _, key := range []string{"q1/a", "q1/b", "q10/a"} {
		w, err := s.Create(t.Context(), key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 21<<20)); err != nil { // more blocks than are on their way at a time
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
	if got := unfinished(); len(got) != 4 {
		t.Fatalf("begun: %v", got)
	}
	var interrupted []string
	if err := s.Interrupted(t.Context(), func(key string) error { interrupted = append(interrupted, key); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"q1/a", "q1/b", "q1/c", "q10/a"}; !slices.Equal(interrupted, want) { // an object without bytes looks the same
		t.Errorf("interrupted: %v, want %v", interrupted, want)
	}
	if err := s.DeletePrefix(t.Context(), "q1/"); err != nil {
		t.Fatal(err)
	}
	if got := unfinished(); len(got) != 1 || got[0] != "base/q10/a" {
		t.Errorf("left: %v", got)
	}
}

// TestServerPages lists and deletes more objects than one request can.
func TestServerPages(t *testing.T) {
	server := servers.Azurite(t)
	const objects = 703
	s := open(t, reach(server), server.Bucket(t), "")
	s.account.pageSize = new(int32(300)) // more than a batch
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for k := n; k < objects; k += 8 {
				if err := store.Put(t.Context(), s, fmt.Sprintf("q/%05d", k), []byte("x"), store.CreateOptions{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	count := func() (n int) {
		if err := s.List(t.Context(), "q/", func(o store.Object) error {
			if want := fmt.Sprintf("q/%05d", n); o.Key != want || o.Size != 1 {
				return fmt.Errorf("listed %v, want %s", o, want)
			}
			n++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != objects {
		t.Errorf("listed %d objects", n)
	}
	if err := s.DeletePrefix(t.Context(), "q/"); err != nil {
		t.Fatal(err)
	}
	if s.account.noBatches.Load() {
		t.Error("not deleted in batches")
	}
	if n := count(); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

// TestServerProbe tries out stores as a node does when it starts.
func TestServerProbe(t *testing.T) {
	server := servers.Azurite(t)
	name := server.Bucket(t)
	if err := store.Probe(t.Context(), open(t, reach(server), name, "base"), true); err != nil {
		t.Error(err)
	}
	if left := server.Keys(t, name); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	cfg := reach(server)
	cfg.MaxErrorRetries = 0
	if err := store.Probe(t.Context(), open(t, cfg, "no-such-container", ""), true); err == nil {
		t.Error("there is no such container")
	} else {
		t.Log(err)
	}
}
