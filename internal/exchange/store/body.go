package store

import (
	"context"
	"errors"
	"io"
)

// Body is what drivers return from Open: it reads not more than left bytes of body, and less is an error; negative: to its end. Once ctx has
// ended reads return its cause. What else goes wrong is translated by failed.
func Body(ctx context.Context, body io.ReadCloser, left int64, failed func(error) error) io.ReadCloser {
	return &bodyReader{ctx: ctx, body: body, left: left, failed: failed}
}

type bodyReader struct {
	ctx    context.Context // of the reading
	body   io.ReadCloser
	left   int64
	failed func(error) error
}

// Read implements io.Reader.
func (r *bodyReader) Read(p []byte) (int, error) {
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
	return n, r.failed(err)
}

// Close implements io.Closer. What is left of a body is not read: the connection goes with it.
func (r *bodyReader) Close() error { return r.body.Close() }
