package store

import "context"

// Copier is a store that copies an object itself, so that its bytes need not travel.
type Copier interface {
	// Copy makes an object of another, in place of the one that there may be; ErrNotFound when there is no such one. Nobody sees a part of it.
	Copy(ctx context.Context, from, to string) error
}
