package retry

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store. Nothing is asked before the first read, which a missing object shows in.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := s.cfg.Keys.Check(key); err != nil {
		return nil, invalid(err)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return &body{s: s, ctx: ctx, key: key, begin: offset, at: offset, left: length, trial: s.trial("read %s/%s", s.URI(), key)}, nil
}

// body is a range of an object. One goroutine reads it.
type body struct {
	s     *Store
	ctx   context.Context // of the whole reading, as store.Store says
	key   string
	begin int64
	at    int64 // offset of the next byte that the reader gets
	left  int64 // negative: up to the end
	trial trial

	request *request // nil before the first, and after one that failed
	first   bool     // it has given nothing yet
	piece   piece    // what it gave last
	used    int      // of the piece
	err     error    // the end
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	for b.used == b.piece.n {
		if b.err != nil {
			return 0, b.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		if b.err = b.next(); b.err != nil {
			b.release()
		}
	}
	n := copy(p, (*b.piece.buf)[b.used:b.piece.n])
	b.used += n
	b.at += int64(n)
	if b.left > 0 {
		b.left -= int64(n)
	}
	return n, nil
}

// next gets the next piece, however many requests that takes.
func (b *body) next() error {
	if b.left == 0 {
		return io.EOF
	}
	err := b.piece.err
	b.piece.free()
	b.piece, b.used = piece{}, 0
	for {
		var took time.Duration
		if err == nil {
			began := time.Now()
			if err = b.wait(); err != nil {
				return err
			}
			took = time.Since(began)
			if b.piece.n > 0 {
				b.limit()
				b.trial.advance(b.piece.n)
				return nil
			}
			err = b.piece.err
			b.piece.free()
			b.piece = piece{}
			if err == nil {
				continue
			}
		}
		if err == io.EOF {
			if b.left < 0 {
				return io.EOF
			}
			err = io.ErrUnexpectedEOF
		}
		b.release()
		if err := b.trial.failed(b.ctx, err, took); err != nil {
			return err
		}
		if b.at > b.begin {
			b.s.counts.resumed.Add(1)
		}
		if err := b.measure(); err != nil {
			return err
		}
		if b.left == 0 {
			return io.EOF
		}
		err = nil
	}
}

// limit cuts off what a driver gives beyond the range.
func (b *body) limit() {
	if b.left > 0 && int64(b.piece.n) > b.left {
		b.piece.n = int(b.left)
	}
}

// measure finds out where an object ends of which more was wanted than anybody knows, before its reading is resumed: whether
// a storage that has no more bytes is at the end, or has lost some, is not to be guessed. Where that fails the length stays
// unknown.
func (b *body) measure() error {
	if b.left >= 0 || b.at == b.begin {
		return nil
	}
	size := int64(-1)
	err := b.s.call(b.ctx, b.s.cfg.ReadTimeout, func(ctx context.Context) error {
		return b.s.driver.List(ctx, b.key, func(o store.Object) error {
			if o.Key != b.key {
				return errListed
			}
			size = o.Size
			return nil
		})
	})
	switch {
	case b.ctx.Err() != nil:
		return context.Cause(b.ctx)
	case err != nil && err != errListed: // a storage that cannot be listed, or not now
		return nil
	case size < 0:
		return store.ErrNotFound
	case size < b.at:
		return io.ErrUnexpectedEOF
	}
	b.left = size - b.at
	return nil
}

// errListed ends a listing that has come to other objects.
var errListed = errors.New("listed")

// wait gets what the request gives next, and begins one when there is none. When it is slow to begin with, a second one is
// begun and the first to answer is used. Its error is that of the context.
func (b *body) wait() error {
	if b.request == nil {
		if err := b.s.enter(b.ctx); err != nil {
			return err
		}
		b.request, b.first = b.s.request(b.ctx, b.key, b.at, b.left), true
	}
	stall := time.NewTimer(b.s.cfg.ReadTimeout)
	defer stall.Stop()
	var slow <-chan time.Time
	if b.first {
		if d := b.s.hedgeAfter(); d > 0 {
			timer := time.NewTimer(d)
			defer timer.Stop()
			slow = timer.C
		}
	}
	var second *request
	var seconds chan piece
	for {
		select {
		case p := <-b.request.pieces:
			if second != nil && !answers(p) {
				b.release()
				b.request, second, seconds = second, nil, nil
				continue
			}
			if second != nil {
				second.drop()
			}
			b.take(p)
			return nil
		case p := <-seconds:
			if !answers(p) {
				second.drop()
				second, seconds = nil, nil
				continue
			}
			b.release()
			b.request = second
			b.s.counts.hedgesWon.Add(1)
			b.take(p)
			return nil
		case <-slow:
			if second = b.hedge(); second != nil {
				seconds = second.pieces
			}
		case <-stall.C:
			b.s.counts.stalled.Add(1)
			if second != nil {
				second.drop()
			}
			b.piece = piece{err: errStalled}
			return nil
		case <-b.ctx.Done():
			if second != nil {
				second.drop()
			}
			return context.Cause(b.ctx)
		}
	}
}

// take takes over what the request has given.
func (b *body) take(p piece) {
	if b.first && answers(p) {
		b.s.times.add(time.Since(b.request.began))
	}
	if p.n > 0 {
		b.first = false
	}
	b.piece = p
}

// answers reports whether a piece is worth taking when there is another request to wait for.
func answers(p piece) bool {
	return p.n > 0 || p.err == nil || p.err == io.EOF || Final(p.err)
}

func (b *body) release() {
	if b.request != nil {
		b.request.drop()
		b.request = nil
	}
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.release()
	b.piece.free()
	b.piece, b.used = piece{}, 0
	if b.err == nil {
		b.err = io.ErrClosedPipe
	}
	return nil
}
