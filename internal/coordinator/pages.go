package coordinator

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// afterLast is where a page begins that only says that the result has ended. With it the client confirms the last rows; until
// then they can be read again, by another coordinator too.
const afterLast = "end"

// Next implements protocol.Query.
func (q *query) Next(ctx context.Context, _ int64, at string, maxWait time.Duration, targetBytes int) (protocol.ResultPage, error) {
	q.polled.now()
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	for {
		q.mu.Lock()
		changed, rows, state := q.changed, q.rows, q.state
		q.mu.Unlock()
		switch {
		case state == stateFailed || state == stateFinished:
			q.awaitClean(ctx, timer)
			return q.page(nil, 0, true), nil
		case q.c.gone.Load(): // the client shall ask again, and finds the successor
			return protocol.ResultPage{}, context.Canceled
		case rows != nil && at == afterLast:
			q.end(stateFinished, nil)
			q.awaitClean(ctx, timer)
			return q.page(nil, 0, true), nil
		case rows != nil && q.shows(rows):
			p, next, err := q.read(ctx, rows, at, targetBytes)
			switch next {
			case readPage:
				if p.Last {
					q.awaitClean(ctx, timer)
				}
				return p, err
			case readAgain:
				continue
			}
		}
		select {
		case <-ctx.Done():
			return protocol.ResultPage{}, ctx.Err()
		case <-q.c.ctx.Done():
			return protocol.ResultPage{}, context.Canceled
		case <-timer.C:
			p := q.page(nil, 0, false)
			p.Next = at
			return p, nil
		case <-changed:
		}
	}
}

// What follows from reading rows.
type afterRead uint8

const (
	readPage  afterRead = iota // there is an answer for the client
	readAgain                  // things have changed
	readLater                  // there are no rows yet
)

// read reads the rows of a page.
func (q *query) read(ctx context.Context, rows rowSource, at string, targetBytes int) (protocol.ResultPage, afterRead, error) {
	if run, _, _ := strings.Cut(at, runMark); at != "" && run != q.runName() {
		q.fail(trinoerr.New(trinoerr.ServerShuttingDown, "The coordinator was restarted while the result was being read, and the query has begun anew"))
		return protocol.ResultPage{}, readAgain, nil
	}
	if err := rows.seek(strings.TrimPrefix(at, q.runName()+runMark)); errors.Is(err, protocol.ErrGone) {
		return protocol.ResultPage{}, readPage, err
	} else if err != nil {
		q.fail(err)
		return protocol.ResultPage{}, readAgain, nil
	}
	q.noteRead(rows)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(q.ctx, stop)() // a worker that has died ends the query sooner than a read gives up
	data, n, done, err := rows.next(reading, targetBytes)
	if err == nil && n > 0 {
		q.c.countPage(data, n)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return protocol.ResultPage{}, readPage, ctx.Err()
	case err != nil && q.c.ctx.Err() != nil:
		return protocol.ResultPage{}, readPage, context.Canceled
	case err != nil:
		if !q.resultLost(rows, err) {
			q.fail(cutOff(rows, err))
		}
		return protocol.ResultPage{}, readAgain, nil
	case n == 0 && isPartial(rows):
		return protocol.ResultPage{}, readLater, nil
	case done && q.settled():
		p := q.page(data, n, false)
		p.Next = afterLast
		return p, readPage, nil
	case done:
		q.end(stateFinished, nil)
	}
	p := q.page(data, n, done)
	p.Next = q.runName() + runMark + rows.position()
	return p, readPage, nil
}

// awaitClean waits until nothing but its rows is left of a write that has ended, for as long as its client does: who then makes the same
// table again is not to find the directory in use, and who drops the schema not to find a staging table in it.
func (q *query) awaitClean(ctx context.Context, timer *time.Timer) {
	q.mu.Lock()
	clean := q.exec == nil || q.exec.write == nil || q.state != stateFailed && !(q.state == stateFinished && q.exec.write.settles())
	q.mu.Unlock()
	if clean {
		return
	}
	select {
	case <-q.cleaned:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// page builds an answer from the query's present fields.
func (q *query) page(data [][]byte, rows int, last bool) protocol.ResultPage {
	stats := q.stats()
	q.mu.Lock()
	defer q.mu.Unlock()
	p := protocol.ResultPage{Columns: q.columns, Data: data, RowCount: rows, Last: last, Err: q.err,
		UpdateType: q.updateType, UpdateCount: q.updateRows, Changes: q.changes, Warnings: q.warnings, Stats: stats}
	if q.state == stateFailed {
		p.Data, p.RowCount, p.Last = nil, 0, true
	}
	return p
}
