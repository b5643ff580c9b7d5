package lake

import (
	"container/list"
	"context"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// FooterCacheBytes is what a connector's cache of footers usually takes of memory at most.
const FooterCacheBytes = 128 << 20

// Footers reads footers, and keeps those that were used last. It may be used concurrently.
type Footers struct {
	files filesystem.FileSystem
	kind  Kind
	max   int64

	mu     sync.Mutex
	bytes  int64
	recent *list.List // of *keptFooter, the last used in front
	byKey  map[footerKey]*list.Element
}

type footerKey struct {
	location    string
	size, mtime int64
}

type keptFooter struct {
	key    footerKey
	footer *Footer
}

// NewFooters makes a cache of footers that takes about so many bytes.
func NewFooters(files filesystem.FileSystem, kind Kind, maxBytes int64) *Footers {
	return &Footers{files: files, kind: kind, max: maxBytes, recent: list.New(), byKey: map[footerKey]*list.Element{}}
}

// Get returns a footer from the cache, or reads it.
func (c *Footers) Get(ctx context.Context, f File) (*Footer, error) {
	key := footerKey{f.Location, f.Size, f.Modified.UnixNano()}
	c.mu.Lock()
	e := c.byKey[key]
	if e != nil {
		c.recent.MoveToFront(e)
	}
	c.mu.Unlock()
	if e != nil {
		return e.Value.(*keptFooter).footer, nil
	}
	found, err := c.kind.ReadFooter(ctx, c.files, f)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] == nil {
		c.byKey[key] = c.recent.PushFront(&keptFooter{key, found})
		c.bytes += found.weight
	}
	for c.bytes > c.max && c.recent.Len() > 1 {
		last := c.recent.Remove(c.recent.Back()).(*keptFooter)
		delete(c.byKey, last.key)
		c.bytes -= last.footer.weight
	}
	return found, nil
}
