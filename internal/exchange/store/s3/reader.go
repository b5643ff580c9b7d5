package s3

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store with one GET, whose body is read as the caller reads.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return nil, err
	}
	if length == 0 {
		_, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(key)})
		return http.NoBody, s.failed(ctx, err, "read an object")
	}
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(key)}
	switch {
	case length > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := s.client.GetObject(ctx, in)
	if code(err) == codeInvalidRange || status(err) == http.StatusRequestedRangeNotSatisfiable {
		// The object has no byte there: that is its end, and too early when some were asked for.
		if length > 0 {
			return nil, io.ErrUnexpectedEOF
		}
		return http.NoBody, nil
	}
	if err != nil {
		return nil, s.failed(ctx, err, "read an object")
	}
	if out.ContentRange == nil && offset > 0 {
		out.Body.Close()
		return nil, fmt.Errorf("read s3://%s/%s%s: the server does not answer requests for ranges", s.bucket, s.prefix, key)
	}
	left := aws.ToInt64(out.ContentLength)
	if length > 0 {
		left = length
	} else if out.ContentLength == nil {
		left = -1
	}
	return store.Body(ctx, out.Body, left, func(err error) error { return s.failed(ctx, err, "read an object") }), nil
}

// key is the name of an object in the bucket.
func (s *Store) key(key string) *string { return aws.String(s.prefix + key) }
