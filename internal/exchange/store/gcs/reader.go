package gcs

import (
	"context"
	"io"
	"net/http"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store with one request, whose body is read as the caller reads.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return nil, err
	}
	if length == 0 {
		_, err := s.object(key).Attrs(ctx)
		return http.NoBody, s.failed(ctx, err, "read an object")
	}
	if length < 0 {
		length = -1 // what the SDK takes for the end
	}
	body, err := s.object(key).NewRangeReader(ctx, offset, length)
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
	left := length
	if length < 0 {
		left = max(0, body.Attrs.Size-offset)
	}
	return store.Body(ctx, body, left, func(err error) error { return s.failed(ctx, err, "read an object") }), nil
}
