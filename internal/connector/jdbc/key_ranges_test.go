package jdbc

import (
	"math"
	"testing"
)

// Every number is in exactly one range.
func TestBounds(t *testing.T) {
	for _, tt := range []struct{ low, high, n int64 }{
		{0, 99, 4}, {1, 2, 10}, {5, 5, 3}, {math.MinInt64, math.MaxInt64, 7}, {math.MaxInt64 - 3, math.MaxInt64, 3}, {-1000, -1, 3},
	} {
		list := bounds(tt.low, tt.high, tt.n)
		last := tt.low
		for _, b := range list {
			if b <= last || b > tt.high {
				t.Errorf("bounds of %v are %v", tt, list)
			}
			last = b
		}
		if int64(len(list)) >= tt.n {
			t.Errorf("%d bounds for %d ranges", len(list), tt.n)
		}
	}
	got := ranges("k", []int64{10, 20}, 30, 300)
	for i, want := range []string{"(k < 10)", "(k >= 10 AND k < 20)", "(k >= 20)"} {
		if got[i].Where != want || got[i].Rows != 10 || got[i].Bytes != 100 {
			t.Errorf("range %d is %+v, want %s", i, got[i], want)
		}
	}
}
