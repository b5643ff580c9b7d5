package s3

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// singleDeletes is how many objects are deleted at a time from a server that cannot delete many with one request.
const singleDeletes = 16

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	return s.pages(ctx, prefix, "list objects", func(page []types.Object) error {
		for _, o := range page {
			key := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			if key == "" || strings.HasSuffix(key, "/") {
				continue // what consoles and gateways take for a directory
			}
			if err := f(store.Object{Key: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// pages calls f for each page of a listing, which has up to 1000 objects.
func (s *Store) pages(ctx context.Context, prefix, op string, f func([]types.Object) error) error {
	if err := s.cfg.Keys.CheckPrefix(prefix); err != nil {
		return err
	}
	p := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key(prefix), MaxKeys: s.client.pageSize})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return s.failed(ctx, err, op)
		}
		if err := f(out.Contents); err != nil {
			return err
		}
	}
	return nil
}

// DeletePrefix implements store.Store.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	var failures []error
	err := s.pages(ctx, prefix, "list objects to delete", func(page []types.Object) error {
		err := s.deleteAll(ctx, page)
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil || len(failures) > 3 {
			return errGivenUp
		}
		return nil
	})
	if err != nil && !errors.Is(err, errGivenUp) {
		failures = append(failures, err)
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	return s.abortUploads(ctx, prefix)
}

// errGivenUp ends a listing whose objects cannot be deleted.
var errGivenUp = errors.New("given up")

// deleteAll deletes the objects of a page with one request, and those one by one that it leaves: some servers do not know
// the request, or answer it and delete nothing.
func (s *Store) deleteAll(ctx context.Context, page []types.Object) error {
	if len(page) == 0 {
		return nil
	}
	left := make([]*string, len(page))
	for n, o := range page {
		left[n] = o.Key
	}
	if !s.client.noMultiDelete.Load() {
		var err error
		if left, err = s.deleteMany(ctx, left); err != nil {
			return err
		}
	}
	return store.DeleteEach(left, singleDeletes, func(key *string) error { return s.deleteOne(ctx, key) })
}

// deleteMany deletes objects with one request and returns those that are left.
func (s *Store) deleteMany(ctx context.Context, keys []*string) (left []*string, err error) {
	ids := make([]types.ObjectIdentifier, len(keys))
	for n, k := range keys {
		ids[n].Key = k
	}
	out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		if !unknownRequest(err) {
			return nil, s.failed(ctx, err, "delete objects")
		}
		s.client.noMultiDelete.Store(true)
		return keys, nil
	}
	for _, e := range out.Errors {
		if aws.ToString(e.Code) != codeNoSuchKey && e.Key != nil {
			left = append(left, e.Key)
		}
	}
	return left, nil
}

// unknownRequest reports whether a server says that it does not know a request, or reads it otherwise than it was meant.
func unknownRequest(err error) bool {
	switch status(err) {
	case http.StatusBadRequest:
		return code(err) != "ExpiredToken" && code(err) != "RequestTimeout"
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusLengthRequired:
		return true
	}
	return false
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.cfg.Keys.Check(key); err != nil {
		return err
	}
	return s.deleteOne(ctx, s.key(key))
}

func (s *Store) deleteOne(ctx context.Context, key *string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: key})
	if err = s.failed(ctx, err, "delete an object"); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
