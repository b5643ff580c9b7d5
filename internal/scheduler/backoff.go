package scheduler

import (
	"math"
	"time"
)

// restartDelay is the pause before restart n (from 0) of a QUERY query: min(initial × floor(factor^n), max). The
// floor is Trino's: with factor 1.5 the delays are 1, 1, 2, 3, … times the first.
func restartDelay(set *Settings, n int) time.Duration {
	return scaledDelay(set.RetryInitialDelay, math.Floor(math.Pow(set.RetryDelayScaleFactor, float64(n))), set.RetryMaxDelay)
}

// taskDelay is the pause after failure n (from 0) of one partition by itself: Trino's sequence, in which only the
// growth is limited by the maximum, but for each partition instead of one for the query.
func taskDelay(set *Settings, n int) time.Duration {
	if n == 0 {
		return set.RetryInitialDelay
	}
	return scaledDelay(set.RetryInitialDelay, math.Pow(set.RetryDelayScaleFactor, float64(n)), set.RetryMaxDelay)
}

// scaledDelay is min(d × factor, limit), without overflow.
func scaledDelay(d time.Duration, factor float64, limit time.Duration) time.Duration {
	if v := float64(d) * factor; v < float64(limit) {
		return time.Duration(v)
	}
	return limit
}
