package dsdgen

// The streams are Lehmer generators: x' = 16807·x mod 2³¹−1.
const (
	modulus    = 1<<31 - 1
	multiplier = 16807

	// Stream n starts at firstSeed + n·seedDistance.
	firstSeed    = 19620718
	seedDistance = 2687714
)

// stream is the random numbers of a column.
type stream struct {
	x    uint64 // the number drawn last
	unit uint64 // x at the unit's beginning
	jump uint64 // what skips the draws of a whole unit
}

// mulmod returns a·b mod 2³¹−1 for a, b in [1, 2³¹−2], by folding the high bits on the low ones.
func mulmod(a, b uint64) uint64 {
	p := a * b
	p = p&modulus + p>>31
	if p >= modulus {
		p -= modulus
	}
	return p
}

// power returns 16807ⁿ mod 2³¹−1.
func power(n int64) uint64 {
	x := uint64(1)
	for m := uint64(multiplier); n > 0; n >>= 1 {
		if n&1 != 0 {
			x = mulmod(x, m)
		}
		m = mulmod(m, m)
	}
	return x
}

// newStream returns the stream of a number, of which each unit has perUnit draws, at the unit of an index.
func newStream(number int, perUnit, unit int64) stream {
	x := mulmod(firstSeed+uint64(number)*seedDistance, power(unit*perUnit))
	return stream{x: x, unit: x, jump: power(perUnit)}
}

// end goes to the next unit, however many numbers of this one were drawn.
func (s *stream) end() {
	s.unit = mulmod(s.unit, s.jump)
	s.x = s.unit
}

// skip leaves out draws, by the power of the multiplier that stands for them.
func (s *stream) skip(factor uint64) { s.x = mulmod(s.x, factor) }

func (s *stream) draw() uint64 {
	s.x = mulmod(s.x, multiplier)
	return s.x
}

// uniform draws a number from lo to hi.
func (s *stream) uniform(lo, hi int64) int64 { return lo + int64(s.draw()%uint64(hi-lo+1)) }
