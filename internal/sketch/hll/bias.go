package hll

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// biasText has two lines for each index length from 4 to 16: raw estimates, and how much these are too large on average. The
// figures are measurements that Trino's implementation uses; estimates are only the same as its with the same figures.
//
//go:embed bias.txt
var biasText string

type biasCurve struct{ estimates, biases []float64 }

var biasCurves = sync.OnceValue(func() []biasCurve {
	lines := strings.Split(strings.TrimSpace(biasText), "\n")
	numbers := func(line string) (out []float64) {
		for word := range strings.FieldsSeq(line) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				panic("hll: bias.txt: " + err.Error())
			}
			out = append(out, v)
		}
		return out
	}
	var out []biasCurve
	for i := 0; i < len(lines); i += 2 {
		out = append(out, biasCurve{numbers(lines[i]), numbers(lines[i+1])})
	}
	return out
})

// corrected subtracts the bias that lies on the line between the two nearest measurements.
func corrected(estimate float64, indexBits int) float64 {
	curves := biasCurves()
	if indexBits < 4 || indexBits-4 >= len(curves) {
		return estimate
	}
	c := curves[indexBits-4]
	if estimate < c.estimates[0] || estimate > c.estimates[len(c.estimates)-1] {
		return estimate
	}
	i, exact := slices.BinarySearch(c.estimates, estimate)
	if exact {
		return estimate - c.biases[i]
	}
	x0, y0, x1, y1 := c.estimates[i-1], c.biases[i-1], c.estimates[i], c.biases[i]
	return estimate - ((estimate-x0)*(y1-y0)/(x1-x0) + y0)
}
