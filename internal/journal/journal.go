package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// ErrFenced says that another writer has taken the journal over. What was not durable by then never will be.
var ErrFenced = errors.New("another coordinator has taken over the journal")

// ErrClosed says that the journal's Run has ended.
var ErrClosed = errors.New("journal is closed")

// Config tunes a Journal. Zero fields have defaults.
type Config struct {
	// MaxBatchBytes bounds a segment; 4 MiB by default. A larger payload gets a segment of its own.
	MaxBatchBytes int
	// MaxPendingBytes bounds what waits to be written; 64 MiB by default. Append waits beyond it.
	MaxPendingBytes int
	// RetryFor is how long a failing write is repeated before the journal gives up; a minute by default.
	RetryFor time.Duration
}

// Journal is the writing end. All methods may be called by several goroutines.
//
// Run is its only goroutine; the caller starts it, and it ends with its context, with ErrFenced, or when the storage
// fails for too long.
type Journal struct {
	store  Store
	prefix string
	cfg    Config
	writer WriterID

	// Only Run uses these after Open.
	next     uint64 // the segment to write next
	epoch    uint64
	previous uint32 // payloads in the segment before

	mu      sync.Mutex
	pending [][]byte
	bytes   int
	last    uint64        // sequence number of the last payload appended
	durable uint64        // … that is in storage
	starts  []segmentSpan // segments there are
	err     error         // why nothing can be appended any more
	changed chan struct{} // closed and replaced when durable, bytes or err changes
	wake    chan struct{} // tells Run that there is something to write
}

// segmentSpan is where a segment's entries begin.
type segmentSpan struct {
	segment uint64
	first   uint64
}

