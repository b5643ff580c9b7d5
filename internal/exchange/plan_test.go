package exchange

import (
	"fmt"
	"strings"
	"testing"
)

func TestPlanFetches(t *testing.T) {
	h := func(objects int) *Handle { return &Handle{Objects: make([]Object, objects)} }
	seg := func(object int, offset, length int64) Segment {
		return Segment{Object: object, Offset: offset, Length: length}
	}
	a, b, inline := h(2), h(1), h(0)
	for _, c := range []struct {
		name  string
		items []item
		want  string
	}{
		{"none", nil, ""},
		{"adjacent", []item{{a, 0, seg(0, 8, 10), 0}, {a, 0, seg(0, 18, 10), 1}}, "0:8+20[0 1]"},
		{"small gap", []item{{a, 0, seg(0, 8, 10), 0}, {a, 0, seg(0, 23, 10), 1}}, "0:8+25[0 1]"},
		{"large gap", []item{{a, 0, seg(0, 8, 10), 0}, {a, 0, seg(0, 24, 10), 1}}, "0:8+10[0] 0:24+10[1]"},
		{"too much", []item{{a, 0, seg(0, 8, 60), 0}, {a, 0, seg(0, 68, 60), 1}}, "0:8+60[0] 0:68+60[1]"},
		{"one is larger", []item{{a, 0, seg(0, 8, 500), 0}}, "0:8+500[0]"},
		{"two objects", []item{{a, 0, seg(0, 8, 10), 0}, {a, 0, seg(1, 18, 10), 1}}, "0:8+10[0] 1:18+10[1]"},
		{"out of order", []item{{a, 0, seg(0, 18, 10), 0}, {a, 0, seg(0, 8, 10), 1}}, "0:8+20[1 0]"},
		{"two handles", []item{{a, 0, seg(0, 8, 10), 0}, {b, 1, seg(0, 18, 10), 1}}, "0:8+10[0] 0:18+10[1]"},
		{"same handle twice", []item{{b, 0, seg(0, 8, 10), 0}, {b, 1, seg(0, 8, 10), 1}}, "0:8+10[0] 0:8+10[1]"},
		{"too many", []item{{a, 0, seg(0, 8, 1), 0}, {a, 0, seg(0, 9, 1), 1}, {a, 0, seg(0, 10, 1), 2}, {a, 0, seg(0, 11, 1), 3}}, "0:8+3[0 1 2] 0:11+1[3]"},
		{"inline", []item{{inline, 0, seg(0, 8, 10), 0}}, "-1:8+10[0]"},
	} {
		var got []string
		for _, f := range planFetches(c.items, limits{gap: 5, most: 100, files: 3}) {
			var results []int
			for _, it := range f.items {
				results = append(results, it.result)
			}
			got = append(got, fmt.Sprintf("%d:%d+%d%v", f.object, f.offset, f.length, results))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}
