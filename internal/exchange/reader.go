package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/minio/sio"
	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Defaults of Reader.
const (
	DefaultParallel = 4
	DefaultMergeGap = 256 << 10
	DefaultMaxRange = 256 << 20
	DefaultMaxFiles = 25
)

// Reader reads segments of bundles. It may be used concurrently.
type Reader struct {
	// Open finds the store of a handle's base URI, for example Registry.Open.
	Open func(ctx context.Context, base string) (store.Store, error)
	// Key decrypts; it is needed when handles say that they are encrypted.
	Key *QueryKey
	// Parallel is how many ranged reads run at a time, MergeGap the distance up to which segments of an object share
	// one, MaxRange how much one brings at most unless a single segment is larger, and MaxFiles how many segments. Zero is the
	// default.
	Parallel           int
	MergeGap, MaxRange int64
	MaxFiles           int
	// Condemn says that an object is lost that could not be read in all the time that its store repeats requests, though
	// the store still answers: whoever tried before was no luckier. Without it the error is the store's.
	Condemn bool
}

// Target receives the content of one segment.
type Target interface {
	io.Writer
	// Restart forgets what was written; the content comes again from the beginning.
	Restart() error
}

// Wanted selects segments: those of the handles for whose partitions the function is true.
type Wanted struct {
	Handles   []*Handle
	Partition func(partition int) bool
}

// Read gives every selected segment a target and fills it. Targets are asked for before anything is read, in the order
// of the handles and of the segments in them, so that what they make of it has an order too. Segments that are damaged on
// the way are read a second time; a segment that stays damaged or missing ends in a LostError.
func (r *Reader) Read(ctx context.Context, want Wanted, target func(h *Handle, s Segment) (Target, error)) error {
	var items []item
	var targets []Target
	for n, h := range want.Handles {
		for _, s := range h.Segments {
			if !want.Partition(s.Partition) {
				continue
			}
			t, err := target(h, s)
			if err != nil {
				return err
			}
			items = append(items, item{handle: h, order: n, segment: s, result: len(targets)})
			targets = append(targets, t)
		}
	}
	return r.fill(ctx, items, targets)
}

// fill reads all items into their targets. It owns up to Parallel goroutines, which end before it returns.
func (r *Reader) fill(ctx context.Context, items []item, targets []Target) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(or(r.Parallel, DefaultParallel))
	for _, f := range planFetches(items, r.limits(items)) {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error { return r.run(gctx, f, targets) })
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// smallRange is what one read may bring though others could share the work.
const smallRange = 32 << 20

// limits keep ranges so short that there is something to do for all readers.
func (r *Reader) limits(items []item) limits {
	total := int64(0)
	for _, it := range items {
		total += it.segment.Length
	}
	share := total / int64(or(r.Parallel, DefaultParallel))
	return limits{gap: or(r.MergeGap, DefaultMergeGap), most: min(or(r.MaxRange, DefaultMaxRange), max(share, smallRange)), files: or(r.MaxFiles, DefaultMaxFiles)}
}

func or[T int | int64](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// run carries out one fetch, once more when the bytes are damaged.
func (r *Reader) run(ctx context.Context, f fetch, targets []Target) error {
	done := 0
	for attempt := 0; ; attempt++ {
		err := r.attempt(ctx, f, targets, &done)
		var lost *LostError
		if !errors.As(err, &lost) || attempt > 0 || errors.Is(err, store.ErrNotFound) || gaveUp(err) || ctx.Err() != nil {
			return err
		}
		if err := targets[f.items[done].result].Restart(); err != nil {
			return err
		}
	}
}

// attempt reads the items of a fetch from the done-th on, and counts done up.
func (r *Reader) attempt(ctx context.Context, f fetch, targets []Target, done *int) error {
	items := f.items[*done:]
	if len(items) == 0 {
		return nil
	}
	keys, err := r.keyring(f.handle)
	if err != nil {
		return err
	}
	defer keys.zero()
	body, err := r.open(ctx, f, items[0].segment.Offset)
	if err != nil {
		return f.lostIf(err, items[0], isGone(err) || r.condemned(ctx, f, err))
	}
	defer body.Close()
	at := items[0].segment.Offset
	for _, it := range items {
		if _, err := io.CopyN(io.Discard, body, it.segment.Offset-at); err != nil {
			return f.lostIf(err, it, isGone(err) || r.condemned(ctx, f, err))
		}
		if err := decode(body, it.segment, f.handle.Salt, keys, targets[it.result]); err != nil {
			return f.lostIf(err, it, isGone(err) || errors.Is(err, errDamaged) || r.condemned(ctx, f, err))
		}
		at = it.segment.Offset + it.segment.Length
		*done++
	}
	return nil
}

func (r *Reader) keyring(h *Handle) (*keyring, error) {
	if !h.Encrypted {
		return nil, nil
	}
	if r.Key == nil {
		return nil, fmt.Errorf("output of attempt %s is encrypted, and there is no key", h.Producer)
	}
	return newKeyring(r.Key, h.Producer, h.Salt)
}

// open starts reading a fetch at offset.
func (r *Reader) open(ctx context.Context, f fetch, offset int64) (io.ReadCloser, error) {
	end := f.offset + f.length
	if f.object < 0 {
		if offset < 0 || offset > end || end > int64(len(f.handle.Inline)) {
			return nil, io.ErrUnexpectedEOF
		}
		return io.NopCloser(bytes.NewReader(f.handle.Inline[offset:end])), nil
	}
	if f.object >= len(f.handle.Objects) {
		return nil, store.ErrNotFound
	}
	s, err := r.Open(ctx, f.handle.Base)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, f.handle.Objects[f.object].Key, offset, end-offset)
}

