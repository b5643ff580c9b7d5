package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// tries is how requests are repeated in the tests.
var tries = retry.Config{MaxError: time.Minute, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, Concurrent: 8, Hedge: true}

// clearError reports whether an error is one that a store in trouble may end in: it has a name, and is worth another attempt.
func clearError(err error) bool {
	var lost *LostError
	return errors.As(err, &lost) || trinoerr.Retryable(err) &&
		(trinoerr.CodeOf(err) == trinoerr.PageTransportTimeout || trinoerr.CodeOf(err) == trinoerr.PageTransportError)
}

// Bundles that are written to and read from a store that does everything wrong now and then have exactly the bytes that were
// given, or end in a clear error, in the time that is configured: never in other bytes, and never not at all.
func TestRandomFaults(t *testing.T) {
	const seeds = 70
	struck, written, read := map[storetest.Fault]int{}, 0, 0
	forms := append(slices.Clone(shapes), shapes[0])
	forms[len(shapes)].name, forms[len(shapes)].sizes = "streamed", []int{100_000, 6 << 20, 700_000}
	for seed := range uint64(seeds) {
		shape := forms[seed%uint64(len(forms))]
		key := NewQueryKey()
		if seed%2 == 0 {
			key = nil
		}
		disk := open(t)
		synctest.Test(t, func(t *testing.T) {
			// From a store that fails now and then to one that hardly does anything else.
			f := storetest.NewFaulty(disk, storetest.Seeded(seed, []float64{0.1, 0.3, 0.6, 0.95}[seed%4], 2+int(seed%5)))
			s := retry.New(f, tries)
			began := time.Now()
			h, err := writeAll(t.Context(), s, shape.cfg, key, shape.sizes)
			switch {
			case err == nil:
				written++
			case !clearError(err):
				t.Errorf("seed %d, %s: write: %v", seed, shape.name, err)
			}
			for times := 0; times < 4 && err == nil; times++ {
				var got map[int][]byte
				got, err = readAll(t.Context(), s, key, h)
				switch {
				case err == nil:
					read++
					for n, size := range shape.sizes {
						if !bytes.Equal(got[n], content(size, n)) {
							t.Errorf("seed %d, %s: partition %d has other bytes", seed, shape.name, n)
						}
					}
				case !clearError(err):
					t.Errorf("seed %d, %s: read: %v", seed, shape.name, err)
				}
			}
			if took := time.Since(began); took > time.Hour {
				t.Errorf("seed %d, %s: took %s", seed, shape.name, took)
			}
			f.Release()
			for k, n := range f.Struck() {
				struck[k] += n
			}
		})
	}
	for _, of := range storetest.Faults[storetest.OpOpen] {
		if struck[of] == 0 {
			t.Errorf("no request met %q", of)
		}
	}
	if written < seeds/2 || read < 2*written {
		t.Errorf("of %d bundles %d were written, and %d read", seeds, written, read)
	}
	t.Logf("%d bundles: %d written, %d read; %v", seeds, written, read, struck)
}

func writeAll(ctx context.Context, s store.Store, cfg WriterConfig, key *QueryKey, sizes []int) (*Handle, error) {
	cfg.Store, cfg.Key, cfg.Prefix, cfg.Producer = s, key, "q/0/0.0/", "q.0.0.0"
	w, err := NewWriter(ctx, cfg)
	if err != nil {
		return nil, err
	}
	for n, size := range sizes {
		if err := w.Add(n, 1, int64(size), bytes.NewReader(content(size, n))); err != nil {
			return nil, errors.Join(err, ignore(w.Abort()))
		}
	}
	h, err := w.Close()
	return &h, err
}

// ignore is for what fails because something else has.
func ignore(error) error { return nil }

func readAll(ctx context.Context, s store.Store, key *QueryKey, h *Handle) (map[int][]byte, error) {
	got := map[int]*pageTarget{}
	r := readerOf(s, key)
	r.MergeGap, r.MaxRange = 1, 64<<10 // many requests
	err := r.Read(ctx, Wanted{Handles: []*Handle{h}, Partition: all}, func(_ *Handle, s Segment) (Target, error) {
		got[s.Partition] = &pageTarget{}
		return got[s.Partition], nil
	})
	out := map[int][]byte{}
	for p, t := range got {
		out[p] = t.Bytes()
	}
	return out, err
}

// An output that a store does not give for as long as it is asked is lost for a reader that has been told to give it up,
// if the store answers otherwise.
func TestUnreadableIsLost27069(t *testing.T) {
	for _, c := range []struct {
		condemn, lists, lost bool
	}{
		{false, true, false},
		{true, true, true},
		{true, false, false},
	} {
		disk := open(t)
		synctest.Test(t, func(t *testing.T) {
			h, err := writeAll(t.Context(), disk, WriterConfig{}, nil, []int{100_000})
			if err != nil {
				t.Fatal(err)
			}
			s := retry.New(storetest.NewFaulty(disk, func(op storetest.Op, _ string, _ int) (storetest.Fault, float64) {
				if op == storetest.OpList && c.lists {
					return storetest.Fine, 0
				}
				return storetest.Fails, 0
			}), tries)
			r := readerOf(s, nil)
			r.Condemn = c.condemn
			err = r.Read(t.Context(), Wanted{Handles: []*Handle{h}, Partition: all}, func(*Handle, Segment) (Target, error) { return &pageTarget{}, nil })
			var lost *LostError
			if errors.As(err, &lost) != c.lost || lost != nil && lost.Producer != "q.0.0.0" || trinoerr.CodeOf(err) != trinoerr.PageTransportTimeout {
				t.Errorf("%+v: %v", c, err)
			}
		})
	}
}

// What is damaged on the way is read again; what is damaged where it lies is lost, and soon.
func TestDamageOnTheWay(t *testing.T) {
	for flips, lost := range []bool{false, false, true} {
		t.Run(fmt.Sprint(flips), func(t *testing.T) {
			disk := open(t)
			synctest.Test(t, func(t *testing.T) {
				h, err := writeAll(t.Context(), disk, WriterConfig{}, nil, []int{100_000})
				if err != nil {
					t.Fatal(err)
				}
				f := storetest.NewFaulty(disk, func(op storetest.Op, _ string, n int) (storetest.Fault, float64) {
					if op == storetest.OpOpen && n < flips {
						return storetest.Flips, 0.5
					}
					return storetest.Fine, 0
				})
				got, err := readAll(t.Context(), retry.New(f, tries), nil, h)
				var e *LostError
				if errors.As(err, &e) != lost || !lost && !bytes.Equal(got[0], content(100_000, 0)) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
