package gcs

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"sync/atomic"

	"cloud.google.com/go/storage"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// writerKey is the metadata in which an object names its writer, so that one whose answer was lost knows its object again.
const writerKey = "waterbear-writer"

// Create implements store.Store. It sends nothing: an object that fits into a part is one request, made by Close. Of a larger one the
// SDK takes one part after the other while the next one is collected: three are in memory, the SDK's among them.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	return multipart.Create(ctx, key, &object{s: s, handle: s.object(key), id: uuid.NewString(), ifAbsent: o.IfAbsent},
		multipart.Limits{Size: s.cfg.partSize(), AtATime: 1, Keys: s.cfg.Keys})
}

// object is a multipart.Object.
type object struct {
	s        *Store
	handle   *storage.ObjectHandle
	id       string // of the writer, in the object's metadata
	ifAbsent bool

	sum     uint32 // CRC-32C of what was sent
	session session
	upload  *storage.Writer    // nil as long as there is none
	cancel  context.CancelFunc // ends the upload
}

// open begins an object of the SDK's, which collects a chunk before it sends it. One that gets less than a chunk is one request.
// cancel keeps it from being made; its goroutine ends with its Close. parts is the session of an object in parts, else nil.
func (o *object) open(ctx context.Context, chunk int, parts *session) (out *storage.Writer, cancel context.CancelFunc) {
	h := o.handle
	if o.ifAbsent {
		h = h.If(storage.Conditions{DoesNotExist: true})
	}
	n := &retries{most: int64(o.s.cfg.MaxErrorRetries), session: parts}
	ctx, cancel = context.WithCancel(context.WithValue(ctx, sessionKey{}, &o.session))
	out = h.Retryer(storage.WithErrorFunc(n.again)).NewWriter(ctx)
	out.ProgressFunc = func(int64) { n.made.Store(0) }
	out.ChunkSize = chunk
	out.ContentType = "application/octet-stream"
	out.Metadata = map[string]string{writerKey: o.id}
	out.KMSKeyName = o.s.cfg.KMSKey
	return out, cancel
}

// retries bounds how often the SDK repeats a request of an upload, which it would do as long as time allows.
type retries struct {
	most int64
	made atomic.Int64 // since something has arrived
	// session is that of an object in parts, which goes on where it is; nil: the object is one request.
	session *session
}

func (r *retries) again(err error) bool { return r.passing(err) && r.made.Add(1) <= r.most }

// passing reports whether a request may do better when it is made again. Of an object in parts it is nearly every one, because what has
// arrived would be lost: servers and what lies before them answer many a passing failure with a status of 400 or 403.
func (r *retries) passing(err error) bool {
	_, throttled := throttled(err)
	switch n := status(err); {
	case nobody(err):
		return false
	case throttled, storage.ShouldRetry(err), errors.Is(err, errNotAnswered), n == http.StatusBadRequest:
		return true
	case r.session == nil, n == 0, n == http.StatusPreconditionFailed:
		return false
	case missing(err), n == http.StatusGone:
		return r.session.location() == "" // else it is the upload, and not the bucket
	}
	return true
}

// Put implements multipart.Object.
func (o *object) Put(ctx context.Context, data []byte) error {
	out, cancel := o.open(ctx, (len(data)/partUnit+1)*partUnit, nil) // larger than the data
	defer cancel()
	_, err := out.Write(data)
	if err != nil {
		cancel()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		return o.check(ctx, out, crc32.Checksum(data, castagnoli))
	}
	return o.judge(ctx, err, "write an object")
}

// Begin implements multipart.Object.
func (o *object) Begin(ctx context.Context) error {
	o.upload, o.cancel = o.open(ctx, o.s.cfg.partSize(), &o.session)
	return nil
}

// Send implements multipart.Object.
func (o *object) Send(ctx context.Context, _ int, data []byte) error {
	_, err := o.upload.Write(data)
	o.sum = crc32.Update(o.sum, castagnoli, data)
	return o.s.failed(ctx, err, "write a part of an object")
}

// Complete implements multipart.Object.
func (o *object) Complete(ctx context.Context) error {
	out := o.upload
	err := out.Close()
	o.cancel()
	o.upload = nil
	if err == nil {
		o.session.set("") // it has ended
		return o.check(ctx, out, o.sum)
	}
	return o.judge(ctx, err, "complete an upload")
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// check compares the checksum that the server has made of an object with that of what was sent, and deletes an object that has become
// another on its way. A server that gives none leaves it to the readers.
func (o *object) check(ctx context.Context, made *storage.Writer, sum uint32) error {
	attrs := made.Attrs()
	if attrs == nil || attrs.CRC32C == sum || attrs.CRC32C == 0 {
		return nil
	}
	err := o.handle.If(storage.Conditions{GenerationMatch: attrs.Generation}).Delete(ctx)
	if err != nil && !missing(err) && status(err) != http.StatusPreconditionFailed {
		return o.s.failed(ctx, err, "delete an object that was damaged on its way")
	}
	return trinoerr.New(trinoerr.GenericInternalError, "write an object in gs://%s/%s: it was damaged on its way", o.s.bucket, o.s.prefix)
}

// judge looks behind errors of the commit. A request whose answer was lost is repeated by the SDK, and then meets the object
// that it made the first time.
func (o *object) judge(ctx context.Context, err error, op string) error {
	if status(err) == http.StatusPreconditionFailed && o.own(ctx) {
		return nil
	}
	translated := o.s.failed(ctx, err, op)
	if errors.Is(translated, store.ErrNotFound) { // what was to be written: an upload, or what it was to be in
		return trinoerr.New(trinoerr.GenericInternalError, "%s in gs://%s/%s: %s", op, o.s.bucket, o.s.prefix, reason(err))
	}
	return translated
}

// own reports whether the object is this writer's.
func (o *object) own(ctx context.Context) bool {
	attrs, err := o.handle.Attrs(ctx)
	return err == nil && attrs.Metadata[writerKey] == o.id
}

// Discard implements multipart.Object.
func (o *object) Discard(ctx context.Context) error {
	if o.upload != nil {
		o.cancel()
		_ = o.upload.Close() // its context has ended, and so nothing is made
		o.upload = nil
	}
	at := o.session.location()
	if at == "" {
		return nil
	}
	if err := o.s.client.cancelSession(ctx, at); err != nil {
		return fmt.Errorf("abort an upload: %w", o.s.failed(ctx, err, "abort an upload"))
	}
	return nil
}
