package exchange

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Listings bounds how many listings, and deletions by prefix, which list too, are made at a time of all stores that it limits together.
type Listings struct{ running chan struct{} }

// NewListings returns a limit of n at a time.
func NewListings(n int) *Listings { return &Listings{make(chan struct{}, n)} }

// Limit returns a store whose listings are among those that are counted.
func (l *Listings) Limit(s store.Store) store.Store { return listed{s, l} }

// listed is a store whose listings wait for their turn.
type listed struct {
	store.Store
	limit *Listings
}

// Unwrap returns what is limited.
func (s listed) Unwrap() store.Store { return s.Store }

// List implements store.Store.
func (s listed) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	return s.limit.do(ctx, func() error { return s.Store.List(ctx, prefix, f) })
}

// DeletePrefix implements store.Store.
func (s listed) DeletePrefix(ctx context.Context, prefix string) error {
	return s.limit.do(ctx, func() error { return s.Store.DeletePrefix(ctx, prefix) })
}

// Delete implements store.Deleter. Most storages need no listing for that.
func (s listed) Delete(ctx context.Context, key string) error { return store.Delete(ctx, s.Store, key) }

func (l *Listings) do(ctx context.Context, f func() error) error {
	select {
	case l.running <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-l.running }()
	return f()
}
