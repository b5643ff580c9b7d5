package dbgen

// The streams of the benchmark are Lehmer generators: x' = 16807·x mod 2³¹−1. Sixty-four-bit keys (scale factor 30000 and
// more) come from a congruential generator instead, see wideStream.

const (
	modulus    = 1<<31 - 1
	multiplier = 16807
	// exactLimit is the largest range for which pick's integer arithmetic provably equals the generator's floating point;
	// see pick.
	exactLimit = 1 << 20
)

// jumps[k] is multiplier^k: multiplying by it skips k draws. The longest reserve of a unit is the part's name.
var jumps = func() (t [96]uint64) {
	t[0] = 1
	for k := 1; k < len(t); k++ {
		t[k] = mulmod(t[k-1], multiplier)
	}
	return t
}()

// mulmod returns a·b mod 2³¹−1 for a, b in [1, 2³¹−2], by folding the high bits on the low ones.
func mulmod(a, b uint64) uint64 {
	p := a * b
	p = p&modulus + p>>31
	if p >= modulus {
		p -= modulus
	}
	return p
}

// next returns the state that follows x.
func next(x uint64) uint64 { return mulmod(x, multiplier) }

// advance returns the state n draws after x, in O(log n).
func advance(x uint64, n int64) uint64 {
	for m := uint64(multiplier); n > 0; n >>= 1 {
		if n&1 != 0 {
			x = mulmod(x, m)
		}
		m = mulmod(m, m)
	}
	return x
}

// pick maps a state to [0, n) for 0 < n ≤ exactLimit. It is ⌊x·n / (2³¹−1)⌋ without a division.
//
// The benchmark computes it in floating point, (x / 2³¹−1) · n, truncated. The exact quotient is never an integer (the
// modulus is prime), so it is at least 1/2³¹ away from one, and two roundings of a value below n move it by less than
// n·2⁻⁵²; up to n = 2²⁰ both ways therefore give the same number.
func pick(x, n uint64) uint64 {
	p := x * n
	return (p + p>>31 + 1) >> 31
}

// pickWide is pick for any range, in floating point as the benchmark does it. A negative n is the overflow of the range
// [0, 2³¹−1] that alphanumeric strings rely on.
func pickWide(x uint64, n int64) int64 {
	return int64(float64(x) / modulus * float64(n))
}

// units says for which units of a table a column is to be filled.
type units struct {
	first int64 // index of the first unit, from 0
	n     int
	// counts has the rows of each unit; nil means that each has fixed rows.
	counts []uint8
	fixed  int
	rows   int
	// dates has the date of each order, for lineitem columns that need it.
	dates []int32
}

// count returns the number of rows of the i-th unit.
func (u *units) count(i int) int {
	if u.counts != nil {
		return int(u.counts[i])
	}
	return u.fixed
}

// source is a stream of numbers, one per row.
type source interface {
	// seek places the stream at the start of a unit, given the state it was created with.
	seek(unit int64)
	// fill returns the values of the rows of u, in dst's memory if it is large enough.
	fill(dst []int64, u *units) []int64
}

// stream is a Lehmer generator that yields integers uniform in [lo, lo+n).
type stream struct {
	x   uint64
	lo  int64
	n   int64
	per int // draws reserved per unit
}

// uniform returns the stream of the integers lo to hi with one draw reserved for each of per rows.
func uniform(seed uint64, lo, hi int64, per int) *stream {
	// The benchmark's ranges are 32-bit integers; that they wrap is part of its definition.
	n := int32(hi) - int32(lo) + 1
	return &stream{x: seed, lo: int64(int32(lo)), n: int64(n), per: per}
}

func (s *stream) seek(unit int64) { s.x = advance(s.x, unit*int64(s.per)) }

func (s *stream) fill(dst []int64, u *units) []int64 {
	dst = resize(dst, u.rows)
	x, k := s.x, 0
	small := s.n > 0 && s.n <= exactLimit
	for i := range u.n {
		c := u.count(i)
		if small {
			for range c {
				x = next(x)
				dst[k] = s.lo + int64(pick(x, uint64(s.n)))
				k++
			}
		} else {
			for range c {
				x = next(x)
				dst[k] = s.lo + pickWide(x, s.n)
				k++
			}
		}
		if c < s.per {
			x = mulmod(x, jumps[s.per-c])
		}
	}
	s.x = x
	return dst
}

// wideStream yields 64-bit keys. Within a unit it is a congruential generator modulo 2⁶⁴, but the benchmark skips unused
// draws with the arithmetic of the 31-bit streams; rows depend on that, so it is kept.
type wideStream struct {
	x     int64
	lo, n int64
	per   int
}

func (s *wideStream) seek(unit int64) { s.skip(unit * int64(s.per)) }

func (s *wideStream) skip(n int64) {
	for m := int64(multiplier); n > 0; n /= 2 {
		if n%2 != 0 {
			s.x = m * s.x % modulus
		}
		m = m * m % modulus
	}
}

func (s *wideStream) fill(dst []int64, u *units) []int64 {
	dst = resize(dst, u.rows)
	k := 0
	for i := range u.n {
		c := u.count(i)
		for range c {
			s.x = s.x*6364136223846793005 + 1
			v := s.x
			if v < 0 {
				v = -v
			}
			dst[k] = s.lo + v%s.n
			k++
		}
		s.skip(int64(s.per - c))
	}
	return dst
}

// keys returns the stream of the keys 1 to hi. From scale factor 30000 on, keys need 64-bit draws.
func keys(seed uint64, sf float64, hi int64, per int) source {
	if sf >= 30000 {
		return &wideStream{x: int64(seed), lo: 1, n: hi, per: per}
	}
	return uniform(seed, 1, hi, per)
}

// resize returns a slice of n elements, reusing s if it is large enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
