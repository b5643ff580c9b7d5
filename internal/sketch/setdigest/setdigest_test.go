package setdigest

import (
	"encoding/base64"
	"slices"
	"testing"
)

// What a real Trino gives for make_set_digest of 1 and 2, and that of two texts.
func TestBytes(t *testing.T) {
	d := New()
	d.AddNumber(1)
	d.AddNumber(2)
	if got := base64.StdEncoding.EncodeToString(d.Bytes()); got != "AQwAAAACCwIAgANEAIAgCN4AIAAAAgAAAKjAdmygIAjeSsQF+7cDRAABAAEA" {
		t.Errorf("got %s", got)
	}
	e := New()
	for _, s := range []string{"a", "b", "a"} {
		e.Add([]byte(s))
	}
	if got := e.HashCounts(); !slices.Equal(got, []HashCount{{-8839064797231613815, 2}, {8833996863197925870, 1}}) {
		t.Errorf("got %v", got)
	}
}

func TestSets(t *testing.T) {
	for _, n := range []int{10, 40_000} {
		a, b := New(), New()
		for i := range n {
			a.AddNumber(uint64(i))
			b.AddNumber(uint64(i + n/2))
		}
		p, err := Parse(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if j := JaccardIndex(a, p); n > 100 && (j < 0.3 || j > 0.37) {
			t.Errorf("%d members: Jaccard index %g", n, j)
		}
		if c, err := IntersectionCardinality(a, p); err != nil || c < int64(n*4/10) || c > int64(n*6/10) {
			t.Errorf("%d members: %d in common, %v", n, c, err)
		}
		if c := p.Cardinality(); c < int64(n*9/10) || c > int64(n*11/10) {
			t.Errorf("%d members: cardinality %d", n, c)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(New().Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := Parse(b); err == nil {
			d.Cardinality()
			d.Bytes()
		}
	})
}
