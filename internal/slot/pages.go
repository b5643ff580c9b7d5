package slot

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// pageBytes is about the size of a page of rendered rows: what the coordinator keeps in memory for a client at a time.
	pageBytes = 256 << 10
	// Pages are published when they have so many bytes together, the first ones sooner than the later ones,
	publishFirst, publishMost = pageBytes, 8 << 20
	// and however few they are when so much time has passed since the first row of them; a statement that ends sooner pays nothing.
	publishAfter, publishAtLast = 100 * time.Millisecond, 3 * time.Second
)

// rowPages renders rows in pages, which it writes into a bundle.
//
// Where nobody can ask for the rows again, see rpcv1.RowsOutput, it publishes the pages while the statement runs, and holds the
// statement back while the client has not read enough of them. Then a timer publishes what a slow statement has given, from a
// goroutine of its own, which close ends.
type rowPages struct {
	a       *attempt
	w       *exchange.Writer
	renders []render
	limit   int64 // unread bytes beyond which the statement is held back; zero: nothing is published
	fail    context.CancelCauseFunc
	more    chan struct{} // has a token when the client has read

	mu        sync.Mutex
	ended     bool
	page      []byte // being rendered,
	rows      int64  // with so many rows
	waiting   int64  // bytes of pages that are not published
	due       int64  // how many of them are published
	pause     time.Duration
	timer     *time.Timer // runs while anything waits
	unread    []int64     // bytes of the published pages that the client has not read
	bytes     int64       // of all of them
	published int         // pages
	read      int         // pages that the client has read,
	discarded int         // and those that are gone
}

func (a *attempt) newRowPages(w *exchange.Writer, rs []render, limit int64, fail context.CancelCauseFunc) *rowPages {
	return &rowPages{a: a, w: w, renders: rs, limit: limit, fail: fail, more: make(chan struct{}, 1), due: publishFirst, pause: publishAfter}
}

// add renders a chunk, and returns when the statement may go on.
func (p *rowPages) add(ctx context.Context, c *engine.Chunk) error {
	if err := p.render(c); err != nil || p.limit == 0 {
		return err
	}
	for {
		held, err := p.held()
		if err != nil || !held {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.more:
		}
	}
}

func (p *rowPages) render(c *engine.Chunk) error {
	if len(c.Columns) < len(p.renders) {
		return trinoerr.New(trinoerr.GenericInternalError, "the statement gives %d columns instead of %d", len(c.Columns), len(p.renders))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for row := range c.Rows {
		if p.rows > 0 {
			p.page = append(p.page, ',')
		}
		p.page = renderRow(p.page, c, row, p.renders)
		p.rows++
		if len(p.page) < pageBytes {
			continue
		}
		if err := p.flush(); err != nil {
			return err
		}
		if p.limit > 0 && p.waiting >= p.due {
			p.due = min(2*p.due, publishMost)
			if err := p.publish(); err != nil {
				return err
			}
		}
	}
	if p.limit > 0 && p.timer == nil && (p.rows > 0 || p.waiting > 0) {
		p.timer = time.AfterFunc(p.pause, p.late)
	}
	return nil
}

// flush ends the page. The caller holds the lock.
func (p *rowPages) flush() error {
	if p.rows == 0 {
		return nil
	}
	n := int64(len(p.page))
	if most := p.a.slot.cfg.Exchange.MaxPageBytes; most > 0 && n > most {
		return trinoerr.New(trinoerr.NotSupported, "Max row size of %dB exceeded: %dB", most, n)
	}
	err := p.w.AppendPage(p.rows, p.page)
	p.page, p.rows = p.page[:0], 0
	if p.limit > 0 {
		p.unread, p.waiting = append(p.unread, n), p.waiting+n
	}
	return err
}

// late publishes what has waited long enough.
func (p *rowPages) late() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.timer == nil {
		return
	}
	p.pause = min(2*p.pause, publishAtLast)
	err := p.flush()
	if err == nil {
		err = p.publish()
	}
	if err != nil {
		p.fail(err)
	}
}

// publish lets the coordinator know of the pages that there are. The caller holds the lock.
func (p *rowPages) publish() error {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.waiting == 0 {
		return nil
	}
	h, err := p.w.Publish()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	first := p.published
	p.published += len(h.Segments)
	p.bytes, p.waiting = p.bytes+p.waiting, 0
	return p.a.slot.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Grown{Grown: &rpcv1.Grown{Task: p.a.task.Id, More: raw, First: int64(first)}}})
}

// seen notes that the client has the first so many pages.
func (p *rowPages) seen(pages int64) {
	p.mu.Lock()
	p.read = max(p.read, int(min(pages, int64(p.published))))
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// held reports whether more is unread than may be; what was read is deleted.
func (p *rowPages) held() (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.read - p.discarded; n > 0 {
		for _, size := range p.unread[:n] {
			p.bytes -= size
		}
		p.unread, p.discarded = p.unread[n:], p.read
		if err := p.w.Discard(p.read); err != nil {
			return false, err
		}
	}
	return p.bytes > p.limit, nil
}

// close ends the bundle, or gives it up after an error.
func (p *rowPages) close(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.timer != nil {
		p.timer.Stop()
	}
	if err == nil {
		err = p.flush()
	}
	return p.a.finish(p.w, err)
}
