package qdigest

import (
	"encoding/base64"
	"math"
	"testing"
)

func digest(t *testing.T, maxError float64, n int) *Digest {
	t.Helper()
	d := New(maxError)
	for i := range n {
		if err := d.Add(int64(i*7919%n)+1, 1); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// What a real Trino gives for qdigest_agg of 1, 2 and 3.
func TestBytes(t *testing.T) {
	const want = "AHsUrkfheoQ/AAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAwAAAAAAAAAFAAAAAAAAAAAAAPA/AQAAAAAAAIAAAAAAAAAA8D8CAAAAAAAAgAAAAAAAAADwPwMAAAAAAACAAwAAAAAAAAAAAgAAAAAAAIAHAAAAAAAAAAABAAAAAAAAgA=="
	d := New(0.01)
	for v := range int64(3) {
		if err := d.Add(v+1, 1); err != nil {
			t.Fatal(err)
		}
	}
	if got := base64.StdEncoding.EncodeToString(d.Bytes()); got != want {
		t.Errorf("got %s", got)
	}
}

func TestQuantile(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 50_000} {
		d := digest(t, 0.01, n)
		merged := digest(t, 0.01, n)
		merged.Merge(d)
		p, err := Parse(d.Bytes())
		if err != nil || p.Count() != d.Count() {
			t.Fatalf("%d values do not survive a round trip: %v", n, err)
		}
		for _, d := range []*Digest{d, merged, p, merged.Clone()} {
			for _, q := range []float64{0, 0.1, 0.5, 0.9, 1} {
				v, err := d.Quantile(q)
				if err != nil || math.Abs(float64(v)-q*float64(n)) > 1+0.02*float64(n) {
					t.Errorf("%d values at %g: %d %v", n, q, v, err)
				}
			}
			if _, ok := d.Rank(int64(n) + 1); ok {
				t.Error("a rank of what is too large")
			}
			if r, ok := d.Rank(1); !ok || r != 0 {
				t.Errorf("rank of the smallest: %g", r)
			}
		}
	}
	if _, err := digest(t, 0.01, 3).Quantile(1.5); err == nil {
		t.Error("no error for 1.5")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(New(0.1).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := Parse(b); err == nil {
			_, _ = d.Quantile(0.5)
			d.Rank(0)
		}
	})
}
