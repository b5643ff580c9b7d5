package store

import "context"

// Deleter is a store that deletes one object without listing what has its key as a prefix. Drivers do.
type Deleter interface {
	// Delete deletes an object; that there is none is no error.
	Delete(ctx context.Context, key string) error
}

// Delete deletes an object; of a store that is no Deleter, the objects that have its key as a prefix. That there is none is no error.
func Delete(ctx context.Context, s Store, key string) error {
	if d, ok := s.(Deleter); ok {
		return d.Delete(ctx, key)
	}
	return s.DeletePrefix(ctx, key)
}
