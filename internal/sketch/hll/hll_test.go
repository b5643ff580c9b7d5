package hll

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sketch/murmur3"
)

// What a real Trino gives for approx_set of 1 and 2.
func TestSparseBytes(t *testing.T) {
	s := New(4096)
	s.Add(murmur3.Sum64Of(1))
	s.Add(murmur3.Sum64Of(2))
	if got := hex.EncodeToString(s.Bytes()); got != "020c020080034400802008de" {
		t.Errorf("got %s", got)
	}
}

func TestEstimates(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 100, 1000, 20_000, 300_000} {
		s := New(4096)
		for range n {
			s.Add(r.Uint64())
		}
		if got := s.Cardinality(); math.Abs(float64(got)-float64(n)) > 0.05*float64(n) {
			t.Errorf("%d values: %d", n, got)
		}
		p, err := Parse(s.Bytes())
		if err != nil || p.Cardinality() != s.Cardinality() || !slices.Equal(p.Bytes(), s.Bytes()) {
			t.Errorf("%d values do not survive a round trip: %v", n, err)
		}
	}
}

// A sketch of all values is the same as one that was merged from parts.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{10, 200, 5000} {
		all, a, b := New(512), New(512), New(512)
		for i := range n {
			h := r.Uint64()
			all.Add(h)
			if i%3 == 0 {
				a.Add(h)
			} else {
				b.Add(h)
			}
		}
		if err := a.Merge(b); err != nil {
			t.Fatal(err)
		}
		all.MakeDense()
		a.MakeDense()
		if !slices.Equal(all.Bytes(), a.Bytes()) {
			t.Errorf("%d values: merged parts differ", n)
		}
	}
	if err := New(512).Merge(New(1024)); err != nil {
		t.Errorf("sparse sketches merge whatever their size: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	s := New(16)
	f.Add(s.Bytes())
	s.MakeDense()
	f.Add(s.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := Parse(b); err == nil {
			s.Cardinality()
			s.Bytes()
		}
	})
}
