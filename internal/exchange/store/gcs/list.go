package gcs

import (
	"context"
	"errors"
	"strings"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Limits of listing and deleting.
const (
	maxPage = 1000
	// deletesAtATime is how many objects of a page are deleted at a time: each is a request of its own.
	deletesAtATime = 64
	// mostFailures is after how many pages with objects that were not deleted a deletion is given up.
	mostFailures = 3
)

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	return s.pages(ctx, prefix, "list objects", func(page []*storage.ObjectAttrs) error {
		for _, o := range page {
			key := strings.TrimPrefix(o.Name, s.prefix)
			if key == "" || strings.HasSuffix(key, "/") {
				continue // what consoles take for a directory
			}
			if err := f(store.Object{Key: key, Size: o.Size, Modified: o.Updated}); err != nil {
				return err
			}
		}
		return nil
	})
}

// pages calls f for each page of a listing.
func (s *Store) pages(ctx context.Context, prefix, op string, f func([]*storage.ObjectAttrs) error) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	query := &storage.Query{Prefix: s.prefix + prefix, Projection: storage.ProjectionNoACL}
	if err := query.SetAttrSelection([]string{"Name", "Size", "Updated"}); err != nil {
		return err
	}
	pager := iterator.NewPager(s.handle.Objects(ctx, query), s.client.pageSize, "")
	for {
		var page []*storage.ObjectAttrs
		next, err := pager.NextPage(&page)
		if err != nil {
			return s.failed(ctx, err, op)
		}
		if err := f(page); err != nil || next == "" {
			return err
		}
	}
}

// errGivenUp ends a listing whose objects cannot be deleted.
var errGivenUp = errors.New("given up")

// DeletePrefix implements store.Store. Uploads that were begun by processes that are no more cannot be found: they take no
// room, and the server forgets them after a week.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	var failures []error
	err := s.pages(ctx, prefix, "list objects to delete", func(page []*storage.ObjectAttrs) error {
		if err := store.DeleteEach(page, deletesAtATime, func(o *storage.ObjectAttrs) error { return s.deleteOne(ctx, o.Name) }); err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil || len(failures) > mostFailures {
			return errGivenUp
		}
		return nil
	})
	if err != nil && !errors.Is(err, errGivenUp) {
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.cfg.Keys.Check(key); err != nil {
		return err
	}
	return s.deleteOne(ctx, s.prefix+key)
}

func (s *Store) deleteOne(ctx context.Context, name string) error {
	err := s.failed(ctx, s.handle.Object(name).Delete(ctx), "delete an object")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
