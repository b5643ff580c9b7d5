package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	partsAtATime = 2      // of an object that are on their way while the next is filled
	maxParts     = 10_000 // of an upload, by the protocol
	firstBuffer  = 64 << 10
	// abortTimeout bounds how long the parts of an abandoned upload are cleared away.
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
	w := &writer{s: s, outer: ctx, name: s.key(key), id: uuid.NewString(), o: o, slots: make(chan struct{}, partsAtATime), free: make(chan []byte, partsAtATime)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	return w, nil
}

// writer collects a part in memory and sends it while the next one is collected. Each part on its way has a goroutine, which
// ends with the request; Close and Abort wait for them.
type writer struct {
	s      *Store
	outer  context.Context // of the writing, as store.Store says
	ctx    context.Context // ends with outer, and with Abort
	cancel context.CancelCauseFunc
	name   *string
	id     string // in the object's metadata
	o      store.CreateOptions
	ended  atomic.Bool // Close or Abort was called

	mu     sync.Mutex // held while writing and ending
	part   []byte     // being filled
	upload *string    // nil as long as there is one part only
	sent   int32      // parts
	wg     sync.WaitGroup
	slots  chan struct{} // for parts on their way
	free   chan []byte   // buffers of parts that have arrived

	result sync.Mutex
	parts  []types.CompletedPart
	err    error // the first failure of a part
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
		size := int(w.s.cfg.PartSize)
		if len(w.part) == size {
			if err := w.send(); err != nil {
				w.fail(err)
				return written, err
			}
		}
		n := min(len(p)-written, size-len(w.part))
		w.part = grow(w.part, n, size)
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

// send sends the part that was filled, and makes room for the next.
func (w *writer) send() error {
	if w.upload == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	if w.sent == maxParts {
		return trinoerr.New(trinoerr.NotSupported, "an object of more than %d parts of %d bytes: set a larger exchange.s3.upload.part-size", maxParts, w.s.cfg.PartSize)
	}
	select {
	case w.slots <- struct{}{}:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	w.sent++
	number, part := w.sent, w.part
	w.wg.Go(func() {
		w.sendPart(number, part)
		w.free <- part
		<-w.slots
	})
	select {
	case w.part = <-w.free:
		w.part = w.part[:0]
	default:
		w.part = make([]byte, 0, w.s.cfg.PartSize)
	}
	return nil
}

func (w *writer) sendPart(number int32, part []byte) {
	var out *s3.UploadPartOutput
	err := w.s.persist(w.ctx, func() (err error) {
		out, err = w.s.client.UploadPart(w.ctx, &s3.UploadPartInput{Bucket: &w.s.bucket, Key: w.name, UploadId: w.upload, PartNumber: &number,
			Body: bytes.NewReader(part), ContentLength: aws.Int64(int64(len(part)))})
		if err != nil {
			return err
		}
		return given(out.ETag)
	})
	if err != nil {
		w.fail(w.s.failed(w.ctx, err, "write a part of an object"))
		return
	}
	w.result.Lock()
	defer w.result.Unlock()
	w.parts = append(w.parts, types.CompletedPart{PartNumber: &number, ETag: out.ETag})
}

// begin begins a multipart upload.
func (w *writer) begin() error {
	in := &s3.CreateMultipartUploadInput{Bucket: &w.s.bucket, Key: w.name, Metadata: map[string]string{writerKey: w.id},
		StorageClass: types.StorageClass(w.s.cfg.StorageClass)}
	in.ServerSideEncryption, in.SSEKMSKeyId = w.s.encryption()
	err := w.s.persist(w.ctx, func() error {
		out, err := w.s.client.CreateMultipartUpload(w.ctx, in)
		if err != nil {
			return err
		}
		w.upload = out.UploadId
		return given(out.UploadId)
	})
	if err != nil {
		w.upload = nil
	}
	return w.s.failed(w.ctx, err, "begin an upload")
}

// encryption is what the server is told about encrypting an object.
func (s *Store) encryption() (types.ServerSideEncryption, *string) {
	switch s.cfg.Encryption {
	case EncryptS3:
		return types.ServerSideEncryptionAes256, nil
	case EncryptKMS:
		return types.ServerSideEncryptionAwsKms, &s.cfg.KMSKeyID
	}
	return "", nil
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
		w.discard(err)
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
	w.wg.Wait()
	if w.err != nil { // nobody else is left to write it
		return w.err
	}
	return w.judge(w.complete(), "complete an upload")
}

// put writes the object with one request.
func (w *writer) put() error {
	in := &s3.PutObjectInput{Bucket: &w.s.bucket, Key: w.name, Body: bytes.NewReader(w.part), ContentLength: aws.Int64(int64(len(w.part))),
		Metadata: map[string]string{writerKey: w.id}, StorageClass: types.StorageClass(w.s.cfg.StorageClass), IfNoneMatch: w.condition()}
	in.ServerSideEncryption, in.SSEKMSKeyId = w.s.encryption()
	out, err := w.s.client.PutObject(w.ctx, in)
	if err != nil {
		return err
	}
	return given(out.ETag)
}

// complete makes an object of the parts.
func (w *writer) complete() error {
	slices.SortFunc(w.parts, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	return w.s.persist(w.ctx, func() error {
		out, err := w.s.client.CompleteMultipartUpload(w.ctx, &s3.CompleteMultipartUploadInput{Bucket: &w.s.bucket, Key: w.name, UploadId: w.upload,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: w.parts}, IfNoneMatch: w.condition()})
		if err != nil {
			return err
		}
		return given(out.ETag)
	})
}

// condition is the header that makes a write fail when there is an object.
func (w *writer) condition() *string {
	if !w.o.IfAbsent {
		return nil
	}
	return aws.String("*")
}

// judge looks behind errors of the commit. A request whose answer was lost is repeated by the SDK, and then meets the object
// that it made the first time.
func (w *writer) judge(err error, op string) error {
	if c := code(err); c == codeExists || c == codeConflict || c == codeNoSuchUpload {
		out, headErr := w.s.client.HeadObject(w.ctx, &s3.HeadObjectInput{Bucket: &w.s.bucket, Key: w.name})
		switch {
		case headErr == nil && out.Metadata[writerKey] == w.id:
			return nil
		case headErr == nil && w.o.IfAbsent:
			return store.ErrExists
		case c == codeExists: // by an object that is gone again
			return store.ErrExists
		}
	}
	if err = w.s.failed(w.ctx, err, op); errors.Is(err, store.ErrNotFound) {
		return trinoerr.New(trinoerr.GenericInternalError, "%s in s3://%s/%s: the server has lost it", op, w.s.bucket, w.s.prefix)
	}
	return err
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
	return w.discard(nil)
}

// discard ends the upload, if there is one, whatever has become of the context. why is what made the writing fail.
func (w *writer) discard(why error) error {
	w.cancel(errEnded)
	w.wg.Wait()
	if w.upload == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.outer), abortTimeout)
	defer cancel()
	_, err := w.s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &w.s.bucket, Key: w.name, UploadId: w.upload})
	if code(err) == codeNoSuchUpload || status(err) == 404 {
		return nil
	}
	if err != nil && why == nil {
		return fmt.Errorf("abort an upload: %w", w.s.failed(ctx, err, "abort an upload"))
	}
	return nil
}