// isGone reports whether an error of a store says that the object, or a part of it, does not exist.
func isGone(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, io.ErrUnexpectedEOF)
}

// gaveUp reports whether a store has repeated a request for as long as it does.
func gaveUp(err error) bool {
	e, ok := errors.AsType[*trinoerr.Error](err)
	return ok && e.Code == trinoerr.PageTransportTimeout
}

// condemned reports whether an object is as good as lost after an error of its store. That its store answers is seen from a
// listing of the object; a store that has none, another worker's disk, has answered if it gave up on one request only.
func (r *Reader) condemned(ctx context.Context, f fetch, err error) bool {
	if !r.Condemn || f.object < 0 || !gaveUp(err) {
		return false
	}
	s, err := r.Open(ctx, f.handle.Base)
	if err != nil {
		return false
	}
	err = s.List(ctx, f.handle.Objects[f.object].Key, func(store.Object) error { return errAnswers })
	return err == nil || errors.Is(err, errAnswers) || errors.Is(err, errors.ErrUnsupported)
}

// errAnswers ends a listing that was only to show that there is one.
var errAnswers = errors.New("the store answers")

func (f fetch) lostIf(err error, it item, lost bool) error {
	if err == nil || !lost {
		return err
	}
	e := &LostError{Producer: f.handle.Producer, Partition: it.segment.Partition, Err: err}
	if f.object >= 0 && f.object < len(f.handle.Objects) {
		e.Key = f.handle.Objects[f.object].Key
	}
	return e
}

// errDamaged is the cause of errors that the content of a segment is to blame for.
var errDamaged = errors.New("damaged content")

// decode reads one segment from body, checks it, and writes its content to t. Errors of body and of t are returned as
// they are; others are errDamaged.
func decode(body io.Reader, s Segment, salt uint64, keys *keyring, t Target) error {
	in := &source{r: body, left: s.Length}
	out := &counter{w: t}
	var err error
	if keys == nil {
		err = decodePlain(in, s, salt, out)
	} else {
		err = decodeSealed(in, s, keys, out)
	}
	switch {
	case in.err != nil:
		return in.err
	case out.err != nil:
		return out.err
	case err != nil:
		return fmt.Errorf("%w: %w", errDamaged, err)
	case in.left != 0 || out.n != s.Bytes:
		return fmt.Errorf("%w: %d bytes instead of %d", errDamaged, out.n, s.Bytes)
	}
	return nil
}

func decodePlain(in *source, s Segment, salt uint64, out *counter) error {
	sum := newSum(salt, s)
	if err := copyBuffer(&both{out, sum}, io.LimitReader(in, s.Bytes)); err != nil {
		return err
	}
	var stored [sumSize]byte
	if _, err := io.ReadFull(in, stored[:]); err != nil {
		return err
	}
	if !bytes.Equal(stored[:], appendSum(nil, sum)) {
		return errors.New("wrong checksum")
	}
	return nil
}

func decodeSealed(in *source, s Segment, keys *keyring, out *counter) error {
	key, err := keys.derive(s.Object, s)
	if err != nil {
		return err
	}
	plain, err := sio.DecryptReader(in, cipherConfig(key))
	if err != nil {
		return err
	}
	return copyBuffer(out, plain)
}

func copyBuffer(w io.Writer, r io.Reader) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	_, err := io.CopyBuffer(w, struct{ io.Reader }{r}, *buf)
	return err
}

// source gives the next left bytes of r and remembers its failure; the end of r before that is one.
type source struct {
	r    io.Reader
	left int64
	err  error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err == io.EOF && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		s.err = err
		return n, err
	}
	return n, nil
}

// counter counts what is written and remembers the failure.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

// both writes to a counter and a hash.
type both struct {
	c *counter
	h hash.Hash64
}

// Write implements io.Writer.
func (b *both) Write(p []byte) (int, error) {
	b.h.Write(p)
	return b.c.Write(p)
}
