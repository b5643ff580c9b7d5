package retry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// small is written as a whole, large is streamed.
const (
	small = 100_000
	large = 12<<20 + 5
)

// check compares an object with what it should be, on the disk itself.
func (r rig) check(t *testing.T, key string, want []byte) {
	t.Helper()
	got, err := store.ReadAll(t.Context(), r.disk, key)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes instead of %d, %v", key, len(got), len(want), err)
	}
	left := 0
	if err := r.disk.List(t.Context(), "", func(store.Object) error { left++; return nil }); err != nil || left != 1 {
		t.Errorf("%d objects, %v", left, err)
	}
}

// A small object is written again, whatever was known of the tries before; if it must not exist before, it is read back.
func TestWriteIsRepeated(t *testing.T) {
	for _, o := range []store.CreateOptions{{}, {IfAbsent: true}} {
		for _, op := range []storetest.Op{storetest.OpWrite, storetest.OpCommit} {
			for _, f := range storetest.Faults[op] {
				t.Run(fmt.Sprint(op, f, o.IfAbsent), func(t *testing.T) {
					bubble(t, usual, scripted(op, 0, f, f), func(t *testing.T, r rig) {
						if err := store.Put(t.Context(), r.store, "k", content(small), o); err != nil {
							t.Fatal(err)
						}
						r.check(t, "k", content(small))
						if n := r.store.Counts(); n.Repeated < 1 {
							t.Errorf("%+v", n)
						}
					})
				})
			}
		}
	}
}

// An object that somebody else has written is not taken for ours, be the outcome of our own try known or not.
func TestSomebodyElseWasFirst(t *testing.T) {
	for _, f := range []storetest.Fault{storetest.Fine, storetest.Fails, storetest.Unknown} {
		bubble(t, usual, scripted(storetest.OpCommit, 0, f), func(t *testing.T, r rig) {
			r.put(t, "k", content(10))
			if err := store.Put(t.Context(), r.store, "k", content(11), store.CreateOptions{IfAbsent: true}); !errors.Is(err, store.ErrExists) {
				t.Errorf("%s: %v", f, err)
			}
			r.check(t, "k", content(10))
		})
	}
}

// What a stream has begun with is written again; what fails later fails the writer, and leaves nothing.
func TestStreamFails(t *testing.T) {
	for _, c := range []struct {
		at   int // the write that fails
		good bool
	}{{0, true}, {1, false}, {5, false}} {
		for _, f := range storetest.Faults[storetest.OpWrite] {
			t.Run(fmt.Sprint(c.at, f), func(t *testing.T) {
				bubble(t, usual, func(op storetest.Op, _ string, n int) (storetest.Fault, float64) {
					if op == storetest.OpWrite && n == c.at {
						return f, 0
					}
					return storetest.Fine, 0
				}, func(t *testing.T, r rig) {
					err := store.Put(t.Context(), r.store, "k", content(large), store.CreateOptions{})
					if c.good {
						if err != nil {
							t.Fatal(err)
						}
						r.check(t, "k", content(large))
						return
					}
					if trinoerr.CodeOf(err) != trinoerr.PageTransportError || !trinoerr.Retryable(err) {
						t.Errorf("%v", err)
					}
					if _, err := store.ReadAll(t.Context(), r.disk, "k"); !errors.Is(err, store.ErrNotFound) {
						t.Errorf("left behind: %v", err)
					}
				})
			})
		}
	}
}

// A stream whose commit has an unknown outcome is read back.
func TestStreamOutcome(t *testing.T) {
	for _, f := range storetest.Faults[storetest.OpCommit] {
		bubble(t, usual, scripted(storetest.OpCommit, 0, f), func(t *testing.T, r rig) {
			err := store.Put(t.Context(), r.store, "k", content(large), store.CreateOptions{})
			if (err == nil) != (f == storetest.Unknown) {
				t.Errorf("%s: %v", f, err)
			}
			if err == nil {
				r.check(t, "k", content(large))
			}
		})
	}
}

// A write that hangs is abandoned after the time that is configured for it, and one that does not get on is given up.
func TestWriteTimeout12480(t *testing.T) {
	bubble(t, usual, scripted(storetest.OpCommit, 0, storetest.Stuck), func(t *testing.T, r rig) {
		began := time.Now()
		if err := store.Put(t.Context(), r.store, "k", content(small), store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < usual.WriteTimeout || took > usual.WriteTimeout+5*time.Second {
			t.Errorf("took %s", took)
		}
		if n := r.store.Counts(); n.Stalled != 1 {
			t.Errorf("%+v", n)
		}
	})
	bubble(t, usual, scripted(storetest.OpCommit, 0, slices.Repeat([]storetest.Fault{storetest.Hangs}, 100)...), func(t *testing.T, r rig) {
		err := store.Put(t.Context(), r.store, "k", content(small), store.CreateOptions{})
		if trinoerr.CodeOf(err) != trinoerr.PageTransportTimeout {
			t.Errorf("%v", err)
		}
	})
}

// A read that hangs is abandoned after the time that is configured for it, and not after the one for writes.
func TestReadTimeout12480(t *testing.T) {
	cfg := retry.Config{MaxError: time.Hour, ReadTimeout: 3 * time.Second, WriteTimeout: time.Minute, Concurrent: 1}
	bubble(t, cfg, scripted(storetest.OpOpen, 0, storetest.Hangs), func(t *testing.T, r rig) {
		r.put(t, "k", content(10))
		began := time.Now()
		if _, err := read(t, r.store, "k", 0, 10); err != nil || time.Since(began) > 4*time.Second || time.Since(began) < 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// Listings go on behind what was listed; deletions are repeated.
func TestListAndDelete(t *testing.T) {
	for _, f := range storetest.Faults[storetest.OpList] {
		bubble(t, usual, scripted(storetest.OpList, 0.3, f, f), func(t *testing.T, r rig) {
			var want, got []string
			for n := range 20 {
				key := fmt.Sprintf("q/%02d", n)
				r.put(t, key, nil)
				want = append(want, key)
			}
			err := r.store.List(t.Context(), "q/", func(o store.Object) error { got = append(got, o.Key); return nil })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v", f, got, err)
			}
		})
	}
	for _, f := range storetest.Faults[storetest.OpDelete] {
		bubble(t, usual, scripted(storetest.OpDelete, 0, f, f), func(t *testing.T, r rig) {
			r.put(t, "q/1", nil)
			r.put(t, "p", nil)
			if err := r.store.DeletePrefix(t.Context(), "q/"); err != nil {
				t.Errorf("%s: %v", f, err)
			}
			r.check(t, "p", nil)
		})
	}
}

// A writer that is cancelled while its request hangs is not kept for long, and says why.
func TestCancelledWrite(t *testing.T) {
	for _, size := range []int{small, large} {
		for _, f := range []storetest.Fault{storetest.Hangs, storetest.Stuck, storetest.Fails} {
			bubble(t, usual, scripted(storetest.OpWrite, 0, slices.Repeat([]storetest.Fault{f}, 100)...), func(t *testing.T, r rig) {
				why := errors.New("why")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Second, func() { cancel(why) })
				began := time.Now()
				if err := store.Put(ctx, r.store, "k", content(size), store.CreateOptions{}); !errors.Is(err, why) || time.Since(began) > 6*time.Second {
					t.Errorf("%s: %v after %s", f, err, time.Since(began))
				}
			})
		}
	}
}
