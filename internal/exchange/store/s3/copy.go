package s3

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Copier = (*Store)(nil)

// The sizes of copies, by the protocol.
const (
	maxCopy  = 5 << 30 // of one request
	copyPart = 1 << 30
)

// Copy implements store.Copier: with one request, or in parts where the object is too large for that.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	o, err := s.Stat(ctx, from)
	if err != nil {
		return err
	}
	if err := s.cfg.Keys.Check(to); err != nil {
		return err
	}
	if o.Size > maxCopy {
		return s.copyParts(ctx, from, to, o.Size)
	}
	in := &s3.CopyObjectInput{Bucket: &s.bucket, Key: s.key(to), CopySource: s.source(from), StorageClass: types.StorageClass(s.cfg.StorageClass), ACL: s.cfg.acl()}
	in.ServerSideEncryption, in.SSEKMSKeyId = s.encryption()
	_, err = s.client.CopyObject(ctx, in)
	return s.failed(ctx, err, "copy an object")
}

// source names an object to copy from: bucket and key, escaped.
func (s *Store) source(key string) *string {
	segments := strings.Split(s.bucket+"/"+*s.key(key), "/")
	for i := range segments {
		segments[i] = url.QueryEscape(segments[i])
		segments[i] = strings.ReplaceAll(segments[i], "+", "%20")
	}
	return aws.String(strings.Join(segments, "/"))
}

// copyParts copies an object part by part.
func (s *Store) copyParts(ctx context.Context, from, to string, size int64) error {
	o := &object{s: s, name: s.key(to)}
	if err := o.Begin(ctx); err != nil {
		return err
	}
	for at, number := int64(0), int32(1); at < size; at, number = at+copyPart, number+1 {
		out, err := s.client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: &s.bucket, Key: o.name, UploadId: o.upload, PartNumber: &number,
			CopySource: s.source(from), CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", at, min(at+copyPart, size)-1))})
		if err != nil {
			_ = o.Discard(context.WithoutCancel(ctx)) // the first error tells more
			return s.failed(ctx, err, "copy a part of an object")
		}
		o.parts = append(o.parts, types.CompletedPart{PartNumber: aws.Int32(number), ETag: out.CopyPartResult.ETag})
	}
	return o.Complete(ctx)
}
