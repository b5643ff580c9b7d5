package azure

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store with one Get Blob, whose body is read as the caller reads.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := s.account.cfg.Keys.Check(key); err != nil {
		return nil, err
	}
	if length == 0 {
		_, err := s.blob(key).GetProperties(ctx, nil)
		return http.NoBody, s.failed(ctx, err, "read an object")
	}
	out, err := s.blob(key).DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: offset, Count: max(length, 0)}})
	if status(err) == http.StatusRequestedRangeNotSatisfiable {
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
		return nil, fmt.Errorf("read %s%s: the server does not answer requests for ranges", s.uri(), key)
	}
	left := int64(-1)
	if length > 0 {
		left = length
	} else if out.ContentLength != nil {
		left = *out.ContentLength
	}
	return store.Body(ctx, out.Body, left, func(err error) error { return s.failed(ctx, err, "read an object") }), nil
}
