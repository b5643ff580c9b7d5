package scheduler

import (
	"math/rand"
	"slices"
	"testing"
)

// TestNumberSet compares the set with a sorted slice, at sizes around the borders of its levels.
func TestNumberSet(t *testing.T) {
	for _, top := range []int{1, 63, 64, 65, 4095, 4096, 4097, 300_000} {
		rng := rand.New(rand.NewSource(int64(top)))
		var s numberSet
		var want []int
		for range 2000 {
			n := rng.Intn(top + 1)
			i, there := slices.BinarySearch(want, n)
			switch {
			case rng.Intn(3) > 0:
				s.add(n)
				if !there {
					want = slices.Insert(want, i, n)
				}
			default:
				s.remove(n)
				if there {
					want = slices.Delete(want, i, i+1)
				}
			}
			if from := rng.Intn(top + 1); true {
				i, _ := slices.BinarySearch(want, from)
				next := -1
				if i < len(want) {
					next = want[i]
				}
				if got := s.next(from); got != next {
					t.Fatalf("of %d: next of %d is %d instead of %d", top, from, got, next)
				}
			}
			if s.len() != len(want) || s.has(n) != slices.Contains(want, n) {
				t.Fatalf("of %d: %d numbers instead of %d after %d", top, s.len(), len(want), n)
			}
		}
		if got := s.list(); !slices.Equal(got, want) {
			t.Fatalf("of %d: %v instead of %v", top, got, want)
		}
	}
}

// TestWaitHeap takes delays out in the order of their ends.
func TestWaitHeap(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	var h waitHeap
	var want []wait
	for range 1000 {
		w := wait{Instant(rng.Intn(50)), rng.Intn(1000)}
		h.push(w)
		want = append(want, w)
	}
	slices.SortFunc(want, func(a, b wait) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.n - b.n
	})
	for i, w := range want {
		if got := h.pop(); got != w {
			t.Fatalf("%d: %v instead of %v", i, got, w)
		}
	}
}
