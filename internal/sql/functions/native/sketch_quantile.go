package native

import (
	"math"
	"sort"

	"github.com/waterbear-sql/waterbear/internal/sketch/qdigest"
	"github.com/waterbear-sql/waterbear/internal/sketch/tdigest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// quantileFunctions work on serialised digests. Quantile digests hold integers; wb_sortable makes these of floating-point
// numbers, in the same order, and wb_unsortable the numbers again.
var quantileFunctions = []Function{
	{"wb_qdigest_value", params("BLOB", "DOUBLE"), "BIGINT", func(a []any) (any, error) {
		d, err := parseQDigest(a[0])
		if err != nil {
			return nil, err
		}
		v, err := d.Quantile(a[1].(float64))
		return v, internal(err)
	}},
	{"wb_qdigest_values", params("BLOB", "DOUBLE[]"), "BIGINT[]", func(a []any) (any, error) {
		d, err := parseQDigest(a[0])
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, q := range doublesOf(a[1]) {
			v, err := d.Quantile(q)
			if err != nil {
				return nil, internal(err)
			}
			out = append(out, v)
		}
		return out, nil
	}},
	{"wb_qdigest_rank", params("BLOB", "BIGINT"), "DOUBLE", func(a []any) (any, error) {
		d, err := parseQDigest(a[0])
		if err != nil {
			return nil, err
		}
		if q, ok := d.Rank(a[1].(int64)); ok {
			return q, nil
		}
		return nil, nil
	}},
	{"wb_sortable_double", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		b := int64(doubleBits(a[0].(float64)))
		return b ^ b>>63&math.MaxInt64, nil
	}},
	{"wb_unsortable_double", params("BIGINT"), "DOUBLE", func(a []any) (any, error) {
		b := a[0].(int64)
		return math.Float64frombits(uint64(b ^ b>>63&math.MaxInt64)), nil
	}},
	{"wb_sortable_real", params("FLOAT"), "BIGINT", func(a []any) (any, error) {
		b := int32(realBits(a[0].(float32)))
		return int64(b ^ b>>31&math.MaxInt32), nil
	}},
	{"wb_unsortable_real", params("BIGINT"), "FLOAT", func(a []any) (any, error) {
		b := int32(a[0].(int64))
		return math.Float32frombits(uint32(b ^ b>>31&math.MaxInt32)), nil
	}},
	// wb_round_half_up rounds to an integer as Java does; what is too large becomes the largest.
	{"wb_round_half_up", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		switch v := math.Floor(a[0].(float64) + 0.5); {
		case math.IsNaN(v):
			return int64(0), nil
		case v >= math.MaxInt64:
			return int64(math.MaxInt64), nil
		case v <= math.MinInt64:
			return int64(math.MinInt64), nil
		default:
			return int64(v), nil
		}
	}},
	{"wb_tdigest_check", params("BLOB"), "BLOB", func(a []any) (any, error) {
		_, err := parseTDigest(a[0])
		return a[0], err
	}},
	{"wb_tdigest_value", params("BLOB", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		d, err := parseTDigest(a[0])
		if err != nil {
			return nil, err
		}
		v, err := d.Quantiles([]float64{a[1].(float64)})
		if err != nil {
			return nil, internal(err)
		}
		return v[0], nil
	}},
	{"wb_tdigest_values", params("BLOB", "DOUBLE[]"), "DOUBLE[]", func(a []any) (any, error) {
		qs := doublesOf(a[1])
		if !sort.Float64sAreSorted(qs) {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "percentiles must be sorted in increasing order")
		}
		return tdigestValues(a[0], qs)
	}},
	// wb_percentiles takes quantiles in any order.
	{"wb_percentiles", params("BLOB", "DOUBLE[]"), "DOUBLE[]", func(a []any) (any, error) {
		qs := doublesOf(a[1])
		order := make([]int, len(qs))
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(i, j int) bool { return qs[order[i]] < qs[order[j]] })
		sorted := make([]float64, len(qs))
		for i, o := range order {
			sorted[i] = qs[o]
		}
		vs, err := tdigestValues(a[0], sorted)
		if err != nil {
			return nil, err
		}
		out := make([]any, len(qs))
		for i, o := range order {
			out[o] = vs[i]
		}
		return out, nil
	}},
}

func tdigestValues(digest any, qs []float64) ([]any, error) {
	d, err := parseTDigest(digest)
	if err != nil {
		return nil, err
	}
	vs, err := d.Quantiles(qs)
	if err != nil {
		return nil, internal(err)
	}
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out, nil
}

