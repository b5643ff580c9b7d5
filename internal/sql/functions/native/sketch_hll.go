package native

import (
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/sketch/hll"
	murmur "github.com/waterbear-sql/waterbear/internal/sketch/murmur3"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// hllFunctions work on serialised HyperLogLogs. The number of buckets of a standard error is wb_hll_buckets.
var hllFunctions = []Function{
	{"wb_hll_buckets", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		e := a[0].(float64)
		if !(e >= hll.LowestError && e <= hll.HighestError) {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Max standard error must be in [%s, %s]: %s",
				javaDouble(hll.LowestError), javaDouble(hll.HighestError), javaDouble(e))
		}
		return int64(hll.Buckets(e)), nil
	}},
	{"wb_hll_empty", params("BIGINT"), "BLOB", func(a []any) (any, error) { return hll.New(int(a[0].(int64))).Bytes(), nil }},
	{"wb_hll_cardinality", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		s, err := parseHLL(a[0])
		if err != nil {
			return nil, err
		}
		return s.Cardinality(), nil
	}},
	{"wb_hll_dense", params("BLOB"), "BLOB", func(a []any) (any, error) {
		s, err := parseHLL(a[0])
		if err != nil {
			return nil, err
		}
		s.MakeDense()
		return s.Bytes(), nil
	}},
	{"wb_murmur_bigint", params("BIGINT"), "BIGINT", func(a []any) (any, error) {
		return int64(murmur.Sum64Of(uint64(a[0].(int64)))), nil
	}},
	{"wb_murmur_double", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		return int64(murmur.Sum64Of(doubleBits(a[0].(float64)))), nil
	}},
	{"wb_murmur_varchar", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return int64(murmur.Sum64([]byte(a[0].(string)))), nil
	}},
}

// hllAggregates make HyperLogLogs of hashes, and one of several.
var hllAggregates = []Aggregate{
	accumulating("wb_hll", "BLOB", params("BIGINT", "BIGINT"), accumulate[hll.Sketch]{
		first: func(a []any) (*hll.Sketch, error) { return hll.New(int(a[1].(int64))), nil },
		add: func(s *hll.Sketch, a []any) error {
			s.Add(uint64(a[0].(int64)))
			return nil
		},
		merge: (*hll.Sketch).Merge, copy: (*hll.Sketch).Clone, result: hllBytes,
	}),
	accumulating("wb_hll_merge", "BLOB", params("BLOB"), accumulate[*hll.Sketch]{
		first: func([]any) (**hll.Sketch, error) { return new(*hll.Sketch), nil },
		add: func(s **hll.Sketch, a []any) error {
			o, err := parseHLL(a[0])
			if err == nil {
				err = mergeHLL(s, o)
			}
			return err
		},
		merge:  func(s, o **hll.Sketch) error { return mergeHLL(s, *o) },
		copy:   func(s **hll.Sketch) **hll.Sketch { c := (*s).Clone(); return &c },
		result: func(s **hll.Sketch) (any, error) { return hllBytes(*s) },
	}),
}

func mergeHLL(s **hll.Sketch, o *hll.Sketch) error {
	if *s == nil {
		*s = o.Clone()
		return nil
	}
	return internal((*s).Merge(o))
}

func hllBytes(s *hll.Sketch) (any, error) { return s.Bytes(), nil }

func parseHLL(v any) (*hll.Sketch, error) {
	s, err := hll.Parse(v.([]byte))
	return s, internal(err)
}

// internal is what Trino makes of the complaints of its sketches.
func internal(err error) error {
	if err == nil {
		return nil
	}
	return trinoerr.New(trinoerr.GenericInternalError, "%s", err)
}

// doubleBits are the bits by which a double is told apart: all NaN are one.
func doubleBits(v float64) uint64 {
	if math.IsNaN(v) {
		return 0x7ff8 << 48
	}
	return math.Float64bits(v)
}

func javaDouble(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return string(wire.TextDouble(nil, v))
}
