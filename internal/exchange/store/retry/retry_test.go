package retry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// usual is the configuration of the tests.
var usual = retry.Config{MaxError: time.Minute, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, Concurrent: 16, Hedge: true}

func disk(t *testing.T) store.Store {
	t.Helper()
	s, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Around a store without faults it is a store like any.
func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return retry.New(disk(t), usual) })
}

// content is reproducible.
func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// scripted is a schedule of faults for one kind of request, one after the other; what is left out is fine.
func scripted(of storetest.Op, where float64, faults ...storetest.Fault) func(storetest.Op, string, int) (storetest.Fault, float64) {
	return func(op storetest.Op, _ string, n int) (storetest.Fault, float64) {
		if op != of || n >= len(faults) {
			return storetest.Fine, 0
		}
		return faults[n], where
	}
}

// rig is a store with faults and one that makes up for them.
type rig struct {
	disk   store.Store
	faulty *storetest.Faulty
	store  *retry.Store
}

// bubble runs a test in which time passes when everybody waits.
func bubble(t *testing.T, cfg retry.Config, schedule func(storetest.Op, string, int) (storetest.Fault, float64), test func(t *testing.T, r rig)) {
	t.Helper()
	d := disk(t)
	synctest.Test(t, func(t *testing.T) {
		f := storetest.NewFaulty(d, schedule)
		defer f.Release()
		test(t, rig{d, f, retry.New(f, cfg)})
	})
}

func (r rig) put(t *testing.T, key string, data []byte) {
	t.Helper()
	if err := store.Put(t.Context(), r.disk, key, data, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s store.Store, key string, offset, length int64) ([]byte, error) {
	t.Helper()
	r, err := s.Open(t.Context(), key, offset, length)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// A read that fails, hangs or breaks off goes on where it was, whatever the storage or its SDK thinks of the error.
func TestSpoolReadResumes27069(t *testing.T) {
	data := content(1 << 20)
	for _, c := range []struct {
		name   string
		faults []storetest.Fault
		least  time.Duration // what it takes at least
	}{
		{"a status 400", []storetest.Fault{storetest.Fails}, 0},
		{"many of them", slices.Repeat([]storetest.Fault{storetest.Fails}, 12), 0},
		{"connections that break", []storetest.Fault{storetest.Resets, storetest.Resets, storetest.Resets}, 0},
		{"bodies that end too soon", []storetest.Fault{storetest.Truncates, storetest.Truncates}, 0},
		{"a request without an answer", []storetest.Fault{storetest.Hangs}, usual.ReadTimeout},
		{"a request that nothing ends", []storetest.Fault{storetest.Stuck}, usual.ReadTimeout},
		{"bodies that stall", []storetest.Fault{storetest.Stalls, storetest.Stalls}, 2 * usual.ReadTimeout},
		{"throttling", []storetest.Fault{storetest.Throttled, storetest.Throttled}, 100 * time.Millisecond},
		{"all of it", []storetest.Fault{storetest.Throttled, storetest.Resets, storetest.Stalls, storetest.Fails, storetest.Truncates}, 0},
	} {
		for _, length := range []int64{300_000, -1} {
			t.Run(fmt.Sprint(c.name, length), func(t *testing.T) {
				bubble(t, usual, scripted(storetest.OpOpen, 0.4, c.faults...), func(t *testing.T, r rig) {
					r.put(t, "q/x", data)
					began := time.Now()
					got, err := read(t, r.store, "q/x", 1000, length)
					want := data[1000:]
					if length >= 0 {
						want = want[:length]
					}
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("%d bytes, %v", len(got), err)
					}
					if took := time.Since(began); took < c.least {
						t.Errorf("took %s", took)
					}
					if n := r.store.Counts(); n.Repeated != int64(len(c.faults)) || n.GaveUp != 0 {
						t.Errorf("%+v", n)
					}
				})
			})
		}
	}
}

// What has been read is not asked for again.
func TestResumedReadAsksForTheRest(t *testing.T) {
	var asked []int64
	bubble(t, usual, scripted(storetest.OpOpen, 0.5, storetest.Resets), func(t *testing.T, r rig) {
		r.put(t, "q/x", content(1000))
		s := retry.New(watched{r.faulty, func(offset, length int64) { asked = append(asked, offset, length) }}, usual)
		if _, err := read(t, s, "q/x", 100, 800); err != nil {
			t.Fatal(err)
		}
	})
	if want := []int64{100, 800, 500, 400}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v", asked)
	}
}

