package exchange

import (
	"slices"
	"sync"
	"time"
)

// How long a place that failed is avoided: longer each time that it fails again.
const (
	firstAvoidance   = 10 * time.Second
	longestAvoidance = 10 * time.Minute
)

// Places remembers which of several stores have failed lately, so that bundles go elsewhere for a while. The zero value
// knows of no failure. It may be used concurrently.
type Places struct {
	mu     sync.Mutex
	failed map[string]*avoided // by URI; as many as there are base directories
}

// avoided is a place that failed when it was written to last.
type avoided struct {
	times int
	until time.Time
}

// Order returns the places in the order in which to try them: as they are given, but those that are avoided come last,
// first the one that was avoided for the longest time already. None is left out: it may be the only one that works by now.
func (p *Places) Order(uris []string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	out := slices.Clone(uris)
	slices.SortStableFunc(out, func(a, b string) int { return p.until(a, now).Compare(p.until(b, now)) })
	return out
}

// until is the time until which a place is avoided; zero when it is not.
func (p *Places) until(uri string, now time.Time) time.Time {
	if a := p.failed[uri]; a != nil && a.until.After(now) {
		return a.until
	}
	return time.Time{}
}

// Failed says that a place could not be written to.
func (p *Places) Failed(uri string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.failed[uri]
	if a == nil {
		a = &avoided{}
		if p.failed == nil {
			p.failed = map[string]*avoided{}
		}
		p.failed[uri] = a
	}
	d := min(longestAvoidance, firstAvoidance<<min(a.times, 10))
	a.times, a.until = a.times+1, time.Now().Add(d)
}

// Worked says that a place could be written to.
func (p *Places) Worked(uri string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.failed, uri)
}
