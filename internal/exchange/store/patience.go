package store

import (
	"context"
	"time"
)

// patienceKey is the key of a context's patience.
type patienceKey struct{}

// WithPatience returns a context for requests that are worth less waiting than others, as something else can be done
// instead: whoever repeats requests gives up after d.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}

// Patience returns the least of what a context allows and d.
func Patience(ctx context.Context, d time.Duration) time.Duration {
	if p, ok := ctx.Value(patienceKey{}).(time.Duration); ok {
		return min(p, d)
	}
	return d
}
