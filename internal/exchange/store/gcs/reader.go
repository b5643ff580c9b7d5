package gcs

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store with one request, whose body is read as the caller reads.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := store.CheckKey(key); err != nil {
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
	return &reader{s: s, ctx: ctx, body: body, left: left}, nil
}

type reader struct {
	s    *Store
	ctx  context.Context // of the reading, as store.Store says
	body io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.body.Read(p)
	r.left -= int64(n)
	switch {
	case err == nil, errors.Is(err, io.EOF) && r.left == 0:
		return n, err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, io.ErrUnexpectedEOF
	}
	return n, r.s.failed(r.ctx, err, "read an object")
}

// Close implements io.Closer. What is left of a body is not read: the connection goes with it.
func (r *reader) Close() error { return r.body.Close() }
