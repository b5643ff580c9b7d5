package tdigest

import (
	"encoding/base64"
	"math"
	"testing"
)

func digest(t *testing.T, n int) *Digest {
	t.Helper()
	d := New(DefaultCompression)
	for i := range n {
		if err := d.Add(float64(i*7919%n)+1, 1); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// What a real Trino gives for tdigest_agg of 1 and 2.
func TestBytes(t *testing.T) {
	const want = "AAAAAAAAAPA/AAAAAAAAAEAAAAAAAABZQAAAAAAAAABAAgAAAAAAAAAAAPA/AAAAAAAAAEAAAAAAAADwPwAAAAAAAPA/"
	if got := base64.StdEncoding.EncodeToString(digest(t, 2).Bytes()); got != want {
		t.Errorf("got %s", got)
	}
}

func TestQuantiles(t *testing.T) {
	qs := []float64{0, 0.01, 0.5, 0.99, 1}
	for _, n := range []int{1, 2, 5, 1000, 100_000} {
		d := digest(t, n)
		half := digest(t, n)
		half.Merge(d)
		p, err := Parse(d.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Digest{d, half, p} {
			vs, err := d.Quantiles(qs)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range vs {
				if want := qs[i] * float64(n); math.Abs(v-want) > 1+0.01*float64(n) {
					t.Errorf("%d values at %g: %g", n, qs[i], v)
				}
			}
		}
	}
	if v, err := New(DefaultCompression).Quantiles(qs[:1]); err != nil || !math.IsNaN(v[0]) {
		t.Errorf("empty: %v %v", v, err)
	}
	for _, bad := range [][]float64{{0.5, 0.1}, {-1}, {1.5}} {
		if _, err := digest(t, 3).Quantiles(bad); err == nil {
			t.Errorf("no error for %v", bad)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		if New(DefaultCompression).Add(v, 1) == nil || New(DefaultCompression).Add(1, v) == nil {
			t.Errorf("no error for %g", v)
		}
	}
}

func FuzzParse(f *testing.F) {
	d := New(DefaultCompression)
	f.Add(d.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := Parse(b); err == nil {
			_, _ = d.Quantiles([]float64{0, 0.5, 1})
			d.Bytes()
		}
	})
}
