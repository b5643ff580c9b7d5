package azure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store with one Get Blob, whose body is read as the caller reads.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := store.CheckKey(key); err != nil {
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
	return &reader{s: s, ctx: ctx, body: out.Body, left: left}, nil
}

type reader struct {
	s    *Store
	ctx  context.Context // of the reading, as store.Store says
	body io.ReadCloser
	left int64 // negative: unknown
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	if r.left > 0 && int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.body.Read(p)
	if r.left > 0 {
		r.left -= int64(n)
	}
	switch {
	case err == nil, errors.Is(err, io.EOF) && r.left <= 0:
		return n, err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, io.ErrUnexpectedEOF
	}
	return n, r.s.failed(r.ctx, err, "read an object")
}

// Close implements io.Closer. What is left of a body is not read: the connection goes with it.
func (r *reader) Close() error { return r.body.Close() }
