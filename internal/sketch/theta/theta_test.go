package theta

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sketchOf(t *testing.T, from, to int) *Sketch {
	t.Helper()
	s, err := New()
	must(t, err)
	for i := from; i < to; i++ {
		must(t, s.Add(binary.LittleEndian.AppendUint64(nil, uint64(i))))
	}
	return s
}

func estimate(t *testing.T, s *Sketch) float64 {
	t.Helper()
	raw, err := s.Bytes()
	must(t, err)
	n, err := Estimate(raw)
	must(t, err)
	return n
}

// Sets are counted whichever way they are put together: exactly when they are small.
func TestMerge(t *testing.T) {
	for _, x := range []struct {
		values int
		within float64
	}{{0, 0}, {1, 0}, {1000, 0}, {100_000, 0.05}} {
		n := x.values
		whole := sketchOf(t, 0, n)
		parts := sketchOf(t, 0, n/2)
		must(t, parts.Merge(sketchOf(t, n/3, n)))
		raw, err := sketchOf(t, 0, n).Bytes()
		must(t, err)
		must(t, parts.MergeBytes(raw)) // nothing new
		for _, s := range []*Sketch{whole, parts} {
			if got := estimate(t, s); math.Abs(got-float64(n)) > x.within*float64(n) {
				t.Errorf("%d values are counted as %v", n, got)
			}
		}
	}
}

// The form is the one that the C++ library of DataSketches 5.2 gives for the same texts.
func TestForm(t *testing.T) {
	for _, x := range []struct {
		values []string
		want   string
	}{
		{[]string{"a"}, "01030300001acc9317c11d528507017b"},
		{[]string{"a", "b", "c", "a"}, "02030300001acc930300000000000000b70c6ee5a8af4008857f40b689c7e53417c11d528507017b"},
	} {
		s, err := New()
		must(t, err)
		for _, v := range x.values {
			must(t, s.Add([]byte(v)))
		}
		raw, err := s.Bytes()
		must(t, err)
		if got := hex.EncodeToString(raw); got != x.want {
			t.Errorf("%q is %s, want %s", x.values, got, x.want)
		}
	}
}

func FuzzEstimate(f *testing.F) {
	s, err := New()
	if err != nil {
		f.Fatal(err)
	}
	_ = s.Add([]byte("a"))
	raw, err := s.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(_ *testing.T, raw []byte) {
		_, _ = Estimate(raw) // must not panic
	})
}
