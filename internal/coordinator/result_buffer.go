package coordinator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// resultBuffer holds the rows of a run that has succeeded: Trino's deduplication buffer. The rows stay in memory as long as
// there is room, then all of them, and those that follow, are written as one bundle into the first of the places that takes
// them. It never goes back to memory. It is filled by one goroutine.
type resultBuffer struct {
	limit  int64   // memory of this query
	memory *budget // of all queries
	places []place
	name   string // of the attempt, for keys and keys' derivation

	pages  []exchange.Page
	held   int64 // bytes of pages
	writer *exchange.Writer
	key    *exchange.QueryKey // of the bundle; nil when it is not encrypted
	taken  int64              // of the place's quota
	bundle *exchange.Handle

	wrote []store.Store // where anything was ever written
}

// place is where a buffer goes that outgrows memory.
type place struct {
	store   store.Store
	encrypt bool
	quota   *budget // nil: there is none
	prefix  string  // of the keys of this buffer
	max     int64   // size of objects
}

// errFull says that a place takes no more.
var errFull = errors.New("the quota is used up")

// add appends a page. An error says that the buffer must start over at another place; see reset.
func (b *resultBuffer) add(ctx context.Context, p exchange.Page) error {
	n := int64(len(p.Data))
	if b.writer == nil && b.held+n <= b.limit && b.memory.take(n) {
		b.pages, b.held = append(b.pages, p), b.held+n
		return nil
	}
	if b.writer == nil {
		if err := b.spill(ctx); err != nil {
			return err
		}
	}
	return b.write(p)
}

// placePatience is how long a place is tried when there is another.
const placePatience = 10 * time.Second

// spill moves the pages from memory to the first of the places.
func (b *resultBuffer) spill(ctx context.Context) error {
	if len(b.places) == 0 {
		return errFull
	}
	at := b.places[0]
	b.wrote = append(b.wrote, at.store)
	if at.encrypt {
		b.key = exchange.NewQueryKey()
	}
	if len(b.places) > 1 {
		ctx = store.WithPatience(ctx, placePatience)
	}
	var err error
	b.writer, err = exchange.NewWriter(ctx, exchange.WriterConfig{Store: at.store, Prefix: at.prefix, Producer: b.name, Key: b.key,
		MaxObject: at.max, InlineLimit: -1})
	if err != nil {
		return err
	}
	for _, p := range b.pages {
		if err := b.write(p); err != nil {
			return err
		}
	}
	b.forget()
	return nil
}

func (b *resultBuffer) write(p exchange.Page) error {
	if q := b.places[0].quota; q != nil {
		if !q.take(int64(len(p.Data))) {
			return errFull
		}
		b.taken += int64(len(p.Data))
	}
	return b.writer.AppendPage(p.Rows, p.Data)
}

// forget drops the pages in memory.
func (b *resultBuffer) forget() {
	b.memory.give(b.held)
	b.pages, b.held = nil, 0
}

// finish completes the buffer.
func (b *resultBuffer) finish() error {
	if b.writer == nil {
		return nil
	}
	h, err := b.writer.Close()
	if err != nil {
		return err
	}
	b.bundle = &h
	return nil
}

// reset drops everything and gives the place up that could not take it. It reports whether there is another.
func (b *resultBuffer) reset(remove func(store.Store, string)) bool {
	b.drop(remove)
	if len(b.places) == 0 {
		return false
	}
	b.places = b.places[1:]
	return len(b.places) > 0
}

// drop drops everything, on disk too. It may be called again.
func (b *resultBuffer) drop(remove func(store.Store, string)) {
	b.forget()
	if b.writer == nil {
		return
	}
	at := b.places[0]
	_ = b.writer.Abort() // what it leaves goes with the prefix
	remove(at.store, at.prefix)
	if at.quota != nil {
		at.quota.give(b.taken)
	}
	if b.key != nil {
		b.key.Zero()
	}
	b.writer, b.bundle, b.key, b.taken = nil, nil, nil, 0
}

// rows reads what the buffer holds.
func (b *resultBuffer) rows(open func(context.Context, string) (store.Store, error)) rowSource {
	if b.bundle == nil {
		return &memoryRows{pages: b.pages}
	}
	return &resultRows{reader: &exchange.Reader{Open: open, Key: b.key}, bundles: []resultBundle{{handle: b.bundle}}, copied: true}
}

// full is the error of a query whose rows find no place; Trino's text.
func full() *trinoerr.Error {
	return trinoerr.New(trinoerr.ExchangeManagerNotConfigured,
		"Exchange manager must be configured for the failure recovery capabilities to be fully functional")
}

// memoryRows are the pages of a result in memory. They are kept until the query ends, so that a client may ask again.
type memoryRows struct {
	pages []exchange.Page
	at    int
}

// position implements rowSource: the number of the page.
func (r *memoryRows) position() string { return strconv.Itoa(r.at) }

// seek implements rowSource.
func (r *memoryRows) seek(at string) error {
	if at == "" {
		return nil
	}
	n, err := strconv.Atoi(at)
	if err != nil || n < 0 || n > len(r.pages) {
		return fmt.Errorf("%w: position %q", protocol.ErrGone, at)
	}
	r.at = n
	return nil
}

// next implements rowSource.
func (r *memoryRows) next(_ context.Context, targetBytes int) (data [][]byte, rows int, done bool, err error) {
	for size := 0; r.at < len(r.pages) && size < targetBytes; r.at++ {
		p := r.pages[r.at]
		data, rows, size = append(data, p.Data), rows+int(p.Rows), size+len(p.Data)
	}
	return data, rows, r.at == len(r.pages), nil
}
