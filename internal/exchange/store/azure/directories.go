package azure

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Directories = (*Store)(nil)

// directoryMark is the metadata of what is a directory in an account with a hierarchical name space.
const directoryMark = "hdi_isfolder"

// Stat implements store.Directories.
func (s *Store) Stat(ctx context.Context, key string) (store.Object, error) {
	if err := s.account.cfg.Keys.Check(key); err != nil {
		return store.Object{}, err
	}
	p, err := s.blob(key).GetProperties(ctx, nil)
	if err != nil {
		return store.Object{}, s.failed(ctx, err, "look for an object")
	}
	for name := range p.Metadata {
		if strings.EqualFold(name, directoryMark) {
			return store.Object{}, store.ErrNotFound
		}
	}
	o := store.Object{Key: key}
	if p.ContentLength != nil {
		o.Size = *p.ContentLength
	}
	if p.LastModified != nil {
		o.Modified = *p.LastModified
	}
	return o, nil
}

// ListDirectory implements store.Directories.
func (s *Store) ListDirectory(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.account.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	full := s.prefix + prefix
	p := s.client.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{Prefix: &full, MaxResults: s.account.pageSize})
	for p.More() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return s.failed(ctx, err, "list a directory")
		}
		if out.Segment == nil {
			continue
		}
		for _, d := range out.Segment.BlobPrefixes {
			if d.Name == nil {
				continue
			}
			if err := f(store.Object{Key: strings.TrimPrefix(*d.Name, s.prefix)}); err != nil {
				return err
			}
		}
		for _, b := range out.Segment.BlobItems {
			if b.Name == nil {
				continue
			}
			o, ok := s.object(b)
			if !ok {
				continue
			}
			if err := f(o); err != nil {
				return err
			}
		}
	}
	return nil
}
