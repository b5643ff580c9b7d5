package store

import "context"

// Interrupted calls f for keys at which interrupted writers may have left something that List does not show, and DeletePrefix removes.
// Stores that see to it themselves, or cannot tell, have none.
func Interrupted(ctx context.Context, s Store, f func(key string) error) error {
	for {
		if i, ok := s.(interface {
			Interrupted(ctx context.Context, f func(key string) error) error
		}); ok {
			return i.Interrupted(ctx, f)
		}
		w, ok := s.(interface{ Unwrap() Store })
		if !ok {
			return nil
		}
		s = w.Unwrap()
	}
}
