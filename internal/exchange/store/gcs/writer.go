package gcs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	firstBuffer = 64 << 10
	// abortTimeout bounds how long an abandoned upload is cleared away.
	abortTimeout = 30 * time.Second
)

// writerKey is the metadata in which an object names its writer, so that one whose answer was lost knows its object again.
const writerKey = "waterbear-writer"

// Create implements store.Store. It sends nothing: an object that fits into a part is one request, made by Close.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &writer{s: s, outer: ctx, object: s.object(key), id: uuid.NewString(), o: o, size: s.cfg.partSize()}
	w.ctx, w.cancel = context.WithCancelCause(context.WithValue(ctx, sessionKey{}, &w.session))
	return w, nil
}

// writer collects a part in memory, and hands it to an upload when it is full and more comes. The upload's goroutine gives the
// SDK one part after the other while the next one is collected: three are in memory, the SDK's among them. It ends with the
// channel of parts, which Close and Abort close.
type writer struct {
	s       *Store
	outer   context.Context // of the writing, as store.Store says
	ctx     context.Context // ends with outer, and with Abort
	cancel  context.CancelCauseFunc
	object  *storage.ObjectHandle
	id      string // in the object's metadata
	o       store.CreateOptions
	size    int // of parts
	session session
	ended   atomic.Bool // Close or Abort was called

	mu     sync.Mutex // held while writing and ending
	part   []byte     // being filled
	upload *upload    // nil as long as there is one part only

	result sync.Mutex
	err    error // the first failure
}

// upload is an object on its way.
type upload struct {
	sdk   *storage.Writer
	parts chan []byte
	free  chan []byte // buffers of parts that the SDK has taken
	done  chan struct{}
}

var errEnded = trinoerr.Wrap(fs.ErrClosed, trinoerr.GenericInternalError, "write an object")

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	written := 0
	for written < len(p) {
		if err := w.failure(); err != nil {
			return written, err
		}
		if len(w.part) == w.size {
			if err := w.send(); err != nil {
				w.fail(err)
				return written, err
			}
		}
		n := min(len(p)-written, w.size-len(w.part))
		w.part = grow(w.part, n, w.size)
		w.part = append(w.part, p[written:written+n]...)
		written += n
	}
	return written, nil
}

// grow makes room for n more bytes of a part, doubling it up to its size.
func grow(part []byte, n, size int) []byte {
	if len(part)+n <= cap(part) {
		return part
	}
	return append(make([]byte, 0, min(size, max(2*cap(part), len(part)+n, firstBuffer))), part...)
}

// failure is why nothing can be written any more.
func (w *writer) failure() error {
	if w.ended.Load() {
		return errEnded
	}
	w.result.Lock()
	defer w.result.Unlock()
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	return w.err
}

