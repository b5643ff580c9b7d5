package coordinator

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// descriptorTimeout bounds a write of descriptors to storage; descriptorAttempts is how often in a row it may fail before
	// a query has to go.
	descriptorTimeout  = 30 * time.Second
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
				d.unspill(at, b.shelf.prefix())
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

// prefix is that of the objects of a shelf; it is one of the query's.
func (s *shelf) prefix() string { return exchange.QueryPrefix(string(s.query)) + "descriptors/" }

func (b *block) name() string { return fmt.Sprintf("%s%d", b.shelf.prefix(), b.number) }

// secret returns the shelf's key, which only this process has. The caller holds the lock.
func (s *shelf) secret() *exchange.QueryKey {
	if s.key == nil {
		s.key = exchange.NewQueryKey()
	}
	return s.key
}

// spill writes a block to the first place that takes it, encrypted: descriptors can contain values of rows.
func (d *descriptors) spill(ctx context.Context, b *block, data []byte, key *exchange.QueryKey) (store.Store, int, error) {
	aead, nonce, err := b.seal(key)
	if err != nil {
		return nil, 0, err
	}
	sealed := aead.Seal(nil, nonce, data, nil)
	var errs []error
	for _, st := range d.places {
		put, cancel := context.WithTimeout(ctx, descriptorTimeout)
		err := store.Put(put, st, b.name(), sealed, store.CreateOptions{})
		cancel()
		if err == nil {
			return st, len(sealed), nil
		}
		d.log("task descriptors not written", "query", b.shelf.query, "store", st.URI(), "err", err)
		errs = append(errs, err)
	}
	return nil, 0, errors.Join(append(errs, errors.New("no place for task descriptors"))...)
}

// unspill removes what was written for a query that had ended.
func (d *descriptors) unspill(st store.Store, prefix string) {
	ctx, cancel := context.WithTimeout(context.Background(), descriptorTimeout)
	defer cancel()
	if err := st.DeletePrefix(ctx, prefix); err != nil {
		d.log("task descriptors not deleted", "store", st.URI(), "prefix", prefix, "err", err)
	}
}

// fetch reads a block from storage. A damaged one is an error, not a wrong answer.
func (s *shelf) fetch(ctx context.Context, b *block, from store.Store) ([]byte, error) {
	s.d.mu.Lock()
	key := s.secret()
	s.d.mu.Unlock()
	aead, nonce, err := b.seal(key)
	if err != nil {
		return nil, err
	}
	sealed, err := store.ReadAll(ctx, from, b.name())
	if err == nil {
		sealed, err = aead.Open(nil, nonce, sealed, nil)
	}
	return sealed, trinoerr.Wrap(err, trinoerr.GenericInternalError, "read task descriptors")
}

// seal returns what encrypts a block. Each block is written once, so its number is a nonce.
func (b *block) seal(key *exchange.QueryKey) (cipher.AEAD, []byte, error) {
	c, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(c)
	if err != nil {
		return nil, nil, err
	}
	return aead, binary.BigEndian.AppendUint32(make([]byte, aead.NonceSize()-4), uint32(b.number)), nil
}

// packer compresses and decompresses blocks; both may be used concurrently.
var packer = sync.OnceValue(func() (p struct {
	*zstd.Encoder
	*zstd.Decoder
}) {
	// Options of constants do not fail.
	p.Encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	p.Decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	return p
})

func pack(data []byte) []byte { return slices.Clone(packer().EncodeAll(data, nil)) }

func unpack(data []byte) ([]byte, error) { return packer().DecodeAll(data, nil) }

// blockCache has the last blocks that were unpacked. It belongs to descriptors and is guarded by their lock.
type blockCache struct{ entries []cached }

type cached struct {
	b    *block
	data []byte
}

// cachedBlocks bounds the cache, at 4 MB.
const cachedBlocks = 64

func (c *blockCache) get(b *block) ([]byte, bool) {
	i := slices.IndexFunc(c.entries, func(e cached) bool { return e.b == b })
	if i < 0 {
		return nil, false
	}
	e := c.entries[i]
	copy(c.entries[1:i+1], c.entries[:i])
	c.entries[0] = e
	return e.data, true
}

func (c *blockCache) put(b *block, data []byte) {
	if b.shelf.gone || b.live == 0 {
		return
	}
	if len(c.entries) < cachedBlocks {
		c.entries = append(c.entries, cached{})
	}
	copy(c.entries[1:], c.entries)
	c.entries[0] = cached{b, data}
}

func (c *blockCache) forget(b *block) {
	c.entries = slices.DeleteFunc(c.entries, func(e cached) bool { return e.b == b })
}
