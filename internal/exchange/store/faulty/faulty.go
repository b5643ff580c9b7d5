// Package faulty makes a store pass the points at which tests let things go wrong: where an object is opened, in the middle
// of its body, and where it is committed. It lies beneath whatever makes up for such faults.
//
// It knows nothing of tasks; whoever wraps a store says on whose behalf a key is used. Start with Wrap.
package faulty

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
)

// Reach passes a point on behalf of a key, see faultpoint.Points.
type Reach func(ctx context.Context, point, key string) error

// Wrap returns the store with its points.
func Wrap(s store.Store, reach Reach) store.Store { return faulty{s, reach} }

type faulty struct {
	store.Store
	reach Reach
}

// Unwrap returns the store without its points.
func (f faulty) Unwrap() store.Store { return f.Store }

// pass passes a point. A connection that is to be closed without an answer is an error like any of a network.
func (f faulty) pass(ctx context.Context, point, key string) error {
	err := f.reach(ctx, point, key)
	if errors.Is(err, faultpoint.ErrDrop) {
		return fmt.Errorf("connection reset: %w", err)
	}
	return err
}

// Open implements store.Store.
func (f faulty) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := f.pass(ctx, faultpoint.BeforeFetch, key); err != nil {
		return nil, err
	}
	r, err := f.Store.Open(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	return &body{ReadCloser: r, ctx: ctx, f: f, key: key, head: max(1, length/2)}, nil
}

// body passes its point once, after the first half of what is read, or the first byte of what has no known end.
type body struct {
	io.ReadCloser
	ctx    context.Context // of the reading, as store.Store says
	f      faulty
	key    string
	head   int64 // bytes before the point
	passed bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.head > 0 && int64(len(p)) > b.head {
		p = p[:b.head]
	}
	if b.head == 0 && !b.passed {
		b.passed = true
		if err := b.f.pass(b.ctx, faultpoint.BeforeFetch+faultpoint.Middle, b.key); err != nil {
			return 0, err
		}
	}
	n, err := b.ReadCloser.Read(p)
	if b.head > 0 {
		b.head -= int64(n)
	}
	return n, err
}

// Create implements store.Store.
func (f faulty) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	w, err := f.Store.Create(ctx, key, o)
	if err != nil {
		return nil, err
	}
	return &writer{Writer: w, ctx: ctx, f: f, key: key}, nil
}

type writer struct {
	store.Writer
	ctx context.Context // of the writing, as store.Store says
	f   faulty
	key string
}

// Close implements store.Writer.
func (w *writer) Close() error {
	if err := w.f.pass(w.ctx, faultpoint.SpoolCommit, w.key); err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := w.Writer.Close(); err != nil {
		return err
	}
	return w.f.pass(w.ctx, faultpoint.SpoolCommit+faultpoint.Answer, w.key)
}
