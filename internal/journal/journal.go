package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrFenced says that another writer has taken the journal over. What was not durable by then never will be.
var ErrFenced = errors.New("another coordinator has taken over the journal")

// ErrClosed says that the journal's Run has ended.
var ErrClosed = errors.New("journal is closed")

// ErrAway says that the storage has taken nothing for a while. It may come back.
var ErrAway = errors.New("the journal cannot be written")

// Config tunes a Journal. Zero fields have defaults.
type Config struct {
	// MaxBatchBytes bounds a segment; 4 MiB by default. A larger payload gets a segment of its own.
	MaxBatchBytes int
	// MaxPendingBytes bounds what waits to be written; 64 MiB by default. Append waits beyond it, or lets the journal lapse
	// when its storage is away.
	MaxPendingBytes int
	// RetryFor is how long Open, and Run after its end was asked for, repeat a failing write; a minute by default. Otherwise Run
	// repeats it until it succeeds.
	RetryFor time.Duration
	// AwayAfter is how long a write may take before the storage counts as away; five seconds by default: object stores stall for two now and then.
	AwayAfter time.Duration
	// Yield makes Open return ErrFenced, instead of trying again, when somebody else writes at the same time.
	Yield bool
	// Replayed, when set, is called before Open fences off the writer before, when replay has seen all but the last segment. Its
	// error ends Open, which may call it several times.
	Replayed func() error
	// Changed, when set, is called when the storage has gone away, with the reason, and with nil when it is back. It must not
	// block.
	Changed func(error)
}

// Journal is the writing end. All methods may be called by several goroutines.
//
// Payloads get tickets, ascending numbers by which their writers ask whether they are durable. A payload that a snapshot
// stands for is durable with the snapshot, and need never be written itself.
//
// Run and what it starts are its only goroutines; the caller starts it, and it ends with its context or with ErrFenced. Storage that fails is
// away, for the time being: see ErrAway.
type Journal struct {
	store  Store
	prefix string
	cfg    Config
	writer WriterID
	epoch  uint64

	// Only Run uses these after Open.
	stored   uint64 // sequence number of the last payload in storage
	previous uint32 // payloads in the segment before
	doubts   sync.WaitGroup

	mu      sync.Mutex
	next    uint64 // the segment to write next
	pending []item
	bytes   int           // of pending
	last    uint64        // ticket of the last payload appended
	durable uint64        // … that is in storage, or that a snapshot in storage stands for
	starts  []segmentSpan // segments there are
	away    error         // why the storage takes nothing, when it does not
	lapsed  bool          // payloads were dropped: what is appended does not count until there is a snapshot
	err     error         // why nothing can be appended any more
	changed chan struct{} // closed and replaced when one of the fields above changes
	wake    chan struct{} // tells Run that there is something to write
}

// item is a payload with its ticket.
type item struct {
	ticket  uint64
	payload []byte
}

// segmentSpan is a segment and the ticket of its first payload.
type segmentSpan struct {
	segment uint64
	first   uint64
	fence   bool // it has no payloads
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
	if j.cfg.AwayAfter <= 0 {
		j.cfg.AwayAfter = 5 * time.Second
	}
	if _, err := rand.Read(j.writer[:]); err != nil {
		return nil, fmt.Errorf("choose writer id: %w", err)
	}
	r := replayer{store: store, prefix: prefix}
	for {
		if err := r.read(ctx, replay); err != nil {
			return nil, err
		}
		if cfg.Replayed != nil {
			if err := cfg.Replayed(); err != nil {
				return nil, err
			}
		}
		if r.next == 0 {
			r.next = 1
		}
		// What is held now is the last segment: exactly these entries of it count.
		h := Header{Segment: r.next, Epoch: max(r.epoch+1, uint64(time.Now().Unix())), Writer: j.writer, First: r.seq + uint64(len(r.held)) + 1, Previous: uint32(len(r.held))}
		j.next, j.epoch = h.Segment, h.Epoch
		err := j.create(ctx, h, nil, time.Now().Add(j.cfg.RetryFor))
		if errors.Is(err, ErrFenced) && !cfg.Yield {
			continue // the writer before was quicker; read what it wrote
		}
		if err != nil {
			return nil, err
		}
		if err := r.releaseAll(replay); err != nil {
			return nil, err
		}
		j.next, j.stored, j.last, j.durable = h.Segment+1, r.seq, r.seq, r.seq
		j.starts = append(r.spans, segmentSpan{h.Segment, h.First, true})
		return j, nil
	}
}

// Epoch is a number of this writer that is higher than that of all before it: the time, in seconds since 1970, so that this
// holds even when somebody deletes the journal in between, or one more than the last.
func (j *Journal) Epoch() uint64 { return j.epoch }

// Append queues a payload and returns its ticket. The payload must not be changed afterwards. It is durable when Wait says
// so.
func (j *Journal) Append(ctx context.Context, payload []byte) (uint64, error) {
	if len(payload) > maxPayload {
		return 0, fmt.Errorf("append to journal: payload of %d bytes is too large", len(payload))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.err == nil && !j.lapsed && j.bytes > 0 && j.bytes+len(payload) > j.cfg.MaxPendingBytes {
		if j.away != nil {
			j.pending, j.bytes, j.lapsed = nil, 0, true
			break
		}
		if err := j.await(ctx); err != nil {
			return 0, err
		}
	}
	if j.err != nil {
		return 0, j.err
	}
	j.last++
	if !j.lapsed {
		j.queue(payload)
	}
	return j.last, nil
}

// queue makes a payload, which has the last ticket, wait for Run. The lock is held.
func (j *Journal) queue(payload []byte) {
	j.pending = append(j.pending, item{j.last, payload})
	j.bytes += len(payload)
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Away returns why the storage takes nothing at the moment; nil when it does.
func (j *Journal) Away() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.away
}

// Lapsed reports whether payloads had to be dropped, because the storage was away, and it is back: a snapshot is due.
func (j *Journal) Lapsed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lapsed && j.away == nil
}

// Snapshot queues payloads that together stand for all before them, and returns the tickets of the first and the last. What
// was not yet being written never will be.
func (j *Journal) Snapshot(payloads ...[]byte) (first, last uint64, err error) {
	for _, p := range payloads {
		if len(p) > maxPayload {
			return 0, 0, fmt.Errorf("append to journal: payload of %d bytes is too large", len(p))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return 0, 0, j.err
	}
	j.pending, j.bytes, j.lapsed = nil, 0, false
	first = j.last + 1
	for _, p := range payloads {
		j.last++
		j.queue(p)
	}
	j.announce()
	return first, j.last, nil
}

// Wait returns when the payload of that ticket, and so all before it, is durable; or why it never will be.
func (j *Journal) Wait(ctx context.Context, ticket uint64) error { return j.wait(ctx, ticket, true) }

// WaitOrAway is Wait, but returns ErrAway while the storage takes nothing.
func (j *Journal) WaitOrAway(ctx context.Context, ticket uint64) error {
	return j.wait(ctx, ticket, false)
}

func (j *Journal) wait(ctx context.Context, ticket uint64, patient bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.durable < ticket {
		switch {
		case j.err != nil:
			return j.err
		case j.away != nil && !patient:
			return fmt.Errorf("%w: %w", ErrAway, j.away)
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
