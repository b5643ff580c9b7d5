package store

import (
	"context"
	"fmt"
	"sync"
)

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

// DeleteEach calls remove for objects, atATime of them at a time, and goes on after failures: the error counts them and is the
// first one. It is for drivers of storages without a request that deletes many.
func DeleteEach[Object any](objects []Object, atATime int, remove func(Object) error) error {
	var (
		wg     sync.WaitGroup
		slots  = make(chan struct{}, atATime)
		mu     sync.Mutex
		failed int
		first  error
	)
	for _, o := range objects {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			err := remove(o)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if failed++; first == nil {
				first = err
			}
		})
	}
	wg.Wait()
	if first != nil {
		return fmt.Errorf("%d of %d objects were not deleted: %w", failed, len(objects), first)
	}
	return nil
}
