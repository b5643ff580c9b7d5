package coordinator

import (
	"context"
	"slices"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// descriptorBlock is the size of blocks: large enough that compressing them gains something and reading one from storage is
// worth the while, small enough that one is read for a single descriptor.
const descriptorBlock = 64 << 10

// descriptors keep what the coordinator has to remember of tasks between two looks at it: splits of scans, handles of
// outputs, fragments of writes. Each query has a shelf of them, which is a log cut into blocks. Above the high-water mark
// blocks are compressed, oldest first, until below the low one; above the maximum they go to storage, so that there are never
// too many tasks for the coordinator's memory.
//
// Its one goroutine, run, does the compressing and moving; see descriptor_relief.go.
type descriptors struct {
	max, high, low int64
	places         []store.Store // where blocks go: the first that takes them
	log            func(msg string, args ...any)
	// overflow is told of the query that has most when there is no room anywhere.
	overflow func(q scheduler.QueryID, err *trinoerr.Error)

	mu      sync.Mutex
	shelves []*shelf
	// Full blocks, oldest first, of all queries: as they were written, and compressed ones. Blocks that are not used any more
	// are passed over.
	raw, packed []*block
	usage       DescriptorUsage
	failing     int           // times in a row that no place has taken a block
	wake        chan struct{} // has a token when there is something to do
	full        bool
	relieved    chan struct{} // closed and replaced when there is room again
	cache       blockCache
}

// DescriptorUsage says where the descriptors of all queries are, in bytes.
type DescriptorUsage struct {
	Raw        int64 // in memory, as they are
	Compressed int64 // in memory, compressed
	Spilled    int64 // in storage
}

// Memory is what descriptors take of the coordinator's memory.
func (u DescriptorUsage) Memory() int64 { return u.Raw + u.Compressed }

// shelf has the descriptors of a query.
type shelf struct {
	d      *descriptors
	query  scheduler.QueryID // as the scheduler calls it
	key    *exchange.QueryKey
	blocks []*block // nil: dropped
	used   int64    // bytes in memory
	gone   bool
	moved  []store.Store // to which blocks have gone
}

// block is a piece of a shelf's log.
type block struct {
	shelf  *shelf
	number int
	full   bool        // nothing is added any more
	data   []byte      // raw or packed; nil when it is in storage, or not used any more
	packed bool        // data, or what is in storage, is compressed
	store  store.Store // where it is; nil: in memory
	live   int         // bytes of descriptors that have not been removed
	size   int         // of what is in storage
}

// location says where a descriptor is on its shelf.
type location struct{ block, offset, length int32 }

func newDescriptors(max, high, low int64, places []store.Store) *descriptors {
	return &descriptors{max: max, high: min(high, max), low: min(low, max), places: places, log: func(string, ...any) {},
		overflow: func(scheduler.QueryID, *trinoerr.Error) {}, wake: make(chan struct{}, 1), relieved: make(chan struct{})}
}

// Usage returns where the descriptors are.
func (d *descriptors) Usage() DescriptorUsage {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.usage
}

// shelf returns an empty shelf for a query.
func (d *descriptors) shelf(q scheduler.QueryID) *shelf {
	s := &shelf{d: d, query: q}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shelves = append(d.shelves, s)
	return s
}

// put keeps a descriptor. What is put on a shelf that was dropped is lost.
func (s *shelf) put(data []byte) location {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if s.gone {
		return location{}
	}
	n := len(s.blocks)
	if n > 0 && len(s.blocks[n-1].data)+len(data) > descriptorBlock {
		s.d.seal(s.blocks[n-1])
	}
	if n == 0 || s.blocks[n-1].full {
		s.blocks = append(s.blocks, &block{shelf: s, number: n})
		n++
	}
	b := s.blocks[n-1]
	at := location{int32(n - 1), int32(len(b.data)), int32(len(data))}
	b.data = append(b.data, data...)
	b.live += len(data)
	s.d.account(s, int64(len(data)), 0)
	return at
}

// account notes a change of what is in memory, and wakes the goroutine when it is too much. The caller holds the lock.
func (d *descriptors) account(s *shelf, raw, packed int64) {
	d.usage.Raw += raw
	d.usage.Compressed += packed
	s.used += raw + packed
	if d.usage.Raw > d.high || d.usage.Memory() > d.max {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
	full := d.usage.Memory() > d.max
	if d.full && !full {
		close(d.relieved)
		d.relieved = make(chan struct{})
	}
	d.full = full
}

// seal makes a block one that can be compressed. The caller holds the lock.
func (d *descriptors) seal(b *block) {
	if b.full {
		return
	}
	b.full, b.data = true, slices.Clip(slices.Clone(b.data))
	if b.live == 0 {
		d.free(b)
		return
	}
	d.raw = append(d.raw, b)
}

// remove forgets a descriptor. A full block goes when all of its descriptors are forgotten.
func (s *shelf) remove(at location) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if s.gone || int(at.block) >= len(s.blocks) {
		return
	}
	b := s.blocks[at.block]
	b.live -= int(at.length)
	if b.live <= 0 && b.full {
		s.d.free(b)
	}
}

// free lets go of a block's content. The caller holds the lock.
func (d *descriptors) free(b *block) {
	switch {
	case b.store != nil:
		d.usage.Spilled -= int64(b.size) // the object goes with the query
	case b.packed:
		d.account(b.shelf, 0, -int64(len(b.data)))
	default:
		d.account(b.shelf, -int64(len(b.data)), 0)
	}
	b.data, b.store, b.size, b.live = nil, nil, 0, 0
	d.cache.forget(b)
}

// get returns a descriptor, which is the caller's.
func (s *shelf) get(ctx context.Context, at location) ([]byte, error) {
	s.d.mu.Lock()
	if s.gone || int(at.block) >= len(s.blocks) {
		s.d.mu.Unlock()
		return nil, errDropped
	}
	b := s.blocks[at.block]
	data, packed, from := b.data, b.packed, b.store
	cached, hit := s.d.cache.get(b)
	s.d.mu.Unlock()
	switch {
	case hit:
		data = cached
	case from != nil:
		var err error
		if data, err = s.fetch(ctx, b, from); err != nil {
			return nil, err
		}
	}
	if packed && !hit {
		var err error
		if data, err = unpack(data); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.GenericInternalError, "read task descriptors")
		}
		s.d.mu.Lock()
		s.d.cache.put(b, data)
		s.d.mu.Unlock()
	}
	end := int(at.offset) + int(at.length)
	if at.offset < 0 || at.length < 0 || end > len(data) {
		return nil, errDropped
	}
	return slices.Clone(data[at.offset:end]), nil
}

