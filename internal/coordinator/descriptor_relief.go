package coordinator

import (
	"context"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// descriptorAttempts is how often in a row a write of descriptors to storage may fail before a query has to go.
	descriptorAttempts = 3
	descriptorPause    = 200 * time.Millisecond // between attempts
	// relief is how much of the maximum is in use after descriptors have gone to storage.
	relief = 0.9
)

// run compresses descriptors and moves them to storage as long as there are too many in memory, until ctx ends.
func (d *descriptors) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
		for d.compress(); d.move(ctx); d.compress() {
		}
	}
}

// compress packs full blocks when there are too many bytes of them, until there are few enough. It packs all before any has
// to go to storage.
func (d *descriptors) compress() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.usage.Raw <= d.high && d.usage.Memory() <= d.max {
		return
	}
	for d.usage.Raw > d.low || d.usage.Memory() > d.max {
		if len(d.raw) == 0 {
			if d.usage.Memory() <= d.max || !d.sealLargest() {
				return
			}
			continue
		}
		b := next(&d.raw)
		data := b.data
		if b.live == 0 {
			continue
		}
		d.mu.Unlock()
		packed := pack(data)
		d.mu.Lock()
		if b.data == nil { // removed meanwhile
			continue
		}
		b.data, b.packed = packed, true
		d.account(b.shelf, -int64(len(data)), int64(len(packed)))
		d.packed = append(d.packed, b)
	}
}

// next takes the first of a queue.
func next(queue *[]*block) *block {
	b := (*queue)[0]
	(*queue)[0] = nil
	*queue = (*queue)[1:]
	return b
}

// sealLargest makes the largest of the blocks that are not full one that can be compressed. The caller holds the lock.
func (d *descriptors) sealLargest() bool {
	var largest *block
	for _, s := range d.shelves {
		if n := len(s.blocks); n > 0 && !s.blocks[n-1].full && (largest == nil || len(s.blocks[n-1].data) > len(largest.data)) {
			largest = s.blocks[n-1]
		}
	}
	if largest == nil {
		return false
	}
	d.seal(largest)
	return true
}

// move takes compressed blocks to storage when there is too much in memory. It reports whether there is more to do.
func (d *descriptors) move(ctx context.Context) (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.usage.Memory() <= d.max {
		return false
	}
	for ctx.Err() == nil && d.usage.Memory() > int64(float64(d.max)*relief) {
		if len(d.packed) == 0 {
			return true // what came since is compressed first
		}
		b := next(&d.packed)
		if b.live == 0 {
			continue
		}
		data, key := b.data, b.shelf.secret()
		d.mu.Unlock()
		at, size, err := d.spill(ctx, b, data, key)
		d.mu.Lock()
		switch {
		case b.shelf.gone: // its query has been cleaned up before the object was there
			if at != nil {
				d.mu.Unlock()
				d.unspill(at, exchange.QueryPrefix(string(b.shelf.query)))
				d.mu.Lock()
			}
		case err != nil:
			d.packed = slices.Insert(d.packed, 0, b)
			if d.failing++; d.failing >= descriptorAttempts {
				d.failing = 0
				d.exceeded()
				return false
			}
			d.mu.Unlock()
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(d.failing) * descriptorPause):
			}
			d.mu.Lock()
		default:
			d.failing = 0
			if !slices.Contains(b.shelf.moved, at) {
				b.shelf.moved = append(b.shelf.moved, at)
			}
			if b.data != nil { // not removed meanwhile
				b.data, b.store, b.size = nil, at, size
				d.account(b.shelf, 0, -int64(len(data)))
				d.usage.Spilled += int64(size)
			}
		}
	}
	return false
}

// exceeded ends the query that has most: there is no room anywhere. The caller holds the lock.
func (d *descriptors) exceeded() {
	var most *shelf
	for _, s := range d.shelves {
		if most == nil || s.used > most.used {
			most = s
		}
	}
	if most == nil {
		return
	}
	err := trinoerr.New(trinoerr.ExceededTaskDescriptorStorageCapacity, "Task descriptor storage capacity has been exceeded: %s > %s",
		config.FormatSize(d.usage.Memory()), config.FormatSize(d.max))
	q := most.query
	d.mu.Unlock()
	d.overflow(q, err)
	d.mu.Lock()
}

// wait waits until there is room, so that splits are not found faster than descriptors go to storage.
func (d *descriptors) wait(ctx context.Context) {
	for {
		d.mu.Lock()
		full, relieved := d.usage.Memory() > d.max, d.relieved
		d.mu.Unlock()
		if !full {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-relieved:
		}
	}
}
