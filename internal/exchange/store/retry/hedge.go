package retry

import (
	"slices"
	"sync"
	"time"
)

// What a slow read is: one that has brought nothing after slowFactor times the usual, and not before slowFloor. What is
// usual is known after knownAfter reads. For each read hedgeShare of a second one is earned, and hedgeSaved are saved up.
const (
	slowFactor = 5
	slowFloor  = 100 * time.Millisecond
	knownAfter = 16
	hedgeShare = 0.04
	hedgeSaved = 4
)

// times are how long the last reads have taken to bring their first bytes, and what that earned.
type times struct {
	mu     sync.Mutex
	last   [64]time.Duration
	n      int // reads so far
	earned float64
}

// add counts a read.
func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last[t.n%len(t.last)] = d
	t.n++
	t.earned = min(hedgeSaved, t.earned+hedgeShare)
}

// slow is after how long a read is slow; zero while that is not known.
func (t *times) slow() time.Duration {
	t.mu.Lock()
	last, n := t.last, min(t.n, len(t.last))
	t.mu.Unlock()
	if n < knownAfter {
		return 0
	}
	slices.Sort(last[:n])
	return max(slowFloor, slowFactor*last[n/2])
}

// pay takes what a second read costs, if that is there.
func (t *times) pay() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.earned < 1 {
		return false
	}
	t.earned--
	return true
}

// hedgeAfter is how long to wait for the first bytes of a read; zero: for as long as it takes.
func (s *Store) hedgeAfter() time.Duration {
	if !s.cfg.Hedge {
		return 0
	}
	return s.times.slow()
}

// hedge begins a second read of what the first is slow with; nil when there have been too many, or too much is going on.
func (b *body) hedge() *request {
	if !b.s.times.pay() || !b.s.tryEnter() {
		return nil
	}
	b.s.counts.hedged.Add(1)
	return b.s.request(b.ctx, b.key, b.at, b.left)
}
