package differential

import (
	"math/rand/v2"
	"slices"
)

// tape has the decisions of a generator.
type tape struct {
	numbers []uint32
	at      int
}

// record makes a random tape, which is longer than most queries need.
func record(seed uint64) []uint32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]uint32, 400)
	for i := range out {
		out[i] = rng.Uint32()
	}
	return out
}

// pick decides between n choices; 0 is the simplest.
func (t *tape) pick(n int) int {
	if t.at >= len(t.numbers) {
		return 0
	}
	v := t.numbers[t.at]
	t.at++
	return int(v % uint32(n)) //nolint:gosec // n is small and positive
}

// often is true in most cases; rarely in few. Both are false at the tape's end.
func (t *tape) often() bool  { return t.pick(4) > 1 }
func (t *tape) rarely() bool { return t.pick(8) == 7 }

// oneOf picks an element of a list that is not empty.
func oneOf[T any](t *tape, list ...T) T { return list[t.pick(len(list))] }

// shrink returns the shortest and smallest tape it can find for which bad still holds. It calls bad at most so many times.
func shrink(numbers []uint32, calls int, bad func([]uint32) bool) []uint32 {
	try := func(smaller []uint32) bool {
		if calls == 0 {
			return false
		}
		calls--
		if !bad(smaller) {
			return false
		}
		numbers = smaller
		return true
	}
	for size := len(numbers) / 2; size > 0; size /= 2 {
		for at := len(numbers) - size; at >= 0; at -= size {
			if at+size > len(numbers) {
				continue
			}
			if !try(slices.Delete(slices.Clone(numbers), at, at+size)) {
				zeroed := slices.Clone(numbers)
				clear(zeroed[at : at+size])
				if !slices.Equal(zeroed, numbers) {
					try(zeroed)
				}
			}
		}
	}
	return numbers
}
