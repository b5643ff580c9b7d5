package retry

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// errStalled is the failure of a request that does not get on.
var errStalled = trinoerr.New(trinoerr.PageTransportTimeout, "nothing came for too long")

// pieceSize is how much a read brings at a time.
const pieceSize = 256 << 10

var pieces = sync.Pool{New: func() any { b := make([]byte, pieceSize); return &b }}

// piece is what one read has brought, and the error that it ended with.
type piece struct {
	buf *[]byte // nil or from pieces, n bytes of it
	n   int
	err error
}

func (p *piece) free() {
	if p.buf != nil {
		pieces.Put(p.buf)
		p.buf = nil
	}
}

// request is a ranged read of the driver's. It runs in a goroutine of its own, so that it can be abandoned where it hangs,
// though it hang in a system call that nothing ends; it reads one piece ahead.
type request struct {
	began  time.Time
	pieces chan piece
	cancel context.CancelFunc
	s      *Store
}

// request begins to read. The caller has entered, and drops the request in the end.
func (s *Store) request(ctx context.Context, key string, offset, length int64) *request {
	ctx, cancel := context.WithCancel(ctx)
	r := &request{began: time.Now(), pieces: make(chan piece), cancel: cancel, s: s}
	go r.run(ctx, key, offset, length)
	return r
}

// run reads until the end, a failure, or the context's end, which also is when nobody wants the pieces any more.
func (r *request) run(ctx context.Context, key string, offset, length int64) {
	body, err := r.s.driver.Open(ctx, key, offset, length)
	if err != nil {
		r.give(ctx, piece{err: err})
		return
	}
	defer body.Close()
	for err == nil {
		p := piece{buf: pieces.Get().(*[]byte)}
		p.n, p.err = body.Read(*p.buf)
		err = p.err
		if !r.give(ctx, p) {
			return
		}
	}
}

func (r *request) give(ctx context.Context, p piece) bool {
	select {
	case r.pieces <- p:
		return true
	case <-ctx.Done():
		p.free()
		return false
	}
}

// drop ends the request, wherever it is. Whoever runs it notices later.
func (r *request) drop() {
	r.cancel()
	r.s.leave()
}

// grace is how long a request that is abandoned is given to say how it ended.
const grace = time.Second

// call runs a request that is not a read. It waits no longer than limit: then, and when ctx ends, f is told by its context,
// and when it does not end at once, it is left to itself.
func (s *Store) call(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error, 1)
	go func() { done <- f(within) }()
	timer := time.NewTimer(store.Patience(ctx, limit))
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	case <-timer.C:
		s.counts.stalled.Add(1)
		cancel(errStalled)
	}
	timer.Reset(grace)
	select {
	case err := <-done:
		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			err = errStalled
		}
		return err
	case <-timer.C:
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return errStalled
	}
}
