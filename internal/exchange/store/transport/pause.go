package transport

import (
	"math/rand/v2"
	"time"
)

// Pauses between repetitions of a request that a driver, or its SDK, makes: they double. The longest is short, as store.Store's users repeat
// too, and know better for how long; with the SDKs' own 20 seconds and more, a server that is away would show only after minutes.
const (
	FirstPause   = 50 * time.Millisecond
	LongestPause = time.Second
	// LongestCalm bounds for how long a server may ask to be left alone in a pause.
	LongestCalm = 10 * time.Second
)

// Pause is how long to wait before the n-th repetition, counted from 0; not everybody comes back at once.
func Pause(n int) time.Duration {
	p := LongestPause
	if n < 16 {
		p = min(p, FirstPause<<n)
	}
	return p/2 + rand.N(p/2)
}
