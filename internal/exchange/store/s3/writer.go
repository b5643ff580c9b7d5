package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	partsAtATime = 2      // of an object that are on their way while the next is filled
	maxParts     = 10_000 // of an upload, by the protocol
)

// writerKey is the metadata in which an object names its writer, so that one whose answer was lost knows its object again.
const writerKey = "waterbear-writer"

// Create implements store.Store. It sends nothing: an object that fits into a part is one request, made by Close.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	return s.create(ctx, key, o, false)
}

// CreateInParts implements store.InParts: the last part of an upload may be as small as one likes, and so may the only one.
func (s *Store) CreateInParts(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	return s.create(ctx, key, o, true)
}

func (s *Store) create(ctx context.Context, key string, o store.CreateOptions, parts bool) (store.Writer, error) {
	return multipart.Create(ctx, key, &object{s: s, name: s.key(key), id: uuid.NewString(), ifAbsent: o.IfAbsent}, multipart.Limits{
		Size: int(s.cfg.PartSize), AtATime: partsAtATime, Always: parts, Most: maxParts, Property: s.cfg.names().PartSize, Keys: s.cfg.Keys, Retries: s.cfg.MaxErrorRetries})
}

// object is a multipart.Object.
type object struct {
	s        *Store
	name     *string
	id       string // of the writer, in the object's metadata
	ifAbsent bool
	upload   *string // nil as long as there is none

	mu    sync.Mutex
	parts []types.CompletedPart
}

// Begin implements multipart.Object.
func (o *object) Begin(ctx context.Context) error {
	in := &s3.CreateMultipartUploadInput{Bucket: &o.s.bucket, Key: o.name, Metadata: map[string]string{writerKey: o.id},
		StorageClass: types.StorageClass(o.s.cfg.StorageClass), ACL: o.s.cfg.acl()}
	in.ServerSideEncryption, in.SSEKMSKeyId = o.s.encryption()
	out, err := o.s.client.CreateMultipartUpload(ctx, in, once)
	if err == nil {
		err = given(out.UploadId)
	}
	if err != nil {
		return o.s.failed(ctx, err, "begin an upload")
	}
	o.upload = out.UploadId
	return nil
}

// Send implements multipart.Object.
func (o *object) Send(ctx context.Context, number int, data []byte) error {
	n := int32(number + 1)
	out, err := o.s.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: &o.s.bucket, Key: o.name, UploadId: o.upload, PartNumber: &n,
		Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data)))}, once)
	if err == nil {
		err = given(out.ETag)
	}
	if err != nil {
		return o.failed(ctx, err, "write a part of an object")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parts = append(o.parts, types.CompletedPart{PartNumber: &n, ETag: out.ETag})
	return nil
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

// Put implements multipart.Object.
func (o *object) Put(ctx context.Context, data []byte) error {
	in := &s3.PutObjectInput{Bucket: &o.s.bucket, Key: o.name, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
		Metadata: map[string]string{writerKey: o.id}, StorageClass: types.StorageClass(o.s.cfg.StorageClass), ACL: o.s.cfg.acl(), IfNoneMatch: o.condition()}
	in.ServerSideEncryption, in.SSEKMSKeyId = o.s.encryption()
	out, err := o.s.client.PutObject(ctx, in)
	if err == nil {
		err = given(out.ETag)
	}
	return o.judge(ctx, err, "write an object")
}

// Complete implements multipart.Object.
func (o *object) Complete(ctx context.Context) error {
	slices.SortFunc(o.parts, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	out, err := o.s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &o.s.bucket, Key: o.name, UploadId: o.upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: o.parts}, IfNoneMatch: o.condition()}, once)
	if err == nil {
		err = given(out.ETag)
	}
	return o.judge(ctx, err, "complete an upload")
}

// condition is the header that makes a write fail when there is an object.
func (o *object) condition() *string {
	if !o.ifAbsent {
		return nil
	}
	return aws.String("*")
}

// judge looks behind errors of the commit. A request whose answer was lost is repeated, and then meets the object that it made the first
// time.
func (o *object) judge(ctx context.Context, err error, op string) error {
	if c := code(err); c == codeExists || c == codeConflict || c == codeNoSuchUpload {
		out, headErr := o.s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &o.s.bucket, Key: o.name})
		switch {
		case headErr == nil && out.Metadata[writerKey] == o.id:
			return nil
		case headErr == nil && o.ifAbsent:
			return store.ErrExists
		case c == codeExists: // by an object that is gone again
			return store.ErrExists
		}
	}
	return o.failed(ctx, err, op)
}

// failed translates an error of writing: that something is missing is final there, and no answer to who writes.
func (o *object) failed(ctx context.Context, err error, op string) error {
	translated := o.s.failed(ctx, err, op)
	if errors.Is(translated, store.ErrNotFound) || code(err) == codeNoSuchUpload && ctx.Err() == nil {
		return &store.FinalError{Err: &trinoerr.Error{Code: trinoerr.GenericInternalError, Cause: err,
			Msg: fmt.Sprintf("%s in s3://%s/%s: the server has lost it: %s", op, o.s.bucket, o.s.prefix, reason(err))}}
	}
	return translated
}

// once keeps the SDK from repeating a request of an upload, as multipart.Writer does that.
func once(o *s3.Options) { o.Retryer = retry.AddWithMaxAttempts(o.Retryer, 1) }

// errNotAnswered is the failure of a request whose answer is none of S3's, though its status says that all is well: that of a gateway,
// for example.
var errNotAnswered = errors.New("the answer lacks what it is for: perhaps it is not the server's")

// given checks that an answer has what was asked for.
func given(what *string) error {
	if aws.ToString(what) == "" {
		return errNotAnswered
	}
	return nil
}

// Discard implements multipart.Object.
func (o *object) Discard(ctx context.Context) error {
	if o.upload == nil {
		return nil
	}
	_, err := o.s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &o.s.bucket, Key: o.name, UploadId: o.upload})
	if err == nil || code(err) == codeNoSuchUpload || status(err) == 404 {
		return nil
	}
	return fmt.Errorf("abort an upload: %w", o.s.failed(ctx, err, "abort an upload"))
}
