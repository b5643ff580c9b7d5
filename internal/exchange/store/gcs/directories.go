package gcs

import (
	"context"
	"strings"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Directories = (*Store)(nil)

// Stat implements store.Directories.
func (s *Store) Stat(ctx context.Context, key string) (store.Object, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return store.Object{}, err
	}
	a, err := s.object(key).Attrs(ctx)
	if err != nil {
		return store.Object{}, s.failed(ctx, err, "look for an object")
	}
	return store.Object{Key: key, Size: a.Size, Modified: a.Updated}, nil
}

// ListDirectory implements store.Directories.
func (s *Store) ListDirectory(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	query := &storage.Query{Prefix: s.prefix + prefix, Delimiter: "/", Projection: storage.ProjectionNoACL}
	if err := query.SetAttrSelection([]string{"Name", "Size", "Updated"}); err != nil {
		return err
	}
	pager := iterator.NewPager(s.handle.Objects(ctx, query), s.client.pageSize, "")
	for {
		var page []*storage.ObjectAttrs
		next, err := pager.NextPage(&page)
		if err != nil {
			return s.failed(ctx, err, "list a directory")
		}
		for _, o := range page {
			entry := store.Object{Key: strings.TrimPrefix(o.Name, s.prefix), Size: o.Size, Modified: o.Updated}
			if o.Prefix != "" {
				entry = store.Object{Key: strings.TrimPrefix(o.Prefix, s.prefix)}
			} else if entry.Key == "" || strings.HasSuffix(entry.Key, "/") {
				continue // the directory itself, as consoles make it
			}
			if err := f(entry); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
	}
}
