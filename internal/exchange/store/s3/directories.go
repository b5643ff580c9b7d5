package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Directories = (*Store)(nil)

// Stat implements store.Directories.
func (s *Store) Stat(ctx context.Context, key string) (store.Object, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return store.Object{}, err
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(key)})
	if err != nil {
		return store.Object{}, s.failed(ctx, err, "look for an object")
	}
	return store.Object{Key: key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified)}, nil
}

// ListDirectory implements store.Directories.
func (s *Store) ListDirectory(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	p := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key(prefix), Delimiter: aws.String("/"), MaxKeys: s.client.pageSize})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return s.failed(ctx, err, "list a directory")
		}
		for _, d := range out.CommonPrefixes {
			if err := f(store.Object{Key: strings.TrimPrefix(aws.ToString(d.Prefix), s.prefix)}); err != nil {
				return err
			}
		}
		for _, o := range out.Contents {
			key := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			if strings.HasSuffix(key, "/") || key == "" {
				continue // the directory itself, as consoles make it
			}
			if err := f(store.Object{Key: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}); err != nil {
				return err
			}
		}
	}
	return nil
}
