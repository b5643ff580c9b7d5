package native

import (
	"slices"
	"sort"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// numericHistogramAggregates approximate a distribution by a number of weighted values: neighbours are joined whose joining
// raises the variance least, after Ben-Haim and Tom-Tov, "A Streaming Parallel Decision Tree Algorithm" (2010).
var numericHistogramAggregates = []Aggregate{
	accumulating("wb_numeric_histogram", "STRUCT(key DOUBLE, value DOUBLE)[]", params("BIGINT", "DOUBLE", "DOUBLE"), accumulate[numericHistogram]{
		first: func(a []any) (*numericHistogram, error) {
			if a[0].(int64) < 2 {
				return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "numeric_histogram bucket count must be greater than one")
			}
			return &numericHistogram{limit: int(a[0].(int64))}, nil
		},
		add: func(h *numericHistogram, a []any) error {
			if len(h.bins) == h.limit+max(h.limit/5, 1) {
				h.compact()
			}
			h.bins = append(h.bins, bin{a[1].(float64), a[2].(float64)})
			return nil
		},
		merge: func(h, o *numericHistogram) error {
			h.bins = append(h.bins, o.bins...)
			h.compact()
			return nil
		},
		copy: func(h *numericHistogram) *numericHistogram { return &numericHistogram{h.limit, slices.Clone(h.bins)} },
		result: func(h *numericHistogram) (any, error) {
			h.compact()
			out := []any{}
			for _, b := range h.bins {
				out = append(out, []any{b.value, b.weight})
			}
			return out, nil
		},
	}),
}

type numericHistogram struct {
	limit int
	bins  []bin
}

type bin struct{ value, weight float64 }

// compact sorts the bins, joins equal ones, and as many neighbours as there are too many.
func (h *numericHistogram) compact() {
	sort.SliceStable(h.bins, func(i, j int) bool { return h.bins[i].value < h.bins[j].value })
	joined := h.bins[:0]
	for _, b := range h.bins {
		if n := len(joined); n > 0 && joined[n-1].value == b.value {
			joined[n-1].weight += b.weight
		} else {
			joined = append(joined, b)
		}
	}
	h.bins = joined
	for len(h.bins) > h.limit {
		best := 0
		for i := 1; i+1 < len(h.bins); i++ {
			if penalty(h.bins[i], h.bins[i+1]) < penalty(h.bins[best], h.bins[best+1]) {
				best = i
			}
		}
		a, b := h.bins[best], h.bins[best+1]
		w := a.weight + b.weight
		h.bins[best] = bin{(a.value*a.weight + b.value*b.weight) / w, w}
		h.bins = slices.Delete(h.bins, best+1, best+2)
	}
}

func penalty(a, b bin) float64 {
	w := a.weight + b.weight
	return w * (a.value - b.value) * (a.value - b.value) * (a.weight * b.weight / (w * w))
}
