package connector

import (
	"context"
	"sync"
	"time"
)

// Bounds of what is remembered for one query: in units that the callers count, and how long. A query that lives longer, as one that is run
// again, looks anew.
const (
	rememberedWeight = 20_000
	rememberedFor    = time.Minute
)

// memory is what has been found out for one query.
type memory struct {
	mu     sync.Mutex
	found  map[any]*finding
	weight int
	now    func() time.Time
}

// finding is something found out, or that somebody is finding out.
type finding struct {
	mu    sync.Mutex // held meanwhile
	value any        // nil until then
	until time.Time
}

type memoryKey struct{}

// Remembering returns a context for one query: what connectors find out with Remember in it they find out once. Statistics, the order of
// rows and splits then rest on the same files.
func Remembering(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoryKey{}, &memory{found: map[any]*finding{}, now: time.Now})
}

// Remember returns what find gives, or gave before in the same query under a key of the caller's own type. Others that ask for it meanwhile wait.
// weight says how large it is; failures, and what is too much, are not remembered. The value is shared: nobody may change it.
func Remember[T any](ctx context.Context, key any, weight func(T) int, find func() (T, error)) (T, error) {
	m, ok := ctx.Value(memoryKey{}).(*memory)
	if !ok {
		return find()
	}
	m.mu.Lock()
	f := m.found[key]
	if f == nil {
		f = &finding{}
		m.found[key] = f
	}
	m.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, ok := f.value.(T); ok && m.now().Before(f.until) {
		return v, nil
	}
	v, err := find()
	before := 0
	if old, ok := f.value.(T); ok {
		before = 1 + weight(old)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if other := m.found[key]; other != f && other != nil {
		return v, err // somebody else looks since this had failed
	}
	if w := 1 + weight(v); err != nil || m.weight-before+w > rememberedWeight {
		m.weight -= before
		f.value = nil
		delete(m.found, key)
	} else {
		m.weight += w - before
		m.found[key] = f
		f.value, f.until = v, m.now().Add(rememberedFor)
	}
	return v, err
}