// Open takes the journal over from whoever wrote it before: it hands all entries to replay, oldest first, and creates
// a segment that fences the writer before. replay has seen every entry that was ever acknowledged. Call Run next.
func Open(ctx context.Context, store Store, prefix string, cfg Config, replay func(Entry) error) (*Journal, error) {
	j := &Journal{
		store: store, prefix: prefix, cfg: cfg,
		changed: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	if j.cfg.MaxBatchBytes <= 0 {
		j.cfg.MaxBatchBytes = 4 << 20
	}
	if j.cfg.MaxPendingBytes <= 0 {
		j.cfg.MaxPendingBytes = 64 << 20
	}
	if j.cfg.RetryFor <= 0 {
		j.cfg.RetryFor = time.Minute
	}
	if _, err := rand.Read(j.writer[:]); err != nil {
		return nil, fmt.Errorf("choose writer id: %w", err)
	}
	r := replayer{store: store, prefix: prefix}
	for {
		if err := r.read(ctx, replay); err != nil {
			return nil, err
		}
		if r.next == 0 {
			r.next = 1
		}
		// What is held now is the last segment: exactly these entries of it count.
		h := Header{Segment: r.next, Epoch: r.epoch + 1, Writer: j.writer, First: r.seq + uint64(len(r.held)) + 1, Previous: uint32(len(r.held))}
		err := j.create(ctx, h, nil)
		if errors.Is(err, ErrFenced) {
			continue // the writer before was quicker; read what it wrote
		}
		if err != nil {
			return nil, err
		}
		if err := r.releaseAll(replay); err != nil {
			return nil, err
		}
		j.next, j.epoch, j.previous = h.Segment+1, h.Epoch, 0
		j.last, j.durable = r.seq, r.seq
		j.starts = append(r.spans, segmentSpan{h.Segment, h.First})
		return j, nil
	}
}

// Append queues a payload and returns its sequence number. The payload must not be changed afterwards. It is durable
// when Wait says so.
func (j *Journal) Append(ctx context.Context, payload []byte) (uint64, error) {
	if len(payload) > maxPayload {
		return 0, fmt.Errorf("append to journal: payload of %d bytes is too large", len(payload))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.err == nil && j.bytes > 0 && j.bytes+len(payload) > j.cfg.MaxPendingBytes {
		if err := j.await(ctx); err != nil {
			return 0, err
		}
	}
	if j.err != nil {
		return 0, j.err
	}
	j.pending = append(j.pending, payload)
	j.bytes += len(payload)
	j.last++
	select {
	case j.wake <- struct{}{}:
	default:
	}
	return j.last, nil
}

// Wait returns when the entry of that number, and so all before it, is durable; or why it never will be.
func (j *Journal) Wait(ctx context.Context, seq uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.durable < seq {
		if j.err != nil {
			return j.err
		}
		if err := j.await(ctx); err != nil {
			return err
		}
	}
	return nil
}

// await waits for a change, without the lock.
func (j *Journal) await(ctx context.Context) error {
	ch := j.changed
	j.mu.Unlock()
	defer j.mu.Lock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// announce tells those who wait that something has changed. The lock is held.
func (j *Journal) announce() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// Run writes what is appended until ctx ends; what has been appended by then is still written. While one batch is
// being written the next collects: nobody waits for a timer.
func (j *Journal) Run(ctx context.Context) error {
	err := j.write(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.err = err
	if err == nil {
		j.err = ErrClosed
	}
	j.pending, j.bytes = nil, 0
	j.announce()
	return err
}

func (j *Journal) write(ctx context.Context) error {
	for {
		batch := j.take()
		if batch == nil {
			select {
			case <-j.wake:
				continue
			case <-ctx.Done():
				if batch = j.take(); batch == nil {
					return nil
				}
			}
		}
		h := Header{Segment: j.next, Epoch: j.epoch, Writer: j.writer, First: j.durable + 1, Previous: j.previous}
		// The end of ctx does not interrupt the last batches; RetryFor bounds them.
		if err := j.create(context.WithoutCancel(ctx), h, batch); err != nil {
			return err
		}
		j.next++
		j.previous = uint32(len(batch))
		j.mu.Lock()
		j.starts = append(j.starts, segmentSpan{h.Segment, h.First})
		j.durable += uint64(len(batch))
		for _, p := range batch {
			j.bytes -= len(p)
		}
		j.announce()
		j.mu.Unlock()
	}
}

// take takes the next batch from what is pending.
func (j *Journal) take() [][]byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, size := 0, 0
	for n < len(j.pending) && (n == 0 || size+len(j.pending[n]) <= j.cfg.MaxBatchBytes) {
		size += len(j.pending[n])
		n++
	}
	if n == 0 {
		return nil
	}
	batch := j.pending[:n:n]
	j.pending = j.pending[n:]
	return batch
}

// create writes a segment, repeating what fails. A segment that is there already is ours if an earlier try succeeded
// without our knowing; otherwise ErrFenced.
func (j *Journal) create(ctx context.Context, h Header, payloads [][]byte) error {
	name, data := segmentName(j.prefix, h.Segment), encodeSegment(h, payloads)
	deadline := time.Now().Add(j.cfg.RetryFor)
	for pause, try := 50*time.Millisecond, 0; ; try++ {
		err := j.store.Create(ctx, name, data)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrExist) {
			there, readErr := j.store.Read(ctx, name)
			switch {
			case readErr == nil && bytes.Equal(there, data):
				return nil
			case readErr == nil, errors.Is(readErr, fs.ErrNotExist): // somebody else's, perhaps truncated since
				return ErrFenced
			}
			err = readErr
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("write journal segment %d: %w", h.Segment, err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("write journal segment %d: %w", h.Segment, context.Cause(ctx))
		}
		pause = min(2*pause, 2*time.Second)
	}
}

// Truncate deletes the segments that hold only entries before seq. The last segment always stays, for it is the
// fence.
func (j *Journal) Truncate(ctx context.Context, seq uint64) error {
	for {
		j.mu.Lock()
		if len(j.starts) < 2 || j.starts[1].first > seq {
			j.mu.Unlock()
			return nil
		}
		n := j.starts[0].segment
		j.mu.Unlock()
		if err := j.store.Delete(ctx, segmentName(j.prefix, n)); err != nil {
			return fmt.Errorf("truncate journal: %w", err)
		}
		j.mu.Lock()
		if len(j.starts) > 0 && j.starts[0].segment == n {
			j.starts = j.starts[1:]
		}
		j.mu.Unlock()
	}
}

// Delete deletes a whole journal, which nobody may be using.
func Delete(ctx context.Context, store Store, prefix string) error {
	list, err := listSegments(ctx, store, prefix)
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := store.Delete(ctx, segmentName(prefix, n)); err != nil {
			return fmt.Errorf("delete journal: %w", err)
		}
	}
	return nil
}
