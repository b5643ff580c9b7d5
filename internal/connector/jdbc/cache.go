package jdbc

import (
	"context"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// How connections and metadata are kept.
const (
	maxIdle    = 4
	idleFor    = time.Minute
	maxEntries = 10_000
)

// cache remembers metadata from one statement to the next, for some time.
type cache struct {
	ttl time.Duration
	now func() time.Time

	mu      sync.Mutex
	entries map[any]cacheEntry
}

type cacheEntry struct {
	value any
	until time.Time
}

func newCache(ttl time.Duration) *cache {
	return &cache{ttl: ttl, now: time.Now, entries: map[any]cacheEntry{}}
}

// remembered returns what find gives, or gave before: for the whole statement, and after it as long as the cache remembers. That a thing is not
// there is not remembered.
func remembered[K comparable, T any](ctx context.Context, c *Connector, key K, there func(T) bool, find func() (T, error)) (T, error) {
	return connector.Remember(ctx, owned[K]{c, key}, func(T) int { return 1 }, func() (T, error) {
		if v, ok := c.cache.get(key); ok {
			return v.(T), nil
		}
		v, err := find()
		if err == nil && there(v) {
			c.cache.put(key, v)
		}
		return v, err
	})
}

// owned is a key among those of all connectors of a statement.
type owned[K comparable] struct {
	c   *Connector
	key K
}

func (c *cache) get(key any) (any, bool) {
	if c.ttl == 0 {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if ok && c.now().After(e.until) {
		delete(c.entries, key)
		return nil, false
	}
	return e.value, ok
}

func (c *cache) put(key, value any) {
	if c.ttl == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxEntries {
		clear(c.entries)
	}
	c.entries[key] = cacheEntry{value, c.now().Add(c.ttl)}
}

// forget forgets everything that was found out: a statement has changed something.
func (c *Connector) forget() {
	c.cache.forget()
	c.names.forget()
}

// forget empties the cache.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
}
