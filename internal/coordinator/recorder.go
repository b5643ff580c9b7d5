package coordinator

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// recorder writes the scheduler's events to the journal and holds actions back until what led to them is durable. While the
// journal's storage is away, actions are not held back: the cluster works as it would without a journal, and queries would
// not survive the coordinator's death; only what must not be undone, the commit of writes and the workers' forgetting, waits.
// When the storage is back, what could not be kept is made up for by a snapshot.
//
// Its methods but run are called by the loop alone.
type recorder struct {
	c      *Coordinator
	log    *journal.Journal
	last   uint64    // ticket of the last event
	held   chan held // what waits as long as the journal can be written
	strict chan held // what waits however long

	lean   lean
	making *making // a snapshot; nil: none is being made

	// Since the last snapshot, and its size.
	events, bytes, snapshotBytes int
}

// held is something that waits for the journal.
type held struct {
	ticket uint64
	do     func()
}

// heldLimit bounds what waits for the journal; the loop waits beyond it.
const heldLimit = 1 << 16

func newRecorder(c *Coordinator, log *journal.Journal) *recorder {
	return &recorder{c: c, log: log, held: make(chan held, heldLimit), strict: make(chan held, heldLimit), lean: newLean()}
}

// record implements carrier.
func (r *recorder) record(n note) {
	if r.lean.trim(&n) {
		return
	}
	r.lean.note(n.event)
	payload, err := encodeEntry(n)
	if err == nil {
		r.making.add(payload)
		r.last, err = r.log.Append(r.c.ctx, payload)
		r.events++
		r.bytes += len(payload)
	}
	if err != nil {
		r.c.broken(err)
	}
}

// do implements carrier.
func (r *recorder) do(a scheduler.Action) {
	if r.c.hasty(a) {
		r.c.do(a)
		return
	}
	r.hold(r.held, func() { r.c.do(a) })
}

// after implements carrier.
func (r *recorder) after(f func()) { r.hold(r.strict, f) }

func (r *recorder) hold(queue chan held, f func()) {
	select {
	case queue <- held{r.last, f}:
	case <-r.c.ctx.Done():
	}
}

// run carries out what waits for the journal, each kind in order.
func (r *recorder) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { r.serve(ctx, r.strict, r.log.Wait) })
	r.serve(ctx, r.held, func(ctx context.Context, ticket uint64) error {
		err := r.log.WaitOrAway(ctx, ticket)
		if errors.Is(err, journal.ErrAway) {
			return nil
		}
		return err
	})
}

func (r *recorder) serve(ctx context.Context, queue chan held, wait func(context.Context, uint64) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-queue:
			if err := wait(ctx, h.ticket); err != nil {
				r.c.broken(err)
				return
			}
			h.do()
		}
	}
}

// broken ends the coordinator: one that was replaced must not act.
func (c *Coordinator) broken(err error) {
	if c.ctx.Err() != nil {
		return
	}
	if errors.Is(err, journal.ErrFenced) {
		err = fmt.Errorf("this coordinator stops: %w", err)
	}
	c.log.Error("journal lost", "err", err)
	c.gone.Store(true)
	c.mu.Lock()
	c.failure = err
	c.mu.Unlock()
	c.stop()
}

// carrier is how the coordinator carries out what the loop decides.
func (c *Coordinator) carrier() carrier {
	if c.recorder != nil {
		return c.recorder
	}
	return unwritten{c}
}

// unwritten is how the coordinator works without a journal.
type unwritten struct{ c *Coordinator }

func (unwritten) round(*scheduler.State, []note) {}
func (unwritten) record(note)                    {}
func (u unwritten) do(a scheduler.Action)        { u.c.do(a) }
func (unwritten) after(f func())                 { f() }
func (unwritten) rest(*scheduler.State)          {}
