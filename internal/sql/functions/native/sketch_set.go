package native

import (
	"github.com/waterbear-sql/waterbear/internal/sketch/setdigest"
)

// setDigestFunctions work on serialised SetDigests.
var setDigestFunctions = []Function{
	{"wb_setdigest_cardinality", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		d, err := parseSetDigest(a[0])
		if err != nil {
			return nil, err
		}
		return d.Cardinality(), nil
	}},
	{"wb_setdigest_hll", params("BLOB"), "BLOB", func(a []any) (any, error) {
		d, err := parseSetDigest(a[0])
		if err != nil {
			return nil, err
		}
		return d.Sketch().Bytes(), nil
	}},
	{"wb_setdigest_counts", params("BLOB"), "STRUCT(key BIGINT, value SMALLINT)[]", func(a []any) (any, error) {
		d, err := parseSetDigest(a[0])
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, c := range d.HashCounts() {
			out = append(out, []any{c.Hash, int64(c.Count)})
		}
		return out, nil
	}},
	{"wb_setdigest_jaccard", params("BLOB", "BLOB"), "DOUBLE", func(a []any) (any, error) {
		x, y, err := parseSetDigests(a)
		if err != nil {
			return nil, err
		}
		return setdigest.JaccardIndex(x, y), nil
	}},
	{"wb_setdigest_intersection", params("BLOB", "BLOB"), "BIGINT", func(a []any) (any, error) {
		x, y, err := parseSetDigests(a)
		if err != nil {
			return nil, err
		}
		n, err := setdigest.IntersectionCardinality(x, y)
		return n, internal(err)
	}},
}

func parseSetDigest(v any) (*setdigest.Digest, error) {
	d, err := setdigest.Parse(v.([]byte))
	return d, internal(err)
}

func parseSetDigests(a []any) (x, y *setdigest.Digest, err error) {
	if x, err = parseSetDigest(a[0]); err != nil {
		return nil, nil, err
	}
	y, err = parseSetDigest(a[1])
	return x, y, err
}

// setDigestAggregates make SetDigests of numbers, of bytes, and one of several.
var setDigestAggregates = []Aggregate{
	setDigestAggregate("wb_setdigest_numbers", "BIGINT", func(d *setdigest.Digest, v any) error {
		d.AddNumber(uint64(v.(int64)))
		return nil
	}),
	setDigestAggregate("wb_setdigest_bytes", "BLOB", func(d *setdigest.Digest, v any) error {
		d.Add(v.([]byte))
		return nil
	}),
	setDigestAggregate("wb_setdigest_merge", "BLOB", func(d *setdigest.Digest, v any) error {
		o, err := parseSetDigest(v)
		if err != nil {
			return err
		}
		return internal(d.Merge(o))
	}),
}

func setDigestAggregate(name, param string, add func(d *setdigest.Digest, v any) error) Aggregate {
	return accumulating(name, "BLOB", params(param), accumulate[setdigest.Digest]{
		first: func([]any) (*setdigest.Digest, error) { return setdigest.New(), nil },
		add:   func(d *setdigest.Digest, a []any) error { return add(d, a[0]) },
		merge: func(d, o *setdigest.Digest) error { return internal(d.Merge(o)) },
		copy: func(d *setdigest.Digest) *setdigest.Digest {
			c := setdigest.New()
			_ = c.Merge(d) // both have the buckets of New
			return c
		},
		result: func(d *setdigest.Digest) (any, error) { return d.Bytes(), nil },
	})
}
