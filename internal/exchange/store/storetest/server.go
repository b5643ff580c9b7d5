package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Server is a real server, as test/servers starts them.
type Server interface {
	// Bucket makes a bucket and returns its name; Keys are those of its objects.
	Bucket(t testing.TB) string
	Keys(t testing.TB, bucket string) []string
}

// Driver says how a driver uses a server.
type Driver struct {
	// Open opens a store that does not repeat requests for long.
	Open func(t *testing.T, bucket, prefix string) store.Store
	// Pages bounds the pages of a store's listings, and what one request deletes.
	Pages func(s store.Store, entries int)
	// PartSize is up to which size an object is one request.
	PartSize int
	// NoBucket is what the error says when there is no bucket.
	NoBucket string
}

// RunOn tests a driver on a real server: the suite, and what only a server can show.
func RunOn(t *testing.T, server Server, d Driver) {
	for name, test := range map[string]func(t *testing.T){
		"in a prefix": func(t *testing.T) {
			bucket := server.Bucket(t)
			Run(t, func(t *testing.T) store.Store { return d.Open(t, bucket, t.Name()) })
		},
		"in a bucket": func(t *testing.T) {
			Run(t, func(t *testing.T) store.Store { return d.Open(t, server.Bucket(t), "") })
		},
		"race of parts": func(t *testing.T) { raceOfParts(t, server, d) },
		"pages":         func(t *testing.T) { pages(t, server, d) },
		"probe":         func(t *testing.T) { probe(t, server, d) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// raceOfParts lets writers of objects in parts race for one name; the losers leave nothing that shows.
func raceOfParts(t *testing.T, server Server, d Driver) {
	s := d.Open(t, server.Bucket(t), "race")
	for round := range 3 {
		raceFor(t, s, fmt.Sprint("journal/", round), 4, d.PartSize+1)
	}
	if err := store.Interrupted(ctx, s, func(key string) error { return fmt.Errorf("the losers left %s", key) }); err != nil {
		t.Error(err)
	}
}

// pages lists and deletes more objects than one request can.
func pages(t *testing.T, server Server, d Driver) {
	const objects, page = 123, 50
	bucket := server.Bucket(t)
	s := d.Open(t, bucket, "")
	d.Pages(s, page)
	var want []string
	for n := range objects {
		want = append(want, fmt.Sprintf("q/%05d", n))
	}
	var wg sync.WaitGroup
	for some := range slices.Chunk(want, objects/8) {
		wg.Go(func() {
			for _, key := range some {
				if err := store.Put(ctx, s, key, []byte("x"), store.CreateOptions{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := keys(t, s, "q/"); !slices.Equal(got, want) {
		t.Errorf("listed %d objects: %v", len(got), got)
	}
	if err := s.DeletePrefix(ctx, "q/"); err != nil {
		t.Fatal(err)
	}
	if left := server.Keys(t, bucket); len(left) != 0 {
		t.Errorf("%d objects are left", len(left))
	}
}

// probe tries out stores as a node does when it starts.
func probe(t *testing.T, server Server, d Driver) {
	bucket := server.Bucket(t)
	if err := store.Probe(ctx, d.Open(t, bucket, "base"), true); err != nil {
		t.Error(err)
	}
	if left := server.Keys(t, bucket); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	err := store.Probe(ctx, d.Open(t, "no-such-bucket", ""), true)
	if err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), d.NoBucket) {
		t.Errorf("in no bucket: %v, want %q", err, d.NoBucket)
	}
}
