package exchange

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// gated counts how many listings run at a time, each of which waits until it may end.
type gated struct {
	store.Store
	running, most atomic.Int64
	end           chan struct{}
}

func (g *gated) List(context.Context, string, func(store.Object) error) error {
	n := g.running.Add(1)
	for m := g.most.Load(); n > m && !g.most.CompareAndSwap(m, n); m = g.most.Load() {
	}
	<-g.end
	g.running.Add(-1)
	return nil
}

func (g *gated) DeletePrefix(ctx context.Context, prefix string) error {
	return g.List(ctx, prefix, nil)
}

// Listings and deletions of all stores together are as many as allowed, and one that is not wanted any more does not wait.
func TestListings(t *testing.T) {
	g := &gated{end: make(chan struct{})}
	l := NewListings(3)
	a, b := l.Limit(g), l.Limit(g)
	var wg sync.WaitGroup
	for n := range 12 {
		wg.Go(func() {
			err := a.List(ctx, "", nil)
			if n%2 == 0 {
				err = b.DeletePrefix(ctx, "p/")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		g.end <- struct{}{} // the first three have begun
	}
	close(g.end)
	wg.Wait()
	full := NewListings(0)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := full.Limit(g).List(gone, "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if most := g.most.Load(); most > 3 {
		t.Errorf("%d at a time", most)
	}
}
