package store

import "context"

// Directories is a store that can be looked at as directories of files are: what the tables of a lake need beyond exchanges. Drivers of
// storages that clusters share are.
type Directories interface {
	// Stat describes an object; ErrNotFound when there is none.
	Stat(ctx context.Context, key string) (Object, error)
	// ListDirectory calls f for what is directly below a prefix that ends with a slash, or is empty: for objects, and for the beginnings of
	// the keys of others up to the next slash, which they end with.
	ListDirectory(ctx context.Context, prefix string, f func(Object) error) error
}
