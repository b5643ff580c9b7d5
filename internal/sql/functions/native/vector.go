package native

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// vectorFunctions compute with lists of numbers.
var vectorFunctions = []Function{
	{"wb_cosine_similarity", params("DOUBLE[]", "DOUBLE[]"), "DOUBLE", func(a []any) (any, error) {
		x, y := a[0].([]any), a[1].([]any)
		if err := sameLength(x, y); err != nil {
			return nil, err
		}
		var dot, xx, yy float64
		for i := range x {
			if x[i] == nil || y[i] == nil {
				return nil, nil
			}
			v, w := number(x[i]), number(y[i])
			dot, xx, yy = dot+v*w, xx+v*v, yy+w*w
		}
		if xx == 0 || yy == 0 {
			return nil, badArgument("Vector magnitude cannot be zero")
		}
		return dot / (math.Sqrt(xx) * math.Sqrt(yy)), nil
	}},
	{"wb_euclidean_distance", params("DOUBLE[]", "DOUBLE[]"), "DOUBLE", func(a []any) (any, error) {
		x, y := a[0].([]any), a[1].([]any)
		var sum float64
		for i := range min(len(x), len(y)) {
			d := number(x[i]) - number(y[i])
			sum += d * d
		}
		return math.Sqrt(sum), sameLength(x, y)
	}},
	{"wb_dot_product", params("DOUBLE[]", "DOUBLE[]"), "DOUBLE", func(a []any) (any, error) {
		x, y := a[0].([]any), a[1].([]any)
		var sum float64
		for i := range min(len(x), len(y)) {
			sum += number(x[i]) * number(y[i])
		}
		return sum, sameLength(x, y)
	}},
	// Keys and values of two sparse vectors.
	{"wb_sparse_cosine", params("VARCHAR[]", "DOUBLE[]", "VARCHAR[]", "DOUBLE[]"), "DOUBLE", func(a []any) (any, error) {
		return sparseCosine(a[0].([]any), a[1].([]any), a[2].([]any), a[3].([]any))
	}},
	// Value, ascending bounds of bins.
	{"wb_width_bucket", params("DOUBLE", "DOUBLE[]"), "BIGINT", func(a []any) (any, error) {
		return bucketOf(a[0].(float64), a[1].([]any))
	}},
	// Value, bounds, number of bins between them.
	{"wb_even_bucket", params("DOUBLE", "DOUBLE", "DOUBLE", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return evenBucket(a[0].(float64), a[1].(float64), a[2].(float64), a[3].(int64))
	}},
	// How many elements, how many to choose: the 1-based positions of all choices, one after the other.
	{"wb_combinations", params("BIGINT", "BIGINT"), "BIGINT[]", func(a []any) (any, error) {
		return combinations(a[0].(int64), a[1].(int64))
	}},
}

// number reads an element; a missing one counts as zero.
func number(v any) float64 {
	f, _ := v.(float64)
	return f
}

func sameLength(x, y []any) error {
	if len(x) != len(y) {
		return badArgument("The arguments must have the same length")
	}
	return nil
}

// sparseCosine takes what one vector lacks as zero; it is NULL when a value is.
func sparseCosine(keys, values, otherKeys, otherValues []any) (any, error) {
	var xx, yy, dot float64
	left := map[any]float64{}
	for i, k := range keys {
		if values[i] == nil {
			return nil, nil
		}
		left[k] = number(values[i])
		xx += left[k] * left[k]
	}
	for i, k := range otherKeys {
		if otherValues[i] == nil {
			return nil, nil
		}
		w := number(otherValues[i])
		yy += w * w
		dot += left[k] * w
	}
	return dot / (math.Sqrt(xx) * math.Sqrt(yy)), nil
}

// bucketOf counts the bins that begin at or below a value. Only the bounds that the search meets are checked.
func bucketOf(v float64, bins []any) (any, error) {
	if len(bins) == 0 {
		return nil, badArgument("Bins cannot be an empty array")
	}
	if math.IsNaN(v) {
		return nil, badArgument("Operand cannot be NaN")
	}
	low, high := 0, len(bins)
	for low < high {
		if number(bins[low]) > number(bins[high-1]) {
			return nil, badArgument("Bin values are not sorted in ascending order")
		}
		middle := (low + high) / 2
		bin := number(bins[middle])
		if math.IsNaN(bin) || math.IsInf(bin, 0) {
			return nil, badArgument("Bin value must be finite, got %s", wire.TextDouble(nil, bin))
		}
		if v < bin {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return int64(low), nil
}

func evenBucket(v, low, high float64, count int64) (any, error) {
	switch {
	case count <= 0:
		return nil, badArgument("bucketCount must be greater than 0")
	case math.IsNaN(v):
		return nil, badArgument("operand must not be NaN")
	case math.IsNaN(low) || math.IsInf(low, 0):
		return nil, badArgument("first bound must be finite")
	case math.IsNaN(high) || math.IsInf(high, 0):
		return nil, badArgument("second bound must be finite")
	case low == high:
		return nil, badArgument("bounds cannot equal each other")
	}
	least, most := min(low, high), max(low, high)
	var bucket int64
	switch {
	case v < least:
	case v > most || v == most:
		if count == math.MaxInt64 {
			return nil, outOfRange("Bucket for value %s is out of range", wire.TextDouble(nil, v))
		}
		bucket = count + 1
	default:
		bucket = saturate(float64(count)*(v-least)/(most-least) + 1)
	}
	if low > high {
		bucket = count - bucket + 1
	}
	return bucket, nil
}

const (
	maxChoice       = 5
	maxCombinations = 100_000
)

// combinations lists choices in colexicographic order: those of the first elements come first.
func combinations(n, k int64) (any, error) {
	switch {
	case k < 0:
		return nil, badArgument("combination size must not be negative: %d", k)
	case k > maxChoice:
		return nil, badArgument("combination size must not exceed %d: %d", maxChoice, k)
	case k > n:
		return []any{}, nil
	}
	count := int64(1)
	for i := range k {
		if count = count * (n - i) / (i + 1); count > maxCombinations {
			return nil, badArgument("combinations exceed max size")
		}
	}
	choice := make([]int64, k)
	for i := range choice {
		choice[i] = int64(i) + 1
	}
	out := make([]any, 0, count*k)
	for {
		for _, c := range choice {
			out = append(out, c)
		}
		// Advance the first position that has room below the next one, and begin again before it.
		i := 0
		for i+1 < len(choice) && choice[i]+1 == choice[i+1] {
			i++
		}
		if len(choice) == 0 || choice[i] == n {
			return out, nil
		}
		choice[i]++
		for j := range i {
			choice[j] = int64(j) + 1
		}
	}
}

// saturate truncates a number to an integer as Java does.
func saturate(v float64) int64 {
	switch {
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	case math.IsNaN(v):
		return 0
	}
	return int64(v)
}
