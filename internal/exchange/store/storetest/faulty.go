package storetest

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Fault is what a Faulty store does to a request.
type Fault string

// The faults.
const (
	Fine      Fault = ""
	Fails     Fault = "fails"     // an error, and nothing is done
	Throttled Fault = "throttled" // refused, with a time to wait
	Hangs     Fault = "hangs"     // until its context ends
	Stuck     Fault = "stuck"     // until the store is released, whatever its context says
	Resets    Fault = "resets"    // a body breaks off with an error
	Truncates Fault = "truncates" // a body breaks off as if the object ended there
	Stalls    Fault = "stalls"    // a body gives no more from somewhere on, until its context ends
	Flips     Fault = "flips"     // a bit of a body is another
	Unknown   Fault = "unknown"   // the request does what it should, and fails
)

// Op is a kind of request.
type Op string

// The kinds.
const (
	OpOpen   Op = "open"
	OpWrite  Op = "write"
	OpCommit Op = "commit"
	OpList   Op = "list"
	OpDelete Op = "delete"
)

// Faults are those that can befall a kind of request.
var Faults = map[Op][]Fault{
	OpOpen:   {Fails, Throttled, Hangs, Stuck, Resets, Truncates, Stalls, Flips},
	OpWrite:  {Fails, Hangs, Stuck},
	OpCommit: {Fails, Throttled, Hangs, Stuck, Unknown},
	OpList:   {Fails, Throttled, Hangs, Truncates},
	OpDelete: {Fails, Throttled, Hangs, Unknown},
}

// ErrInjected is the error that faults give.
var ErrInjected = errors.New("status 400: injected")

// Faulty is a store that does badly what Schedule says. Requests are judged in the order in which they come.
type Faulty struct {
	store.Store
	// Schedule chooses what befalls the n-th request of its kind for a key, and, for faults in the middle of a body or a
	// listing, where: a share of it.
	Schedule func(op Op, key string, n int) (Fault, float64)
	// After is the time to wait that throttled requests are told.
	After time.Duration

	mu       sync.Mutex
	seen     map[string]int
	released chan struct{}
	struck   map[Fault]int
}

// NewFaulty returns a store with the faults of a schedule.
func NewFaulty(s store.Store, schedule func(op Op, key string, n int) (Fault, float64)) *Faulty {
	return &Faulty{Store: s, Schedule: schedule, After: 50 * time.Millisecond, seen: map[string]int{}, released: make(chan struct{}), struck: map[Fault]int{}}
}

// Seeded is a schedule in which about a share of the requests meets a fault, the same ones for the same seed, but no more than
// inRow of a kind for a key one after the other.
func Seeded(seed uint64, share float64, inRow int) func(op Op, key string, n int) (Fault, float64) {
	return func(op Op, key string, n int) (Fault, float64) {
		if n%(inRow+1) == inRow {
			return Fine, 0
		}
		h := fnv.New64a()
		_, _ = io.WriteString(h, string(op)+key)
		r := rand.New(rand.NewPCG(seed, h.Sum64()+uint64(n)))
		if r.Float64() >= share {
			return Fine, 0
		}
		of := Faults[op]
		return of[r.IntN(len(of))], r.Float64()
	}
}

// Release lets go what is stuck, now and later.
func (f *Faulty) Release() { close(f.released) }

// Struck tells how often each fault has struck.
func (f *Faulty) Struck() map[Fault]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[Fault]int{}
	for k, n := range f.struck {
		out[k] = n
	}
	return out
}

// next says what befalls a request.
func (f *Faulty) next(op Op, key string) (Fault, float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.seen[string(op)+key]
	f.seen[string(op)+key]++
	fault, where := f.Schedule(op, key, n)
	if fault != Fine {
		f.struck[fault]++
	}
	return fault, where
}

// strike does what befalls a request before it is carried out.
func (f *Faulty) strike(ctx context.Context, fault Fault) error {
	switch fault {
	case Fails:
		return ErrInjected
	case Throttled:
		return &store.ThrottledError{After: f.After, Err: errors.New("status 503: slow down")}
	case Hangs:
		<-ctx.Done()
		return ctx.Err()
	case Stuck:
		<-f.released
		return ErrInjected
	}
	return nil
}

// Open implements store.Store.
func (f *Faulty) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	fault, where := f.next(OpOpen, key)
	if err := f.strike(ctx, fault); err != nil {
		return nil, err
	}
	r, err := f.Store.Open(ctx, key, offset, length)
	if err != nil || fault == Fine {
		return r, err
	}
	if length < 0 {
		length = 100
	}
	return &faultyBody{ReadCloser: r, ctx: ctx, fault: fault, at: int64(where * float64(length))}, nil
}

// faultyBody is a body with a fault before its at-th byte.
type faultyBody struct {
	io.ReadCloser
	ctx   context.Context // of the reading, as store.Store says
	fault Fault
	at    int64
}

// Read implements io.Reader.
func (b *faultyBody) Read(p []byte) (int, error) {
	if b.at > 0 || b.fault == Fine {
		if b.at > 0 {
			p = p[:min(int64(len(p)), b.at)]
		}
		n, err := b.ReadCloser.Read(p)
		b.at -= int64(n)
		return n, err
	}
	switch b.fault {
	case Resets:
		return 0, errors.New("connection reset by peer")
	case Truncates:
		return 0, io.ErrUnexpectedEOF
	case Stalls:
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	n, err := b.ReadCloser.Read(p)
	if n > 0 && b.fault == Flips {
		p[0] ^= 4
		b.fault = Fine
	}
	return n, err
}

// Create implements store.Store.
func (f *Faulty) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	w, err := f.Store.Create(ctx, key, o)
	if err != nil {
		return nil, err
	}
	return &faultyWriter{Writer: w, f: f, ctx: ctx, key: key}, nil
}

type faultyWriter struct {
	store.Writer
	f   *Faulty
	ctx context.Context // of the writing, as store.Store says
	key string
}

// Write implements io.Writer.
func (w *faultyWriter) Write(p []byte) (int, error) {
	fault, _ := w.f.next(OpWrite, w.key)
	if err := w.f.strike(w.ctx, fault); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// Close implements store.Writer.
func (w *faultyWriter) Close() error {
	fault, _ := w.f.next(OpCommit, w.key)
	if err := w.f.strike(w.ctx, fault); err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := w.Writer.Close(); err != nil {
		return err
	}
	if fault == Unknown {
		return ErrInjected
	}
	return nil
}

// List implements store.Store.
func (f *Faulty) List(ctx context.Context, prefix string, each func(store.Object) error) error {
	fault, where := f.next(OpList, prefix)
	if err := f.strike(ctx, fault); err != nil {
		return err
	}
	left := -1
	if fault == Truncates {
		left = int(where * 10)
	}
	return f.Store.List(ctx, prefix, func(o store.Object) error {
		if left == 0 {
			return ErrInjected
		}
		left--
		return each(o)
	})
}

// DeletePrefix implements store.Store.
func (f *Faulty) DeletePrefix(ctx context.Context, prefix string) error {
	fault, _ := f.next(OpDelete, prefix)
	if err := f.strike(ctx, fault); err != nil {
		return err
	}
	if err := f.Store.DeletePrefix(ctx, prefix); err != nil {
		return err
	}
	if fault == Unknown {
		return ErrInjected
	}
	return nil
}
