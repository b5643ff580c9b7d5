package protocol

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// clientQuery is a query as one client sees it: which page it has got last, and when it was heard of last. Pages are
// handed out one after the other; the last one is kept, so that a client whose connection broke can ask again.
type clientQuery struct {
	query      Query
	log        *slog.Logger
	parametric bool // the client has ParametricDatetime
	resumed    bool // submitted to an earlier coordinator: the first token may be any

	turn chan struct{} // holds one element; who takes it may fetch a page

	// Guarded by turn.
	token   int64 // of page; 0 before the first
	page    *ResultPage
	columns []byte // rendered, once known
	last    bool   // nothing comes after page

	mu         sync.Mutex
	waiting    int       // requests under way
	lastAccess time.Time // end of the last request
	ended      bool      // the last page was handed out
}

var (
	errGone     = errors.New("older page asked for")
	errNotFound = errors.New("no such page")
)

func newClientQuery(q Query, s *Session, log *slog.Logger, now time.Time) *clientQuery {
	c := &clientQuery{query: q, log: log, parametric: s.Has(ParametricDatetime), turn: make(chan struct{}, 1), lastAccess: now}
	c.turn <- struct{}{}
	return c
}

// enter and leave bracket a request, during which the client counts as present.
func (c *clientQuery) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting++
}

func (c *clientQuery) leave(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting--
	c.lastAccess = now
}

// idle returns since when no request has been seen, or false if one is under way.
func (c *clientQuery) idle() (since time.Time, ended, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastAccess, c.ended, c.waiting == 0
}

// fetch returns the page with the given token and the rendered columns as far as they are known.
func (c *clientQuery) fetch(ctx context.Context, token int64, at string, maxWait time.Duration, targetBytes int) (*ResultPage, []byte, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	switch {
	case token == c.token && c.page != nil:
		return c.page, c.columns, nil
	case token <= c.token:
		return nil, nil, errGone
	case c.last, token > c.token+1 && !(c.resumed && c.token == 0):
		return nil, nil, errNotFound
	}
	page, err := c.next(ctx, token, at, maxWait, targetBytes)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, nil, ctx.Err()
	case errors.Is(err, ErrGone):
		return nil, nil, errGone
	case errors.Is(err, context.Canceled): // the coordinator ends, and the query goes on with the next one
		return nil, nil, err
	case err != nil:
		page = ResultPage{Err: trinoerr.From(err), Stats: c.query.Info().Stats}
		page.Stats.State = "FAILED"
	}
	page.Last = page.Last || page.Err != nil
	if page.Columns != nil {
		c.columns = renderColumns(page.Columns, c.parametric)
	}
	c.token, c.page, c.last = token, &page, page.Last
	c.mu.Lock()
	c.ended = page.Last
	c.mu.Unlock()
	return c.page, c.columns, nil
}

// next is Query.Next, with a panic turned into a failure of this one query.
func (c *clientQuery) next(ctx context.Context, token int64, at string, maxWait time.Duration, targetBytes int) (page ResultPage, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.ErrorContext(ctx, "panic while a page was fetched", "query", c.query.ID(), "panic", p, "stack", string(debug.Stack()))
			err = trinoerr.New(trinoerr.GenericInternalError, "panic: %v", p)
			c.query.Cancel(trinoerr.From(err))
		}
	}()
	return c.query.Next(ctx, token, at, maxWait, targetBytes)
}

// drop lets go of the rows of an ended query; asking for them again answers 410. It does nothing if a request is
// under way.
func (c *clientQuery) drop() {
	select {
	case <-c.turn:
		c.page = nil
		c.turn <- struct{}{}
	default:
	}
}
