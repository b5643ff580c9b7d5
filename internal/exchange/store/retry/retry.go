// Package retry makes a store of which requests fail, hang, break off or are refused for a while look like one where they do
// not: they are repeated, reads go on where they broke off, and for reads that are much slower than others a second one is
// begun. Drivers and their SDKs may repeat too; what they think final need not be.
//
// It lies between the exchange and every driver. What is repeated, and how often, is the table Rules; how long is the
// configuration's word. It does not know what objects hold: whether the bytes are right is for their reader to check.
package retry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says how long to try.
type Config struct {
	// MaxError is how long a request is repeated that does not get on, but at least minTries times.
	MaxError time.Duration
	// ReadTimeout is how long a read may go without a byte, and a listing without an entry, before it is abandoned and
	// begun again; WriteTimeout how long a piece of an object may take to be written, and the object to be committed.
	// Neither is longer than MaxError, nor shorter than a second because of that.
	ReadTimeout, WriteTimeout time.Duration
	// Concurrent bounds the requests that run at a time.
	Concurrent int
	// Hedge begins a second read where the first is slow.
	Hedge bool
	// Peer is whom errors blame, with what may be wrong with it.
	Peer string
	// Keys are those that objects may have.
	Keys store.Keys
	Log  *slog.Logger
}

// What errors blame.
const (
	Storage = "the exchange storage. The storage may be unavailable or under too much load."
	Worker  = "a worker node. The node may have crashed or be under too much load."
)

// Store is a store whose requests are repeated. Make it with New.
type Store struct {
	driver  store.Store
	cfg     Config
	permits chan struct{}
	calm    calm
	times   times
	counts  counts
	// reported is when the log last had a warning, in Unix nanoseconds.
	reported atomic.Int64
}

// New puts repetition around a driver.
func New(driver store.Store, cfg Config) *Store {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Peer == "" {
		cfg.Peer = Storage
	}
	limit := max(cfg.MaxError, time.Second)
	cfg.ReadTimeout, cfg.WriteTimeout = min(cfg.ReadTimeout, limit), min(cfg.WriteTimeout, limit)
	return &Store{driver: driver, cfg: cfg, permits: make(chan struct{}, max(1, cfg.Concurrent))}
}

// counts are what Counts returns.
type counts struct {
	requests, repeated, resumed, stalled, throttled, hedged, hedgesWon, gaveUp atomic.Int64
}

// Counts are numbers of requests since the store was opened.
type Counts struct {
	Requests  int64 // all that a driver was asked, hedges included
	Repeated  int64 // after a failure
	Resumed   int64 // reads among them that had brought bytes before
	Stalled   int64 // abandoned because nothing moved
	Throttled int64 // refused because there were too many
	Hedged    int64 // reads that were begun a second time because they were slow
	HedgesWon int64 // those where the second answered first
	GaveUp    int64 // that failed for good although they might have been repeated
}

// Counts returns the numbers as they are.
func (s *Store) Counts() Counts {
	c := &s.counts
	return Counts{Requests: c.requests.Load(), Repeated: c.repeated.Load(), Resumed: c.resumed.Load(), Stalled: c.stalled.Load(),
		Throttled: c.throttled.Load(), Hedged: c.hedged.Load(), HedgesWon: c.hedgesWon.Load(), GaveUp: c.gaveUp.Load()}
}

// URI implements store.Store.
func (s *Store) URI() string { return s.driver.URI() }

// Close implements store.Store.
func (s *Store) Close() error { return s.driver.Close() }

// enter waits until a request may begin: the storage does not want to be left alone, and few enough run.
func (s *Store) enter(ctx context.Context) error {
	if err := s.calm.wait(ctx); err != nil {
		return err
	}
	select {
	case s.permits <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	s.counts.requests.Add(1)
	return nil
}

// tryEnter is enter for what is done only where there is room.
func (s *Store) tryEnter() bool {
	select {
	case s.permits <- struct{}{}:
		s.counts.requests.Add(1)
		return true
	default:
		return false
	}
}

func (s *Store) leave() { <-s.permits }

// invalid gives a complaint about a key an identity; nil stays nil.
func invalid(err error) error {
	return trinoerr.Wrap(err, trinoerr.GenericInternalError, "exchange storage")
}

// Unwrap returns the driver.
func (s *Store) Unwrap() store.Store { return s.driver }
