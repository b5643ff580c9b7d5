package engine

import (
	"sync"
	"sync/atomic"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native"
)

// accumulators holds the states of the native aggregates that run; DuckDB's memory has their handles, which are never 0.
// Looking one up takes no lock, since it is done for every row.
type accumulators struct {
	pages atomic.Pointer[[]*accumulatorPage]

	mu   sync.Mutex
	free []uint64
	used uint64 // handles given out so far, free ones too
}

const accumulatorsPerPage = 1024

type accumulatorPage [accumulatorsPerPage]heldAccumulator

// heldAccumulator is a state and the instance that it belongs to.
type heldAccumulator struct {
	native.Accumulator
	owner uintptr
}

var running accumulators

func (a *accumulators) slot(handle uint64) *heldAccumulator {
	n := handle - 1
	return &(*(*a.pages.Load())[n/accumulatorsPerPage])[n%accumulatorsPerPage]
}

func (a *accumulators) get(handle uint64) native.Accumulator { return a.slot(handle).Accumulator }

func (a *accumulators) add(acc native.Accumulator, owner uintptr) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var handle uint64
	if n := len(a.free); n > 0 {
		handle, a.free = a.free[n-1], a.free[:n-1]
	} else {
		if a.used%accumulatorsPerPage == 0 {
			var pages []*accumulatorPage
			if p := a.pages.Load(); p != nil {
				pages = append(pages, *p...)
			}
			pages = append(pages, new(accumulatorPage))
			a.pages.Store(&pages)
		}
		a.used++
		handle = a.used
	}
	*a.slot(handle) = heldAccumulator{acc, owner}
	return handle
}

func (a *accumulators) remove(handle uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(handle)
}

// release removes what an instance has left: DuckDB forgets to destroy states when a statement fails.
func (a *accumulators) release(owner uintptr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for handle := uint64(1); handle <= a.used; handle++ {
		if h := a.slot(handle); h.Accumulator != nil && h.owner == owner {
			a.drop(handle)
		}
	}
}

func (a *accumulators) drop(handle uint64) {
	*a.slot(handle) = heldAccumulator{}
	a.free = append(a.free, handle)
	if uint64(len(a.free)) == a.used { // nothing runs: give the pages back
		a.free, a.used = nil, 0
		a.pages.Store(nil)
	}
}

// count is the number of states in use.
func (a *accumulators) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return int(a.used) - len(a.free)
}