// watched tells of reads before they begin.
type watched struct {
	store.Store
	opens func(offset, length int64)
}

func (w watched) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	w.opens(offset, length)
	return w.Store.Open(ctx, key, offset, length)
}

// The configured time bounds how long a request is repeated; the error has Trino's name and is worth another attempt.
func TestGivesUp(t *testing.T) {
	for _, f := range []storetest.Fault{storetest.Fails, storetest.Hangs, storetest.Stuck, storetest.Resets, storetest.Stalls, storetest.Throttled} {
		t.Run(string(f), func(t *testing.T) {
			bubble(t, usual, scripted(storetest.OpOpen, 0, slices.Repeat([]storetest.Fault{f}, 10_000)...), func(t *testing.T, r rig) {
				r.put(t, "q/x", content(1000))
				began := time.Now()
				_, err := read(t, r.store, "q/x", 0, 1000)
				if trinoerr.CodeOf(err) != trinoerr.PageTransportTimeout || !trinoerr.Retryable(err) ||
					!strings.HasPrefix(err.Error(), "Encountered too many errors talking to the exchange storage.") || !strings.Contains(err.Error(), "q/x - ") {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took < usual.MaxError || took > 2*usual.MaxError {
					t.Errorf("took %s", took)
				}
				if n := r.store.Counts(); n.GaveUp != 1 || n.Repeated > 100 {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// However short the time, a request is made three times.
func TestTriesThreeTimes(t *testing.T) {
	cfg := usual
	cfg.MaxError = time.Millisecond
	for n := 1; n <= 3; n++ {
		bubble(t, cfg, scripted(storetest.OpOpen, 0, slices.Repeat([]storetest.Fault{storetest.Fails}, n)...), func(t *testing.T, r rig) {
			r.put(t, "q/x", content(10))
			if _, err := read(t, r.store, "q/x", 0, 10); (err == nil) != (n < 3) {
				t.Errorf("after %d failures: %v", n, err)
			}
		})
	}
}

// A read that brings a byte per request does not get on.
func TestTricklingReadEnds(t *testing.T) {
	cfg := usual
	cfg.MaxError = 10 * time.Second
	bubble(t, cfg, func(storetest.Op, string, int) (storetest.Fault, float64) { return storetest.Resets, 1e-6 }, func(t *testing.T, r rig) {
		r.put(t, "q/x", content(2<<20))
		if _, err := read(t, r.store, "q/x", 0, 2<<20); trinoerr.CodeOf(err) != trinoerr.PageTransportTimeout {
			t.Errorf("%v", err)
		}
	})
}

// failing is a store that fails in one way.
type failing struct {
	store.Store
	err  error
	asks *atomic.Int64
}

func (f failing) Open(context.Context, string, int64, int64) (io.ReadCloser, error) {
	f.asks.Add(1)
	return nil, f.err
}

func TestRules(t *testing.T) {
	used := map[*retry.Rule]bool{}
	for _, c := range []struct {
		err   error
		tries int64 // zero: until the time is up
	}{
		{store.ErrNotFound, 1},
		{store.ErrExists, 1},
		{&store.FinalError{Err: errors.New("nobody is there")}, 1},
		{&store.ThrottledError{Err: errors.New("slow down")}, 0},
		{io.ErrUnexpectedEOF, 3},
		{trinoerr.Wrap(fs.ErrPermission, trinoerr.GenericInternalError, "open"), 1},
		{&fs.PathError{Err: syscall.EROFS}, 1},
		{trinoerr.New(trinoerr.ConfigurationInvalid, "no such bucket"), 0},
		{trinoerr.New(trinoerr.PermissionDenied, "no"), 1},
		{&trinoerr.Error{Code: trinoerr.GenericInternalError, Deterministic: true}, 1},
		{trinoerr.New(trinoerr.GenericInsufficientResources, "full"), 1},
		{&fs.PathError{Err: syscall.EIO}, 0},
		{&fs.PathError{Err: syscall.ESTALE}, 0},
		{io.ErrClosedPipe, 0},
		{context.Canceled, 0},         // not the reader's: the driver's own
		{context.DeadlineExceeded, 0}, // likewise
		{errors.New("InvalidArgument: status 400"), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var asks atomic.Int64
			s := retry.New(failing{nil_{}, c.err, &asks}, usual)
			_, err := read(t, s, "k", 0, 10)
			if n := asks.Load(); !errors.Is(err, c.err) || c.tries > 0 && n != c.tries || c.tries == 0 && n < 10 {
				t.Errorf("%v: %d tries, %v", c.err, n, err)
			}
			used[retry.RuleOf(c.err)] = true
		})
	}
	for i := range retry.Rules {
		if !used[&retry.Rules[i]] {
			t.Errorf("nothing tries the rule for %s", retry.Rules[i].Errors)
		}
	}
}

// nil_ is a store with a name and nothing else.
type nil_ struct{ store.Store }

func (nil_) URI() string { return "x://y" }

// Throttling keeps all from asking for as long as the storage says.
func TestThrottlingCalmsEverybody14496(t *testing.T) {
	bubble(t, usual, scripted(storetest.OpOpen, 0, storetest.Throttled), func(t *testing.T, r rig) {
		r.faulty.After = 7 * time.Second
		for _, k := range []string{"a", "b"} {
			r.put(t, k, content(10))
		}
		began := time.Now()
		if _, err := read(t, r.store, "a", 0, 10); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 7*time.Second {
			t.Errorf("asked again after %s", took)
		}
	})
	bubble(t, usual, func(op storetest.Op, key string, n int) (storetest.Fault, float64) {
		if op == storetest.OpOpen && key == "a" && n == 0 {
			return storetest.Throttled, 0
		}
		return storetest.Fine, 0
	}, func(t *testing.T, r rig) {
		r.faulty.After = 7 * time.Second
		r.put(t, "a", content(10))
		r.put(t, "b", content(10))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = read(t, r.store, "a", 0, 10) })
		synctest.Wait()
		began := time.Now()
		if _, err := read(t, r.store, "b", 0, 10); err != nil || time.Since(began) < 6*time.Second {
			t.Errorf("another was read after %s: %v", time.Since(began), err)
		}
		wg.Wait()
	})
}

// No more requests run at a time than there may be.
func TestConcurrencyIsBounded14496(t *testing.T) {
	cfg := usual
	cfg.Concurrent = 3
	d := disk(t)
	synctest.Test(t, func(t *testing.T) {
		if err := store.Put(t.Context(), d, "k", content(10), store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		var running, most atomic.Int64
		s := retry.New(watched{d, func(int64, int64) {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Second) // of the bubble's
			running.Add(-1)
		}}, cfg)
		began := time.Now()
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if _, err := read(t, s, "k", 0, 10); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != 3 || time.Since(began) != 4*time.Second {
			t.Errorf("%d at a time, in %s", most.Load(), time.Since(began))
		}
	})
}

// A read that is slow to begin with is begun a second time, and the first answer counts; but only few are.
func TestSlowReadIsHedged17961(t *testing.T) {
	d := disk(t)
	data := content(1000)
	synctest.Test(t, func(t *testing.T) {
		if err := store.Put(t.Context(), d, "k", data, store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		var asks atomic.Int64
		var slow atomic.Bool
		s := retry.New(watched{d, func(int64, int64) {
			asks.Add(1)
			if slow.Swap(false) {
				time.Sleep(8 * time.Second)
			} else {
				time.Sleep(20 * time.Millisecond)
			}
		}}, usual)
		one := func() time.Duration {
			began := time.Now()
			if got, err := read(t, s, "k", 0, 1000); err != nil || !bytes.Equal(got, data) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			return time.Since(began)
		}
		slow.Store(true)
		if took := one(); took != 8*time.Second {
			t.Errorf("the first, of which nobody knows how long it should take, took %s", took)
		}
		for range 30 {
			one()
		}
		if n := s.Counts(); n.Hedged != 0 {
			t.Errorf("of those that take as long as usual: %+v", n)
		}
		slow.Store(true)
		if took := one(); took != 120*time.Millisecond {
			t.Errorf("a slow one took %s", took)
		}
		if n := s.Counts(); n.Hedged != 1 || n.HedgesWon != 1 || n.Requests != asks.Load() {
			t.Errorf("%+v, %d requests", n, asks.Load())
		}
		for i := range 200 {
			slow.Store(i%4 == 0)
			one()
		}
		if n := s.Counts(); n.Hedged < 8 || n.Hedged > 10 || n.Hedged != n.HedgesWon {
			t.Errorf("when a quarter is slow: %+v", n)
		}
		time.Sleep(time.Minute) // those that are abandoned notice in the end
	})
}

// Where the second read fails, the first goes on, and the other way round.
func TestHedgeFails17961(t *testing.T) {
	d := disk(t)
	data := content(1000)
	for _, loser := range []int64{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			if err := store.Put(t.Context(), d, "k", data, store.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			var slow atomic.Bool
			var nth atomic.Int64
			s := retry.New(hooked{d, func() error {
				if !slow.Load() {
					return nil
				}
				n := nth.Add(1) - 1
				time.Sleep(time.Duration(n+1) * time.Second)
				if n == loser {
					return errors.New("broken")
				}
				return nil
			}}, usual)
			for range 50 {
				if _, err := read(t, s, "k", 0, 1000); err != nil {
					t.Fatal(err)
				}
			}
			slow.Store(true)
			if got, err := read(t, s, "k", 0, 1000); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if n := s.Counts(); n.Hedged != 1 || n.HedgesWon != 0 && loser == 1 || n.Repeated != 0 {
				t.Errorf("%+v", n)
			}
			time.Sleep(time.Minute)
		})
	}
}

// hooked calls something before each read, which may fail it.
type hooked struct {
	store.Store
	before func() error
}

func (h hooked) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := h.before(); err != nil {
		return nil, err
	}
	return h.Store.Open(ctx, key, offset, length)
}

// A reader that is cancelled is not kept, wherever its request hangs.
func TestCancelledRead(t *testing.T) {
	for _, f := range []storetest.Fault{storetest.Hangs, storetest.Stuck, storetest.Stalls, storetest.Fails} {
		bubble(t, usual, scripted(storetest.OpOpen, 0.5, slices.Repeat([]storetest.Fault{f}, 100)...), func(t *testing.T, r rig) {
			r.put(t, "k", content(1000))
			why := errors.New("why")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(why) })
			began := time.Now()
			if _, err := store.ReadAll(ctx, r.store, "k"); !errors.Is(err, why) || time.Since(began) != 3*time.Second {
				t.Errorf("%s: %v after %s", f, err, time.Since(began))
			}
		})
	}
}

// The log says once a minute that requests are repeated, and how many were.
func TestRepetitionsAreReported14496(t *testing.T) {
	var log bytes.Buffer
	cfg := usual
	cfg.MaxError = 3 * time.Minute
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	bubble(t, cfg, scripted(storetest.OpOpen, 0, slices.Repeat([]storetest.Fault{storetest.Fails}, 25)...), func(t *testing.T, r rig) {
		r.put(t, "q/x", content(10))
		if _, err := read(t, r.store, "q/x", 0, 10); err != nil {
			t.Fatal(err)
		}
	})
	if n := strings.Count(log.String(), "level=WARN"); n != 2 || !strings.Contains(log.String(), "repeated=1 ") {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}
