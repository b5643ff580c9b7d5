package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/minio/sio"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Defaults of WriterConfig.
const (
	DefaultMaxObject   = 1 << 30
	DefaultInlineLimit = 32 << 10
)

// WriterConfig says where a bundle goes.
type WriterConfig struct {
	Store store.Store
	// Prefix of the objects' keys, as of AttemptPrefix; nobody else writes there.
	Prefix string
	// Producer is the attempt, query.stage.partition.attempt. No two bundles of a query may have the same.
	Producer string
	// Key encrypts; nil leaves only checksums.
	Key *QueryKey
	// MaxObject begins another object before one exceeds it; zero is DefaultMaxObject. A segment is never divided, so that
	// a large one makes a larger object.
	MaxObject int64
	// InlineLimit is the size up to which the bundle travels in the handle; zero is DefaultInlineLimit, negative is never.
	InlineLimit int64
}

// Writer writes the bundle of one attempt. It is used by one goroutine and ends with Close or Abort. Segments keep the order
// in which they are added; readers gain when partitions ascend. After an error only Abort makes sense.
type Writer struct {
	ctx    context.Context // of the whole writing; store.Writer has the same life
	cfg    WriterConfig
	keys   *keyring
	handle Handle
	err    error // the first failure
	// state is open until Close or Abort has begun: the other then has no effect.
	state atomic.Int32

	// The object that is being written.
	object   store.Writer // nil while the bundle may still become inline, and between objects
	pending  bytes.Buffer // what is written before there is an object
	offset   int64
	segments int // segments of the handle that earlier objects hold

	published published
}

// NewWriter returns a writer. ctx governs everything up to Close.
func NewWriter(ctx context.Context, cfg WriterConfig) (*Writer, error) {
	if cfg.MaxObject == 0 {
		cfg.MaxObject = DefaultMaxObject
	}
	if cfg.InlineLimit == 0 {
		cfg.InlineLimit = DefaultInlineLimit
	}
	if cfg.Producer == "" {
		return nil, errors.New("bundle writer: no producer")
	}
	salt := newSalt()
	keys, err := newKeyring(cfg.Key, cfg.Producer, salt)
	if err != nil {
		return nil, err
	}
	w := &Writer{ctx: ctx, cfg: cfg, keys: keys}
	w.handle = Handle{Producer: cfg.Producer, Base: cfg.Store.URI(), Encrypted: keys != nil, Salt: salt}
	return w, nil
}

// AddFile adds a local file as the rows of a partition. A partition may have several files.
func (w *Writer) AddFile(partition int, rows int64, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return w.fail(fmt.Errorf("add partition %d: %w", partition, err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return w.fail(fmt.Errorf("add partition %d: %w", partition, err))
	}
	return w.Add(partition, rows, info.Size(), f)
}

// Add adds a file of exactly size bytes as the rows of a partition.
func (w *Writer) Add(partition int, rows, size int64, r io.Reader) error {
	return w.add(Segment{Kind: ParquetFile, Partition: partition, Rows: rows, Bytes: size}, r)
}

// AddPart adds the next size bytes of a file of a partition that is still being written. Other partitions may come in between; an Add for the
// same one ends the file and has all its rows.
func (w *Writer) AddPart(partition int, size int64, r io.Reader) error {
	return w.add(Segment{Kind: FilePart, Partition: partition, Bytes: size}, r)
}

// AppendPage adds a page of rendered rows, which readers get back in the same order.
func (w *Writer) AppendPage(rows int64, data []byte) error {
	return w.add(Segment{Kind: RowPage, Rows: rows, Bytes: int64(len(data))}, bytes.NewReader(data))
}

// Bytes returns what was added so far.
func (w *Writer) Bytes() int64 { return w.handle.Bytes() }

func (w *Writer) add(s Segment, r io.Reader) error {
	if w.state.Load() != writerOpen {
		return errEnded
	}
	if w.err != nil {
		return w.err
	}
	if s.Bytes <= 0 || s.Rows < 0 || s.Partition < 0 || int64(int32(s.Partition)) != int64(s.Partition) {
		return w.fail(fmt.Errorf("add partition %d: %d rows in %d bytes", s.Partition, s.Rows, s.Bytes))
	}
	s.Length = storedSize(s.Bytes, w.keys != nil)
	if w.offset > headerSize && w.offset+s.Length > w.cfg.MaxObject {
		if err := w.finishObject(); err != nil {
			return w.fail(err)
		}
	}
	if w.offset == 0 {
		if err := w.write(appendHeader(nil, w.keys != nil)); err != nil {
			return w.fail(err)
		}
	}
	s.Object, s.Offset = len(w.handle.Objects), w.offset
	if err := w.copy(&s, r); err != nil {
		return w.fail(fmt.Errorf("add partition %d: %w", s.Partition, err))
	}
	w.handle.Segments = append(w.handle.Segments, s)
	return nil
}

// buffers hold the pieces in which files are copied, a multiple of what the cipher works on.
var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

func (w *Writer) copy(s *Segment, r io.Reader) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	out, finish, err := w.segment(s)
	if err != nil {
		return err
	}
	left := s.Bytes
	for left > 0 {
		piece := (*buf)[:min(left, int64(len(*buf)))]
		if _, err := io.ReadFull(r, piece); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if _, err := out.Write(piece); err != nil {
			return err
		}
		left -= int64(len(piece))
	}
	if n, err := r.Read((*buf)[:1]); n > 0 || err != io.EOF {
		return fmt.Errorf("read: more than %d bytes", s.Bytes)
	}
	if err := finish(); err != nil {
		return err
	}
	if w.offset-s.Offset != s.Length {
		return fmt.Errorf("stored %d bytes instead of %d", w.offset-s.Offset, s.Length)
	}
	return nil
}

