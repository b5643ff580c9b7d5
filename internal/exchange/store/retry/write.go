package retry

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// wholeSize is up to which size an object is kept until it is committed, so that all of it can be written again. A larger one
// is streamed from there on: what fails then fails the writer.
const wholeSize = 5 << 20

// Create implements store.Store. Nothing is asked before the object is committed or has become large.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return nil, invalid(err)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return &writer{s: s, ctx: ctx, key: key, o: o}, nil
}

type writer struct {
	s   *Store
	ctx context.Context // of the writing, as store.Store says
	key string
	o   store.CreateOptions

	done atomic.Bool // Close or Abort has been called, and the other has no effect
	mu   sync.Mutex  // held while anything goes on
	err  error       // the first failure
	buf  []byte      // what was written and is in no stream yet

	stream store.Writer       // nil as long as the object is small
	cancel context.CancelFunc // ends what the stream does
	size   int64              // of what is in the stream, and its checksum
	sum    xxhash.Digest
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done.Load() {
		return 0, invalid(fs.ErrClosed)
	}
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	for rest := p; len(rest) > 0 && w.err == nil; {
		limit := wholeSize
		if w.stream != nil {
			limit = pieceSize
		}
		n := min(len(rest), limit-len(w.buf))
		w.buf = append(w.buf, rest[:n]...)
		rest = rest[n:]
		if len(w.buf) == limit {
			w.err = w.flush()
		}
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// flush moves what is kept into the stream.
func (w *writer) flush() error {
	if w.stream == nil {
		return w.begin()
	}
	stream, buf := w.stream, w.buf // fields are not for those who are left behind by a call
	err := w.onStream(func() error {
		_, err := stream.Write(buf)
		return err
	})
	if err != nil {
		w.buf = nil // likewise: they may still read it
		return w.broken(err)
	}
	w.count(buf)
	w.buf = buf[:0]
	return nil
}

// begin begins the stream with what was kept until now, as often as that takes.
func (w *writer) begin() error {
	w.sum.Reset()
	buf := w.buf
	err := w.s.repeat(w.ctx, w.trial("write"), func() error {
		// The stream outlives the call that begins it, and so does its context.
		ctx, cancel := context.WithCancel(w.ctx)
		w.cancel = cancel
		var stream store.Writer
		err := w.onStream(func() (err error) {
			if stream, err = w.s.driver.Create(ctx, w.key, w.o); err != nil {
				return err
			}
			if _, err = stream.Write(buf); err != nil {
				_ = stream.Abort()
			}
			return err
		})
		if err != nil {
			cancel()
			return err
		}
		w.stream = stream
		return nil
	})
	if err != nil {
		return err
	}
	w.count(buf)
	w.buf = make([]byte, 0, pieceSize)
	return nil
}

// onStream makes a request of the stream, which is ended when that takes too long.
func (w *writer) onStream(f func() error) error {
	cancel := w.cancel
	return w.s.call(w.ctx, w.s.cfg.WriteTimeout, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, cancel)()
		return f()
	})
}

func (w *writer) count(p []byte) {
	w.size += int64(len(p))
	_, _ = w.sum.Write(p) // never fails
}

func (w *writer) trial(what string) trial {
	return w.s.trial("%s %s/%s", what, w.s.URI(), w.key)
}

// broken is the error of a stream that cannot go on; the attempt that writes it may be repeated.
func (w *writer) broken(err error) error {
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	if Final(err) {
		return err
	}
	return &trinoerr.Error{Code: trinoerr.PageTransportError, Cause: err, Msg: "Writing to the exchange storage failed (" + w.key + "): " + err.Error()}
}

// Close implements store.Writer.
func (w *writer) Close() error {
	if w.done.Swap(true) {
		return invalid(fs.ErrClosed)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	if w.err == nil && w.stream != nil && len(w.buf) > 0 {
		w.err = w.flush()
	}
	switch {
	case w.err != nil:
		_ = w.discard()
		return w.err
	case w.stream != nil:
		return w.finish()
	}
	return w.put()
}

// put writes a small object as a whole, as often as that takes.
func (w *writer) put() error {
	buf := w.buf
	unknown := false // whether an earlier try may have written the object
	return w.s.repeat(w.ctx, w.trial("write"), func() error {
		var closing atomic.Bool
		err := w.s.call(w.ctx, w.s.cfg.WriteTimeout, func(ctx context.Context) error {
			o, err := w.s.driver.Create(ctx, w.key, w.o)
			if err != nil {
				return err
			}
			if _, err := o.Write(buf); err != nil {
				_ = o.Abort()
				return err
			}
			closing.Store(true)
			return o.Close()
		})
		if errors.Is(err, store.ErrExists) && unknown {
			return w.compare(err)
		}
		unknown = unknown || err != nil && (closing.Load() || errors.Is(err, errStalled))
		return err
	})
}

// finish commits a stream. Whether that was done when nobody can say is seen from the object.
func (w *writer) finish() error {
	defer w.cancel()
	err := w.onStream(w.stream.Close)
	if err == nil || errors.Is(err, store.ErrExists) || w.ctx.Err() != nil {
		return err
	}
	if w.compare(err) == nil {
		return nil
	}
	return w.broken(err)
}

// compare returns nil when the object is what was written, and otherwise the error that it is to explain, or that of reading
// the object.
func (w *writer) compare(unequal error) error {
	r, err := w.s.Open(w.ctx, w.key, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	if w.stream == nil {
		w.size = 0
		w.sum.Reset()
		w.count(w.buf)
	}
	sum := xxhash.New()
	n, err := io.Copy(sum, r)
	switch {
	case errors.Is(err, store.ErrNotFound): // it was there, or not: it is not ours
		return unequal
	case err != nil:
		return err
	case n != w.size || sum.Sum64() != w.sum.Sum64():
		return unequal
	}
	return nil
}

// discard aborts the stream, if there is one. That must come through although the writing was cancelled.
func (w *writer) discard() error {
	w.buf = nil
	if w.stream == nil {
		return nil
	}
	defer w.cancel()
	stream := w.stream
	return w.s.call(context.WithoutCancel(w.ctx), w.s.cfg.WriteTimeout, func(context.Context) error { return stream.Abort() })
}

// Abort implements store.Writer. While the object is being committed it does nothing.
func (w *writer) Abort() error {
	if w.done.Swap(true) {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.discard()
}
