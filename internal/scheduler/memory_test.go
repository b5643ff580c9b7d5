package scheduler

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestRetryRequest(t *testing.T) {
	tests := []struct {
		code        *trinoerr.Code
		asked, peak int64
		left        int
		want        int64
	}{
		{trinoerr.CorruptPage, 50 * mib, 10 * mib, 3, 50 * mib},
		{trinoerr.ExceededLocalMemoryLimit, 50 * mib, 10 * mib, 3, 150 * mib},
		{trinoerr.ClusterOutOfMemory, 50 * mib, 10 * mib, 3, 150 * mib},
		{trinoerr.TooManyRequestsFailed, 50 * mib, 10 * mib, 3, 150 * mib},
		{trinoerr.CorruptPage, 50 * mib, 70 * mib, 3, 70 * mib},
		{trinoerr.ExceededLocalMemoryLimit, 50 * mib, 70 * mib, 3, 210 * mib},
		{trinoerr.ClusterOutOfMemory, 50 * mib, 70 * mib, 3, 210 * mib},
		{trinoerr.TooManyRequestsFailed, 50 * mib, 70 * mib, 3, 210 * mib},
		{trinoerr.ExceededLocalMemoryLimit, 50 * mib, 70 * mib, 1, everything},
		{trinoerr.CorruptPage, 50 * mib, 70 * mib, 1, 70 * mib},
		{trinoerr.ExceededLocalMemoryLimit, everything, 70 * mib, 3, everything},
	}
	set := DefaultSettings()
	for _, tt := range tests {
		if got := retryRequest(&set, failure(tt.code, ""), tt.asked, tt.peak, tt.left); got != tt.want {
			t.Errorf("%s asked %d peak %d left %d: got %d, want %d", tt.code.Name, tt.asked, tt.peak, tt.left, got, tt.want)
		}
	}
	set.MemoryGrowsOnWorkerCrash = false
	if got := retryRequest(&set, failure(trinoerr.RemoteHostGone, ""), 50, 10, 3); got != 50 {
		t.Errorf("worker crash with growth off: %d", got)
	}
}

func TestPeaks(t *testing.T) {
	var p peaks
	if p.quantile(0.9) != 0 {
		t.Error("quantile of nothing")
	}
	for i := range int64(10) {
		p.add((10 - i) * 100)
	}
	for q, want := range map[float64]int64{0: 100, 0.5: 500, 0.9: 900, 1: 1000} {
		if got := p.quantile(q); got != want {
			t.Errorf("quantile %v: %d, want %d", q, got, want)
		}
	}
	for i := range int64(100_000) {
		p.add(i)
	}
	if len(p.sorted) > maxPeaks {
		t.Errorf("%d observations are kept", len(p.sorted))
	}
}