// segment returns where the bytes of a segment go, and what ends it.
func (w *Writer) segment(s *Segment) (io.Writer, func() error, error) {
	if w.keys == nil {
		sum := newSum(w.handle.Salt, *s)
		finish := func() error { return w.write(appendSum(nil, sum)) }
		return io.MultiWriter(writerFunc(w.write), sum), finish, nil
	}
	key, err := w.keys.derive(s.Object, *s)
	if err != nil {
		return nil, nil, err
	}
	e, err := sio.EncryptWriter(writerFunc(w.write), cipherConfig(key))
	if err != nil {
		return nil, nil, err
	}
	return e, e.Close, nil
}

// write appends to the current object, which comes into being once it is too large to travel inline.
func (w *Writer) write(p []byte) error {
	w.offset += int64(len(p))
	if w.object == nil {
		inline := len(w.handle.Objects) == 0 && w.offset <= w.cfg.InlineLimit
		if inline {
			w.pending.Write(p)
			return nil
		}
		if err := w.begin(); err != nil {
			return err
		}
	}
	_, err := w.object.Write(p)
	return err
}

// begin creates the current object and moves what is pending into it.
func (w *Writer) begin() error {
	o, err := w.cfg.Store.Create(w.ctx, w.key(len(w.handle.Objects)), store.CreateOptions{})
	if err != nil {
		return err
	}
	w.object = o
	_, err = o.Write(w.pending.Bytes())
	w.pending = bytes.Buffer{}
	return err
}

func (w *Writer) key(object int) string { return objectKey(w.cfg.Prefix, object) }

// finishObject writes the index and commits the current object.
func (w *Writer) finishObject() error {
	if w.object == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	n := len(w.handle.Objects)
	t := trailer{indexOffset: w.offset, encrypted: w.keys != nil}
	stored := index{producer: w.cfg.Producer, object: n, salt: w.handle.Salt, segments: w.handle.Segments[w.segments:]}.append(nil)
	if w.keys != nil {
		key, err := w.keys.derive(n, Segment{Kind: indexKind, Offset: w.offset})
		if err != nil {
			return err
		}
		var sealed bytes.Buffer
		if _, err := sio.Encrypt(&sealed, bytes.NewReader(stored), cipherConfig(key)); err != nil {
			return err
		}
		stored = sealed.Bytes()
	}
	t.indexLength, t.sum = int64(len(stored)), crc32.Checksum(stored, castagnoli)
	if err := w.write(t.append(stored)); err != nil {
		return err
	}
	if err := w.object.Close(); err != nil {
		return fmt.Errorf("commit %s: %w", w.key(n), err)
	}
	w.handle.Objects = append(w.handle.Objects, Object{Key: w.key(n), Size: w.offset})
	w.object, w.offset, w.segments = nil, 0, len(w.handle.Segments)
	return nil
}

// The states of a writer.
const (
	writerOpen int32 = iota
	writerClosing
	writerAborted
)

// Close commits the bundle and returns its handle: the bundle exists for those who have it. When that fails, what was written is
// removed. It fails, and does nothing, once an abort has begun.
func (w *Writer) Close() (Handle, error) {
	if !w.state.CompareAndSwap(writerOpen, writerClosing) {
		return Handle{}, errEnded
	}
	h, err := w.commit()
	w.keys.zero()
	if err != nil {
		return Handle{}, errors.Join(err, w.remove())
	}
	return h, nil
}

func (w *Writer) commit() (Handle, error) {
	if w.err != nil {
		return Handle{}, w.err
	}
	switch {
	case w.offset == 0: // nothing since the last object
	case w.object == nil && len(w.handle.Objects) == 0:
		w.handle.Inline = bytes.Clone(w.pending.Bytes())
	default:
		if err := w.finishObject(); err != nil {
			return Handle{}, w.fail(err)
		}
	}
	return w.handle, nil
}

// Abort deletes what was written. It may be called at any time, also by another goroutine while Close runs: once Close has begun, or
// a second time, it does nothing. An attempt that is cancelled while it finishes must not lose the bundle that it reports.
func (w *Writer) Abort() error {
	if !w.state.CompareAndSwap(writerOpen, writerAborted) {
		return nil
	}
	err := w.remove()
	w.keys.zero()
	return err
}

// remove deletes what was written.
func (w *Writer) remove() error {
	var errs []error
	if w.object != nil {
		errs = append(errs, w.object.Abort())
		w.object = nil
	}
	if len(w.handle.Objects) > 0 && w.published.objects == 0 {
		errs = append(errs, w.cfg.Store.DeletePrefix(context.WithoutCancel(w.ctx), w.cfg.Prefix))
	}
	return errors.Join(errs...)
}

var errEnded = errors.New("bundle writer has ended")

// fail remembers the first failure.
func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return err
}

// writerFunc is an io.Writer without short writes.
type writerFunc func(p []byte) error

func (f writerFunc) Write(p []byte) (int, error) {
	if err := f(p); err != nil {
		return 0, err
	}
	return len(p), nil
}
