package scheduler

import (
	"math"
	"slices"
)

// everything asks for the whole of the largest node.
const everything = int64(math.MaxInt64)

// maxPeaks bounds the observations kept per stage.
const maxPeaks = 1024

// peaks is the distribution of the memory that a stage's attempts needed.
type peaks struct {
	sorted []int64
}

// add records one observation. Above maxPeaks every other one is dropped: the quantiles stay about the same.
func (p *peaks) add(bytes int64) {
	if bytes <= 0 {
		return
	}
	i, _ := slices.BinarySearch(p.sorted, bytes)
	p.sorted = slices.Insert(p.sorted, i, bytes)
	if len(p.sorted) > maxPeaks {
		for j := range len(p.sorted) / 2 {
			p.sorted[j] = p.sorted[2*j+1]
		}
		p.sorted = p.sorted[:len(p.sorted)/2]
	}
}

// quantile returns the smallest observation that at least the fraction q of them does not exceed; 0 without any.
func (p *peaks) quantile(q float64) int64 {
	n := len(p.sorted)
	if n == 0 {
		return 0
	}
	i := int(math.Ceil(q*float64(n))) - 1
	return p.sorted[min(max(i, 0), n-1)]
}

// grow multiplies a size, saturating at everything.
func grow(bytes int64, factor float64) int64 {
	if v := float64(bytes) * factor; v < float64(everything) {
		return int64(v)
	}
	return everything
}

// LightSlots is how many attempts of NoMemory stages run on a node beside those in its slots.
const LightSlots = 1

// light reports whether the stage's attempts run in slots that are kept for them.
func (st *stage) light() bool { return st.NoMemory && !st.CoordinatorOnly }

// takesSlot reports whether the stage's attempts take ordinary slots.
func (st *stage) takesSlot() bool { return !st.NoMemory && !st.CoordinatorOnly }

// request is what the next attempt of p asks for, not yet limited to what nodes have.
func (st *stage) request(p *partition, largest *node) int64 {
	set := &st.q.settings
	switch {
	case st.NoMemory:
		return 0
	case st.CoordinatorOnly:
		return set.CoordinatorTaskMemory
	}
	base := st.MemoryRequest
	if base == 0 {
		base = set.TaskMemory
	}
	if base == 0 && largest != nil {
		base = largest.mem / int64(max(largest.slots, 1))
	}
	return max(base, st.peaks.quantile(set.MemoryQuantile), p.mem, 1)
}

// retryRequest is what the attempt after a failed one asks for. asked is what the failed one had, left how many
// attempts remain.
func retryRequest(set *Settings, f Failure, asked, peak int64, left int) int64 {
	m := max(peak, asked)
	if f.outOfMemory() || set.MemoryGrowsOnWorkerCrash && f.workerCrash() {
		if left <= 1 {
			return everything
		}
		return grow(m, set.MemoryGrowthFactor)
	}
	return m
}

// observe records what the attempt needed; one that ran out of memory needed more than it had.
func (st *stage) observe(f *Failure, asked, peak int64) {
	switch {
	case f == nil:
		st.peaks.add(peak)
	case f.outOfMemory():
		st.peaks.add(grow(max(asked, peak), st.q.settings.MemoryGrowthFactor))
	}
}

// hopeless reports whether an attempt that ran out of memory at peak will do so again with next bytes.
func hopeless(f Failure, next, peak int64) bool {
	return f.outOfMemory() && 0.99*float64(next) <= float64(peak)
}