// doublesOf takes NULL for zero, as Trino does.
func doublesOf(list any) []float64 {
	out := make([]float64, 0, len(list.([]any)))
	for _, v := range list.([]any) {
		f, _ := v.(float64)
		out = append(out, f)
	}
	return out
}

func realBits(v float32) uint32 {
	if math.IsNaN(float64(v)) {
		return 0x7fc0 << 16
	}
	return math.Float32bits(v)
}

func parseQDigest(v any) (*qdigest.Digest, error) {
	d, err := qdigest.Parse(v.([]byte))
	return d, internal(err)
}

func parseTDigest(v any) (*tdigest.Digest, error) {
	d, err := tdigest.Parse(v.([]byte))
	return d, internal(err)
}

// quantileAggregates make digests of weighted values, and one of several.
var quantileAggregates = []Aggregate{
	accumulating("wb_qdigest", "BLOB", params("BIGINT", "BIGINT", "DOUBLE"), accumulate[qdigest.Digest]{
		first: func(a []any) (*qdigest.Digest, error) {
			accuracy := a[2].(float64)
			if !(accuracy > 0 && accuracy < 1) {
				return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Percentile accuracy must be exclusively between 0 and 1, was %s", javaDouble(accuracy))
			}
			return qdigest.New(accuracy), nil
		},
		add: func(d *qdigest.Digest, a []any) error {
			weight := a[1].(int64)
			if weight <= 0 {
				return trinoerr.New(trinoerr.InvalidFunctionArgument, "Percentile weight must be > 0, was %d", weight)
			}
			return internal(d.Add(a[0].(int64), float64(weight)))
		},
		merge: mergeQDigest, copy: (*qdigest.Digest).Clone, result: qdigestBytes,
	}),
	accumulating("wb_qdigest_merge", "BLOB", params("BLOB"), accumulate[qdigest.Digest]{
		first: func(a []any) (*qdigest.Digest, error) {
			d, err := parseQDigest(a[0])
			if err != nil {
				return nil, err
			}
			return qdigest.New(d.MaxError()), nil
		},
		add: func(d *qdigest.Digest, a []any) error {
			o, err := parseQDigest(a[0])
			if err == nil {
				d.Merge(o)
			}
			return err
		},
		merge: mergeQDigest, copy: (*qdigest.Digest).Clone, result: qdigestBytes,
	}),
	accumulating("wb_tdigest", "BLOB", params("DOUBLE", "DOUBLE"), accumulate[tdigest.Digest]{
		first: func([]any) (*tdigest.Digest, error) { return tdigest.New(tdigest.DefaultCompression), nil },
		add: func(d *tdigest.Digest, a []any) error {
			value, weight := a[0].(float64), a[1].(float64)
			if !(weight >= 1) {
				return trinoerr.New(trinoerr.InvalidFunctionArgument, "weight must be >= 1, was %s", javaDouble(weight))
			}
			if math.IsInf(weight, 0) {
				return trinoerr.New(trinoerr.InvalidFunctionArgument, "weight must be finite, was %s", javaDouble(weight))
			}
			return internal(d.Add(value, weight))
		},
		merge: mergeTDigest, copy: (*tdigest.Digest).Clone, result: tdigestBytes,
	}),
	accumulating("wb_tdigest_merge", "BLOB", params("BLOB"), accumulate[*tdigest.Digest]{
		first: func([]any) (**tdigest.Digest, error) { return new(*tdigest.Digest), nil },
		add: func(d **tdigest.Digest, a []any) error {
			o, err := parseTDigest(a[0])
			switch {
			case err != nil:
				return err
			case *d == nil:
				*d = o
			default:
				(*d).Merge(o)
			}
			return nil
		},
		merge:  func(d, o **tdigest.Digest) error { return mergeTDigest(*d, *o) },
		copy:   func(d **tdigest.Digest) **tdigest.Digest { c := (*d).Clone(); return &c },
		result: func(d **tdigest.Digest) (any, error) { return tdigestBytes(*d) },
	}),
}

func mergeQDigest(d, o *qdigest.Digest) error {
	d.Merge(o)
	return nil
}

func mergeTDigest(d, o *tdigest.Digest) error {
	d.Merge(o)
	return nil
}

func qdigestBytes(d *qdigest.Digest) (any, error) { return d.Bytes(), nil }

// tdigestBytes leaves the digest as it is, which serialising would coarsen.
func tdigestBytes(d *tdigest.Digest) (any, error) { return d.Clone().Bytes(), nil }
