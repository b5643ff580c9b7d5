package s3

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// abortUploads ends the uploads under a prefix that were not completed: their parts take room that no listing shows.
func (s *Store) abortUploads(ctx context.Context, prefix string) error {
	var failures []error
	err := s.uploads(ctx, s.prefix+prefix, func(u types.MultipartUpload) {
		_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: u.Key, UploadId: u.UploadId})
		if code(err) != codeNoSuchUpload {
			err = s.failed(ctx, err, "abort an upload")
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				failures = append(failures, err)
			}
		}
	})
	if err != nil && !unknownRequest(err) {
		failures = append(failures, s.failed(ctx, err, "list unfinished uploads"))
	}
	return errors.Join(failures...)
}

// uploads calls f for the uploads of keys with a prefix. MinIO takes the prefix for a whole key, and lists all uploads only
// when there is none.
func (s *Store) uploads(ctx context.Context, prefix string, f func(types.MultipartUpload)) error {
	in := &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: &prefix}
	for first := true; ; first = false {
		out, err := s.client.ListMultipartUploads(ctx, in)
		if err != nil {
			return err
		}
		if first && prefix != "" && server(out.ResultMetadata) == "MinIO" {
			in.Prefix = nil
			continue
		}
		for _, u := range out.Uploads {
			if strings.HasPrefix(aws.ToString(u.Key), prefix) {
				f(u)
			}
		}
		if !aws.ToBool(out.IsTruncated) || out.NextKeyMarker == nil {
			return nil
		}
		in.KeyMarker, in.UploadIdMarker = out.NextKeyMarker, out.NextUploadIdMarker
	}
}

// server is what the server calls itself.
func server(m middleware.Metadata) string {
	r, ok := awsmiddleware.GetRawResponse(m).(*smithyhttp.Response)
	if !ok {
		return ""
	}
	return r.Header.Get("Server")
}

// Interrupted implements what store.Interrupted asks for: unfinished uploads.
func (s *Store) Interrupted(ctx context.Context, f func(key string) error) error {
	var failure error
	err := s.uploads(ctx, s.prefix, func(u types.MultipartUpload) {
		if failure == nil {
			failure = f(strings.TrimPrefix(aws.ToString(u.Key), s.prefix))
		}
	})
	if err != nil && !unknownRequest(err) {
		return s.failed(ctx, err, "list unfinished uploads")
	}
	return failure
}
