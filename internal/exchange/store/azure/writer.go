package azure

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	blocksAtATime = 2      // of an object that are on their way while the next is filled
	MaxBlocks     = 50_000 // of an object, by the protocol
	firstBuffer   = 64 << 10
)

// writerKey is the metadata in which an object names its writer, so that one whose answer was lost knows its object again.
const writerKey = "waterbearwriter"

// Create implements store.Store. It sends nothing: an object that fits into a block is one request, made by Close.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &writer{s: s, blob: s.blob(key), id: uuid.New(), o: o, size: int(s.account.cfg.BlockSize),
		slots: make(chan struct{}, blocksAtATime), free: make(chan []byte, blocksAtATime)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	return w, nil
}

// writer collects a block in memory and sends it while the next one is collected. Each block on its way has a goroutine,
// which ends with the request; Close and Abort wait for them.
type writer struct {
	s      *Store
	ctx    context.Context // ends with that of the writing, and with Close and Abort
	cancel context.CancelCauseFunc
	blob   *blockblob.Client
	id     uuid.UUID // in the object's metadata and the names of its blocks
	o      store.CreateOptions
	size   int         // of blocks
	ended  atomic.Bool // Close or Abort was called

	mu     sync.Mutex // held while writing and ending
	block  []byte     // being filled
	blocks []string   // names of those that were sent
	wg     sync.WaitGroup
	slots  chan struct{} // for blocks on their way
	free   chan []byte   // buffers of blocks that have arrived

	result sync.Mutex
	err    error // the first failure of a block
}

var errEnded = trinoerr.Wrap(fs.ErrClosed, trinoerr.GenericInternalError, "write an object")

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
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
		if len(w.block) == w.size {
			if err := w.send(); err != nil {
				w.fail(err)
				return written, err
			}
		}
		n := min(len(p)-written, w.size-len(w.block))
		w.block = append(grow(w.block, n, w.size), p[written:written+n]...)
		written += n
	}
	return written, nil
}

// grow makes room for n more bytes of a block, doubling it up to its size.
func grow(block []byte, n, size int) []byte {
	if len(block)+n <= cap(block) {
		return block
	}
	return append(make([]byte, 0, min(size, max(2*cap(block), len(block)+n, firstBuffer))), block...)
}

// failure is why the object cannot be made any more.
func (w *writer) failure() error {
	if w.ctx.Err() != nil {
		w.fail(context.Cause(w.ctx))
	}
	w.result.Lock()
	defer w.result.Unlock()
	return w.err
}

func (w *writer) fail(err error) {
	w.result.Lock()
	defer w.result.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// send sends the block that was filled, and makes room for the next.
func (w *writer) send() error {
	if len(w.blocks) == MaxBlocks {
		return trinoerr.New(trinoerr.NotSupported, "an object of more than %d blocks of %d bytes: set a larger exchange.azure.block-size", MaxBlocks, w.size)
	}
	select {
	case w.slots <- struct{}{}:
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	name, block := w.blockName(len(w.blocks)), w.block
	w.blocks = append(w.blocks, name)
	w.wg.Go(func() {
		_, err := w.blob.StageBlock(w.ctx, name, streaming.NopCloser(bytes.NewReader(block)), nil)
		if err != nil {
			w.fail(w.failed(err, "write a block of an object"))
		}
		w.free <- block
		<-w.slots
	})
	select {
	case w.block = <-w.free:
		w.block = w.block[:0]
	default:
		w.block = make([]byte, 0, w.size)
	}
	return nil
}

// blockName names the n-th block. Names of all writers of an object are of one length, as Azure wants it, and distinct.
func (w *writer) blockName(n int) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(w.id[:], uint32(n)))
}

// Close implements store.Writer.
func (w *writer) Close() error {
	if w.ended.Swap(true) {
		return errEnded
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.commit()
	w.end()
	return err
}

// commit makes the object.
func (w *writer) commit() error {
	if err := w.failure(); err != nil {
		return err
	}
	metadata := map[string]*string{writerKey: new(w.id.String())}
	if len(w.blocks) == 0 {
		_, err := w.blob.Upload(w.ctx, streaming.NopCloser(bytes.NewReader(w.block)),
			&blockblob.UploadOptions{Metadata: metadata, AccessConditions: conditions(w.o.IfAbsent)})
		return w.judge(err, "write an object")
	}
	if len(w.block) > 0 {
		if err := w.send(); err != nil {
			return err
		}
	}
	w.wg.Wait()
	if err := w.failure(); err != nil {
		return err
	}
	_, err := w.blob.CommitBlockList(w.ctx, w.blocks, &blockblob.CommitBlockListOptions{Metadata: metadata, AccessConditions: conditions(w.o.IfAbsent)})
	return w.judge(err, "make an object of blocks")
}

// judge looks behind errors of the commit. A request whose answer was lost is repeated by the SDK, and then meets the object
// that it made the first time. Another writer's object drops the blocks.
func (w *writer) judge(err error, op string) error {
	exists := bloberror.HasCode(err, existing...)
	if exists || bloberror.HasCode(err, bloberror.InvalidBlockList) {
		out, headErr := w.blob.GetProperties(w.ctx, nil)
		switch {
		case headErr == nil && metadataOf(out.Metadata, writerKey) == w.id.String():
			return nil
		case headErr == nil && w.o.IfAbsent, exists: // or by an object that is gone again
			return store.ErrExists
		}
	}
	return w.failed(err, op)
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

// failed translates an error of writing: there, that an object is missing is no answer.
func (w *writer) failed(err error, op string) error {
	translated := w.s.failed(w.ctx, err, op)
	if errors.Is(translated, store.ErrNotFound) || errors.Is(translated, store.ErrExists) {
		return trinoerr.Wrap(err, trinoerr.GenericInternalError, "%s in %s: %s", op, w.s.uri(), reason(err))
	}
	return translated
}

// Abort implements store.Writer.
func (w *writer) Abort() error {
	if w.ended.Swap(true) {
		return nil
	}
	w.cancel(errEnded) // of what a concurrent Write may be waiting for
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
	return nil
}

// end lets go of everything. Blocks that were sent and not made an object are left to DeletePrefix.
func (w *writer) end() {
	w.cancel(errEnded)
	w.wg.Wait()
	w.block = nil
}
