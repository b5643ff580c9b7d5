package coordinator

import (
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

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