func (w *writer) fail(err error) {
	w.result.Lock()
	defer w.result.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// send hands the part that was filled to the upload, which it begins with the first, and makes room for the next.
func (w *writer) send() error {
	if w.upload == nil {
		w.upload = &upload{sdk: w.open(w.size), parts: make(chan []byte), free: make(chan []byte, 1), done: make(chan struct{})}
		go w.feed(w.upload)
	}
	select {
	case w.upload.parts <- w.part:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	select {
	case w.part = <-w.upload.free:
		w.part = w.part[:0]
	default:
		w.part = make([]byte, 0, w.size)
	}
	return nil
}

// feed gives the SDK the parts of an upload.
func (w *writer) feed(u *upload) {
	defer close(u.done)
	for part := range u.parts {
		if w.failed() {
			continue // the writer has yet to notice
		}
		if _, err := u.sdk.Write(part); err != nil {
			w.fail(w.s.failed(w.ctx, err, "write a part of an object"))
		}
		select {
		case u.free <- part:
		default:
		}
	}
}

func (w *writer) failed() bool {
	w.result.Lock()
	defer w.result.Unlock()
	return w.err != nil
}

// open begins an object of the SDK's, which collects a chunk before it sends it. One that gets less than a chunk is one request.
func (w *writer) open(chunk int) *storage.Writer {
	o := w.object
	if w.o.IfAbsent {
		o = o.If(storage.Conditions{DoesNotExist: true})
	}
	n := &retries{most: int64(w.s.cfg.MaxErrorRetries)}
	out := o.Retryer(storage.WithErrorFunc(n.again)).NewWriter(w.ctx)
	out.ProgressFunc = func(int64) { n.made.Store(0) }
	out.ChunkSize = chunk
	out.ContentType = "application/octet-stream"
	out.Metadata = map[string]string{writerKey: w.id}
	out.KMSKeyName = w.s.cfg.KMSKey
	return out
}

// retries bounds how often the SDK repeats a request of an upload, which it would do as long as time allows. It repeats more
// than other requests, because what has arrived would be lost: those that are throttled, and those that are called bad, which
// may be so because of what is between us and the server.
type retries struct {
	most int64
	made atomic.Int64 // since something has arrived
}

func (r *retries) again(err error) bool {
	_, throttled := throttled(err)
	again := throttled || status(err) == http.StatusBadRequest || storage.ShouldRetry(err)
	return again && !refused(err) && r.made.Add(1) <= r.most
}

// Close implements store.Writer.
func (w *writer) Close() error {
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
func (w *writer) commit() error {
	w.result.Lock()
	err := w.err
	w.result.Unlock()
	if err == nil && w.ctx.Err() != nil {
		err = context.Cause(w.ctx)
	}
	if err != nil {
		return err
	}
	if w.upload == nil {
		return w.judge(w.put(), "write an object")
	}
	if len(w.part) > 0 {
		if err := w.send(); err != nil {
			return err
		}
	}
	u := w.upload
	close(u.parts)
	<-u.done
	w.upload = nil
	if w.err != nil { // nobody else is left to write it
		w.cancel(errEnded)
		_ = u.sdk.Close() // waits for its goroutine; the error is known
		return w.err
	}
	return w.judge(u.sdk.Close(), "complete an upload")
}

// put writes the object with one request.
func (w *writer) put() error {
	out := w.open((len(w.part)/partUnit + 1) * partUnit) // larger than the part
	_, err := out.Write(w.part)
	if err != nil {
		w.cancel(errEnded)
	}
	return errors.Join(err, out.Close())
}

// judge looks behind errors of the commit. A request whose answer was lost is repeated by the SDK, and then meets the object
// that it made the first time.
func (w *writer) judge(err error, op string) error {
	if status(err) == http.StatusPreconditionFailed && w.own() {
		return nil
	}
	translated := w.s.failed(w.outer, err, op)
	if errors.Is(translated, store.ErrNotFound) { // what was to be written: an upload, or what it was to be in
		return trinoerr.New(trinoerr.GenericInternalError, "%s in gs://%s/%s: %s", op, w.s.bucket, w.s.prefix, reason(err))
	}
	return translated
}

// own reports whether the object is this writer's.
func (w *writer) own() bool {
	attrs, err := w.object.Attrs(w.outer)
	return err == nil && attrs.Metadata[writerKey] == w.id
}

// Abort implements store.Writer.
func (w *writer) Abort() error {
	if w.ended.Swap(true) {
		return nil
	}
	w.cancel(errEnded) // of what a concurrent Write may be waiting for
	w.mu.Lock()
	defer w.mu.Unlock()
	w.part = nil
	return w.discard()
}

// discard ends the upload, if there is one, whatever has become of the context.
func (w *writer) discard() error {
	w.cancel(errEnded)
	if u := w.upload; u != nil {
		close(u.parts)
		<-u.done
		_ = u.sdk.Close() // its context has ended, and so nothing is made
		w.upload = nil
	}
	at := w.session.location()
	if at == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.outer), abortTimeout)
	defer cancel()
	if err := w.s.client.cancelSession(ctx, at); err != nil {
		return fmt.Errorf("abort an upload: %w", w.s.failed(ctx, err, "abort an upload"))
	}
	return nil
}
