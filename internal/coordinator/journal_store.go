package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// journalStore keeps a journal in a store of the exchange.
type journalStore struct{ st store.Store }

// Create implements journal.Store.
func (j journalStore) Create(ctx context.Context, name string, data []byte) error {
	w, err := j.st.Create(ctx, name, store.CreateOptions{IfAbsent: true, Durable: true})
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := w.Close(); errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%w: %w", fs.ErrExist, err)
	} else if err != nil {
		return err
	}
	return nil
}

// Read implements journal.Store.
func (j journalStore) Read(ctx context.Context, name string) (data []byte, err error) {
	r, err := j.st.Open(ctx, name, 0, -1)
	if err == nil {
		defer r.Close()
		data, err = io.ReadAll(r)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return data, err
}

// List implements journal.Store.
func (j journalStore) List(ctx context.Context, prefix string) (names []string, err error) {
	err = j.st.List(ctx, prefix, func(o store.Object) error {
		names = append(names, o.Key)
		return nil
	})
	return names, err
}

// Delete implements journal.Store.
func (j journalStore) Delete(ctx context.Context, name string) error {
	return store.Delete(ctx, j.st, name)
}
