package scheduler

import (
	"fmt"
	"math/bits"
)

// numberSet is a set of partition numbers in ascending order: a bitmap, above which every level has a bit for each
// word below that is not empty. Adding, removing and finding the next number take the same few steps whatever the
// number of partitions is.
type numberSet struct {
	levels [][]uint64
	count  int
}

func (s *numberSet) len() int { return s.count }

func (s *numberSet) has(n int) bool {
	return len(s.levels) > 0 && n>>6 < len(s.levels[0]) && s.levels[0][n>>6]&(1<<(n&63)) != 0
}

// add adds n, which may be in the set.
func (s *numberSet) add(n int) {
	if s.has(n) {
		return
	}
	s.count++
	for l := 0; ; l++ {
		if l == len(s.levels) {
			s.levels = append(s.levels, nil)
			if l > 0 { // a new top: what is below has been one word so far
				for i, w := range s.levels[l-1] {
					if w != 0 {
						s.levels[l] = setBit(s.levels[l], i)
					}
				}
			}
		}
		s.levels[l] = setBit(s.levels[l], n)
		n >>= 6
		if l+1 == len(s.levels) && len(s.levels[l]) == 1 {
			return
		}
	}
}

func setBit(words []uint64, n int) []uint64 {
	for n>>6 >= len(words) {
		words = append(words, 0)
	}
	words[n>>6] |= 1 << (n & 63)
	return words
}

// remove removes n, which may not be in the set.
func (s *numberSet) remove(n int) {
	if !s.has(n) {
		return
	}
	s.count--
	for l := range s.levels {
		w := &s.levels[l][n>>6]
		*w &^= 1 << (n & 63)
		if *w != 0 {
			return
		}
		n >>= 6
	}
}

// next returns the smallest number in the set that is not below n, or -1.
func (s *numberSet) next(n int) int {
	for l := 0; l < len(s.levels); l++ {
		words := s.levels[l]
		if n>>6 >= len(words) {
			return -1
		}
		if w := words[n>>6] >> (n & 63); w != 0 {
			n += bits.TrailingZeros64(w)
			for ; l > 0; l-- {
				n = n<<6 + bits.TrailingZeros64(s.levels[l-1][n])
			}
			return n
		}
		n = n>>6 + 1
	}
	return -1
}

// list returns the numbers in ascending order.
func (s *numberSet) list() []int {
	var out []int
	for n := s.next(0); n >= 0; n = s.next(n + 1) {
		out = append(out, n)
	}
	return out
}

// clear empties the set.
func (s *numberSet) clear() { *s = numberSet{} }

// String prints the numbers.
func (s *numberSet) String() string { return fmt.Sprint(s.list()) }

// wait is a partition that waits for its delay.
type wait struct {
	at Instant
	n  int
}

// waitHeap is a heap of delays, the earliest on top. A partition that is taken out of its delay leaves its entry behind:
// whoever looks at the top asks whether it still holds.
type waitHeap []wait

func (h waitHeap) less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].n < h[j].n
}

func (h *waitHeap) push(w wait) {
	*h = append(*h, w)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if !a.less(i, up) {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

func (h *waitHeap) pop() wait {
	a := *h
	top, last := a[0], len(a)-1
	a[0] = a[last]
	a = a[:last]
	*h = a
	for i := 0; ; {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < last && a.less(c, least) {
				least = c
			}
		}
		if least == i {
			return top
		}
		a[i], a[least] = a[least], a[i]
		i = least
	}
}
