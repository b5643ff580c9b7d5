package azure

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/multipart"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	blocksAtATime = 2      // of an object that are on their way while the next is filled
	maxBlocks     = 50_000 // of an object, by the protocol
)

// writerKey is the metadata in which an object names its writer, so that one whose answer was lost knows its object again.
const writerKey = "waterbearwriter"

// Create implements store.Store. It sends nothing: an object that fits into a block is one request, made by Close.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	return s.create(ctx, key, o, false)
}

// CreateInParts implements store.InParts: blocks may be as small as one likes.
func (s *Store) CreateInParts(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	return s.create(ctx, key, o, true)
}

func (s *Store) create(ctx context.Context, key string, o store.CreateOptions, parts bool) (store.Writer, error) {
	return multipart.Create(ctx, key, &object{s: s, blob: s.blob(key), id: uuid.New(), ifAbsent: o.IfAbsent}, multipart.Limits{
		Size: int(s.account.cfg.BlockSize), AtATime: blocksAtATime, Always: parts, Most: maxBlocks, Property: s.account.cfg.names().BlockSize, Keys: s.account.cfg.Keys, Retries: s.account.cfg.MaxErrorRetries})
}

// object is a multipart.Object whose parts are blocks. Those that were sent and not made an object are left to DeletePrefix.
type object struct {
	s        *Store
	blob     *blockblob.Client
	id       uuid.UUID // of the writer, in the object's metadata and the names of its blocks
	ifAbsent bool
	blocks   atomic.Int32 // that were sent
}

// Begin implements multipart.Object: blocks need nothing before them.
func (o *object) Begin(context.Context) error { return nil }

// Send implements multipart.Object.
func (o *object) Send(ctx context.Context, number int, data []byte) error {
	_, err := o.blob.StageBlock(once(ctx), o.blockName(number), streaming.NopCloser(bytes.NewReader(data)), nil)
	if err == nil {
		o.blocks.Add(1)
	}
	return o.failed(ctx, err, "write a block of an object")
}

// once keeps the SDK from repeating a request of an object in blocks, as multipart.Writer does that.
func once(ctx context.Context) context.Context {
	return policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1})
}

// blockName names the n-th block. Names of all writers of an object are of one length, as Azure wants it, and distinct.
func (o *object) blockName(n int) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(o.id[:], uint32(n)))
}

func (o *object) metadata() map[string]*string {
	return map[string]*string{writerKey: new(o.id.String())}
}

// Put implements multipart.Object.
func (o *object) Put(ctx context.Context, data []byte) error {
	_, err := o.blob.Upload(ctx, streaming.NopCloser(bytes.NewReader(data)),
		&blockblob.UploadOptions{Metadata: o.metadata(), AccessConditions: conditions(o.ifAbsent)})
	return o.judge(ctx, err, "write an object")
}

// Complete implements multipart.Object.
func (o *object) Complete(ctx context.Context) error {
	names := make([]string, o.blocks.Load())
	for n := range names {
		names[n] = o.blockName(n)
	}
	_, err := o.blob.CommitBlockList(once(ctx), names, &blockblob.CommitBlockListOptions{Metadata: o.metadata(), AccessConditions: conditions(o.ifAbsent)})
	return o.judge(ctx, err, "make an object of blocks")
}

// Discard implements multipart.Object: Azure has no way to drop blocks that does not make an object of the name.
func (o *object) Discard(context.Context) error { return nil }

// judge looks behind errors of the commit. A request whose answer was lost is repeated, and then meets the object that it made the first
// time. Another writer's object drops the blocks.
func (o *object) judge(ctx context.Context, err error, op string) error {
	exists := bloberror.HasCode(err, existing...)
	if exists || bloberror.HasCode(err, bloberror.InvalidBlockList) {
		out, headErr := o.blob.GetProperties(ctx, nil)
		switch {
		case headErr == nil && metadataOf(out.Metadata, writerKey) == o.id.String():
			return nil
		case headErr == nil && o.ifAbsent, exists: // or by an object that is gone again
			return store.ErrExists
		}
	}
	return o.failed(ctx, err, op)
}

// metadataOf finds a value whose name has come back as a header, in whatever case.
func metadataOf(metadata map[string]*string, name string) string {
	for k, v := range metadata {
		if strings.EqualFold(k, name) && v != nil {
			return *v
		}
	}
	return ""
}

// failed translates an error of writing: that something is missing is final there, and no answer to who writes.
func (o *object) failed(ctx context.Context, err error, op string) error {
	translated := o.s.failed(ctx, err, op)
	if errors.Is(translated, store.ErrNotFound) || errors.Is(translated, store.ErrExists) || bloberror.HasCode(err, bloberror.InvalidBlockList) {
		return &store.FinalError{Err: trinoerr.Wrap(err, trinoerr.GenericInternalError, "%s in %s: %s", op, o.s.uri(), reason(err))}
	}
	return translated
}