// errDropped says that a descriptor is asked for that is not there any more: its query has ended.
var errDropped = trinoerr.New(trinoerr.GenericInternalError, "the query has ended")

// drop lets go of all descriptors of a query, in storage too.
func (s *shelf) drop(remove func(store.Store, string)) {
	s.d.mu.Lock()
	for _, b := range s.blocks {
		s.d.free(b)
	}
	moved := s.moved
	s.blocks, s.moved, s.gone = nil, nil, true
	s.d.shelves = slices.DeleteFunc(s.d.shelves, func(o *shelf) bool { return o == s })
	unused := func(b *block) bool { return b.shelf == s }
	s.d.raw, s.d.packed = slices.DeleteFunc(s.d.raw, unused), slices.DeleteFunc(s.d.packed, unused)
	s.d.mu.Unlock()
	for _, st := range moved {
		remove(st, exchange.QueryPrefix(string(s.query))) // with the directories above: nothing of the query is needed any more
	}
}

// newDescriptors makes the store of descriptors: what is too much for memory goes to the exchange storage, else to the
// coordinator's own disk.
func (c *Coordinator) newDescriptors() *descriptors {
	places := slices.Clone(c.spool)
	if c.scratch != nil {
		places = append(places, c.scratch.Store)
	}
	q := &c.cfg.Query
	d := newDescriptors(q.DescriptorMaxMemory, q.DescriptorHighWaterMark, q.DescriptorLowWaterMark, places)
	d.log = func(msg string, args ...any) { c.log.Warn(msg, args...) }
	d.overflow = func(sid scheduler.QueryID, err *trinoerr.Error) {
		if q := c.query(sid); q != nil {
			c.goWork(func() { q.fail(err) })
		}
	}
	return d
}

// DescriptorUsage says what the descriptors of all queries' tasks take, and where.
func (c *Coordinator) DescriptorUsage() DescriptorUsage { return c.descriptors.Usage() }
