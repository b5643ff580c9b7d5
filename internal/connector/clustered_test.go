package connector

import (
	"slices"
	"testing"
)

func TestClusteringOf(t *testing.T) {
	sorted := func(n int) (out []Piece) {
		for i := range int64(n) {
			out = append(out, Piece{Low: 100 * i, High: 100*i + 99, Rows: 10, Bytes: 5})
		}
		return out
	}
	same := func(n int) (out []Piece) {
		for range n {
			out = append(out, Piece{Low: 0, High: 100, Rows: 10})
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		pieces []Piece
		depth  float64
		bounds []int64
	}{
		{"none", nil, 0, nil},
		{"one", sorted(1), 0, nil},
		{"in order", sorted(4), 0, []int64{100, 200, 300}},
		{"in another order", []Piece{{200, 300, 1, 0}, {0, 100, 1, 0}, {100, 200, 1, 0}}, 0, []int64{100, 200}},
		{"one value", []Piece{{5, 5, 1, 0}, {5, 5, 1, 0}, {5, 6, 1, 0}}, 0, nil},
		{"all over the table", same(11), 10, nil},
		{"two writers", slices.Concat(sorted(3), []Piece{{50, 149, 10, 0}, {150, 249, 10, 0}}), 8.0 / 5, []int64{50, 100, 150, 200}},
	} {
		c := ClusteringOf(tt.pieces)
		if c.Pieces != len(tt.pieces) || c.Depth < tt.depth-1e-9 || c.Depth > tt.depth+1e-9 || !slices.Equal(c.Bounds, tt.bounds) {
			t.Errorf("%s: %+v, want depth %v and bounds %v", tt.name, c, tt.depth, tt.bounds)
		}
	}
	many := ClusteringOf(sorted(5000))
	if n := len(many.Bounds); n > MaxBounds || n < MaxBounds/2 || many.Bytes != 25000 {
		t.Errorf("%d bounds of many pieces, %v bytes", n, many.Bytes)
	}
}

func TestRanges(t *testing.T) {
	r := Ranges{Column: "k", Bounds: []int64{10, 20}}
	for v := int64(-5); v < 30; v++ {
		in := 0
		for i := range r.Count() {
			w := r.Within(i)
			if (w.Low == nil || v >= *w.Low) && (w.High == nil || v < *w.High) {
				in++
				if got := r.Index(v); got != i {
					t.Errorf("%d is in range %d, not %d", v, i, got)
				}
			}
			if w.Nulls != (i == 0) {
				t.Errorf("NULL in range %d: %t", i, w.Nulls)
			}
		}
		if in != 1 {
			t.Errorf("%d is in %d ranges", v, in)
		}
	}
}
