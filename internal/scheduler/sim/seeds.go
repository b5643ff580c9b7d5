package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// Summary is what many seeds gave.
type Summary struct {
	Seeds    int64
	Events   int64
	Restarts int64 // of coordinators
	Finished int64 // queries with a result
	Failed   int64 // queries without
}

// String returns one line.
func (s Summary) String() string {
	return fmt.Sprintf("%d seeds: %d events, %d coordinators killed, %d queries finished, %d failed", s.Seeds, s.Events, s.Restarts, s.Finished, s.Failed)
}

func (s *Summary) add(r *Result) {
	s.Seeds++
	s.Events += int64(len(r.Events))
	s.Restarts += int64(r.Restarts)
	s.Finished += int64(r.Finished)
	s.Failed += int64(r.Failed)
}

// RunSeeds plays the seeds from first on, several at a time, until the context ends. It calls progress, if that is not
// nil, after every seed. The error is the shrunk *Violation of the smallest seed that gave one, or what else went wrong.
func RunSeeds(ctx context.Context, first, n int64, workers int, progress func(Summary)) (Summary, error) {
	// Machines are small and short-lived: with a heap of some megabytes most of the time would go into collecting it.
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	sum, err := runSeeds(ctx, first, n, workers, progress, Run)
	if v, ok := errors.AsType[*Violation](err); ok {
		err = Shrink(v)
	}
	return sum, err
}

// runSeeds plays seeds with play; the error is that of the smallest seed that gave one.
func runSeeds(ctx context.Context, first, n int64, workers int, progress func(Summary), play func(seed int64) (*Result, error)) (Summary, error) {
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		sum    Summary
		next   = first
		failed = first + n // the smallest seed that failed
		cause  error
	)
	take := func() (int64, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next >= min(first+n, failed) || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	done := func(seed int64, r *Result, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			sum.add(r)
			if progress != nil {
				progress(sum)
			}
		case seed < failed:
			failed, cause = seed, err
		}
	}
	for range max(workers, 1) {
		wg.Go(func() {
			for seed, ok := take(); ok; seed, ok = take() {
				r, err := play(seed)
				done(seed, r, err)
			}
		})
	}
	wg.Wait()
	return sum, cause
}
