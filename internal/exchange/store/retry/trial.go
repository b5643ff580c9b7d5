package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Pauses between the tries of a request: they double, and each is drawn from the upper half of what it may be.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
	// longestCalm bounds what a storage may ask for.
	longestCalm = 30 * time.Second
	// minTries is how often a request is made however little time there is.
	minTries = 3
)

// enoughProgress is how many bytes a read must bring so that its failures before are forgotten: one that brings a byte per
// request does not get on.
const enoughProgress = 64 << 10

// trial counts what became of the tries of one request, or of one object's reading.
type trial struct {
	s        *Store
	what     string // the request, for people
	failures int    // since there was enough progress
	spent    time.Duration
	progress int64 // bytes since the last failure
	idle     int   // failures in a row without a byte
}

func (s *Store) trial(format string, args ...any) trial {
	return trial{s: s, what: fmt.Sprintf(format, args...)}
}

// advance counts bytes that have come.
func (t *trial) advance(n int) {
	t.progress += int64(n)
	t.idle = 0
	if t.progress >= enoughProgress {
		t.failures, t.spent = 0, 0
	}
}

// failed judges the failure of a try that took so long, and waits until the next one may begin. Its error is final.
func (t *trial) failed(ctx context.Context, err error, took time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.failures++
	t.idle++
	t.spent += took
	t.progress = 0
	r := ruleOf(err)
	if r.Tries > 0 && t.idle >= r.Tries {
		return err
	}
	if t.failures >= minTries && t.spent >= store.Patience(ctx, t.s.cfg.MaxError) {
		t.s.counts.gaveUp.Add(1)
		return t.gaveUp(err)
	}
	pause := t.pause()
	if throttled, ok := errors.AsType[*store.ThrottledError](err); ok && r.Calm {
		t.s.counts.throttled.Add(1)
		pause = max(pause, min(throttled.After, longestCalm))
		t.s.calm.keep(pause)
	}
	t.s.counts.repeated.Add(1)
	t.s.report(t, pause, err)
	t.spent += pause
	return sleep(ctx, pause)
}

// pause is how long to wait after the failures so far.
func (t *trial) pause() time.Duration {
	p := longestPause
	if n := t.failures - 1; n < 16 {
		p = min(p, firstPause<<n)
	}
	return p/2 + rand.N(p/2)
}

// gaveUp is the error of a request that might be repeated, but has been often enough.
func (t *trial) gaveUp(err error) error {
	return &trinoerr.Error{Code: trinoerr.PageTransportTimeout, Cause: err, Msg: fmt.Sprintf("Encountered too many errors talking to %s "+
		"This is probably a transient issue, so please retry your query in a few minutes. (%s - %d failures, failure duration %s): %v",
		t.s.cfg.Peer, t.what, t.failures, t.spent.Round(time.Millisecond), err)}
}

// reportEvery is how often an operator is told that requests are repeated.
const reportEvery = time.Minute

// report logs that a request is repeated, and once in a while, for those who do not look at every one, how many were.
func (s *Store) report(t *trial, pause time.Duration, err error) {
	level := slog.LevelDebug
	if last, now := s.reported.Load(), time.Now().UnixNano(); now-last >= int64(reportEvery) && s.reported.CompareAndSwap(last, now) {
		level = slog.LevelWarn
	}
	n := s.Counts()
	s.cfg.Log.Log(context.Background(), level, "request to exchange storage repeated", "request", t.what, "failures", t.failures, "pause", pause, "err", err,
		"requests", n.Requests, "repeated", n.Repeated, "resumed", n.Resumed, "stalled", n.Stalled, "throttled", n.Throttled, "hedged", n.Hedged, "gaveUp", n.GaveUp)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// calm is how long a storage is to be left alone by everybody.
type calm struct {
	mu    sync.Mutex
	until time.Time
}

// keep leaves the storage alone for d.
func (c *calm) keep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := time.Now().Add(d); until.After(c.until) {
		c.until = until
	}
}

// wait waits until the storage may be asked again; not everybody comes back at once.
func (c *calm) wait(ctx context.Context) error {
	c.mu.Lock()
	left := time.Until(c.until)
	c.mu.Unlock()
	if left <= 0 {
		return nil
	}
	return sleep(ctx, left+rand.N(left/4+1))
}
