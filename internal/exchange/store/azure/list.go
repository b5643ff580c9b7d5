package azure

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// List implements store.Store. Accounts with a hierarchical name space list directory by directory, which is another order
// than that of the keys: their listings are put into order here.
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	var unordered []store.Object
	err := s.pages(ctx, prefix, container.ListBlobsInclude{}, "list objects", func(page []*container.BlobItem) error {
		for _, b := range page {
			o, ok := s.object(b)
			if !ok {
				continue
			}
			if hierarchical(b) {
				unordered = append(unordered, o)
			} else if err := f(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(unordered, func(a, b store.Object) int { return strings.Compare(a.Key, b.Key) })
	for _, o := range unordered {
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

// object is an entry of a listing as stores show it; directories, and what tools take for some, are none.
func (s *Store) object(b *container.BlobItem) (store.Object, bool) {
	key := strings.TrimPrefix(*b.Name, s.prefix)
	if key == "" || strings.HasSuffix(key, "/") || directory(b) {
		return store.Object{}, false
	}
	return store.Object{Key: key, Size: size(b), Modified: modified(b)}, true
}

func size(b *container.BlobItem) int64 {
	if b.Properties == nil || b.Properties.ContentLength == nil {
		return 0
	}
	return *b.Properties.ContentLength
}

func modified(b *container.BlobItem) time.Time {
	if b.Properties == nil || b.Properties.LastModified == nil {
		return time.Time{}
	}
	return *b.Properties.LastModified
}

// hierarchical reports whether an entry is from an account with a hierarchical name space: these alone have types.
func hierarchical(b *container.BlobItem) bool {
	return b.Properties != nil && b.Properties.ResourceType != nil
}

func directory(b *container.BlobItem) bool {
	return hierarchical(b) && strings.EqualFold(*b.Properties.ResourceType, "directory")
}

// pages calls f for each page of a listing, which has up to 5000 entries.
func (s *Store) pages(ctx context.Context, prefix string, include container.ListBlobsInclude, op string, f func([]*container.BlobItem) error) error {
	if err := s.account.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	full := s.prefix + prefix
	p := s.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &full, Include: include, MaxResults: s.account.pageSize})
	for p.More() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return s.failed(ctx, err, op)
		}
		if out.Segment == nil {
			continue
		}
		if err := f(slices.DeleteFunc(out.Segment.BlobItems, func(b *container.BlobItem) bool { return b.Name == nil })); err != nil {
			return err
		}
	}
	return nil
}
