package coordinator

import (
	"context"
	"errors"
	"time"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A coordinator that was paused, or cut off, may have been replaced without knowing. Before it does something that would harm
// its successor it makes sure. Workers protect themselves: they obey the highest epoch they have heard of.

// proofAge is how long it counts that nobody had taken over.
const proofAge = 500 * time.Millisecond

// checkTimeout bounds how long a statement waits for a storage that does not answer.
const checkTimeout = 2 * time.Second

// errStopped is why a coordinator that has ended does nothing any more.
var errStopped = trinoerr.New(trinoerr.ServerShuttingDown, "This coordinator has stopped")

// epoch is this coordinator's in its calls to workers.
func (c *Coordinator) epoch() rpc.Epoch {
	if c.recorder == nil {
		return 0
	}
	return rpc.Epoch(c.recorder.log.Epoch())
}

// confirm returns nil when all that was decided before is durable, and so this coordinator was the only one when it was
// called. It waits for a journal that is away.
func (c *Coordinator) confirm(ctx context.Context) error {
	if !c.journaled() {
		return nil
	}
	written := make(chan struct{})
	c.loop.add(note{event: scheduler.Tick{At: c.now()}, probe: true}) // something to write
	c.loop.add(note{then: func() { close(written) }})
	select {
	case <-written:
		return nil
	case <-c.ctx.Done():
		return errStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leads returns nil when nobody had taken over a moment ago. Unlike confirm it writes nothing, and so works on a full disk.
// When it cannot tell, because the storage does not answer, it asks again until ctx ends.
func (c *Coordinator) leads(ctx context.Context) error {
	if !c.journaled() {
		return nil
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		if c.ctx.Err() != nil {
			return errStopped
		}
		begun := time.Now()
		if begun.UnixNano()-c.proven.Load() < int64(proofAge) {
			return nil
		}
		err := c.recorder.log.Check(ctx)
		switch {
		case err == nil:
			c.proven.Store(begun.UnixNano())
			return nil
		case errors.Is(err, journal.ErrClosed): // at its end, which nobody else could bring about
			return nil
		case errors.Is(err, journal.ErrFenced):
			c.broken(err)
			return errStopped
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// proveEvery is how often a coordinator makes sure that it leads when nothing else lets it find out.
const proveEvery = 2 * time.Second

// prove makes sure, again and again, that nobody has taken over. A coordinator that has nothing to write would not notice otherwise, and
// workers that announce themselves to it would be missed by its successor.
func (c *Coordinator) prove() {
	tick := time.NewTicker(proveEvery) // has fired when a paused process goes on
	defer tick.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-tick.C:
			_ = c.replaced(c.ctx) // it has stopped the coordinator if so
		}
	}
}

// mayCommit returns nil when the rows of a write may be made visible. What another coordinator could be going on with has to
// be ours for certain; other writes end with their coordinator, once the journal knows that they have been planned: until then
// they would begin anew.
func (q *query) mayCommit() error {
	if q.policy == scheduler.RetryTask {
		return q.c.confirm(q.ctx)
	}
	if q.announced() {
		if err := q.c.written(q.ctx); err != nil {
			return err
		}
	}
	return q.c.leads(q.ctx)
}

// mayClean reports whether what the query has left may be removed: not by a coordinator that another one has replaced.
func (q *query) mayClean() bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), abortTimeout)
	defer cancel()
	err := q.c.leads(ctx)
	if err != nil {
		q.c.log.Warn("query not cleaned up after", "query", q.id, "err", err)
	}
	return err == nil
}

// replaced returns an error when somebody is known to have taken over. It does not wait to find out.
func (c *Coordinator) replaced(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := c.leads(ctx); errors.Is(err, errStopped) {
		return err
	}
	return nil
}

// journalChanged is told when the journal's storage goes away and comes back.
func (c *Coordinator) journalChanged(err error) {
	if err != nil {
		c.log.Error("journal cannot be written; queries go on, but would not survive the coordinator's death", "err", err)
	} else {
		c.log.Info("journal can be written again")
	}
	c.post(scheduler.Tick{At: c.now()}) // perhaps a snapshot is due
}
