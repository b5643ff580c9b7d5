package retry

import (
	"context"
	"errors"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Directories = (*Store)(nil)

// Stat implements store.Directories.
func (s *Store) Stat(ctx context.Context, key string) (store.Object, error) {
	d, err := s.directories()
	if err == nil {
		err = s.cfg.Keys.Check(key)
	}
	if err != nil {
		return store.Object{}, invalid(err)
	}
	var found store.Object
	err = s.repeat(ctx, s.trial("look for %s/%s", s.URI(), key), func() error {
		answer := make(chan store.Object, 1) // a call that is abandoned may go on
		err := s.call(ctx, s.cfg.ReadTimeout, func(ctx context.Context) error {
			o, err := d.Stat(ctx, key)
			answer <- o
			return err
		})
		if err == nil {
			found = <-answer
		}
		return err
	})
	return found, err
}

// ListDirectory implements store.Directories. After a failure it begins again, and what was listed is not listed again.
func (s *Store) ListDirectory(ctx context.Context, prefix string, f func(store.Object) error) error {
	d, err := s.directories()
	if err == nil {
		err = s.cfg.Keys.CheckPrefix(prefix)
	}
	if err != nil {
		return invalid(err)
	}
	given := map[string]bool{}
	l := &listing{s: s, f: f,
		ask: func(ctx context.Context, f func(store.Object) error) error { return d.ListDirectory(ctx, prefix, f) },
		isNew: func(o store.Object) bool {
			isNew := !given[o.Key]
			given[o.Key] = true
			return isNew
		}}
	return l.repeat(ctx, s.trial("list %s/%s", s.URI(), prefix))
}

// directories is the driver.
func (s *Store) directories() (store.Directories, error) {
	d, ok := s.driver.(store.Directories)
	if !ok {
		return nil, fmt.Errorf("%s: %w", s.URI(), errors.ErrUnsupported)
	}
	return d, nil
}

// Copy implements store.Copier. A copy may be made again.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	c, ok := s.driver.(store.Copier)
	if !ok {
		return invalid(fmt.Errorf("%s: %w", s.URI(), errors.ErrUnsupported))
	}
	return s.repeat(ctx, s.trial("copy %s/%s", s.URI(), from), func() error {
		return s.call(ctx, max(s.cfg.MaxError, s.cfg.WriteTimeout), func(ctx context.Context) error { return c.Copy(ctx, from, to) })
	})
}
