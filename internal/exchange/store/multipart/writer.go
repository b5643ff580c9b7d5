// Package multipart writes objects in parts, for drivers of storages that take the parts of an object one by one: a part is collected
// in memory and sent while the next one is collected, and what fits into one part is a single request. What the requests are is
// the driver's, see Object.
package multipart

import (
	"context"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// firstBuffer is what the smallest object takes in memory.
	firstBuffer = 64 << 10
	// discardTimeout bounds how long an abandoned object is cleared away.
	discardTimeout = 30 * time.Second
)

// Object is an object on its way. Either Put makes it, or Begin, Send for each part, and Complete, each of which may be called again after
// an error. One method is called at a time, but for Send. Their errors are those of store.Store, and no data is used after they have returned.
type Object interface {
	// Put makes the object with one request.
	Put(ctx context.Context, data []byte) error
	Begin(ctx context.Context) error
	// Send sends a part, counted from 0; all but the last one are full. It is called for Limits.AtATime parts at a time, in their order
	// when that is one.
	Send(ctx context.Context, number int, data []byte) error
	// Complete makes an object of the parts.
	Complete(ctx context.Context) error
	// Discard removes what is left of an object that was not made, when all other calls have ended. Its context outlives theirs.
	Discard(ctx context.Context) error
}

// Limits say what parts are.
type Limits struct {
	Size    int // of a part, in bytes
	AtATime int // parts that are on their way while the next is filled
	// Always makes an object of parts though it fits into one.
	Always bool
	// Most parts make an object; zero: there is no limit. Property is what users set the size with.
	Most     int
	Property string
	// Keys are those that objects may have.
	Keys store.Keys
	// Retries is how often a request of an object in parts is repeated, unless its error is final: SDKs then need not repeat. Put is not: who
	// calls Close has what a small object holds.
	Retries int
}

// Writer is a store.Writer. Each part on its way has a goroutine, which ends with Object.Send; Close and Abort wait for them.
type Writer struct {
	Object Object // the driver's

	limits Limits
	outer  context.Context // of the writing, as store.Store says
	ctx    context.Context // ends with outer, and with Close and Abort
	cancel context.CancelCauseFunc
	ended  atomic.Bool // Close or Abort was called

	mu    sync.Mutex // held while writing and ending
	part  []byte     // being filled
	sent  int        // parts
	begun bool
	wg    sync.WaitGroup
	slots chan struct{} // for parts on their way
	free  chan []byte   // buffers of parts that have arrived

	result sync.Mutex
	err    error // the first failure
}

// Create is what drivers return from store.Store's Create.
func Create(ctx context.Context, key string, o Object, l Limits) (store.Writer, error) {
	if err := l.Keys.Check(key); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return New(ctx, o, l), nil
}

// New returns a writer. It sends nothing yet.
func New(ctx context.Context, o Object, l Limits) *Writer {
	w := &Writer{Object: o, limits: l, outer: ctx, slots: make(chan struct{}, l.AtATime), free: make(chan []byte, l.AtATime)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	return w
}

var errEnded = trinoerr.Wrap(fs.ErrClosed, trinoerr.GenericInternalError, "write an object")

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	written := 0
	for written < len(p) {
		if w.ended.Load() {
			return written, errEnded
		}
		if err := w.failure(); err != nil {
			return written, err
		}
		if len(w.part) == w.limits.Size {
			if err := w.send(); err != nil {
				w.fail(err)
				return written, err
			}
		}
		n := min(len(p)-written, w.limits.Size-len(w.part))
		w.part = append(w.room(n), p[written:written+n]...)
		written += n
	}
	return written, nil
}

// room is the part with room for n more bytes: its buffer doubles up to the size of parts.
func (w *Writer) room(n int) []byte {
	if len(w.part)+n <= cap(w.part) {
		return w.part
	}
	return append(make([]byte, 0, min(w.limits.Size, max(2*cap(w.part), len(w.part)+n, firstBuffer))), w.part...)
}

// failure is why the object cannot be made any more.
func (w *Writer) failure() error {
	if w.ctx.Err() != nil {
		w.fail(context.Cause(w.ctx))
	}
	w.result.Lock()
	defer w.result.Unlock()
	return w.err
}

func (w *Writer) fail(err error) {
	w.result.Lock()
	defer w.result.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// send sends the part that was filled, and makes room for the next.
func (w *Writer) send() error {
	if !w.begun {
		if err := w.repeat(w.Object.Begin); err != nil {
			return err
		}
		w.begun = true
	}
	if w.limits.Most > 0 && w.sent == w.limits.Most {
		return trinoerr.New(trinoerr.NotSupported, "an object of more than %d parts of %d bytes: set a larger %s", w.limits.Most, w.limits.Size, w.limits.Property)
	}
	select {
	case w.slots <- struct{}{}:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	number, part := w.sent, w.part
	w.sent++
	w.wg.Go(func() {
		if err := w.repeat(func(ctx context.Context) error { return w.Object.Send(ctx, number, part) }); err != nil {
			w.fail(err)
		}
		w.free <- part
		<-w.slots
	})
	select {
	case w.part = <-w.free:
		w.part = w.part[:0]
	default:
		w.part = make([]byte, 0, w.limits.Size)
	}
	return nil
}

// Close implements store.Writer.
func (w *Writer) Close() error {
	if w.ended.Swap(true) {
		return errEnded
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.commit()
	if err != nil {
		_ = w.discard() // the first error tells more
	}
	w.cancel(errEnded)
	w.part = nil
	return err
}

// commit makes the object.
func (w *Writer) commit() error {
	if err := w.failure(); err != nil {
		return err
	}
	if w.sent == 0 && !w.limits.Always {
		return w.Object.Put(w.ctx, w.part)
	}
	if len(w.part) > 0 || w.sent == 0 {
		if err := w.send(); err != nil {
			return err
		}
	}
	w.wg.Wait()
	if err := w.failure(); err != nil {
		return err
	}
	return w.repeat(w.Object.Complete)
}

// Abort implements store.Writer.
func (w *Writer) Abort() error {
	if w.ended.Swap(true) {
		return nil
	}
	w.cancel(errEnded) // of what a concurrent Write may be waiting for
	w.mu.Lock()
	defer w.mu.Unlock()
	w.part = nil
	return w.discard()
}

// discard removes what was sent, whatever has become of the context.
func (w *Writer) discard() error {
	w.cancel(errEnded)
	w.wg.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.outer), discardTimeout)
	defer cancel()
	return w.Object.Discard(ctx)
}
