package coordinator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// descriptorTimeout bounds a write of descriptors to storage.
const descriptorTimeout = 30 * time.Second

// prefix is that of the objects of a shelf; it is one of the query's.
func (s *shelf) prefix() string { return exchange.QueryPrefix(string(s.query)) + "descriptors/" }

func (b *block) name() string { return fmt.Sprintf("%s%d", b.shelf.prefix(), b.number) }

// secret returns the shelf's key, which only this process has. The caller holds the lock.
func (s *shelf) secret() *exchange.QueryKey {
	if s.key == nil {
		s.key = exchange.NewQueryKey()
	}
	return s.key
}

// spill writes a block to the first place that takes it, encrypted: descriptors can contain values of rows.
func (d *descriptors) spill(ctx context.Context, b *block, data []byte, key *exchange.QueryKey) (store.Store, int, error) {
	sealed, err := key.SealPart(uint64(b.number), data) // each block is written once
	if err != nil {
		return nil, 0, err
	}
	var errs []error
	for _, st := range d.places {
		put, cancel := context.WithTimeout(ctx, descriptorTimeout)
		err := store.Put(put, st, b.name(), sealed, store.CreateOptions{})
		cancel()
		if err == nil {
			return st, len(sealed), nil
		}
		d.log("task descriptors not written", "query", b.shelf.query, "store", st.URI(), "err", err)
		errs = append(errs, err)
	}
	return nil, 0, errors.Join(append(errs, errors.New("no place for task descriptors"))...)
}

// unspill removes what was written for a query that had ended.
func (d *descriptors) unspill(st store.Store, prefix string) {
	ctx, cancel := context.WithTimeout(context.Background(), descriptorTimeout)
	defer cancel()
	if err := st.DeletePrefix(ctx, prefix); err != nil {
		d.log("task descriptors not deleted", "store", st.URI(), "prefix", prefix, "err", err)
	}
}

// fetch reads a block from storage. A damaged one is an error, not a wrong answer.
func (s *shelf) fetch(ctx context.Context, b *block, from store.Store) ([]byte, error) {
	s.d.mu.Lock()
	key := s.secret()
	s.d.mu.Unlock()
	data, err := store.ReadAll(ctx, from, b.name())
	if err == nil {
		data, err = key.OpenPart(uint64(b.number), data)
	}
	return data, trinoerr.Wrap(err, trinoerr.GenericInternalError, "read task descriptors")
}
