package sim

import (
	"context"
	"errors"
	"testing"
)

// TestRunSeeds plays seeds of which some fail: the smallest of those is told, whoever came first.
func TestRunSeeds(t *testing.T) {
	broken := errors.New("broken")
	other := errors.New("another")
	waited := make(chan struct{})
	told := 0
	sum, err := runSeeds(t.Context(), 100, 50, 4, func(Summary) { told++ }, func(seed int64) (*Result, error) {
		switch seed {
		case 110:
			<-waited // until a later one has failed
			return nil, broken
		case 111:
			close(waited)
			return nil, other
		}
		return &Result{Seed: seed, Finished: 2}, nil
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if sum.Seeds < 10 || sum.Finished != 2*sum.Seeds || int64(told) != sum.Seeds {
		t.Errorf("%v, told %d times", sum, told)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if sum, err := runSeeds(ctx, 0, 50, 2, nil, Run); err != nil || sum.Seeds != 0 {
		t.Errorf("%v, %v after the end", sum, err)
	}
}
