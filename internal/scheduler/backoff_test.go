package scheduler

import (
	"testing"
	"time"
)

func TestDelays(t *testing.T) {
	tests := []struct {
		factor        float64
		restart, task []time.Duration // in seconds
	}{
		{2, []time.Duration{10, 20, 40, 60, 60}, []time.Duration{10, 20, 40, 60, 60}},
		{1, []time.Duration{10, 10, 10}, []time.Duration{10, 10, 10}},
		{1.5, []time.Duration{10, 10, 20, 30, 50, 60}, nil},
	}
	for _, tt := range tests {
		set := DefaultSettings()
		set.RetryDelayScaleFactor = tt.factor
		for n, want := range tt.restart {
			if got := restartDelay(&set, n); got != want*time.Second {
				t.Errorf("factor %v restart %d: %s, want %ds", tt.factor, n, got, want)
			}
		}
		for n, want := range tt.task {
			if got := taskDelay(&set, n); got != want*time.Second {
				t.Errorf("factor %v task %d: %s, want %ds", tt.factor, n, got, want)
			}
		}
		if got := taskDelay(&set, 5000); got > set.RetryMaxDelay && tt.factor > 1 {
			t.Errorf("factor %v after many failures: %s", tt.factor, got)
		}
	}
}
